import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aPatient, nowhere, openRegistry, version } from '../testing.ts'
import { majorityOf } from './majority.ts'

const child = { ...aPatient, name: 'Liya Tesfaye', birthDate: '2014-06-05' }
const evidence = 'Birth certificate 77-1204, shown at the clinic'

describe('POST /v1/guardianships', async () => {
  const { house, patient, caregiver, administrator, rows, waiting } = await openRegistry()
  const [hana, ada] = [await caregiver(), await administrator()]
  const register = (who = hana, change: object = {}) => who.post('/v1/guardianships', { child, evidence, ...change })

  it('registers a child without an account, and opens nothing before the evidence was seen', async () => {
    const { status, body } = await register()
    assert.equal(status, 201)
    assert.deepEqual([body.basis, body.status, body.validUntil], ['guardian', 'unverified', '2032-06-04T21:00:00.000Z'])
    const path = `/v1/patients/${body.patient}`
    assert.equal((await hana.get(path)).status, 404)
    assert.deepEqual((await hana.get('/v1/patients')).body.items, [])
    const waiting = await ada.get('/v1/mandates?status=unverified')
    assert.deepEqual(
      waiting.body.items.map(({ id }: { id: string }) => id),
      [body.id],
    )
    const verify = () => ada.post(`/v1/mandates/${body.id}/verify`, undefined, version(1))
    assert.deepEqual((await Promise.all([verify(), verify()])).map(({ status }) => status).sort(), [200, 412])
    assert.equal((await hana.get(path)).body.name, 'Liya Tesfaye')
    assert.deepEqual((await hana.get('/v1/patients')).body.items[0].powers, aPower)
    assert.deepEqual(
      (await rows('select account_id from registry.patient where id = $1', [body.patient]))[0].account_id,
      null,
    )
  })

  it('is for children, with evidence', async () => {
    assert.equal((await register(hana, { child: { ...child, birthDate: '2013-03-01' } })).status, 422)
    assert.equal((await register(hana, { child: { ...child, birthDate: '2013-03-02' } })).status, 201)
    assert.equal((await register(hana, { evidence: ' ' })).status, 400)
    assert.equal((await register(hana, { child: { ...child, birthDate: '2031-03-03' } })).status, 400)
    assert.equal((await register(await patient())).status, 403)
  })

  it('nobody verifies their own, nor what does not wait for it', async () => {
    const both = await caregiver({}, await administrator())
    const { id } = (await register(both)).body
    assert.equal((await both.post(`/v1/mandates/${id}/verify`, undefined, version(1))).status, 403)
    assert.equal((await hana.post(`/v1/mandates/${id}/verify`, undefined, version(1))).status, 403)
    assert.equal((await ada.post(`/v1/mandates/${nowhere}/verify`, undefined, version(1))).status, 404)
    await ada.post(`/v1/mandates/${id}/revoke`, { reason: 'The certificate is of another child' })
    assert.equal((await ada.post(`/v1/mandates/${id}/verify`, undefined, version(2))).status, 422)
  })

  it('lets the guardian give mandates: no more than their own powers, no longer than their own time, and ended with it', async () => {
    const made = (await register()).body
    const grandmother = await caregiver({ name: 'Abeba Bekele' })
    const give = (change: object = {}) =>
      hana.post('/v1/mandates', { patient: made.patient, caregiver: grandmother.id, powers: ['book'], ...change })
    assert.equal((await give()).status, 404)
    await ada.post(`/v1/mandates/${made.id}/verify`, undefined, version(1))
    const { status, body } = await give({ validUntil: '2033-01-01T00:00:00Z' })
    assert.equal(status, 201)
    assert.deepEqual([body.basis, body.status, body.validUntil], ['delegated', 'proposed', made.validUntil])
    await grandmother.post(`/v1/mandates/${body.id}/accept`)
    assert.equal((await grandmother.get('/v1/patients')).body.items[0].id, made.patient)
    const third = await caregiver()
    const onward = { patient: made.patient, caregiver: third.id, powers: ['book'] }
    assert.equal((await grandmother.post('/v1/mandates', onward)).status, 404, 'only a guardian gives mandates')
    assert.equal((await hana.get(`/v1/mandates/${body.id}`)).status, 200)
    assert.equal((await grandmother.get(`/v1/mandates/${made.id}`)).status, 404)
    assert.equal((await ada.post(`/v1/mandates/${made.id}/revoke`, {})).status, 422, 'an administrator says why')
    await ada.post(`/v1/mandates/${made.id}/revoke`, { reason: 'A court has decided' })
    assert.deepEqual((await grandmother.get('/v1/patients')).body.items, [])
    assert.equal((await grandmother.get(`/v1/mandates/${body.id}`)).body.status, 'revoked')
  })

  it('ends on the day on which the child comes of age, where the child lives', async () => {
    const made = (await register(hana, { child: { ...child, birthDate: '2013-03-20' } })).body
    await ada.post(`/v1/mandates/${made.id}/verify`, undefined, version(1))
    const path = `/v1/patients/${made.patient}`
    for (let night = 0; night < 2; night++) await house.house.tasks()['registry:announce-ends']?.({}, {} as never)
    const told = (await waiting('Mandate.ending')).filter(({ mandate }) => mandate === made.id)
    assert.deepEqual(told, [{ mandate: made.id, patient: made.patient, caregiver: hana.id }])
    house.setNow('2031-03-19T20:59:59.999Z')
    assert.equal((await hana.get(path)).status, 200)
    house.setNow('2031-03-19T21:00:00Z')
    assert.equal((await hana.get(path)).status, 404)
    assert.equal((await hana.get(`/v1/mandates/${made.id}`)).body.status, 'expired')
    house.setNow('2031-03-01T08:00:00Z')
  })
})

const aPower = ['book', 'see-record', 'see-sensitive', 'receive-messages', 'pay']

describe('coming of age', () => {
  const age = { MAJORITY_AGE: 18 }
  it('is the first instant of the day, also of those born on a 29 February', () => {
    const at = (birth_date: string, zone: string) => majorityOf({ birth_date, zone }, age).toISOString()
    assert.equal(at('2008-02-29', 'Etc/UTC'), '2026-03-01T00:00:00.000Z')
    assert.equal(at('2014-02-28', 'Pacific/Kiritimati'), '2032-02-27T10:00:00.000Z')
    assert.equal(at('2010-02-28', 'America/New_York'), '2028-02-28T05:00:00.000Z')
  })
})

describe('a mandate that is given at a desk', async () => {
  const { patient, caregiver, administrator } = await openRegistry()
  const [saba, hana, ada] = [await patient(), await caregiver(), await administrator()]
  const give = (change: object = {}) =>
    ada.post('/v1/mandates', { patient: saba.id, caregiver: hana.id, powers: ['book'], evidence: 'Form 12', ...change })

  it('needs evidence, is never for oneself, and is accepted as any other', async () => {
    assert.equal((await give({ evidence: undefined })).status, 422)
    assert.equal((await give({ evidence: '  ' })).status, 422)
    assert.equal((await give({ patient: nowhere })).status, 404)
    const own = await caregiver({}, ada)
    assert.equal((await give({ caregiver: own.id })).status, 422)
    const { status, body } = await give()
    assert.deepEqual([status, body.basis, body.status], [201, 'desk', 'proposed'])
    await hana.post(`/v1/mandates/${body.id}/accept`)
    assert.equal((await hana.get('/v1/patients')).body.items.length, 1)
    await saba.post(`/v1/mandates/${body.id}/revoke`, {})
    assert.deepEqual((await hana.get('/v1/patients')).body.items, [])
  })

  it('for a child ends when the child comes of age', async () => {
    const liya = await patient({ birthDate: '2013-06-05' })
    assert.equal(
      (await give({ patient: liya.id, validUntil: '2035-01-01T00:00:00Z' })).body.validUntil,
      '2031-06-04T21:00:00.000Z',
    )
    const late = { patient: liya.id, validFrom: '2031-07-01T00:00:00Z', validUntil: '2032-01-01T00:00:00Z' }
    assert.equal((await give(late)).status, 400)
  })
})
