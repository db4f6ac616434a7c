import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openRegistry, type Registry } from '../testing.ts'

type Patient = Awaited<ReturnType<Registry['patient']>>

describe('an erasure and a merge of the same record, at once', async () => {
  const { patient, caregiver, administrator, rows, together } = await openRegistry()
  const ada = await administrator()
  const merge = (survivor: string, replaced: string) =>
    ada.post('/v1/merges', { survivor, replaced, reason: 'Passport seen' })
  const lock = 'select from registry.patient where id = $1 for update'
  const waiting = `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and application_name = 'openhcs registry'`
  const asked = {
    'the survivor’s own wish': (survivor: Patient, _replaced: Patient) => survivor.post('/v1/erasures', {}),
    'the wish of the one that is replaced': (_survivor: Patient, replaced: Patient) =>
      replaced.post('/v1/erasures', {}),
    'an administrator for the survivor': (survivor: Patient, _replaced: Patient) =>
      ada.post('/v1/erasures', { patient: survivor.id, reason: 'asked-on-paper' }),
    'an administrator for the one that is replaced': (_survivor: Patient, replaced: Patient) =>
      ada.post('/v1/erasures', { patient: replaced.id, reason: 'asked-on-paper' }),
  }

  for (const [whose, erase] of Object.entries(asked))
    for (const first of ['erasure', 'merge'] as const)
      it(`takes place once, and what comes second is refused: ${whose}, with the ${first} started first`, async () => {
        const [survivor, replaced] = [await patient(), await patient()]
        const starts = [() => erase(survivor, replaced), () => merge(survivor.id, replaced.id)]
        const held = whose.includes('survivor') ? survivor : replaced
        const answers = await together(lock, held.id, first === 'erasure' ? starts : starts.toReversed())
        const [erasure, merged] = first === 'erasure' ? answers : answers.toReversed()
        const outcome = [erasure?.status, merged?.status].join()
        assert.ok(['201,422', '409,201'].includes(outcome), `${outcome} ${JSON.stringify(erasure?.body)}`)
        const [stands] = await rows(
          `select (select count(*)::int from registry.erasure where patient_id in ($1, $2)) as erasures,
            (select count(*)::int from registry.patient_merge where survivor_id = $1) as merges`,
          [survivor.id, replaced.id],
        )
        assert.equal(stands.erasures + stands.merges, 1)
      })

  for (const [whose, erase] of Object.entries(asked))
    it(`refuses the erasure while a merge is under way that has seen none: ${whose}`, async () => {
      const [survivor, replaced, hana] = [await patient(), await patient(), await caregiver()]
      const of = { patient: survivor.id, caregiver: hana.id, powers: ['book'] }
      const mandate = (await survivor.post('/v1/mandates', of)).body.id
      const mergeWaits = async () => {
        for (let n = 0; n === 0; [{ n }] = (await rows(waiting)) as [{ n: number }])
          await rows('select pg_stat_clear_snapshot()')
      }
      const [merged, erasure] = await together('select from registry.mandate where id = $1 for update', mandate, [
        () => merge(survivor.id, replaced.id),
        () => mergeWaits().then(() => erase(survivor, replaced)),
      ])
      assert.deepEqual([merged?.status, erasure?.status], [201, 409])
    })

  it('one after the other: erasing a record that stands for two is about both', async () => {
    const [survivor, replaced] = [await patient(), await patient()]
    assert.equal((await merge(survivor.id, replaced.id)).status, 201)
    const erasure = await replaced.post('/v1/erasures', {})
    assert.equal(erasure.status, 201)
    const [row] = await rows('select patient_id from registry.erasure where id = $1', [erasure.body.id])
    assert.equal(row.patient_id, survivor.id)
  })
})
