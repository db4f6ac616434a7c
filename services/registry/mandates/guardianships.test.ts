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

describe('a child who is registered already', async () => {
  const { house, patient, caregiver, administrator, rows, waiting, together } = await openRegistry()
  const [hana, dawit, ada] = [await caregiver(), await caregiver({ name: 'Dawit Bekele' }), await administrator()]
  const verify = (id: string) => ada.post(`/v1/mandates/${id}/verify`, undefined, version(1))
  const made = (await hana.post('/v1/guardianships', { child, evidence })).body
  const path = `/v1/patients/${made.patient}`
  await verify(made.id)
  const say = (who = dawit, named: string = made.patient) => who.post('/v1/guardianships', { patient: named, evidence })

  it('gets a second guardian, who learns nothing of the child before the evidence was seen', async () => {
    const { status, body } = await say()
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual(
      [body.patient, body.status, body.patientName, body.validUntil],
      [made.patient, 'unverified', undefined, undefined],
    )
    const { items } = (await dawit.get('/v1/mandates')).body
    assert.deepEqual([items[0].id, items[0].patientName, items[0].validUntil], [body.id, undefined, undefined])
    for (const closed of [path, `${path}/access-log`, `/v1/mandates/${body.id}/slip`])
      assert.equal((await dawit.get(closed)).status, 404, closed)
    assert.equal((await dawit.post(`${path}/claim-code`)).status, 404)
    assert.equal((await dawit.patch(path, { name: 'Liya D' }, version(1))).status, 404)
    assert.equal((await say()).status, 409)
    assert.equal(
      (await hana.get(`/v1/mandates/${body.id}`)).body.patientName,
      'Liya Tesfaye',
      'the other guardian sees it',
    )
    assert.equal((await verify(body.id)).body.validUntil, '2032-06-04T21:00:00.000Z')
    assert.equal((await dawit.get(path)).body.name, 'Liya Tesfaye')
    assert.equal((await dawit.get(`/v1/mandates/${body.id}`)).body.patientName, 'Liya Tesfaye')
    assert.deepEqual(await rows('select count(*)::int as n from registry.patient'), [{ n: 1 }])
  })

  it('is answered alike whoever is not there, was replaced, or is of age; and nobody is told the name by a refusal', async () => {
    const [grown, one, other] = [
      await patient(),
      await patient({ birthDate: '2020-01-01' }),
      await patient({ birthDate: '2020-01-01' }),
    ]
    await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason: 'Passport seen' })
    const eve = await caregiver()
    const answers = [await say(eve, nowhere), await say(eve, grown.id), await say(eve, other.id)]
    for (const { status, body } of answers) assert.deepEqual([status, body.detail], [404, answers[0]?.body.detail])
    assert.equal((await eve.post('/v1/guardianships', { patient: one.id, child, evidence })).status, 422)
    assert.equal((await eve.post('/v1/guardianships', { evidence })).status, 422)
    assert.equal((await say(await caregiver({}, one), one.id)).status, 400)
    assert.equal((await house.anonymous.post('/v1/guardianships', { patient: one.id, evidence })).status, 401)
    const { id } = (await say(eve, one.id)).body
    await ada.post(`/v1/mandates/${id}/revoke`, { reason: 'No such thing was shown' })
    assert.equal((await eve.get(`/v1/mandates/${id}`)).body.patientName, undefined)
    assert.deepEqual(
      (await waiting('Mandate.revoked')).filter(({ mandate }) => mandate === id),
      [],
    )
  })

  it('keeps its guardian for the whole of its childhood, and no longer after a correction', async () => {
    const birthDate = '2031-02-20'
    const born = (await hana.post('/v1/guardianships', { child: { ...child, birthDate }, evidence })).body
    assert.equal(born.validUntil, '2049-02-19T21:00:00.000Z')
    await verify(born.id)
    const correct = (change: object, of: number) => hana.patch(`/v1/patients/${born.patient}`, change, version(of))
    const until = async () => (await hana.get(`/v1/mandates/${born.id}`)).body.validUntil
    assert.equal((await correct({ name: 'Liya Tesfaye Bekele' }, 1)).body.name, 'Liya Tesfaye Bekele')
    assert.equal((await correct({ birthDate: '2031-02-25' }, 2)).status, 200)
    assert.equal(await until(), born.validUntil)
    assert.equal((await correct({ birthDate: '2029-02-20' }, 3)).status, 200)
    assert.equal(await until(), '2047-02-19T21:00:00.000Z')
    assert.equal((await correct({ birthDate: '2001-02-20' }, 4)).status, 400)
    assert.equal((await correct({ active: false }, 4)).status, 403)
    assert.equal((await correct({ name: 'x' }, 1)).status, 412)
    assert.equal((await ada.patch(`/v1/patients/${born.patient}`, { name: 'x' }, version(4))).status, 403)
  })

  it('is handed over by a guardian or an administrator, and to neither of them', async () => {
    const code = `${path}/claim-code`
    assert.equal((await (await caregiver()).post(code)).status, 404)
    assert.equal((await (await patient()).post(code)).status, 403)
    assert.equal((await house.anonymous.post(code)).status, 401)
    assert.equal((await ada.post(`/v1/patients/${nowhere}/claim-code`)).status, 404)
    const old = (await hana.post(code)).body.code
    const given = await ada.post(code)
    assert.equal(given.status, 201, JSON.stringify(given.body))
    const claim = (who: typeof ada, code: string) => who.post('/v1/claims', { code, birthDate: child.birthDate })
    const liya = await house.signedIn()
    assert.equal((await claim(liya, old)).status, 422)
    for (const who of [hana, dawit, ada]) assert.equal((await claim(who, given.body.code)).status, 422)
    assert.equal((await claim(liya, given.body.code)).body.record, made.patient)
    assert.equal((await hana.get(path)).status, 200, 'until the child comes of age')
    for (const who of [hana, ada]) assert.equal((await who.post(code)).status, 404)
  })

  it('has at most five guardians’ claims of one caregiver that nobody has looked at, however many come at once and are given up', async () => {
    const eve = await caregiver()
    const register = () => eve.post('/v1/guardianships', { child, evidence })
    for (let n = 0; n < 4; n++) assert.equal((await register()).status, 201)
    const lock = 'select from registry.caregiver where id = $1 for update'
    const answers = await together(lock, eve.id, [register, register, register])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422, 422])
    const [first] = answers.filter(({ status }) => status === 201)
    await eve.post(`/v1/mandates/${first?.body.id}/revoke`, {})
    const refused = await register()
    assert.deepEqual([refused.status, /At most five/.test(refused.body.detail)], [422, true])
    house.setNow('2031-04-01T08:00:00Z')
    assert.equal((await register()).status, 201)
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
