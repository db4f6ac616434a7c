import assert from 'node:assert/strict'
import { it } from 'node:test'
import { queryOf } from '#fhir/rooms/read.ts'
import { readTimeline } from '#fhir/store/timeline.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { pulse } from '../../../tests/ward.ts'
import { explaining, newPatient, practitionerOf } from '../testing.ts'

const [MANY, PAGE] = [3_000, 21]

it('a page of a long record is read along its index, and no more of it than the page', async () => {
  await using house = await openTestHouse(everything)
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  assert.equal((await doctor.post('/fhir/R4/Observation', pulse(patient.id))).status, 201)
  await house.owner.query(`
    insert into platform.fhir_resource (type, id, version, change, changed_at, method, body, about, categories, tokens, refs, care_at)
    select type, 'n' || n, version, nextval('platform.fhir_change'), changed_at, method, body, about, categories, tokens, refs, care_at + n * interval '1 hour'
    from platform.fhir_resource, generate_series(1, ${MANY}) n where type = 'Observation'`)
  await house.owner.query('analyze platform.fhir_resource')
  const { db, plans } = explaining(house)
  const where = queryOf({ config: house.house.config }, 'Observation', { status: 'final,amended' })
  const around = { from: undefined, until: undefined, behind: undefined }
  const rows = await readTimeline(
    db,
    { patient: patient.id, types: ['Observation'], ...around, query: where, limit: PAGE },
    { account: doctor.account, within: undefined, now: house.house.now() },
  )
  assert.deepEqual([rows.length, plans.length], [PAGE, 1])
  assert.match(plans[0] ?? '', /Index Scan Backward using fhir_resource_by_care on fhir_resource \w+ \(actual rows=21/)
  assert.doesNotMatch(plans[0] ?? '', new RegExp(`rows=${MANY}`))
})
