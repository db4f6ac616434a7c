import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { ipsFaults } from '../../../tests/ips.ts'
import { linkIn } from '../health-cards/link.ts'
import { decryptFile } from '../health-cards/link-files.ts'
import { caregiverOf, leave, letter, made, newPatient, openPractice, practitionerOf, signedVisit } from '../testing.ts'

const FHIR = { accept: 'application/fhir+json' }
const sections = {
  reason: 'Cough <script>alert(1)</script>',
  vitals: [{ kind: 'weight', value: 70, unit: 'kg' }],
  problems: [{ code: { text: 'Acute bronchitis' } }],
  plan: 'Rest\nDrink',
}

interface Entry {
  fullUrl: string
  resource: { resourceType: string; [element: string]: unknown }
}
const typesIn = ({ entry }: { entry: Entry[] }) => entry.map(({ resource }) => resource.resourceType)

describe('POST /v1/patients/{id}/reports', () => {
  it('tells a visit: the note as it was signed, in words and as resources', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, sections)
    const report = await made(doctor, patient, { kind: 'visit', consultation: visit.id, remarks: 'Come again' })
    assert.deepEqual(
      [report.kind, report.status, report.version, report.practitioner, report.consultation, report.remarks],
      ['visit', 'final', 1, doctor.id, visit.id, 'Come again'],
    )
    assert.deepEqual(report.signature, { verified: true })
    const { body: document } = await patient.get(`/v1/reports/${report.id}`, FHIR)
    assert.deepEqual(typesIn(document), [
      ...['Composition', 'Patient', 'Practitioner', 'Organization', 'Encounter', 'Observation', 'Condition'],
    ])
    const [{ resource: composition }] = document.entry
    const said = composition.section.map((one: { title: string; text: { div: string } }) => one.text.div)
    assert.match(said[0], /Cough &lt;script/)
    assert.match(said.at(-1), /Come again/)
    const known = new Set(document.entry.map(({ fullUrl }: Entry) => fullUrl))
    for (const { entry = [] } of composition.section)
      for (const { reference } of entry) assert.ok(known.has(reference), reference)
  })

  it('freezes the International Patient Summary: what is recorded later is not in it', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    await signedVisit(doctor, patient, sections)
    const report = await made(doctor, patient, { kind: 'patient-summary' })
    const before = (await doctor.get(`/v1/reports/${report.id}`, FHIR)).body
    assert.deepEqual(ipsFaults(before), [])
    assert.match(JSON.stringify(before), /Acute bronchitis/)
    assert.ok(before.entry[0].resource.attester[0].party.reference.endsWith(`Practitioner/${doctor.id}`))
    await signedVisit(doctor, patient, { problems: [{ code: { text: 'Asthma' } }] })
    assert.deepEqual((await doctor.get(`/v1/reports/${report.id}`, FHIR)).body, before)
  })

  it('writes a referral letter: to whom, why, and what is asked', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const strange = { ...letter, why: 'Two\nlines & <b>"signs"</b> \u202eturned' }
    const report = await made(doctor, patient, { kind: 'referral-letter', letter: strange, language: 'ar' })
    assert.deepEqual([report.letter, report.language], [strange, 'ar'])
    const { body: document } = await doctor.get(`/v1/reports/${report.id}`, FHIR)
    const request = document.entry.find(({ resource }: Entry) => resource.resourceType === 'ServiceRequest').resource
    assert.deepEqual([request.code.text, request.performer[0].display], [letter.asked, letter.to])
  })

  it('writes a sick note, which says why only where a diagnosis is given', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, sections)
    const plain = await made(doctor, patient, { kind: 'sick-note', consultation: visit.id, leave })
    assert.deepEqual(plain.leave, leave)
    const { body: document } = await doctor.get(`/v1/reports/${plain.id}`, FHIR)
    assert.doesNotMatch(JSON.stringify(document), /bronchitis|Cough/)
    const partly = { ...leave, workCapacity: 50, diagnosis: { text: 'Bronchitis' } }
    assert.deepEqual((await made(doctor, patient, { kind: 'sick-note', leave: partly })).leave, partly)
  })

  it('tells who is given a letter or a sick note the name and the birth date, and not that something is sensitive', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, sections, { category: 'mental-health' })
    const given = [
      { kind: 'sick-note', leave, consultation: visit.id },
      { kind: 'referral-letter', letter, category: 'hiv' },
    ]
    for (const body of given) {
      const { id } = await made(doctor, patient, body)
      const link = await patient.post(`/v1/patients/${patient.id}/health-links`, {
        ...{ what: 'report', report: id, expiresAt: '2031-03-08T08:00:00Z' },
      })
      const { url, key } = linkIn(link.body.link) ?? { url: '', key: '' }
      const opened = await practice.house.anonymous.post(new URL(url).pathname, { recipient: 'Employer' })
      const file = await decryptFile(key, opened.body.files[0].embedded)
      for (const document of [JSON.parse(String(file?.content)), (await patient.get(`/v1/reports/${id}`, FHIR)).body]) {
        const one = document.entry.find(({ resource }: Entry) => resource.resourceType === 'Patient').resource
        assert.deepEqual(Object.keys(one).sort(), ['birthDate', 'extension', 'id', 'name', 'resourceType'])
        assert.deepEqual(
          one.extension.map(({ url }: { url: string }) => url),
          ['http://hl7.org/fhir/StructureDefinition/timezone'],
        )
        assert.doesNotMatch(JSON.stringify(document), /"(PSY|HIV|R)"/)
      }
    }
  })

  it('is refused with a pointer where what is given does not go together', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const other = await newPatient(house)
    const colleague = await practitionerOf(house, other)
    const strange = await signedVisit(colleague, other, sections)
    const begun = (await doctor.post('/v1/consultations', { patient: patient.id })).body.id
    const none = { kind: 'visit' }
    for (const [body, pointer] of [
      [none, '/body/consultation'],
      [{ ...none, consultation: begun }, '/body/consultation'],
      [{ ...none, consultation: strange.id }, '/body/consultation'],
      [{ ...none, consultation: newId() }, '/body/consultation'],
      [{ kind: 'patient-summary', consultation: begun }, '/body/consultation'],
      [{ kind: 'referral-letter' }, '/body/letter'],
      [{ kind: 'sick-note', leave, letter }, '/body/letter'],
      [{ kind: 'sick-note' }, '/body/leave'],
      [{ kind: 'sick-note', leave: { ...leave, until: '2031-02-28' } }, '/body/leave/until'],
    ] as const) {
      const { status, body: problem } = await doctor.post(`/v1/patients/${patient.id}/reports`, body)
      assert.deepEqual([status, problem.errors?.[0]?.pointer], [422, pointer], JSON.stringify(body))
    }
    const shapes = [
      { kind: 'gossip' },
      { kind: 'referral-letter', letter: { ...letter, to: ' \n' } },
      { kind: 'sick-note', leave: { ...leave, from: '2031-02-30' } },
    ]
    for (const body of shapes)
      assert.equal((await doctor.post(`/v1/patients/${patient.id}/reports`, body)).status, 400, JSON.stringify(body))
    assert.deepEqual((await doctor.get(`/v1/patients/${patient.id}/reports`)).body.items, [])
  })

  it('is for a practitioner with a licence who treats the patient', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const body = { kind: 'referral-letter', letter }
    const ask = async (who: { post: typeof doctor.post }, id = patient.id) =>
      (await who.post(`/v1/patients/${id}/reports`, body)).status
    assert.equal(await ask(patient), 403)
    assert.equal(await ask(await caregiverOf(house, patient, ['see-record', 'see-sensitive'])), 403)
    assert.equal(await ask(await practitionerOf(house)), 404)
    assert.equal(await ask(doctor, newId()), 404)
    assert.equal(await ask(house.anonymous), 401)
    await house.owner.query(
      `update platform.access_grant set valid_until = '2031-01-01Z' where relationship = 'licence'`,
    )
    assert.equal(await ask(doctor), 403)
  })

  it('is made once, however often it is sent', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const key = { 'idempotency-key': newId() }
    const send = () => made(doctor, patient, { kind: 'sick-note', leave }, key)
    const [one, two] = [await send(), await send()]
    assert.equal(one.id, two.id)
    assert.equal((await doctor.get(`/v1/patients/${patient.id}/reports`)).body.items.length, 1)
  })

  it('of something sensitive is as hidden as that', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, sections, { category: 'mental-health' })
    const own = { kind: 'referral-letter', letter, category: 'hiv' }
    const hidden = [
      await made(doctor, patient, { kind: 'visit', consultation: visit.id }),
      await made(doctor, patient, { kind: 'sick-note', leave, consultation: visit.id }),
      await made(doctor, patient, { kind: 'patient-summary' }),
      await made(doctor, patient, own),
    ]
    const plain = await made(doctor, patient, { kind: 'sick-note', leave })
    const seeing = await caregiverOf(house, patient, ['see-record'])
    const trusted = await caregiverOf(house, patient, ['see-record', 'see-sensitive'])
    const listed = async (who: typeof seeing) =>
      (await who.get(`/v1/patients/${patient.id}/reports`)).body.items.map(({ id }: { id: string }) => id)
    assert.deepEqual(await listed(seeing), [plain.id])
    assert.equal((await listed(trusted)).length, 5)
    for (const { id } of hidden) {
      const statuses = await Promise.all(
        [seeing, trusted, patient].map(async (who) => (await who.get(`/v1/reports/${id}`)).status),
      )
      assert.deepEqual(statuses, [404, 200, 200])
    }
  })
})
