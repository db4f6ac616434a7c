import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aPatient, openRegistry, version } from './testing.ts'

// What falls between desks, merges, guardians and erasure: each is sound alone.

const person = { gender: 'female', language: 'am', zone: 'UTC' }
const child = { ...aPatient, name: 'Liya Tesfaye', birthDate: '2020-06-05' }
const evidence = 'Birth certificate, shown at the clinic'

async function open() {
  const registry = await openRegistry()
  const { house, administrator } = registry
  const ada = await administrator()
  const signUp = async (userName: string) => {
    const password = 'salt-harbour-lantern-7'
    await house.anonymous.post('/v1/accounts', { userName, name: 'Somebody', password })
    const { token, account } = (await house.anonymous.post('/v1/sessions', { userName, password })).body
    return { ...house.withToken(token), account: account.id as string }
  }
  /** A desk, its clerk, and somebody whom it has registered. */
  const desk = async (name = 'Liya Abebe') => {
    const organisation = (await ada.post('/v1/organisations', { name: 'Clinic', city: 'Town', country: 'ZZ' })).body.id
    const clerk = await house.signedIn({ desk: { organisation, function: 'manager' } })
    const facts = { name, birthDate: '1990-01-01', ...person }
    const made = await clerk.post(`/v1/organisations/${organisation}/patients`, facts)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const code = async () => (await clerk.post(`/v1/patients/${made.body.id}/claim-code`)).body.code as string
    return { clerk, patient: made.body.id as string, code }
  }
  const merge = (survivor: string, replaced: string) =>
    ada.post('/v1/merges', { survivor, replaced, reason: 'Same person: passport seen' })
  const guardianOf = async (name: string) => {
    const guardian = await registry.caregiver({ name })
    const { body } = await guardian.post('/v1/guardianships', { child, evidence })
    assert.equal((await ada.post(`/v1/mandates/${body.id}/verify`, undefined, version(1))).status, 200)
    return { ...guardian, mandate: body.id as string, child: body.patient as string }
  }
  const run = (name: string, payload: object) =>
    house.house.tasks()[`registry:${name}`]?.(payload, { job: {} } as never)
  return { ...registry, ada, signUp, desk, merge, guardianOf, run }
}

describe('desks and merges', async () => {
  const { house, patient, desk, merge, ada } = await open()

  it('a record that became somebody’s by a merge is no longer the desk’s, nor its slips', async () => {
    const [kept, saba] = [await desk(), await patient({ birthDate: '1990-01-01' })]
    const slip = await kept.code()
    assert.equal((await merge(kept.patient, saba.id)).status, 201)
    const path = `/v1/patients/${kept.patient}`
    assert.equal((await kept.clerk.patch(path, { email: 'x@example.org' }, version(1))).status, 404)
    assert.equal((await kept.clerk.post(`${path}/claim-code`)).status, 404)
    const claim = { code: slip, birthDate: '1990-01-01' }
    assert.equal((await (await house.signedIn()).post('/v1/claims', claim)).status, 422)
    assert.equal((await saba.get(path)).status, 200)
  })

  it('who came with a slip while two were one goes back with the record that the slip was for', async () => {
    const [one, other] = [await desk('Abebe One'), await desk('Abebe Two')]
    const slip = await other.code()
    const merged = await merge(one.patient, other.patient)
    const claimant = await house.signedIn()
    assert.equal((await claimant.post('/v1/claims', { code: slip, birthDate: '1990-01-01' })).body.record, one.patient)
    const undone = await ada.post(`/v1/merges/${merged.body.id}/undo`, { reason: 'Two people after all' }, version(1))
    assert.equal(undone.status, 200)
    assert.equal((await claimant.get(`/v1/patients/${other.patient}`)).body.id, other.patient)
    assert.equal((await claimant.get(`/v1/patients/${one.patient}`)).status, 404)
  })

  it('a slip is not for who works at the desk, and lapses after five wrong birth dates, whoever tries', async () => {
    const kept = await desk()
    const slip = await kept.code()
    const claim = (who: typeof ada, birthDate = '1990-01-01') => who.post('/v1/claims', { code: slip, birthDate })
    assert.equal((await claim(kept.clerk)).status, 422)
    const strangers = await Promise.all(Array.from({ length: 4 }, () => house.signedIn()))
    const wrong = await Promise.all(strangers.map((who, day) => claim(who, `1991-01-0${day + 1}`)))
    assert.deepEqual(new Set(wrong.map(({ status }) => status)), new Set([422]))
    assert.equal((await claim(await house.signedIn())).status, 422, 'the clerk’s try counted too')
  })

  it('tries are counted before the code is looked at, however many come at once', async () => {
    const who = await house.signedIn()
    const tries = Array.from({ length: 16 }, () => who.post('/v1/claims', { code: 'AAAA-AAAA-AAAA' }))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 422).length, 10)
    assert.equal(statuses.filter((status) => status === 429).length, 6)
  })

  it('a clerk who is a patient elsewhere sees no numbers of the desk’s patients', async () => {
    const kept = await desk()
    await kept.clerk.post('/v1/patients', aPatient)
    assert.equal((await kept.clerk.get(`/v1/patients/${kept.patient}/identifiers`)).status, 404)
  })
})

describe('guardians', async () => {
  const { patient, caregiver, merge, guardianOf, given, ada, signUp, run, house } = await open()

  it('of a record that turns out to be an adult’s end with the merge', async () => {
    const [adult, guardian] = [await patient(), await guardianOf('Hana')]
    assert.equal((await guardian.get(`/v1/patients/${guardian.child}`)).status, 200)
    const merged = await merge(adult.id, guardian.child)
    assert.deepEqual(merged.body.setAside, [guardian.mandate])
    assert.equal((await guardian.get(`/v1/patients/${adult.id}`)).status, 404)
    const say = { purpose: 'research', category: 'general', decision: 'permit', textVersion: '2026-11' }
    assert.equal((await guardian.post(`/v1/patients/${adult.id}/consents`, say)).status, 404)
  })

  it('end what they gave, and not each other', async () => {
    const [mother, father] = [await guardianOf('Hana'), await guardianOf('Dawit')]
    assert.equal((await merge(mother.child, father.child)).status, 201)
    const revoke = (id: string) => mother.post(`/v1/mandates/${id}/revoke`, { reason: 'Because' })
    assert.equal((await revoke(father.mandate)).status, 403)
    const grandmother = await caregiver()
    const wish = { patient: mother.child, caregiver: grandmother.id, powers: ['book'] }
    assert.equal((await revoke(await given(mother, wish, grandmother))).status, 200)
    assert.equal((await father.get(`/v1/patients/${mother.child}`)).status, 200)
  })

  it('take what they gave along when they are erased', async () => {
    const account = await signUp('hana.bekele')
    const hana = await caregiver({}, account)
    const { body } = await hana.post('/v1/guardianships', { child, evidence })
    await ada.post(`/v1/mandates/${body.id}/verify`, undefined, version(1))
    const grandmother = await caregiver()
    await given(hana, { patient: body.patient, caregiver: grandmother.id, powers: ['see-record'] }, grandmother)
    assert.equal((await grandmother.get(`/v1/patients/${body.patient}`)).status, 200)
    const erasure = (await hana.post('/v1/erasures', {})).body
    house.setNow(erasure.dueAt)
    await run('erase', { erasure: erasure.id })
    assert.equal((await grandmother.get(`/v1/patients/${body.patient}`)).status, 404)
    house.setNow('2031-03-01T08:00:00Z')
  })
})

describe('erasure and merges', async () => {
  const { patient, merge, signUp, run, house, rows } = await open()

  it('nobody who is erased, or is going to be, is merged', async () => {
    const [leaving, living] = [await patient({}, await signUp('liya.one')), await patient()]
    const erasure = (await leaving.post('/v1/erasures', {})).body
    assert.equal((await merge(living.id, leaving.id)).status, 422)
    house.setNow(erasure.dueAt)
    await run('erase', { erasure: erasure.id })
    assert.equal((await merge(leaving.id, living.id)).status, 404)
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('takes the whole of a person who was two records, whichever account asks', async () => {
    for (const asks of ['survivor', 'replaced'] as const) {
      const both = {
        survivor: await patient({ name: 'Wholly Survivor' }, await signUp(`s.${asks}`)),
        replaced: await patient({ name: 'Wholly Replaced' }, await signUp(`r.${asks}`)),
      }
      await merge(both.survivor.id, both.replaced.id)
      const erasure = (await both[asks].post('/v1/erasures', {})).body
      house.setNow(erasure.dueAt)
      await run('erase', { erasure: erasure.id })
      const names = await rows('select name from registry.patient where id = any ($1)', [
        [both.survivor.id, both.replaced.id],
      ])
      assert.deepEqual(names, [{ name: 'Erased person' }, { name: 'Erased person' }], asks)
      house.setNow('2031-03-01T08:00:00Z')
    }
  })
})
