import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { writeResources } from '#fhir/rooms/write.ts'
import { newId } from '#platform/ids.ts'
import { type Answer, openTestHouse } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { everything } from '#services.ts'
import { openWard, pulse } from '../../tests/ward.ts'

const BASE = 'http://openhcs.test/fhir/R4'
const PERMITTED =
  'This may only lead to Practitioner, PractitionerRole, Organization, CareTeam, Patient, RelatedPerson.'
const URN = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'

describe('a reference that leads to what R4 does not permit there', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const { doctor, patient } = await openWard(house)
  const by = (reference: string) => pulse(patient.patient, { performer: [{ reference }] })
  const encounter = {
    ...{ resourceType: 'Encounter', status: 'finished', subject: { reference: `Patient/${patient.patient}` } },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  }
  const refuses = ({ status, body }: Answer, place: string) => {
    assert.equal(status, 400, JSON.stringify(body))
    const [issue] = body.issue.filter(({ expression }: { expression?: string[] }) => expression)
    assert.deepEqual([issue.expression, issue.diagnostics], [[place], PERMITTED])
  }
  const PLACE = 'Observation.performer[0].reference'
  const made = await doctor.post('/fhir/R4/Observation', by('Practitioner/1'))
  const { id } = made.body

  it('is refused by create, update and patch, also as an address below our own base', async () => {
    assert.equal(made.status, 201)
    for (const text of ['Encounter/1', `${BASE}/Encounter/1`]) {
      refuses(await doctor.post('/fhir/R4/Observation', by(text)), PLACE)
      refuses(await doctor.put(`/fhir/R4/Observation/${id}`, { ...by(text), id }), PLACE)
      const patch = [{ op: 'replace', path: '/performer/0/reference', value: text }]
      const type = { 'content-type': 'application/json-patch+json' }
      refuses(await doctor.patch(`/fhir/R4/Observation/${id}`, patch as object, type), PLACE)
    }
    assert.equal((await doctor.post('/fhir/R4/Observation', by('https://elsewhere.example/Encounter/1'))).status, 201)
    assert.equal((await doctor.get(`/fhir/R4/Observation/${id}`)).body.meta.versionId, '1')
  })

  it('is refused in a transaction, by what another entry is, and nothing is written', async () => {
    const bundle = (reference: string) => ({
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [
        { fullUrl: URN, resource: encounter, request: { method: 'POST', url: 'Encounter' } },
        { resource: by(reference), request: { method: 'POST', url: 'Observation' } },
      ],
    })
    const place = 'Bundle.entry[1].resource.performer[0].reference'
    refuses(await doctor.post('/fhir/R4', bundle(URN)), place)
    assert.equal((await doctor.get('/fhir/R4/Encounter?_total=accurate')).body.total, 0)
    assert.equal((await doctor.post('/fhir/R4', bundle('Practitioner/1'))).status, 200)
    refuses(await doctor.post('/fhir/R4', bundle(`Encounter?subject=Patient/${patient.patient}`)), place)
  })

  it('is told by $validate', async () => {
    for (const text of ['Encounter/1', `${BASE}/Encounter/1`]) {
      const { status, body } = await doctor.post('/fhir/R4/Observation/$validate', by(text))
      assert.deepEqual([status, body.issue.length], [200, 1])
      assert.deepEqual([body.issue[0].expression, body.issue[0].diagnostics], [[PLACE], PERMITTED])
    }
  })

  it('is refused of what other rooms keep, and of what they write', async () => {
    const somebody = await house.signedIn({ roles: ['patient'] })
    const { status, body } = await somebody.post('/fhir/R4/Patient', {
      ...{ resourceType: 'Patient', name: [{ text: 'Saba Tesfaye' }], birthDate: '1987-06-05' },
      managingOrganization: { reference: `${BASE}/Patient/1` },
    })
    assert.equal(status, 400)
    assert.match(JSON.stringify(body), /may only lead to Organization\./)
    const actor = {
      kind: 'account',
      account: doctor.account,
      session: newId(),
      roles: ['practitioner'],
      self: {},
    } as const
    const ctx = house.house.context('scheduling', { actor, traceId: newId(), doing: 'test' })
    await assert.rejects(
      transact(ctx, (ctx) => writeResources(ctx, [{ resource: { ...by('Encounter/1'), id: newId() } }])),
      { code: 'invalid' },
    )
  })

  it('is refused by an import, of its line', async () => {
    const root = await house.signedIn({ roles: ['administrator'] })
    const lines = [by('Practitioner/1'), by(`${BASE}/Encounter/1`)].map((one) =>
      JSON.stringify({ ...one, id: newId() }),
    )
    const begun = await root.upload('/fhir/R4/$import', 'application/fhir+ndjson', Buffer.from(lines.join('\n')))
    await house.work()
    const url = new URL(String(begun.headers['content-location'])).pathname
    const { body } = await root.get(url)
    assert.deepEqual([body.created, body.refused], [1, 1])
    assert.match(JSON.stringify((await root.get(`${url}/outcomes`)).body), /may only lead to Practitioner/)
  })
})
