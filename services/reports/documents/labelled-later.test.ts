import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client, TestHouse } from '#platform/testing.ts'
import { ALL, backendClient, exported, resourcesIn } from '../../../tests/bulk-client.ts'
import { allergy, written } from '../sharing/testing.ts'
import { caregiverOf, made, newPatient, openPractice, practitionerOf, signedVisit, version } from '../testing.ts'

const CODES = 'http://terminology.hl7.org/CodeSystem'
const HIV = { security: [{ system: `${CODES}/v3-ActCode`, code: 'HIV' }] }
const problem = (patient: { id: string }) => ({
  ...{ resourceType: 'Condition', subject: { reference: `Patient/${patient.id}` }, code: { text: 'Anaemia' } },
  clinicalStatus: { coding: [{ system: `${CODES}/condition-clinical`, code: 'active' }] },
  category: [{ coding: [{ system: `${CODES}/condition-category`, code: 'problem-list-item' }] }],
})
const json = { 'content-type': 'application/fhir+json' }

/** As it is, but for this. */
async function changed(doctor: Client, name: string, change: object) {
  const { body } = await doctor.get(`/fhir/R4/${name}`)
  const answer = await doctor.put(`/fhir/R4/${name}`, { ...body, ...change }, json)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

/** Every way to a report, by name. */
function doorsTo(id: string, patient: string): Record<string, (who: Client) => Promise<{ body: unknown }>> {
  const at = (url: string, headers = {}) => [url, (who: Client) => who.get(url, headers)] as const
  const batch = (url: string) => ({
    resourceType: 'Bundle',
    type: 'batch',
    entry: [{ request: { method: 'GET', url } }],
  })
  const fhir = '/fhir/R4'
  return Object.fromEntries([
    at(`/v1/reports/${id}`),
    at(`/v1/reports/${id}?version=1`),
    at(`/v1/patients/${patient}/reports`),
    at(`/v1/patients/${patient}/documents`),
    ...['Bundle', 'DocumentReference'].flatMap((type) => [
      at(`${fhir}/${type}/${id}`),
      at(`${fhir}/${type}/${id}/_history/1`),
      at(`${fhir}/${type}/${id}/_history`),
      at(`${fhir}/${type}/_history`),
      at(`${fhir}/${type}?_id=${id}`),
    ]),
    at(`${fhir}/_history`),
    at(`${fhir}/DocumentReference?patient=${patient}`),
    at(`${fhir}/Patient/${patient}/DocumentReference`),
    at(`${fhir}/Patient?_id=${patient}&_revinclude=DocumentReference:subject`),
    at(`${fhir}/Patient/${patient}/$everything?_count=1000`),
    ['in a batch', (who) => who.post(fhir, batch(`Bundle/${id}`), json)],
    ['searched in a batch', (who) => who.post(fhir, batch(`Bundle?_id=${id}`), json)],
  ])
}

async function openTo(who: Client, doors: ReturnType<typeof doorsTo>, id: string): Promise<string[]> {
  const open: string[] = []
  for (const [name, enter] of Object.entries(doors))
    if (JSON.stringify((await enter(who)).body).includes(`"${id}"`)) open.push(name)
  return open
}

async function idsExported(house: TestHouse, app: Client): Promise<string[]> {
  const all = await resourcesIn(app, await exported(house, app))
  return all.map(({ resourceType, id }) => `${resourceType}/${id}`)
}

describe('a report that holds what is labelled sensitive later', () => {
  it('is hidden at every door from whom that is hidden, and shows at all to who may see it', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const [named, noted] = [await written(doctor, allergy(patient)), await written(doctor, problem(patient))]
    const visit = await signedVisit(doctor, patient, { plan: 'Rest', problems: [{ id: noted, version: 1 }] })
    const seeing = await caregiverOf(house, patient, ['see-record'])
    const app = await backendClient(house)
    const sensitive = await backendClient(house, { records: { ...ALL, categories: ['hiv'] } })
    const reports = {
      [`AllergyIntolerance/${named}`]: await made(doctor, patient, { kind: 'patient-summary' }),
      [`Condition/${noted}`]: await made(doctor, patient, { kind: 'visit', consultation: visit.id }),
    }
    for (const [name, { id }] of Object.entries(reports)) {
      const doors = doorsTo(id, patient.id)
      const all = Object.keys(doors)
      assert.deepEqual(await openTo(seeing, doors, id), all)
      assert.ok((await idsExported(house, app)).includes(`Bundle/${id}`))
      await changed(doctor, name, { meta: HIV })
      assert.deepEqual(await openTo(seeing, doors, id), [])
      for (const who of [patient, doctor]) assert.deepEqual(await openTo(who, doors, id), all)
      const [without, withIt] = [await idsExported(house, app), await idsExported(house, sensitive)]
      for (const type of ['Bundle', 'DocumentReference'])
        assert.deepEqual([without.includes(`${type}/${id}`), withIt.includes(`${type}/${id}`)], [false, true], type)
      assert.equal((await patient.get(`/v1/reports/${id}`)).body.signature.verified, true)
    }
  })

  it('is hidden also where only a version of before holds it, after another version and after a merge that was undone', async () => {
    await using practice = await openPractice()
    const { house, patient } = practice
    const other = await newPatient(house)
    const colleague = await practitionerOf(house, other, patient)
    const named = `AllergyIntolerance/${await written(colleague, allergy(other))}`
    const { id } = await made(colleague, other, { kind: 'patient-summary' })
    const wrong = { coding: [{ system: `${CODES}/allergyintolerance-verification`, code: 'entered-in-error' }] }
    await changed(colleague, named, { verificationStatus: wrong, clinicalStatus: undefined })
    const amended = await colleague.put(`/v1/reports/${id}`, { reason: 'It was an error' }, version(1))
    assert.equal(amended.status, 200, JSON.stringify(amended.body))
    assert.doesNotMatch(JSON.stringify((await colleague.get(`/fhir/R4/Bundle/${id}`)).body), /Penicillin/)
    const root = await house.signedIn({ roles: ['administrator'] })
    const merge = await root.post('/v1/merges', { survivor: patient.id, replaced: other.id, reason: 'Passport seen' })
    await house.work()
    const undone = await root.post(`/v1/merges/${merge.body.id}/undo`, { reason: 'Two people' }, version(1))
    assert.ok(undone.status < 300, JSON.stringify(undone.body))
    await house.work()
    const seeing = await caregiverOf(house, other, ['see-record'])
    const before = `/fhir/R4/Bundle/${id}/_history/1`
    assert.match(JSON.stringify((await seeing.get(before)).body), /Penicillin/)
    await changed(colleague, named, { meta: HIV })
    for (const url of [before, `/fhir/R4/Bundle/${id}`, `/v1/reports/${id}?version=1`, `/v1/reports/${id}`])
      assert.deepEqual([(await seeing.get(url)).status, (await colleague.get(url)).status], [404, 200], url)
    const again = await colleague.put(`/v1/reports/${id}`, { reason: 'Once more' }, version(2))
    assert.equal(again.status, 200, JSON.stringify(again.body))
    assert.equal((await seeing.get(`/fhir/R4/Bundle/${id}`)).status, 404)
  })

  it('is as hidden when it is made of what was labelled meanwhile, and by a copy that somebody keeps by FHIR', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const noted = await written(doctor, problem(patient))
    const visit = await signedVisit(doctor, patient, { plan: 'Rest', problems: [{ id: noted, version: 1 }] })
    const copy = await written(doctor, (await doctor.get(`/fhir/R4/Patient/${patient.id}/$summary`)).body)
    const stranger = await newPatient(house)
    const naming = await practitionerOf(house, stranger)
    const ofAnother = await written(naming, {
      ...{ resourceType: 'Bundle', type: 'collection' },
      entry: [
        { fullUrl: `http://openhcs.test/fhir/R4/Condition/${noted}`, resource: { ...problem(stranger), id: noted } },
      ],
    })
    await changed(doctor, `Condition/${noted}`, { meta: HIV })
    const { id } = await made(doctor, patient, { kind: 'visit', consultation: visit.id })
    const seeing = await caregiverOf(house, patient, ['see-record'])
    for (const document of [copy, id])
      for (const [who, status] of [
        [seeing, 404],
        [doctor, 200],
      ] as const)
        assert.equal((await who.get(`/fhir/R4/Bundle/${document}`)).status, status)
    const { rows } = await house.owner.query('select categories from platform.fhir_resource where id = $1', [ofAnother])
    assert.deepEqual(
      rows,
      [{ categories: ['general'] }],
      'what names something of another patient learns nothing of it',
    )
  })
})
