import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Answer, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openWard, pulse } from '../../tests/ward.ts'

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }

const members = ({ status, body }: Answer): string[] => {
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(body.meta.tag, [SUBSETTED])
  return Object.keys(body).sort()
}

describe('/fhir/R4/Observation/:id, in part', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const { doctor, patient } = await openWard(house)
  const narrative = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">72</div>' }
  const resource = pulse(patient.patient, { text: narrative, note: [{ text: 'at rest' }] })
  const { id } = (await doctor.post('/fhir/R4/Observation', resource)).body
  const one = `/fhir/R4/Observation/${id}`
  const always = ['code', 'id', 'meta', 'resourceType', 'status']

  it('has by _elements what is named and what must be there, and by _summary what R4 marks', async () => {
    for (const url of [one, `${one}/_history/1`]) {
      assert.deepEqual(
        members(await doctor.get(`${url}?_elements=subject,note`)),
        [...always, 'note', 'subject'].sort(),
      )
      assert.deepEqual(members(await doctor.get(`${url}?_summary=text`)), [...always, 'text'].sort())
      const { text: _text, ...data } = (await doctor.get(url)).body
      assert.deepEqual(members(await doctor.get(`${url}?_summary=data`)), Object.keys(data).sort())
      assert.ok(!members(await doctor.get(`${url}?_summary=true`)).includes('note'))
    }
  })

  it('keeps its version, and is whole where no part is asked for', async () => {
    const { headers } = await doctor.get(`${one}?_elements=subject`)
    assert.equal(headers.etag, 'W/"1"')
    for (const whole of ['', '_summary=false', '_summary=', '_elements='])
      assert.deepEqual((await doctor.get(`${one}?${whole}`)).body, (await doctor.get(one)).body, whole)
    assert.equal((await doctor.get(`${one}?_summary=some`)).status, 400)
  })

  it('is so in histories and Bundles, too', async () => {
    const { body } = await doctor.get(`${one}/_history?_elements=subject`)
    assert.deepEqual(members({ status: 200, headers: {}, body: body.entry[0].resource }), [...always, 'subject'].sort())
    const entry = [{ request: { method: 'GET', url: `Observation/${id}?_elements=subject` } }]
    const answer = await doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'batch', entry })
    const resource = answer.body.entry[0].resource
    assert.deepEqual(members({ status: 200, headers: {}, body: resource }), [...always, 'subject'].sort())
  })
})

describe('what is written', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const { doctor, patient } = await openWard(house)
  const resource = pulse(patient.patient, { identifier: [{ system: 'urn:test', value: 'a' }] })
  const once = { 'if-none-exist': 'identifier=urn:test|a' }
  const url = '/fhir/R4/Observation?identifier=urn:test|a'

  it('comes back as Prefer asks: the resource, an OperationOutcome, or nothing', async () => {
    const asked = (kind: string) =>
      doctor.post('/fhir/R4/Observation', pulse(patient.patient), { prefer: `return=${kind}` })
    assert.equal((await asked('minimal')).body, '')
    assert.equal((await asked('representation')).body.resourceType, 'Observation')
    assert.equal((await asked('OperationOutcome')).body.resourceType, 'OperationOutcome')
  })

  it('says which it is, also where it was there before, a condition found it, and nothing else is wanted', async () => {
    const { body } = await doctor.post('/fhir/R4/Observation', resource)
    const place = (version: number) => `http://openhcs.test/fhir/R4/Observation/${body.id}/_history/${version}`
    const prefer = { prefer: 'return=minimal' }
    const found = await doctor.post('/fhir/R4/Observation', resource, { ...once, ...prefer })
    assert.deepEqual([found.status, found.headers.location, found.body], [200, place(1), ''])
    const updated = await doctor.put(url, { ...resource, status: 'amended' }, prefer)
    assert.deepEqual([updated.status, updated.headers.location], [200, place(2)])
    const patch = [{ op: 'replace', path: '/status', value: 'corrected' }]
    const patched = await doctor.patch(url, patch, { ...prefer, 'content-type': 'application/json-patch+json' })
    assert.deepEqual([patched.status, patched.headers.location], [200, place(3)])
  })

  it('on a condition that several meet is refused, and changes nothing', async () => {
    await doctor.post('/fhir/R4/Observation', resource)
    const { total } = (await doctor.get(`${url}&_total=accurate`)).body
    assert.equal(total, 2)
    const patch = { 'content-type': 'application/json-patch+json' }
    for (const refused of [
      await doctor.post('/fhir/R4/Observation', resource, once),
      await doctor.put(url, resource),
      await doctor.patch(url, [{ op: 'replace', path: '/status', value: 'final' }], patch),
      await doctor.delete(url),
    ])
      assert.equal(refused.status, 412, JSON.stringify(refused.body))
    assert.deepEqual((await doctor.get(`${url}&status=final&_total=accurate`)).body.total, 1)
  })

  it('says of a fault where in it that is, by its type', async () => {
    const at = async (answer: Promise<Answer>) => (await answer).body.issue[1].expression
    const wrong = pulse(patient.patient, { status: 'some' })
    assert.deepEqual(await at(doctor.post('/fhir/R4/Observation', wrong)), ['Observation.status'])
    const entry = [{ resource: wrong, request: { method: 'POST', url: 'Observation' } }]
    const transaction = { resourceType: 'Bundle', type: 'transaction', entry }
    assert.deepEqual(await at(doctor.post('/fhir/R4', transaction)), ['Bundle.entry[0].resource.status'])
    const batch = (await doctor.post('/fhir/R4', { ...transaction, type: 'batch' })).body.entry[0].response.outcome
    assert.deepEqual(batch.issue[1].expression, ['Bundle.entry[0].resource.status'])
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
    const patch = [{ op: 'remove', path: '/status' }]
    const type = { 'content-type': 'application/json-patch+json' }
    assert.deepEqual(await at(doctor.patch(`/fhir/R4/Observation/${id}`, patch, type)), ['Observation.status'])
    const tested = [{ op: 'test', path: '/status', value: 'some' }]
    assert.deepEqual(await at(doctor.patch(`/fhir/R4/Observation/${id}`, tested, type)), ['Observation'])
  })
})
