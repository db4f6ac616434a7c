import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { begun, newPatient, openWard, practitionerOf, saved, signed, version } from './testing.ts'

const provenance = (composition: string, more: object = {}) => ({
  resourceType: 'Provenance',
  target: [{ reference: `Composition/${composition}/_history/999` }],
  recorded: '2031-03-01T08:00:00Z',
  agent: [{ who: { display: 'Somebody' } }],
  ...more,
})

describe('what others write beside a consultation by FHIR', () => {
  it('is no signature of it, whatever it says', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const note = await signed(doctor, patient, { reason: 'Cough' })
    const [{ resource: composition }] = (await doctor.get(`/fhir/R4/Composition?encounter=Encounter/${note.id}`)).body
      .entry
    const [{ resource: own }] = (await doctor.get(`/fhir/R4/Provenance?target=Composition/${composition.id}`)).body
      .entry
    const colleague = await practitionerOf(house, patient)
    const { id: _, meta: __, ...copy } = own
    const [signature] = own.signature
    const forged = [
      provenance(composition.id),
      provenance(composition.id, { target: [{ reference: `Composition/${composition.id}` }] }),
      { ...copy, reason: [{ text: 'Never happened' }], signature: [{ ...signature, when: '2020-01-01T00:00:00Z' }] },
    ]
    for (const one of forged) {
      const made = await colleague.post('/fhir/R4/Provenance', one)
      assert.equal(made.status, 201, JSON.stringify(made.body))
    }
    for (const reader of [doctor, patient, colleague]) {
      const { status, body } = await reader.get(`/v1/consultations/${note.id}`)
      assert.deepEqual([status, body.noteVersion, body.signatures], [200, 1, note.signatures])
    }
    assert.equal(
      (await colleague.post(`/v1/consultations/${note.id}/cosign`, undefined, version(note.version))).status,
      200,
    )
  })

  it('is no message in its thread', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const consultation = await begun(doctor, patient)
    assert.equal((await patient.post('/v1/thread-messages', { consultation, text: 'Thank you' })).status, 201)
    const colleague = await practitionerOf(house, patient)
    for (const more of [
      { sender: { reference: `Patient/${patient.id}` }, payload: [{ contentString: 'I stopped the pills' }] },
      {},
    ]) {
      const said = {
        resourceType: 'Communication',
        status: 'completed',
        subject: { reference: `Patient/${patient.id}` },
      }
      const made = await colleague.post('/fhir/R4/Communication', {
        ...said,
        encounter: { reference: `Encounter/${consultation}` },
        ...more,
      })
      assert.equal(made.status, 201, JSON.stringify(made.body))
    }
    const { status, body } = await doctor.get(`/v1/thread-messages?consultation=${consultation}`)
    assert.deepEqual([status, body.items.map(({ text }: { text: string }) => text)], [200, ['Thank you']])
  })
})

describe('a note', () => {
  it('takes no problem of another patient, whom its author treats too', async () => {
    await using ward = await openWard()
    const { house, patient } = ward
    const other = await newPatient(house)
    const doctor = await practitionerOf(house, patient, other)
    const theirs = await signed(doctor, other, { problems: [{ code: { text: 'Gout' } }] })
    const [{ id: problem, version: of }] = theirs.sections.problems
    const id = await begun(doctor, patient)
    const draft = await saved(doctor, id, { problems: [{ id: problem, version: of, clinicalStatus: 'resolved' }] })
    const answer = await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(draft.version))
    assert.equal(answer.status, 422, JSON.stringify(answer.body))
    assert.match(JSON.stringify(answer.body), /no problem of this patient/)
    const kept = (await doctor.get(`/fhir/R4/Condition/${problem}`)).body
    assert.deepEqual([kept.meta.versionId, kept.clinicalStatus.coding[0].code], ['1', 'active'])
  })

  it('is not signed with a file that whoever signs has not seen, and has ten at the most however many come at once', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const colleague = await practitionerOf(house, patient)
    const id = await begun(doctor, patient, { practitioners: [colleague.id] })
    const draft = await saved(doctor, id, { reason: 'Cough' })
    const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')
    const path = `/v1/consultations/${id}/attachments`
    assert.equal((await colleague.upload(path, 'application/pdf', pdf)).status, 201)
    const unseen = await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(draft.version))
    assert.equal(unseen.status, 412, JSON.stringify(unseen.body))
    const all = await Promise.all(Array.from({ length: 14 }, () => doctor.upload(path, 'application/pdf', pdf)))
    assert.equal(all.filter(({ status }) => status === 201).length, 9)
    const now = (await doctor.get(`/v1/consultations/${id}/draft`)).body
    assert.equal(now.attachments.length, 10)
    assert.equal((await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(now.version))).status, 200)
  })
})
