import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { startForeignSystem } from '../../../tests/foreign-system.ts'
import { openWard, pulse } from '../../../tests/ward.ts'
import { subscribed } from './testing.ts'

const OTHERS = 10_000

/** As many more, each of another patient, as one is that is there. */
const multiplied = ({ owner }: TestHouse) =>
  owner.query(`
    with more as (
      insert into platform.fhir_resource (type, id, version, change, changed_at, method, body, about, tokens, refs)
        select type, gen_random_uuid(), 1, nextval('platform.fhir_change'), changed_at, method, body, about, tokens, refs
        from platform.fhir_resource, generate_series(1, ${OTHERS}) where type = 'Subscription' returning key)
    insert into platform.fhir_subscription (key, account_id, session_id, type, criteria, bound)
      select m.key, s.account_id, s.session_id, s.type, s.criteria, array['Observation.patient=Patient/' || gen_random_uuid()]
      from more m, platform.fhir_subscription s`)

const jobsIn = async ({ owner }: TestHouse): Promise<number> =>
  (
    await owner.query(
      `select count(*)::int as n from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'records:match-subscriptions'`,
    )
  ).rows[0].n

describe('subscriptions to other patients', () => {
  it('cost whoever writes nothing, and whoever looks for whom to tell, neither', async () => {
    await using house = await openTestHouse(everything, { env: { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' } })
    await using foreign = await startForeignSystem()
    const { doctor, patient } = await openWard(house)
    const hook = { type: 'rest-hook', endpoint: foreign.url }
    const measure = async (who: Client = doctor) => {
      assert.equal((await who.post('/fhir/R4/Observation', pulse(patient.patient))).status, 201)
      return house.cost(() => house.work())
    }
    await subscribed(patient, hook, { criteria: `Observation?patient=${patient.patient}` })
    await measure()
    const few = await measure()
    assert.equal(foreign.received.length, 2)
    await multiplied(house)
    const many = await measure()
    assert.equal(foreign.received.length, 3)
    assert.equal(many.statements, few.statements)
    await house.owner.query(
      `delete from platform.fhir_subscription where 'Observation.patient=Patient/' || $1 = any (bound)`,
      [patient.patient],
    )
    await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    assert.equal(await jobsIn(house), 0, 'nobody is looked for')
  })

  it('are found by the index', async () => {
    await using house = await openTestHouse(everything, { env: { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' } })
    await using foreign = await startForeignSystem()
    const { patient } = await openWard(house)
    await subscribed(
      patient,
      { type: 'rest-hook', endpoint: foreign.url },
      { criteria: `Observation?patient=${newId()}` },
    )
    await multiplied(house)
    await house.owner.query('analyze platform.fhir_subscription, platform.fhir_resource')
    const { rows } = await house.owner.query(
      `explain select from platform.fhir_subscription s where s.bound && array['Observation.patient=Patient/a']`,
    )
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    assert.match(plan, /fhir_subscription_by_bound/)
  })

  it('are those whose criteria name patients, and those of an app that has one; no others', async () => {
    await using house = await openTestHouse(everything, { env: { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' } })
    await using foreign = await startForeignSystem()
    const { patient } = await openWard(house)
    const [id, hook] = [patient.patient, { type: 'rest-hook', endpoint: foreign.url }]
    const bound = async (criteria: string) => {
      const made = await subscribed(patient, hook, { criteria })
      const { rows } = await house.owner.query(
        `select bound from platform.fhir_subscription s join platform.fhir_resource r using (key) where r.id = $1`,
        [made.id],
      )
      return rows[0].bound
    }
    assert.deepEqual(await bound(`Observation?code=a&patient=${id}`), [`Observation.patient=Patient/${id}`])
    assert.deepEqual(await bound(`Observation?subject=Patient/${id},Patient/b`), [
      `Observation.subject=Patient/${id}`,
      'Observation.subject=Patient/b',
    ])
    for (const criteria of [`Observation?subject=${id}`, `Observation?subject:not=Patient/${id}`, 'Observation?code=a'])
      assert.equal(await bound(criteria).catch(() => null), null, criteria)
  })
})
