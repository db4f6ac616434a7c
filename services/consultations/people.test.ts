import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import type { ConsultationsTables } from './tables.ts'
import { begun, newPatient, openWard, practitionerOf, saved, signed, version } from './testing.ts'

const contextOf = (house: Awaited<ReturnType<typeof openWard>>['house']) =>
  house.house.context('consultations', { actor: system, traceId: newId(), doing: 'test' }) as Parameters<
    typeof erase
  >[0]

describe('what a consultation tells of a person', () => {
  it('is that it took place; when they are erased it stays, under a number, and drafts and links go', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    await signed(doctor, patient, { note: 'Well' })
    const id = await begun(doctor, patient, { mode: 'video', link: 'https://meet.example.org/room-4' })
    await saved(doctor, id, { note: 'The canary sings' })
    const ctx = contextOf(house)
    const { data } = await aboutPerson(ctx, { patient: patient.id, names: [] })
    assert.equal(data.Consultations?.length, 2)
    assert.doesNotMatch(JSON.stringify(data), /canary/)
    for (const count of [1, 0]) {
      const traces = await erase(ctx, { patient: patient.id, names: [] })
      assert.deepEqual(
        traces.map(({ outcome, count }) => [outcome, count]),
        [
          ['erased', count],
          ['kept', 2],
        ],
      )
    }
    const { rows } = await house.owner.query(
      'select (select count(*)::int from consultations.draft) as drafts, max(link) as link from consultations.consultation',
    )
    assert.deepEqual(rows, [{ drafts: 0, link: null }])
    assert.deepEqual(await erase(ctx, { account: doctor.account, names: [] }), [])
  })
})

describe('two patients who become one', () => {
  it('have their consultations together, signatures stand, and a note is amended; and each gets their own back', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const other = await newPatient(house)
    const colleague = await practitionerOf(house, other, patient)
    const note = await signed(colleague, other, {
      note: 'Well',
      vitals: [{ kind: 'heart-rate', value: 72, unit: '/min' }],
    })
    const root = await house.signedIn({ roles: ['administrator'] })
    const merge = await root.post('/v1/merges', { survivor: patient.id, replaced: other.id, reason: 'Passport seen' })
    assert.equal(merge.status, 201, JSON.stringify(merge.body))
    await house.work()
    const path = `/v1/consultations/${note.id}`
    const { body } = await doctor.get(path)
    assert.deepEqual([body.patient, body.signatures[0].verified], [patient.id, true])
    assert.deepEqual((await doctor.get(`/v1/consultations?patient=${patient.id}`)).body.items.length, 1)
    const amend = await colleague.post(`${path}/amend`, { reason: 'More' }, version(2))
    assert.equal(amend.status, 200, JSON.stringify(amend.body))
    const again = await colleague.post(`${path}/sign`, undefined, version(3))
    assert.deepEqual([again.status, again.body.status], [200, 'amended'], JSON.stringify(again.body))
    const undone = await root.post(`/v1/merges/${merge.body.id}/undo`, { reason: 'Another person' }, version(1))
    assert.ok(undone.status < 300, JSON.stringify(undone.body))
    await house.work()
    const { rows } = await house
      .db<ConsultationsTables>('consultations')
      .selectFrom('consultation')
      .select('patient_id')
      .execute()
      .then((rows) => ({ rows }))
    assert.deepEqual(rows, [{ patient_id: other.id }])
  })
})
