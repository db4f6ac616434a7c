import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { startForeignSystem } from '../../../tests/foreign-system.ts'
import { openWard, pulse } from '../../../tests/ward.ts'
import { subscribed } from './testing.ts'

const SECRET = 'Authorization: Bearer kept-to-itself'

describe('what a Subscription says to whom it tells', async () => {
  const house = await openTestHouse(everything, { env: { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' } })
  const foreign = await startForeignSystem()
  after(async () => {
    await house[Symbol.asyncDispose]()
    await foreign[Symbol.asyncDispose]()
  })
  const { doctor, patient } = await openWard(house)
  const hook = { type: 'rest-hook', endpoint: foreign.url, header: [SECRET] }

  /** One more session of the same account; `parent`: a token of it that came later. */
  const another = async (more: { app?: boolean; parent?: string } = {}) => {
    const [{ token, hash }, id] = [newToken(), newId()]
    await house.owner.query(
      `insert into platform.session (id, account_id, token_hash, created_at, expires_at, kind, scopes, client_id, parent_id)
       select $1, $2, $3, $4::timestamptz, $4::timestamptz + interval '1 hour', kind, scopes, client, $5::uuid from (values
         (true, 'access-token', array['user/*.cruds'], $6::uuid), (false, 'session', null, null)) v(app, kind, scopes, client) where app = $7`,
      [id, doctor.account, hash, house.house.now(), more.parent ?? null, newId(), more.app ?? false],
    )
    return { ...house.withToken(token), id }
  }
  const ways = ({ path, id }: { path: string; id: string }) => [
    ...[path, `${path}/_history`, `${path}/_history/1`, `/fhir/R4/Subscription?_id=${id}`, '/fhir/R4/Subscription'],
    ...['/fhir/R4?_type=Subscription', '/fhir/R4/Subscription/_history', '/fhir/R4/_history?_type=Subscription'],
  ]
  const batch = (path: string) => ({
    ...{ resourceType: 'Bundle', type: 'batch' },
    entry: [{ request: { method: 'GET', url: path.replace('/fhir/R4/', '') } }],
  })
  const shows = async (who: Client, path: string) => JSON.stringify((await who.get(path)).body).includes(SECRET)

  it('is told to them, and shown to the session that gave it', async () => {
    const made = await subscribed(doctor, hook)
    assert.deepEqual(made.channel.header, [SECRET])
    assert.deepEqual((await doctor.get(made.path)).body.channel, made.channel)
    const { body } = await doctor.get(`/fhir/R4/Subscription?_id=${made.id}`)
    assert.deepEqual(body.entry[0].resource.channel, made.channel)
    assert.ok(JSON.stringify((await doctor.post('/fhir/R4', batch(made.path))).body).includes(SECRET))
    await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    await house.work()
    assert.equal(foreign.received[0]?.headers.authorization, 'Bearer kept-to-itself')
    await doctor.delete(made.path)
  })

  it('is shown to no other session, key or app of the same account, by no way', async () => {
    const made = await subscribed(doctor, hook)
    for (const other of [await another(), await another({ app: true })]) {
      assert.equal((await other.get(made.path)).status, 200)
      for (const path of ways(made)) assert.ok(!(await shows(other, path)), path)
      assert.ok(!JSON.stringify((await other.post('/fhir/R4', batch(made.path))).body).includes('kept-to-itself'))
      for (const [op, path] of [
        ['copy', '/reason'],
        ['move', '/reason'],
      ]) {
        const patch = [{ op, from: '/channel/header/0', path }]
        const type = { 'content-type': 'application/json-patch+json' }
        const { status, body } = await other.patch(made.path, patch, type)
        assert.ok(status >= 400 && !JSON.stringify(body).includes('kept-to-itself'), op)
      }
    }
    const { rows } = await house.owner.query(
      `select body from platform.fhir_resource union all select body from platform.fhir_past`,
    )
    assert.ok(
      rows.every(({ body }) => !body?.includes('kept-to-itself')),
      'in no version',
    )
    await doctor.delete(made.path)
  })

  it('stays when the same session, or what follows from it, writes on, and goes when another does', async () => {
    const first = await another()
    const made = await subscribed(first, hook)
    const later = await another({ parent: first.id })
    const type = { 'content-type': 'application/json-patch+json' }
    const end = [{ op: 'add', path: '/end', value: '2031-09-01T00:00:00Z' }]
    const patched = await later.patch(made.path, end, type)
    assert.deepEqual([patched.status, patched.body.channel.header], [200, [SECRET]], JSON.stringify(patched.body))
    const read = (await first.get(made.path)).body
    assert.equal((await first.put(made.path, { ...read, status: 'off' })).status, 200)
    assert.ok(await shows(first, made.path), 'when it is off')
    const taken = await doctor.patch(made.path, [{ op: 'replace', path: '/status', value: 'requested' }], type)
    assert.deepEqual([taken.status, taken.body.channel.header], [200, undefined])
    for (const who of [first, doctor]) assert.ok(!(await shows(who, made.path)))
    const { rows } = await house.owner.query('select from platform.fhir_secret')
    assert.equal(rows.length, 0)
  })

  it('stays when the house ends it, and goes with what the person had', async () => {
    const made = await subscribed(doctor, { ...hook, payload: 'application/fhir+json' })
    foreign.status = 410
    await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    await house.work()
    const { body } = await doctor.get(made.path)
    assert.deepEqual([body.status, body.channel.header], ['error', [SECRET]])
    foreign.status = 200
    const ctx = house.house.context('records', {
      ...{ actor: { kind: 'system', roles: [], self: {} }, traceId: newId(), doing: 'erase' },
    })
    const { records } = await import('../service.ts')
    const person = { account: doctor.account, names: [] }
    assert.ok(!JSON.stringify(await records.aboutPerson?.(ctx as never, person)).includes('kept-to-itself'))
    await records.erase?.(ctx as never, person)
    assert.equal((await house.owner.query('select from platform.fhir_secret')).rows.length, 0)
  })
})
