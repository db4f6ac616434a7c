import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { begun, newPatient, openWard, practitionerOf, saved, signed, version } from './testing.ts'

const note = {
  assessment: 'The left knee',
  vitals: [
    { kind: 'heart-rate', value: 72, unit: '/min' },
    { kind: 'temperature', value: 36.6, unit: 'Cel' },
  ],
  problems: [{ code: { text: 'Pain in the left knee' } }],
  orders: [{ code: { text: 'X-ray of the left knee' } }],
}

describe('POST /v1/consultations/{id}/amend', () => {
  it('makes another version, with why; what it replaces stays, and both signatures stand', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const first = await signed(doctor, patient, note)
    const path = `/v1/consultations/${first.id}`
    const reason = 'It was the right knee'
    assert.equal((await doctor.post(`${path}/amend`, { reason }, version(first.version))).status, 200)
    const draft = (await doctor.get(`${path}/draft`)).body
    assert.deepEqual([draft.amends, draft.reason, draft.sections.assessment], [1, reason, 'The left knee'])
    // Nothing has changed yet.
    assert.equal((await patient.get(path)).body.status, 'final')
    const [heart] = draft.sections.vitals
    const change = { assessment: 'The right knee', vitals: [{ ...heart, value: 80 }], orders: [] }
    await saved(doctor, first.id, change)
    const again = await doctor.post(`${path}/sign`, undefined, version(2))
    assert.equal(again.status, 200, JSON.stringify(again.body))
    const { status, noteVersion, sections, signatures } = (await patient.get(path)).body
    assert.deepEqual(
      [status, noteVersion, sections.assessment, sections.vitals.length],
      ['amended', 2, 'The right knee', 1],
    )
    assert.deepEqual(
      signatures.map((one: Record<string, unknown>) => [one.noteVersion, one.reason, one.verified]),
      [
        [1, undefined, true],
        [2, reason, true],
      ],
    )
    const before = (await patient.get(`${path}?noteVersion=1`)).body
    assert.deepEqual([before.sections.assessment, before.sections.vitals.length], ['The left knee', 2])
    assert.equal((await patient.get(`${path}?noteVersion=9`)).status, 404)
    const statusOf = async (type: string, id: string) => (await doctor.get(`/fhir/R4/${type}/${id}`)).body.status
    const [pulse, warmth] = first.sections.vitals
    assert.deepEqual(
      [await statusOf('Observation', pulse.id), await statusOf('Observation', warmth.id)],
      ['amended', 'entered-in-error'],
    )
    assert.equal(await statusOf('ServiceRequest', first.sections.orders[0].id), 'entered-in-error')
  })

  it('is for those who gave it, of the version that they have read', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const first = await signed(doctor, patient, note)
    const path = `/v1/consultations/${first.id}/amend`
    const colleague = await practitionerOf(house, patient)
    assert.equal((await colleague.post(path, { reason: 'No' }, version(2))).status, 403)
    assert.equal((await doctor.post(path, { reason: 'No' }, version(1))).status, 412)
    assert.equal((await doctor.post(path, { reason: '' }, version(2))).status, 400)
    const unsigned = await begun(doctor, patient)
    const early = await doctor.post(`/v1/consultations/${unsigned}/amend`, { reason: 'No' }, version(1))
    assert.equal(early.status, 422)
  })

  it('takes problems as they are by now', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const first = await signed(doctor, patient, note)
    const path = `/fhir/R4/Condition/${first.sections.problems[0].id}`
    await doctor.put(path, { ...(await doctor.get(path)).body, recordedDate: '2031-02-02' })
    await doctor.post(`/v1/consultations/${first.id}/amend`, { reason: 'More' }, version(2))
    const draft = (await doctor.get(`/v1/consultations/${first.id}/draft`)).body
    assert.equal(draft.sections.problems[0].version, 2)
    const again = await doctor.post(`/v1/consultations/${first.id}/sign`, undefined, version(1))
    assert.equal(again.status, 200, JSON.stringify(again.body))
    assert.equal((await doctor.get(path)).body.meta.versionId, '2')
  })
})

describe('POST /v1/consultations/{id}/cosign', () => {
  it('signs what the author signed, by another who treats the patient, once', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const first = await signed(doctor, patient, note)
    const path = `/v1/consultations/${first.id}/cosign`
    const [colleague, stranger] = [
      await practitionerOf(house, patient),
      await practitionerOf(house, await newPatient(house)),
    ]
    assert.equal((await stranger.post(path, undefined, version(2))).status, 404)
    assert.equal((await patient.post(path, undefined, version(2))).status, 403)
    assert.equal((await doctor.post(path, undefined, version(2))).status, 409)
    const cosigned = await colleague.post(path, undefined, version(2))
    assert.equal(cosigned.status, 200, JSON.stringify(cosigned.body))
    assert.deepEqual(
      cosigned.body.signatures.map((one: Record<string, unknown>) => [one.by, one.as, one.verified]),
      [
        [doctor.id, 'author', true],
        [colleague.id, 'verification', true],
      ],
    )
    assert.equal((await colleague.post(path, undefined, version(2))).status, 412)
    assert.equal((await colleague.post(path, undefined, version(3))).status, 409)
  })

  it('is refused where what is kept is not what was signed', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const first = await signed(doctor, patient, note)
    const colleague = await practitionerOf(house, patient)
    await house.owner.query(
      `update platform.fhir_resource set body = replace(body, 'left', 'right') where type = 'Composition'`,
    )
    const refused = await colleague.post(`/v1/consultations/${first.id}/cosign`, undefined, version(2))
    assert.equal(refused.status, 422)
  })
})

describe('POST /v1/consultations/{id}/entered-in-error', () => {
  it('marks all that the note wrote, with why, and nothing is gone', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const first = await signed(doctor, patient, note)
    const path = `/v1/consultations/${first.id}`
    const wrong = await doctor.post(`${path}/entered-in-error`, { reason: 'Another patient' }, version(2))
    assert.equal(wrong.status, 200, JSON.stringify(wrong.body))
    const { rows } = await house.owner.query(
      `select type, count(*)::int as times from platform.fhir_resource
       where body::jsonb->>'status' = 'entered-in-error' or body::jsonb#>>'{verificationStatus,coding,0,code}' = 'entered-in-error' group by type order by type`,
    )
    assert.deepEqual(
      rows.map(({ type, times }) => [type, times]),
      [
        ['Composition', 1],
        ['Condition', 1],
        ['Encounter', 1],
        ['Observation', 2],
        ['ServiceRequest', 1],
      ],
    )
    const shown = (await patient.get(path)).body
    assert.deepEqual([shown.status, shown.sections.assessment], ['entered-in-error', 'The left knee'])
    assert.deepEqual(
      shown.signatures.map((one: Record<string, unknown>) => [one.reason, one.verified]),
      [
        [undefined, true],
        ['Another patient', true],
      ],
    )
    assert.equal((await doctor.post(`${path}/amend`, { reason: 'No' }, version(3))).status, 422)
    assert.equal((await doctor.post(`${path}/entered-in-error`, { reason: 'No' }, version(3))).status, 422)
  })

  it('leaves what others have changed since to them', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const first = await signed(doctor, patient, note)
    const [problem, order] = [
      `/fhir/R4/Condition/${first.sections.problems[0].id}`,
      `/fhir/R4/ServiceRequest/${first.sections.orders[0].id}`,
    ]
    await doctor.put(problem, { ...(await doctor.get(problem)).body, recordedDate: '2031-02-02' })
    await doctor.put(order, { ...(await doctor.get(order)).body, status: 'completed' })
    await doctor.post(`/v1/consultations/${first.id}/entered-in-error`, { reason: 'Twice' }, version(2))
    assert.equal((await doctor.get(problem)).body.verificationStatus, undefined)
    assert.equal((await doctor.get(order)).body.status, 'completed')
  })
})
