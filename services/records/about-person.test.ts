import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import { flagFor, newPatient, practitionerOf } from './testing.ts'

describe('what records knows of a person', () => {
  it('is every resource about the patient, and is kept when the person is erased', async () => {
    await using house = await openTestHouse(everything)
    const [one, other] = [await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other)
    const made = []
    for (const { id } of [one, other, one]) made.push((await doctor.post('/fhir/R4/Flag', flagFor(id))).body)
    await doctor.delete(`/fhir/R4/Flag/${made[2].id}`)
    const member = ({ id }: { id: string }) => ({ entity: { reference: `Patient/${id}` } })
    const both = { resourceType: 'Group', type: 'person', actual: true, member: [member(one), member(other)] }
    assert.equal((await doctor.post('/fhir/R4/Group', both)).status, 201, 'which tells of the other too')
    const ctx = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    const of = (patient: string) => ({ patient, names: [] })
    assert.deepEqual(await aboutPerson(ctx, of(one.id)), { data: {}, fhir: [made[0]] })
    const [trace] = await erase(ctx, of(one.id))
    assert.deepEqual([trace?.outcome, trace?.count], ['kept', 2])
    assert.deepEqual(await erase(ctx, { names: [] }), [])
  })
})
