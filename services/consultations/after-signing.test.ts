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
    await saved(doctor, first.id, change, draft.version)
    const again = await doctor.post(`${path}/sign`, undefined, version(draft.version + 1))
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
    const again = await doctor.post(`/v1/consultations/${first.id}/sign`, undefined, version(draft.version))
    assert.equal(again.status, 200, JSON.stringify(again.body))
    assert.equal((await doctor.get(path)).body.meta.versionId, '2')
  })

  it('lays nothing over what others made of its orders since, and tells who signs what they did', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const colleague = await practitionerOf(house, patient)
    const orders = ['X-ray', 'Crutches', 'Bandage'].map((text) => ({ code: { text } }))
    const first = await signed(doctor, patient, { orders })
    const [xray, crutches, bandage] = first.sections.orders.map(
      ({ id }: { id: string }) => `/fhir/R4/ServiceRequest/${id}`,
    )
    const change = async (path: string, more: object) =>
      assert.equal((await colleague.put(path, { ...(await colleague.get(path)).body, ...more })).status, 200)
    await change(xray, { priority: 'stat' })
    await change(bandage, { status: 'entered-in-error' })
    const path = `/v1/consultations/${first.id}`
    await doctor.post(`${path}/amend`, { reason: 'More' }, version(2))
    const draft = (await doctor.get(`${path}/draft`)).body
    assert.deepEqual(
      draft.sections.orders.map(({ code, priority, version }: Record<string, unknown>) => [code, priority, version]),
      [
        [{ text: 'X-ray' }, 'stat', 2],
        [{ text: 'Crutches' }, undefined, 1],
      ],
    )
    await change(crutches, { status: 'completed' })
    const late = await doctor.post(`${path}/sign`, undefined, version(draft.version))
    const [{ before, now, ...changed }] = late.body.changed
    assert.equal(late.status, 412)
    assert.deepEqual(
      [late.body.changed.length, changed.pointer, changed.version, changed.by],
      [1, '/body/sections/orders/1', 2, `Practitioner/${colleague.id}`],
    )
    assert.deepEqual([before.version, now.version, now.status], [1, 2, 'completed'])
    // What was carried out is not called something else afterwards.
    const [one, two] = draft.sections.orders
    const renamed = { ...two, version: 2, code: { text: 'A stick' } }
    const other = await saved(doctor, first.id, { orders: [one, renamed] }, draft.version)
    const refused = await doctor.post(`${path}/sign`, undefined, version(other.version))
    assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/body/sections/orders/1/code'])
    const last = await saved(doctor, first.id, { orders: [one, { ...two, version: 2 }] }, other.version)
    const again = await doctor.post(`${path}/sign`, undefined, version(last.version))
    assert.equal(again.status, 200, JSON.stringify(again.body))
    const kept = async (path: string) => {
      const { status, priority, meta } = (await doctor.get(path)).body
      return [status, priority, meta.versionId]
    }
    assert.deepEqual(await kept(xray), ['active', 'stat', '2'])
    assert.deepEqual(await kept(crutches), ['completed', undefined, '2'])
    assert.deepEqual(await kept(bandage), ['entered-in-error', undefined, '2'])
  })

  it('tells the same to whoever is overtaken between the look and the write', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const first = await signed(doctor, patient, note)
    const [{ id: problem }] = first.sections.problems
    const id = await begun(doctor, patient)
    await saved(doctor, id, { problems: [{ id: problem, version: 1, clinicalStatus: 'resolved' }] })
    const { owner } = house
    await owner.query('begin')
    await owner.query(
      `update platform.fhir_resource set version = 2, body = replace(body, '"versionId":"1"', '"versionId":"2"') where id = $1`,
      [problem],
    )
    const signing = doctor.post(`/v1/consultations/${id}/sign`, undefined, version(2))
    for (let waits = false; !waits; ) {
      const { rows } = await owner.query(`select from pg_locks join pg_stat_activity using (pid)
        where not granted and locktype = 'transactionid' and datname = current_database()`)
      waits = rows.length > 0
    }
    await owner.query('commit')
    const { status, body } = await signing
    assert.deepEqual([status, body.changed?.[0].id, body.changed?.[0].version], [412, problem, 2], JSON.stringify(body))
  })

  it('is signed as a whole: also what it leaves as it was', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const id = await begun(doctor, patient)
    const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')
    assert.equal((await doctor.upload(`/v1/consultations/${id}/attachments`, 'application/pdf', pdf)).status, 201)
    await saved(doctor, id, note, 2)
    const path = `/v1/consultations/${id}`
    assert.equal((await doctor.post(`${path}/sign`, undefined, version(3))).status, 200)
    await doctor.post(`${path}/amend`, { reason: 'More' }, version(2))
    const draft = await saved(doctor, id, { plan: 'Rest' }, 4)
    assert.equal((await doctor.post(`${path}/sign`, undefined, version(draft.version))).status, 200)
    const [{ resource: composition }] = (await doctor.get(`/fhir/R4/Composition?encounter=Encounter/${id}`)).body.entry
    const parts = composition.section.flatMap(({ entry = [] }: { entry?: { reference: string }[] }) => entry)
    const { entry } = (await doctor.get(`/fhir/R4/Provenance?target=Composition/${composition.id}`)).body
    const targets = entry.map(({ resource }: { resource: { target: { reference: string }[] } }) =>
      resource.target.map(({ reference }) => reference),
    )
    const consistsOf = [
      `Composition/${composition.id}/_history/2`,
      `Encounter/${id}/_history/3`,
      ...parts.map(({ reference }: { reference: string }) => reference),
    ]
    assert.equal(consistsOf.length, 7)
    assert.deepEqual(targets.at(-1).toSorted(), consistsOf.toSorted())
    // What only the first one wrote is found out under both.
    await house.owner.query(
      `update platform.fhir_resource set body = replace(body, '36.6', '39.6') where type = 'Observation'`,
    )
    assert.deepEqual(
      (await patient.get(path)).body.signatures.map(({ why }: { why: string }) => why),
      ['altered', 'altered'],
    )
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

describe('a signature', () => {
  it('is of who signed as what they did: nobody who verified a note becomes its author', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const { id } = await signed(doctor, patient, { note: 'Well' })
    const colleague = await practitionerOf(house, patient)
    assert.equal((await colleague.post(`/v1/consultations/${id}/cosign`, undefined, version(2))).status, 200)
    await house.owner.query(
      `update platform.fhir_resource set body = replace(body, '12.1.5"', '12.1.1"') where type = 'Provenance'`,
    )
    const { signatures } = (await patient.get(`/v1/consultations/${id}`)).body
    assert.deepEqual(
      signatures.map(({ as, verified, why }: Record<string, unknown>) => [as, verified, why]),
      [
        ['author', true, undefined],
        ['author', false, 'altered'],
      ],
    )
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

  it('throws away nothing that a colleague is typing into an amendment', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const colleague = await practitionerOf(house, patient)
    const first = await signed(doctor, patient, note, { practitioners: [colleague.id] })
    const path = `/v1/consultations/${first.id}`
    await colleague.post(`${path}/amend`, { reason: 'More' }, version(2))
    await saved(colleague, first.id, { plan: 'Rest' }, 3)
    const early = await doctor.post(`${path}/entered-in-error`, { reason: 'Twice' }, version(2))
    assert.equal(early.status, 422)
    assert.equal((await colleague.get(`${path}/draft`)).body.sections.plan, 'Rest')
    assert.equal((await colleague.delete(`${path}/draft`, version(4))).status, 204)
    assert.equal((await doctor.post(`${path}/entered-in-error`, { reason: 'Twice' }, version(2))).status, 200)
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
