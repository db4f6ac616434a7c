import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { ALL, backendClient } from '../../tests/bulk-client.ts'
import { newPatient } from '../../tests/calendar.ts'
import { anotherWhoTreats, pulse } from '../../tests/ward.ts'

// An app that may import brings in somebody with their record by one transaction, and no more than that.

const told = ({ status, body }: { status: number; body: unknown }) => `${status} ${JSON.stringify(body)}`
const urn = () => `urn:uuid:${newId()}`
const entryOf = (resource: { resourceType: string; [element: string]: unknown }, fullUrl = urn()) => ({
  ...{ fullUrl, resource, request: { method: 'POST', url: resource.resourceType } },
})
const bundleOf = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'transaction', entry })
const saba = (more: object = {}) => ({
  ...{ resourceType: 'Patient', name: [{ text: 'Saba Tesfaye' }], gender: 'female', birthDate: '1987-06-05' },
  ...more,
})

describe('a transaction of an app that may import', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const imports = { ...ALL, imports: true }
  const app = await backendClient(house, { scopes: ['system/*.cruds'], records: imports })
  const send = (who: Client, ...entry: object[]) => who.post('/fhir/R4', bundleOf(...entry))
  const withRecord = () => {
    const patient = entryOf(saba())
    return [patient, entryOf(pulse('', { subject: { reference: patient.fullUrl } }))] as const
  }

  it('registers the patient with the record, for whoever treats them', async () => {
    const answer = await send(app, ...withRecord())
    assert.equal(answer.status, 200, told(answer))
    const [patient, observation] = answer.body.entry.map((one: { response: { location: string } }) =>
      one.response.location.replace(/\/_history.*/, ''),
    )
    const doctor = await anotherWhoTreats(house, patient.slice('Patient/'.length))
    assert.equal((await doctor.get(`/fhir/R4/${observation}`)).body.subject.reference, patient)
    // And shows the app nothing of it.
    for (const url of [observation, patient, `Observation?patient=${patient}`])
      assert.equal((await app.get(`/fhir/R4/${url}`)).status, 403, url)
    const { rows } = await house.owner.query(
      `select entity, account_id, actor from platform.audit_event where subject = $1 and action = 'C' order by entity`,
      [patient],
    )
    const by = { account_id: app.id, actor: 'client' }
    assert.deepEqual(rows, [
      { entity: observation, ...by },
      { entity: patient, ...by },
    ])
  })

  it('writes nothing about anybody who was here before, nor anything that is for all', async () => {
    const { patient } = await newPatient(house)
    const library = { resourceType: 'Library', status: 'draft', type: { text: 'Fictional' } }
    const list = { resourceType: 'List', status: 'current', mode: 'working' }
    const [sabas, pulses] = withRecord()
    const both = [sabas.fullUrl, `Patient/${patient}`].map((reference) => ({ item: { reference } }))
    for (const [one, status] of [
      [entryOf(pulse(patient)), 403],
      [entryOf({ ...list, entry: both }), 403],
      [entryOf(library), 403],
      [entryOf(list), 422],
      [{ ...entryOf(saba({ id: patient })), request: { method: 'PUT', url: `Patient/${patient}` } }, 403],
      [{ ...entryOf(saba()), request: { method: 'POST', url: 'Patient', ifNoneExist: 'birthdate=1987-06-05' } }, 403],
      [{ request: { method: 'GET', url: `Patient/${patient}` } }, 403],
      [{ request: { method: 'DELETE', url: 'Observation/o-1' } }, 403],
    ] as const) {
      const { rows: before } = await house.owner.query('select count(*)::int from platform.fhir_resource')
      const answer = await send(app, sabas, pulses, one)
      assert.equal(answer.status, status, `${JSON.stringify(one.request)} ${told(answer)}`)
      if (one.request.method === 'GET') continue // what was written stays written, and shows nothing
      const { rows } = await house.owner.query('select count(*)::int from platform.fhir_resource')
      assert.deepEqual(rows, before, JSON.stringify(one))
    }
  })

  it('takes no types that the scopes do not name, and no app that an administrator does not let', async () => {
    for (const options of [
      { scopes: ['system/Patient.c'], records: imports },
      { scopes: ['system/*.rs'], records: imports },
      { scopes: ['system/*.c'] },
      { scopes: ['system/*.c'], records: null },
    ]) {
      const answer = await send(await backendClient(house, options), ...withRecord())
      assert.equal(answer.status, 403, `${JSON.stringify(options)} ${told(answer)}`)
    }
    const [patient, observation] = withRecord()
    const named = await backendClient(house, { scopes: ['system/Patient.c', 'system/Observation.c'], records: imports })
    assert.equal((await send(named, patient, observation)).status, 200)
    const one = await app.post('/fhir/R4', { ...bundleOf(patient), type: 'batch' })
    assert.equal(one.body.entry[0].response.status.slice(0, 3), '403')
    assert.equal((await app.post('/fhir/R4/Patient', saba())).status, 403)
  })

  it('brings in practitioners who are in no directory, and whom no desk but their own looks after', async () => {
    const organisation = entryOf({
      ...{ resourceType: 'Organization', name: 'Harbour Health Trust' },
      address: [{ city: 'Port Selam', country: 'ET' }],
    })
    const doctor = entryOf({ resourceType: 'Practitioner', name: [{ text: 'Amina Okello' }] })
    const role = entryOf({
      ...{ resourceType: 'PractitionerRole', practitioner: { reference: doctor.fullUrl } },
      organization: { reference: organisation.fullUrl },
    })
    const answer = await send(app, role, doctor, organisation)
    assert.equal(answer.status, 200, told(answer))
    const [ofRole, ofDoctor, trust] = answer.body.entry.map(
      (one: { response: { location: string } }) => one.response.location.split('/')[1],
    )
    assert.equal(ofRole, ofDoctor)
    const root = await house.signedIn({ roles: ['administrator'] })
    assert.equal((await root.get(`/fhir/R4/Organization/${trust}`)).status, 200)
    assert.equal((await root.get(`/fhir/R4/Practitioner/${ofDoctor}`)).status, 404)
    const listed = async (at: string) => {
      const desk = await house.signedIn({ desk: { organisation: at, function: 'desk' } })
      return (await desk.get(`/v1/organisations/${at}/practitioners`)).body.items?.map(({ id }: { id: string }) => id)
    }
    assert.deepEqual(await listed(trust), [ofDoctor])
    const lost = entryOf({ ...role.resource, organization: { reference: `Organization/${newId()}` } })
    assert.equal((await send(app, doctor, lost)).status, 422)
    const kept = entryOf(saba({ managingOrganization: { reference: `Organization/${trust}` } }))
    assert.equal((await send(app, kept)).status, 422)
  })
})
