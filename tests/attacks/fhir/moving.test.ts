import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Answer } from '#platform/testing.ts'
import { about, doctorOf, idsIn, openWard, pulse, storeOf } from './ward.ts'

const JSON_PATCH = { 'content-type': 'application/json-patch+json' }
const BASE = 'http://openhcs.test/fhir/R4'

describe('/fhir/R4: whom a resource is about', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house, ann, ben, doctorOfAnn, doctorOfBen } = ward
  const both = await doctorOf(house, [ann.patient, ben.patient])
  const refusedAll = async (answers: Promise<Answer>[], statuses = [403, 404, 422]) => {
    const before = await storeOf(house)
    for (const [n, answer] of (await Promise.all(answers)).entries())
      assert.ok(statuses.includes(answer.status), `${n}: ${answer.status} ${JSON.stringify(answer.body)}`)
    assert.deepEqual(await storeOf(house), before)
  }
  const to = (patient: string) => ({ reference: `Patient/${patient}` })

  it('stays as it was: no update, patch, condition or transaction moves it', async () => {
    const identifier = [{ system: 'urn:move', value: newId() }]
    const was = (await both.post('/fhir/R4/Observation', pulse(ann.patient, { identifier }))).body
    const url = `/fhir/R4/Observation/${was.id}`
    const moved = { ...was, subject: to(ben.patient) }
    // Ann stays in the compartment, as who measured it: it is about Ben nevertheless, and its past about Ann.
    const asPerformer = { ...moved, performer: [to(ann.patient)] }
    const entry = (resource: object) => ({ resource, request: { method: 'PUT', url: `Observation/${was.id}` } })
    for (const who of [doctorOfAnn, doctorOfBen, both])
      for (const resource of [moved, asPerformer])
        await refusedAll([
          who.put(url, resource),
          who.put(`/fhir/R4/Observation?_id=${was.id}`, resource),
          who.patch(
            url,
            [
              { op: 'replace', path: '/subject', value: resource.subject },
              { op: 'add', path: '/performer', value: [to(ann.patient)] },
            ] as object,
            JSON_PATCH,
          ),
          who.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry: [entry(resource)] }),
        ])
    assert.deepEqual(idsIn(await ben.get(`${url}/_history`)), [])
  })

  it('stays as it was also where it is written again after it was deleted', async () => {
    const was = (await both.post('/fhir/R4/Observation', pulse(ann.patient))).body
    const url = `/fhir/R4/Observation/${was.id}`
    assert.equal((await both.delete(url)).status, 204)
    for (const performer of [[], [to(ann.patient)]])
      await refusedAll([
        both.put(url, { ...was, subject: to(ben.patient), ...(performer.length > 0 && { performer }) }),
      ])
    assert.equal((await both.put(url, was)).status, 201)
  })

  it('is nobody whom the writer may not write about, however they are named', async () => {
    const named = [
      { reference: `Patient/${ben.patient}` },
      { reference: `${BASE}/Patient/${ben.patient}` },
      { reference: `Patient/${ben.patient}/_history/1` },
      { reference: `${BASE}/Patient/${ben.patient}/_history/1` },
      { reference: `Patient/${ben.patient.toUpperCase()}` },
      { reference: 'Patient/1' },
      { reference: `${BASE}/Patient/1` },
      { reference: `Patient/${ben.patient}`, identifier: { value: ann.patient } },
      // These say nobody whom we know.
      { reference: `urn:uuid:${ben.patient}` },
      { reference: `https://elsewhere.example/fhir/Patient/${ben.patient}` },
      { reference: `Practitioner/${ben.patient}` },
      { type: 'Patient', identifier: { system: 'urn:x', value: ben.patient } },
      { display: ben.patient },
      { reference: `Group/${ben.patient}` },
      { reference: `patient/${ben.patient}` },
      { reference: `/Patient/${ben.patient}` },
      { reference: ` Patient/${ben.patient}` },
      { reference: `Patient//${ben.patient}` },
      { reference: `Patient/${ben.patient}/` },
      { reference: `Patient/${ben.patient}#a` },
      { reference: `Patient/${ben.patient}?a` },
      { reference: `${BASE.toUpperCase()}/Patient/${ben.patient}` },
      { reference: `${BASE}//Patient/${ben.patient}` },
      { reference: `${BASE}/../R4/Patient/${ben.patient}` },
    ]
    for (const subject of named)
      await refusedAll(
        [
          doctorOfAnn.post('/fhir/R4/Observation', pulse(ann.patient, { subject })),
          doctorOfAnn.post('/fhir/R4/Condition', about('Condition', ann.patient, { subject })),
          doctorOfAnn.post('/fhir/R4', {
            resourceType: 'Bundle',
            type: 'transaction',
            entry: [
              { resource: pulse(ann.patient), request: { method: 'POST', url: 'Observation' } },
              { resource: pulse(ann.patient, { subject }), request: { method: 'POST', url: 'Observation' } },
            ],
          }),
        ],
        [400, 403, 422],
      )
    await refusedAll(
      [
        doctorOfAnn.post(
          '/fhir/R4/Observation',
          pulse(ann.patient, { subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] }),
        ),
      ],
      [400, 422],
    )
  })

  it('may be two only for who may write about both', async () => {
    const message = about('Communication', ann.patient, {
      subject: undefined,
      sender: to(ann.patient),
      recipient: [to(ben.patient)],
    })
    for (const who of [doctorOfAnn, doctorOfBen]) await refusedAll([who.post('/fhir/R4/Communication', message)], [403])
    assert.equal((await both.post('/fhir/R4/Communication', message)).status, 201)
  })

  it('of an id that somebody else’s resource has nothing is written over', async () => {
    const theirs = (await doctorOfBen.post('/fhir/R4/Observation', pulse(ben.patient))).body
    await refusedAll(
      [
        doctorOfAnn.put(`/fhir/R4/Observation/${theirs.id}`, { ...pulse(ann.patient), id: theirs.id }),
        doctorOfAnn.put(`/fhir/R4/Observation?identifier=urn:none|1`, { ...pulse(ann.patient), id: theirs.id }),
        doctorOfAnn.post('/fhir/R4', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            { resource: pulse(ann.patient), request: { method: 'POST', url: 'Observation' } },
            {
              resource: { ...pulse(ann.patient), id: theirs.id },
              request: { method: 'PUT', url: `Observation/${theirs.id}` },
            },
          ],
        }),
      ],
      [404],
    )
    assert.deepEqual((await ben.get(`/fhir/R4/Observation/${theirs.id}`)).body, theirs)
  })
})
