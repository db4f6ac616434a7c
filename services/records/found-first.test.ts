import assert from 'node:assert/strict'
import { it } from 'node:test'
import { queryOf } from '#fhir/rooms/read.ts'
import { findAll } from '#fhir/store/find-all.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { explaining, newPatient, practitionerOf } from './testing.ts'

const [OTHERS, THEIRS] = [20_000, 75]

it('all that several searches find of a patient is looked up by the patient, once for each, whatever they ask beside', async () => {
  await using house = await openTestHouse(everything)
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  const taken = {
    ...{ resourceType: 'MedicationRequest', status: 'active', intent: 'order' },
    ...{ medicationCodeableConcept: { text: 'Fictional' }, subject: { reference: `Patient/${patient.id}` } },
  }
  assert.equal((await doctor.post('/fhir/R4/MedicationRequest', taken)).status, 201)
  await house.owner.query(
    `insert into platform.fhir_resource (type, id, version, change, changed_at, method, body, about, categories, tokens, refs)
     select type, gen_random_uuid(), version, nextval('platform.fhir_change'), changed_at, method, body, about, categories, tokens, refs
     from (select * from platform.fhir_resource where type = 'MedicationRequest') one, generate_series(2, $1) n`,
    [THEIRS],
  )
  // Among much else what is asked beside is rare, as far as PostgreSQL knows.
  await house.owner.query(
    `insert into platform.fhir_resource (type, id, version, change, changed_at, method, body, about, tokens, refs)
     select 'Flag', gen_random_uuid(), 1, nextval('platform.fhir_change'), now(), 'PUT', '{}', array[gen_random_uuid()::text],
       array(select 'Flag.code=' || n || '-' || m from generate_series(1, 5) m), array['Flag.$patient=' || n] from generate_series(1, $1) n`,
    [OTHERS],
  )
  await house.owner.query('analyze platform.fhir_resource')
  const { db, plans } = explaining(house)
  const searches = [['MedicationRequest', { status: 'active' }] as const, ['AllergyIntolerance', {}] as const]
  const queries = searches.map(([type, asked]) =>
    queryOf({ config: house.house.config }, type, { ...asked, patient: patient.id }),
  )
  const seer = { account: doctor.account, within: undefined, now: house.house.now() }
  assert.equal((await findAll(db, queries, seer)).length, THEIRS)
  const [plan = ''] = plans
  const lookUps = [...plan.matchAll(/ProjectSet \(actual rows=[\d.]+ loops=(\d+)\)/g)].map(([, loops]) => loops)
  assert.deepEqual(lookUps, ['1', '1'], plan)
  assert.doesNotMatch(plan, /fhir_resource_by_(token|type)/, plan)
})
