import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, it } from 'node:test'
import { LARGEST } from '#fhir/large-body.ts'
import type { Client } from '#platform/testing.ts'
import { about, openWard, pulse, storeOf } from './ward.ts'

const SECONDS = 5
const MEGABYTES = 400

describe('/fhir/R4: what is large', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house, ann, doctorOfAnn: doctor } = ward
  const administrator = await house.signedIn({ roles: ['administrator'] })
  const send = async (who: Client, url: string, payload: string, method: 'POST' | 'PUT' = 'POST') => {
    const [began, before] = [process.cpuUsage(), process.memoryUsage().rss]
    const headers = {
      'content-type': 'application/fhir+json',
      ...(who.token && { authorization: `Bearer ${who.token}` }),
    }
    const response = await house.app.inject({ method, url: `/fhir/R4${url}`, headers, payload })
    const { user, system } = process.cpuUsage(began)
    const megabytes = (process.memoryUsage().rss - before) / 1e6
    assert.ok((user + system) / 1e6 < SECONDS, `${(user + system) / 1e6} s of a core`)
    assert.ok(megabytes < MEGABYTES, `${megabytes} MB`)
    return { status: response.statusCode, body: response.json() }
  }
  const refused = async (who: Client, url: string, payload: string, statuses: number[]) => {
    const was = await storeOf(house)
    const { status, body } = await send(who, url, payload)
    assert.ok(statuses.includes(status), `${url} ${status} ${JSON.stringify(body).slice(0, 300)}`)
    assert.equal(body.resourceType, 'OperationOutcome')
    assert.ok(body.issue[0].diagnostics.length > 10)
    assert.deepEqual(await storeOf(house), was)
    return body
  }

  const bundle = (entry: unknown[], type = 'transaction') => JSON.stringify({ resourceType: 'Bundle', type, entry })
  const entries = (n: number, more: object = {}) =>
    Array.from({ length: n }, () => ({
      resource: pulse(ann.patient, more),
      request: { method: 'POST', url: 'Observation' },
    }))
  const codes = (bytes: number) => {
    const concept = Array.from({ length: bytes / 100 }, (_, n) => ({ code: `c${n}`, display: 'x'.repeat(70) }))
    return JSON.stringify({
      ...{ resourceType: 'CodeSystem', url: 'http://example.org/large', status: 'active', content: 'complete' },
      concept,
    })
  }
  const whole = (resource: object) => {
    const text = JSON.stringify(resource)
    return `${text.slice(0, -1)},"language":"${'a'.repeat(LARGEST - text.length - 100)}"}`
  }

  it('a transaction of 5,000 entries, and a code system of nine megabytes, go in', async () => {
    const { status, body } = await send(doctor, '', bundle(entries(5_000, { note: [{ text: 'x'.repeat(1_000) }] })))
    assert.equal(status, 200, JSON.stringify(body).slice(0, 500))
    const made = await send(administrator, '/CodeSystem', codes(9_000_000))
    assert.equal(made.status, 201, JSON.stringify(made.body).slice(0, 500))
    const { id } = made.body
    const text = codes(9_100_000).replace('"CodeSystem",', `"CodeSystem","id":"${id}",`)
    const changed = await send(administrator, `/CodeSystem/${id}`, text, 'PUT')
    assert.equal(changed.status, 200, JSON.stringify(changed.body).slice(0, 500))
  })

  it('10,000 entries, ten megabytes, and what is wrong in it, are refused with why', async () => {
    for (const type of ['batch', 'transaction']) await refused(doctor, '', bundle(entries(10_000), type), [413])
    const long = bundle(entries(10_000, { note: [{ text: 'x'.repeat(2_000) }] }))
    await refused(doctor, '', long, [413])
    await refused(administrator, '/CodeSystem', codes(9_000_000).replace('"active"', '"nonsense"'), [400])
    await refused(administrator, '/ValueSet', whole({ resourceType: 'ValueSet', status: 'active' }), [400])
    await refused(
      doctor,
      '',
      `{"resourceType":"Bundle","type":"batch","entry":[${'[],'.repeat(3_000_000)}[]]}`,
      [400, 413],
    )
    await refused(doctor, '', `{"resourceType":"Bundle","type":"batch","entry":${'['.repeat(9_000_000)}`, [400])
  })

  it('an entry is no larger than a resource by itself, and other types stay as small as they are', async () => {
    const large = about('Observation', ann.patient, { note: [{ text: 'x'.repeat(300_000) }] })
    const entry = [...entries(1), { resource: large, request: { method: 'POST', url: 'Observation' } }]
    const body = await refused(doctor, '', bundle(entry), [413])
    assert.deepEqual(body.issue[1].expression, ['Bundle.entry[1].resource'])
    await refused(doctor, '/Observation', JSON.stringify(large), [413])
    await refused(administrator, '/Library', whole({ resourceType: 'Library', status: 'active' }), [413])
  })

  it('is for who may write it, which is asked before it is read', async () => {
    const broken = `{${'x'.repeat(1_000_000)}`
    await refused(house.anonymous, '', broken, [401])
    await refused(ann, '', broken, [413])
    await refused(doctor, '/CodeSystem', broken, [403])
    await refused(house.anonymous, '/CodeSystem', broken, [401])
    await refused(doctor, '', broken, [400])
  })

  it('comes from two people at a time, from each one; others are told to send it again', async () => {
    const text = codes(5_000_000).replace('"active"', '"nonsense"')
    const others = await Promise.all([0, 1].map(() => house.signedIn({ roles: ['administrator'] })))
    const statuses = async (from: readonly Client[]) =>
      (await Promise.all(from.map((who) => send(who, '/CodeSystem', text)))).map(({ status }) => status).sort()
    assert.deepEqual(await statuses([administrator, administrator, administrator]), [400, 503, 503])
    assert.deepEqual(await statuses([administrator, ...others]), [400, 400, 503])
    assert.deepEqual(await statuses([administrator]), [400])
  })

  it('holds no place of who has gone before it was known who they are', async () => {
    const address = await house.app.listen({ port: 0, host: '127.0.0.1' })
    for (let n = 0; n < 10; n++) {
      const socket = connect(Number(new URL(address).port), '127.0.0.1')
      await once(socket, 'connect')
      const closed = once(socket, 'close')
      socket.write(
        `POST /fhir/R4/CodeSystem HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${administrator.token}\r\nContent-Type: application/fhir+json\r\nContent-Length: 5000000\r\n\r\n{`,
        () => socket.resetAndDestroy(),
      )
      await closed
    }
    const text = codes(5_000_000).replace('"active"', '"nonsense"')
    assert.equal((await send(administrator, '/CodeSystem', text)).status, 400)
  })
})
