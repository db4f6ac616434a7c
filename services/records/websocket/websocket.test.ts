import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { describe, it } from 'node:test'
import { openListeningWard } from '../../../tests/listening-ward.ts'
import { anotherWhoTreats, pulse } from '../../../tests/ward.ts'
import { subscribed } from '../notices/testing.ts'
import { pace } from './follow.ts'
import { Listener } from './testing.ts'

const open = () => openListeningWard({ RATE_LIMIT_PER_MINUTE: '100000' })
const websocket = { type: 'websocket' }
const POLICY = 1_008
const TOO_BIG = 1_009

describe('GET /fhir/R4/websocket', () => {
  it('binds, and is told that something was written that its owner may see', async () => {
    await using ward = await open()
    const { base, house, doctor, patient } = ward
    const { id } = await subscribed(doctor, websocket)
    const { body: statement } = await house.anonymous.get('/fhir/R4/metadata')
    assert.equal(statement.rest[0].extension[0].valueUri, `${base.replace(/^http/, 'ws')}/websocket`)
    const listener = new Listener(base, doctor.token)
    await (await listener.say(`bind ${id}`)).hears(`bound ${id}`)
    await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    await house.work()
    await listener.hears(`ping ${id}`)
    const other = await anotherWhoTreats(house, ward.stranger.patient)
    await other.post('/fhir/R4/Observation', pulse(ward.stranger.patient))
    await doctor.post('/fhir/R4/Observation', pulse(patient.patient, { code: { text: 'something else' } }))
    await house.work()
    await (await listener.say(`bind ${id}`)).hears(`bound ${id}`)
    assert.deepEqual(listener.told, [])
    listener.socket.close()
    await listener.closed
  })

  it('binds by a token that is good once, and for a minute', async () => {
    await using ward = await open()
    const { base, house, doctor, patient } = ward
    const made = await subscribed(doctor, websocket)
    const tokenFor = async () => {
      const { status, body } = await doctor.post(`${made.path}/$get-ws-binding-token`)
      assert.equal(status, 200, JSON.stringify(body))
      return Object.fromEntries(
        body.parameter.map(({ name, ...value }: { name: string }) => [name, Object.values(value)[0]]),
      )
    }
    const given = await tokenFor()
    assert.equal(given['websocket-url'], `${base.replace(/^http/, 'ws')}/websocket`)
    const listener = new Listener(base)
    await (await listener.say(`bind-with-token ${given.token}`)).hears(`bound ${made.id}`)
    await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    await house.work()
    await listener.hears(`ping ${made.id}`)
    const second = new Listener(base)
    await second.say(`bind-with-token ${given.token}`)
    assert.equal(await second.closed, POLICY)
    const late = await tokenFor()
    house.setNow('2031-03-01T08:01:01Z')
    const third = new Listener(base)
    await third.say(`bind-with-token ${late.token}`)
    assert.equal(await third.closed, POLICY)
    for (const who of [patient, house.anonymous])
      assert.ok([401, 404].includes((await who.post(`${made.path}/$get-ws-binding-token`)).status))
    assert.equal((await doctor.get('/fhir/R4/Subscription/nobody/$get-ws-binding-token')).status, 404)
    const off = await subscribed(doctor, websocket, { status: 'off' })
    assert.equal((await doctor.get(`${off.path}/$get-ws-binding-token`)).status, 422)
  })

  it('closes on who is not the owner, says something else, or too much', async () => {
    await using ward = await open()
    const { base, doctor, patient } = ward
    const { id } = await subscribed(doctor, websocket)
    const words: [string, string | undefined][] = [
      [`bind ${id}`, patient.token],
      [`bind ${id}`, undefined],
      ['bind nothing', doctor.token],
      ['hello', doctor.token],
      [`bind-with-token ${doctor.token}`, undefined],
    ]
    for (const [said, token] of words)
      assert.equal(await (await new Listener(base, token).say(said)).closed, POLICY, said)
    assert.equal(await (await new Listener(base, doctor.token).say('a'.repeat(1_025))).closed, TOO_BIG)
  })

  it('refuses a token that is none, and answers who asks for no websocket', async () => {
    await using ward = await open()
    assert.equal(await new Listener(ward.base, 'nonsense').refused(), 401)
    const { status, body } = await ward.doctor.get('/fhir/R4/websocket')
    assert.deepEqual([status, body.resourceType], [400, 'OperationOutcome'])
    assert.equal(await new Listener(`${ward.base}/elsewhere`).refused(), 404)
    assert.equal(await statusOver(`${ward.base}/metadata`, { connection: 'Upgrade', upgrade: 'h2c' }), 200)
  })

  it('closes when what opened it ends: the next ping is not said', async () => {
    await using ward = await open()
    const { base, house, doctor, patient } = ward
    const { id } = await subscribed(doctor, websocket)
    const listener = new Listener(base, doctor.token)
    await (await listener.say(`bind ${id}`)).hears(`bound ${id}`)
    const colleague = await anotherWhoTreats(house, patient.patient)
    await colleague.post('/fhir/R4/Observation', pulse(patient.patient))
    await house.owner.query(`update platform.session set revoked_at = '2031-03-01T08:00:00Z' where account_id = $1`, [
      doctor.account,
    ])
    await house.owner.query(`select pg_notify('openhcs_fhir_ping', key::text) from platform.fhir_subscription`)
    assert.equal(await listener.closed, POLICY)
    assert.deepEqual(listener.told, [])
  })

  it('closes on who binds nothing, and on who does not answer any more', async (t) => {
    await using ward = await open()
    const before = { ...pace }
    t.after(() => Object.assign(pace, before))
    pace.bindWithinMs = 50
    assert.equal(await new Listener(ward.base, ward.doctor.token).closed, POLICY)
    Object.assign(pace, { bindWithinMs: before.bindWithinMs, heartbeatMs: 1_000 })
    const { id } = await subscribed(ward.doctor, websocket)
    const deaf = new Listener(ward.base, ward.doctor.token, { autoPong: false })
    await (await deaf.say(`bind ${id}`)).hears(`bound ${id}`)
    assert.equal(await deaf.closed, 1_006)
  })

  it('is five of an account at the most: the oldest ends', async () => {
    await using ward = await open()
    const { id } = await subscribed(ward.doctor, websocket)
    const all: Listener[] = []
    for (let n = 0; n < 6; n++) {
      const listener = new Listener(ward.base, ward.doctor.token)
      await (await listener.say(`bind ${id}`)).hears(`bound ${id}`)
      all.push(listener)
    }
    assert.equal(await all[0]?.closed, POLICY)
    assert.ok(all.slice(1).every(({ socket }) => socket.readyState === socket.OPEN))
  })

  it('who leaves before it is bound is not counted, nor kept', async () => {
    await using ward = await open()
    const { base, house, doctor, patient } = ward
    const { id } = await subscribed(doctor, websocket)
    const listener = new Listener(base, doctor.token)
    await (await listener.say(`bind ${id}`)).hears(`bound ${id}`)
    for (let n = 0; n < 8; n++) {
      const gone = await new Listener(base, doctor.token).say(`bind ${id}`)
      gone.socket.terminate()
      await gone.closed
    }
    await (await new Listener(base, doctor.token).say(`bind ${id}`)).hears(`bound ${id}`)
    await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    await house.work()
    await listener.hears(`ping ${id}`)
  })

  it('keeps no session that nobody uses from ending', async (t) => {
    await using ward = await open()
    const { base, house, doctor } = ward
    const before = { ...pace }
    t.after(() => Object.assign(pace, before))
    const { id } = await subscribed(doctor, websocket)
    await house.owner.query(
      `update platform.session set idle_seconds = 900, last_used_at = '2031-03-01T08:00:00Z' where account_id = $1`,
      [doctor.account],
    )
    Object.assign(pace, { heartbeatMs: 500 })
    const listener = new Listener(base, doctor.token)
    await (await listener.say(`bind ${id}`)).hears(`bound ${id}`)
    house.setNow('2031-03-01T08:10:00Z')
    await once(listener.socket, 'ping')
    await once(listener.socket, 'ping')
    house.setNow('2031-03-01T08:16:00Z')
    assert.equal(await listener.closed, POLICY)
  })

  it('is bound, with or without a token for it, by who may read Subscriptions', async () => {
    await using ward = await open()
    const { base, house, doctor, patient } = ward
    const made = await subscribed(doctor, websocket)
    const narrow = (scopes: string[]) =>
      house.owner.query('update platform.session set scopes = $2, patient_id = $3 where account_id = $1', [
        ...[doctor.account, scopes, patient.patient],
      ])
    const asked = async () => (await doctor.post(`${made.path}/$get-ws-binding-token`)).status
    await narrow(['user/Observation.rs'])
    assert.deepEqual([await asked(), await new Listener(base, doctor.token).refused()], [403, 403])
    await narrow(['patient/*.rs'])
    assert.equal(await asked(), 404)
    assert.equal(await (await new Listener(base, doctor.token).say(`bind ${made.id}`)).closed, POLICY)
    await narrow(['user/Subscription.rs'])
    assert.equal(await asked(), 200)
    await (await new Listener(base, doctor.token).say(`bind ${made.id}`)).hears(`bound ${made.id}`)
  })

  it('ends when the server does', async () => {
    const ward = await open()
    const { id } = await subscribed(ward.doctor, websocket)
    const listener = new Listener(ward.base, ward.doctor.token)
    await (await listener.say(`bind ${id}`)).hears(`bound ${id}`)
    await ward[Symbol.asyncDispose]()
    assert.equal(await listener.closed, 1_001)
  })
})

async function statusOver(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  request(url, { headers, agent: false }, (response) => {
    response.resume()
    resolve(response.statusCode)
  })
    .on('error', reject)
    .end()
  return promise
}
