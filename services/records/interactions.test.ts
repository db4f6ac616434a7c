import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openWard, pulse, replacing } from '../../tests/ward.ts'

describe('/fhir/R4/Observation', () => {
  it('is created, read, updated, searched, deleted, and keeps its history', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const made = await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const { id } = made.body
    assert.equal(made.headers.etag, 'W/"1"')
    assert.match(String(made.headers.location), new RegExp(`/fhir/R4/Observation/${id}/_history/1$`))
    const read = await patient.get(`/fhir/R4/Observation/${id}`)
    assert.deepEqual(read.body, made.body)
    assert.equal((await stranger.get(`/fhir/R4/Observation/${id}`)).status, 404)
    assert.equal((await stranger.post('/fhir/R4/Observation', pulse(patient.patient))).status, 403)
    const changed = await doctor.put(`/fhir/R4/Observation/${id}`, { ...made.body, status: 'amended' })
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    assert.equal(changed.body.meta.versionId, '2')
    const found = await doctor.get(
      `/fhir/R4/Observation?code=http://loinc.org|8867-4&patient=${patient.patient}&value-quantity=72||/min&date=2031-03-03&status=amended&_total=accurate`,
    )
    assert.equal(found.status, 200, JSON.stringify(found.body))
    assert.deepEqual([found.body.total, found.body.entry?.[0]?.resource?.id], [1, id])
    assert.equal((await stranger.get(`/fhir/R4/Observation?code=8867-4&_total=accurate`)).body.total, 0)
    assert.equal((await doctor.delete(`/fhir/R4/Observation/${id}`)).status, 204)
    assert.equal((await doctor.get(`/fhir/R4/Observation/${id}`)).status, 410)
    const past = await doctor.get(`/fhir/R4/Observation/${id}/_history`)
    assert.deepEqual(
      past.body.entry.map((one: { request: { method: string } }) => one.request.method),
      ['DELETE', 'PUT', 'POST'],
    )
    assert.equal((await doctor.get(`/fhir/R4/Observation/${id}/_history/1`)).body.status, 'final')
  })

  it('is patched, both ways', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
    const status = replacing('Observation.status', { valueCode: 'amended' })
    const byParameters = await doctor.patch(`/fhir/R4/Observation/${id}`, status)
    assert.deepEqual(
      [byParameters.status, byParameters.body.status],
      [200, 'amended'],
      JSON.stringify(byParameters.body),
    )
    const byJson = await doctor.patch(
      `/fhir/R4/Observation/${id}`,
      [{ op: 'replace', path: '/status', value: 'corrected' }],
      { 'content-type': 'application/json-patch+json' },
    )
    assert.deepEqual(
      [byJson.status, byJson.body.status, byJson.body.meta?.versionId],
      [200, 'corrected', '3'],
      JSON.stringify(byJson.body),
    )
  })

  it('is created, updated and deleted on a condition', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const once = pulse(patient.patient, { identifier: [{ system: 'urn:test', value: 'a' }] })
    const headers = { 'if-none-exist': 'identifier=urn:test|a' }
    const all = await Promise.all(Array.from({ length: 5 }, () => doctor.post('/fhir/R4/Observation', once, headers)))
    assert.deepEqual(all.map(({ status }) => status).sort(), [200, 200, 200, 200, 201])
    assert.equal(new Set(all.map(({ body }) => body.id)).size, 1)
    const changed = await doctor.put('/fhir/R4/Observation?identifier=urn:test|a', { ...once, status: 'amended' })
    assert.deepEqual([changed.status, changed.body.id], [200, all[0]?.body.id], JSON.stringify(changed.body))
    assert.equal((await doctor.put('/fhir/R4/Observation?identifier=urn:test|b', once)).status, 201)
    assert.equal((await doctor.delete('/fhir/R4/Observation?identifier=urn:test|a')).status, 412, 'both have it')
    assert.equal((await doctor.delete('/fhir/R4/Observation?identifier=urn:test|a&status=amended')).status, 204)
  })
})

describe('POST /fhir/R4', () => {
  it('a transaction is all or nothing, and its references are rewritten', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const visit = {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: `Patient/${patient.patient}` },
    }
    const bundle = (whose: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
          resource: pulse(whose, { encounter: { reference: 'urn:uuid:22222222-2222-4222-8222-222222222222' } }),
          request: { method: 'POST', url: 'Observation' },
        },
        {
          fullUrl: 'urn:uuid:22222222-2222-4222-8222-222222222222',
          resource: visit,
          request: { method: 'POST', url: 'Encounter' },
        },
      ],
    })
    const refused = await doctor.post('/fhir/R4', bundle(stranger.patient))
    assert.equal(refused.status, 403, JSON.stringify(refused.body))
    assert.equal((await house.owner.query('select from platform.fhir_resource')).rowCount, 0)
    const done = await doctor.post('/fhir/R4', bundle(patient.patient))
    assert.equal(done.status, 200, JSON.stringify(done.body))
    const [observation, encounter] = done.body.entry.map((one: { response: { location: string } }) =>
      one.response.location.replace(/\/_history.*/, ''),
    )
    assert.equal((await doctor.get(`/fhir/R4/${observation}`)).body.encounter.reference, encounter)
    const found = await doctor.get(`/fhir/R4/Observation?encounter.status=finished&_include=Observation:encounter`)
    assert.deepEqual(
      found.body.entry.map((one: { search: { mode: string } }) => one.search.mode),
      ['match', 'include'],
      JSON.stringify(found.body),
    )
    const back = await doctor.get(
      '/fhir/R4/Encounter?_has:Observation:encounter:code=8867-4&_revinclude=Observation:encounter',
    )
    assert.equal(back.body.entry.length, 2)
  })
})
