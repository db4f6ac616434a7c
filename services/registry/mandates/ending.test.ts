import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aPatient, openRegistry, version } from '../testing.ts'

describe('the job announce-ends', async () => {
  const { house, patient, caregiver, administrator, given, waiting } = await openRegistry()
  const [saba, hana, tom, ada] = [await patient(), await caregiver(), await caregiver(), await administrator()]
  const evidence = 'Birth certificate 77-1204'
  const child = { ...aPatient, name: 'Liya Tesfaye', birthDate: '2013-06-05' } // of age at 2031-06-04T21:00Z, where she lives
  const announced = async (now: string) => {
    house.setNow(now)
    const before = (await waiting('Mandate.ending')).length
    await house.house.tasks()['registry:announce-ends']?.({}, undefined as never)
    return (await waiting('Mandate.ending')).slice(before)
  }
  const told = async (who: typeof hana) =>
    (await who.get('/v1/notifications')).body.items
      .map(({ template }: { template: string }) => template)
      .filter((template: string) => template.startsWith('mandate-ending'))

  it('tells both sides once, thirty days before a mandate ends, and nobody of one that is not in force', async () => {
    const of = { patient: saba.id, powers: ['book'], validUntil: '2031-05-01T00:00:00Z' }
    const mandate = await given(saba, { ...of, caregiver: hana.id }, hana)
    const revoked = await given(saba, { ...of, caregiver: tom.id }, tom)
    assert.equal((await saba.post(`/v1/mandates/${revoked}/revoke`, {})).status, 200)
    const never = await caregiver()
    assert.equal((await saba.post('/v1/mandates', { ...of, caregiver: never.id })).status, 201)
    assert.deepEqual(await announced('2031-03-31T23:59:59Z'), [])
    assert.deepEqual(await announced('2031-04-01T00:00:00Z'), [{ mandate, patient: saba.id, caregiver: hana.id }])
    assert.deepEqual(await announced('2031-04-02T00:20:00Z'), [])
    await house.work()
    assert.deepEqual([await told(saba), await told(hana)], [['mandate-ending.patient'], ['mandate-ending.caregiver']])
    assert.deepEqual([await told(tom), await told(never)], [[], []])
  })

  it('tells a guardian, and whom the guardian let act, thirty days before the child comes of age', async () => {
    const made = (await hana.post('/v1/guardianships', { child, evidence })).body
    await ada.post(`/v1/mandates/${made.id}/verify`, undefined, version(1))
    const mandate = { patient: made.patient, caregiver: tom.id, powers: ['book'], validUntil: '2033-01-01T00:00:00Z' }
    const delegated = await given(hana, mandate, tom)
    const eve = await caregiver()
    assert.equal((await eve.post('/v1/guardianships', { patient: made.patient, evidence })).status, 201)
    assert.deepEqual(await announced('2031-05-05T20:59:59Z'), [])
    const of = { patient: made.patient }
    assert.deepEqual(await announced('2031-05-05T21:00:00Z'), [
      { mandate: made.id, ...of, caregiver: hana.id },
      { mandate: delegated, ...of, caregiver: tom.id },
    ])
    assert.deepEqual(await announced('2031-05-06T00:20:00Z'), [])
    await house.work()
    assert.equal((await told(hana)).length, 2)
    assert.deepEqual([await told(tom), await told(eve)], [['mandate-ending.caregiver'], []])
    house.setNow('2031-06-04T21:00:00Z')
    assert.equal((await hana.get(`/v1/patients/${made.patient}`)).status, 404)
  })
})
