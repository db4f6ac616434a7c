import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { everything } from '#services.ts'
import { type RunningHouse, request, startHouse, stopProcess } from '../processes.ts'
import { certificate, eventually, ifMatch, Person, signIn, signUp, someMonday } from './people.ts'
import { follow, openPractice, type Practice } from './practice.ts'

// Each room in its own process, and a client that knows one of them and nothing of rooms.

const monday = someMonday()
const rooms = everything.map(({ name }) => name)

/** The house as somebody sees it who knows one of its processes. */
const only = (house: RunningHouse, origin: string): RunningHouse => ({
  ...house,
  ask: (method, path, options) => request(`${origin}${path}`, method, options),
})

/** Signs in, uploads, downloads, finds, books, is told of it in a stream, and cancels. */
async function useAll({ house, practitioner, licence }: Practice, origin: string, userName: string): Promise<void> {
  const near = only(house, origin)
  const doctor = await signIn(new Person(near), 'dr-okello')
  const path = `/v1/licences/${licence}/certificate`
  const read = await near.ask('GET', path, { token: doctor.token })
  assert.deepEqual([read.status, read.body], [200, certificate.toString()])
  assert.equal(read.headers.get('content-type'), 'application/pdf')
  const raw = { type: 'application/pdf', content: Buffer.alloc(6_000_000, 'no document') }
  assert.equal((await near.ask('POST', path, { token: doctor.token, raw })).status, 413)

  const person = await signUp(near, userName, 'Saba Tesfaye')
  const born = { birthDate: '1950-06-05', gender: 'female', language: 'en', zone: 'UTC' }
  const patient = (await person.ask(201, 'POST', '/v1/patients', { name: 'Saba Tesfaye', ...born })).body.id
  const stream = await follow(origin, person.token)
  const find = `/v1/practitioners/find?speciality=cardiology&from=${monday}T00:00:00Z`
  const [found] = (await person.ask(200, 'GET', find)).body.items
  const wish = { practitioner, patient, start: found.next.start }
  const booked = await person.ask(201, 'POST', '/v1/appointments', wish, { 'idempotency-key': 'any-1' })
  assert.equal(booked.headers.get('location'), `/v1/appointments/${booked.body.id}`)
  assert.equal(
    (await person.ask(201, 'POST', '/v1/appointments', wish, { 'idempotency-key': 'any-1' })).body.id,
    booked.body.id,
  )
  await eventually('the booking is in the stream', async () => stream.text().includes(booked.body.id))
  stream.leave()
  await person.ask(403, 'POST', '/v1/places', {})
  await person.ask(200, 'POST', `/v1/appointments/${booked.body.id}/cancel`, { reason: 'pat' }, ifMatch(booked))
}

/** From another address of this machine: one that no process takes for a proxy. */
async function askFrom(localAddress: string, url: string, headers: Record<string, string>): Promise<number> {
  const asked = httpRequest(url, {
    method: 'POST',
    localAddress,
    headers: { 'content-type': 'application/json', ...headers },
  })
  asked.end('{}')
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode ?? 0
}

describe('rooms apart, asked through one process', () => {
  let practice: Practice
  before(async () => {
    practice = await openPractice(await startHouse('apart'), monday)
  })
  after(() => practice.house[Symbol.asyncDispose]())

  for (const [i, room] of rooms.entries())
    it(`do everything through that of ${room}`, () =>
      useAll(practice, practice.house.origins[i] as string, `somebody-${i}`))

  it('count by the address of the client, not by that of the process between, nor by one that the client made up', async () => {
    const [, registry, scheduling] = practice.house.origins
    const statuses: number[] = []
    for (let i = 0; i < 31; i++) {
      const madeUp = { 'x-forwarded-for': `203.0.113.${i}`, forwarded: `for=203.0.113.${i}`, 'x-openhcs-call': '1.2' }
      const origin = i % 2 ? registry : scheduling
      statuses.push(await askFrom('127.0.0.9', `${origin}/v1/sessions`, madeUp))
    }
    assert.deepEqual(statuses, [...Array(30).fill(400), 429])
    assert.equal(await askFrom('127.0.0.10', `${registry}/v1/sessions`, {}), 400)
  })

  it('answer what a client marks as sent on already, where the room is; elsewhere it goes no further', async () => {
    const [identity, registry] = practice.house.origins
    const headers = { 'x-openhcs-forwarded': '1.2' }
    assert.equal((await request(`${registry}/v1/specialities`, 'GET', { headers })).status, 200)
    const lost = await request(`${identity}/v1/specialities`, 'GET', { headers })
    assert.deepEqual([lost.status, lost.body.code], [500, 'exception'])
  })

  it('tell apps where to sign people in, the same from everywhere', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/smart-configuration', '/oauth/style.css']) {
      const answers = await Promise.all(practice.house.origins.map((origin) => request(`${origin}${path}`, 'GET')))
      for (const { status, body } of answers) assert.deepEqual([status, body], [200, answers[0]?.body], path)
    }
  })

  it('keep what is for the house in the house', async () => {
    for (const origin of practice.house.origins) {
      assert.equal((await request(`${origin}/house/readPatientCard`, 'POST', { body: {} })).status, 404)
      const { paths } = (await request(`${origin}/openapi.json`, 'GET')).body
      assert.ok(['/v1/sessions', '/v1/patients', '/v1/appointments', '/v1/notifications'].every((path) => paths[path]))
    }
  })

  it('end the streams of a process that stops, and say 503 for a room that is down', async () => {
    const { house } = practice
    const [identity, registry, scheduling] = house.origins as [string, string, string]
    const { token = '' } = await signIn(new Person(house), 'dr-okello')
    const stream = await follow(scheduling, token)
    assert.equal(await stopProcess(house.processes[2] as never), 0)
    await stream.ended
    for (const method of ['GET', 'POST']) {
      const { status, headers, body } = await request(`${identity}/v1/appointments`, method, {
        token,
        body: method === 'POST' ? {} : undefined,
      })
      assert.deepEqual([status, body.code, headers.get('retry-after')], [503, 'transient', '1'])
      assert.equal(headers.get('content-type'), 'application/problem+json')
    }
    assert.equal((await request(`${identity}/v1/specialities`, 'GET')).status, 200)
    assert.equal((await request(`${registry}/v1/account`, 'GET', { token })).status, 200)
  })
})
