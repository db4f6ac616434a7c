import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { leastResource } from '../../tests/least-resource.ts'
import { flagFor, newPatient, practitionerOf } from './testing.ts'

const reason = 'Same person'

describe('records of two patients who are merged', () => {
  it('follow, are written on, and go back', async () => {
    await using house = await openTestHouse(everything)
    const [one, other] = [await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const flag = (await doctor.post('/fhir/R4/Flag', flagFor(other.id))).body
    const totalFor = async (who: typeof one, patient: string) =>
      (await who.get(`/fhir/R4/Flag?patient=${patient}&_total=accurate`)).body.total
    assert.equal((await one.get(`/fhir/R4/Flag/${flag.id}`)).status, 404)
    const merge = (await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason })).body.id
    await house.work()
    assert.equal((await one.get(`/fhir/R4/Flag/${flag.id}`)).status, 200)
    assert.deepEqual([await totalFor(one, one.id), await totalFor(one, other.id)], [1, 1], 'by both names')
    const changed = await doctor.put(`/fhir/R4/Flag/${flag.id}`, { ...flag, status: 'inactive' })
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    assert.equal(await totalFor(one, one.id), 1, 'still, after it has been written on')
    await ada.post(`/v1/merges/${merge}/undo`, { reason }, { 'if-match': '"1"' })
    await house.work()
    assert.equal((await one.get(`/fhir/R4/Flag/${flag.id}`)).status, 404)
    assert.deepEqual([await totalFor(one, one.id), await totalFor(other, other.id)], [0, 1])
    assert.equal((await other.get(`/fhir/R4/Flag/${flag.id}`)).body.status, 'inactive')
  })

  it('take with them what is about them by something else: where it comes from, and a file', async () => {
    await using house = await openTestHouse(everything)
    const [one, other] = [await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const flag = (await doctor.post('/fhir/R4/Flag', flagFor(other.id))).body
    const made = [
      await doctor.post('/fhir/R4/Provenance', {
        ...leastResource('Provenance'),
        target: [{ reference: `Flag/${flag.id}` }],
      }),
      await doctor.post('/fhir/R4/Binary', {
        ...{ resourceType: 'Binary', contentType: 'text/plain', data: 'AAAA' },
        securityContext: { reference: `Flag/${flag.id}` },
      }),
    ]
    const seenBy = async (who: typeof one) =>
      Promise.all(made.map(async ({ body }) => (await who.get(`/fhir/R4/${body.resourceType}/${body.id}`)).status))
    assert.deepEqual(
      [await seenBy(one), await seenBy(other)],
      [
        [404, 404],
        [200, 200],
      ],
    )
    const merge = (await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason })).body.id
    await house.work()
    assert.deepEqual(await seenBy(one), [200, 200])
    await ada.post(`/v1/merges/${merge}/undo`, { reason }, { 'if-match': '"1"' })
    await house.work()
    assert.deepEqual(
      [await seenBy(one), await seenBy(other)],
      [
        [404, 404],
        [200, 200],
      ],
    )
  })
})
