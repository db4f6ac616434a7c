import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient } from '../../tests/calendar.ts'

const certificate = Buffer.from('%PDF-1.4\n%%EOF\n')
const facts = { name: 'Dr Amina Okello', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
const aPlace = { name: 'Quay', address: 'a', city: 'b', country: 'ZZ', latitude: 1, longitude: 2, zone: 'UTC' }
const hours = { minutes: 30, hours: [{ day: 'mon', from: '09:00', until: '12:00' }], validFrom: '2031-03-01' }
const first = { 'if-match': '"1"' }

async function made(who: Client, path: string, body: object): Promise<string> {
  const { status, body: answer } = await who.post(path, body)
  assert.equal(status, 201, `${path}: ${JSON.stringify(answer)}`)
  return answer.id
}

/** An organisation with a place, its desk, and a practitioner who was registered there and has no account; and the desk of another. */
async function openDesk(house: TestHouse) {
  const root = await house.signedIn({ roles: ['administrator'] })
  const found = (name: string) => made(root, '/v1/organisations', { name, city: 'Port Selam', country: 'ZZ' })
  const [ours, others] = [await found('Ours'), await found('Others')]
  const at = (organisation: string) => house.signedIn({ desk: { organisation, function: 'desk' } })
  const [desk, foreign] = [await at(ours), await at(others)]
  const practitioner = await made(desk, `/v1/organisations/${ours}/practitioners`, facts)
  const verify = async () => {
    const days = { validFrom: '2020-01-01', validUntil: '2040-01-01' }
    const licence = { number: 'T-1', issuer: 'Test Council', country: 'ZZ', ...days }
    const id = await made(desk, `/v1/practitioners/${practitioner}/licences`, licence)
    await desk.upload(`/v1/licences/${id}/certificate`, 'application/pdf', certificate)
    const verified = await root.post(`/v1/licences/${id}/verify`, { decision: 'verified' }, { 'if-match': '"2"' })
    assert.equal(verified.status, 200, JSON.stringify(verified.body))
  }
  const place = await made(root, '/v1/places', { ...aPlace, organisation: ours })
  const elsewhere = await made(root, '/v1/places', { ...aPlace, organisation: others })
  const wish = { practitioner, place, modes: ['in-person'], ...hours }
  return { root, ours, desk, foreign, practitioner, verify, place, elsewhere, wish }
}

async function openVerified(house: TestHouse) {
  const opened = await openDesk(house)
  await opened.verify()
  return opened
}

describe('hours of a practitioner without an account', () => {
  it('are placed by the desk that registered them, and found by everybody who looks for care', async () => {
    await using house = await openTestHouse(everything)
    const { desk, root, ours, practitioner, place, wish, verify } = await openDesk(house)
    const early = await desk.post('/v1/schedules', wish)
    assert.deepEqual([early.status, early.body.code], [422, 'business-rule'], 'not before a licence is verified')
    await verify()
    const { status, body } = await desk.post('/v1/schedules', wish)
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual([body.practitioner, body.place, body.zone], [practitioner, place, 'UTC'])
    const client = await newPatient(house)
    const ids = async (who: Client, url: string) =>
      (await who.get(url)).body.items.map(({ id }: { id: string }) => id) as string[]
    for (const [who, url] of [
      [client, '/v1/practitioners/find?speciality=cardiology'],
      [client, `/v1/practitioners/find?place=${place}`],
      [client, '/v1/practitioners/find?from=2031-03-10T00:00:00Z'],
      [root, '/v1/practitioners?status=licensed'],
      [desk, `/v1/organisations/${ours}/practitioners`],
    ] as const)
      assert.deepEqual(await ids(who, url), [practitioner], url)
    assert.equal((await client.get(`/v1/practitioners/${practitioner}/slots?limit=1`)).body.items.length, 1)
    assert.deepEqual(await ids(desk, `/v1/schedules?practitioner=${practitioner}`), [body.id])
  })

  it('are changed and withdrawn by that desk, which sees whom it would leave outside', async () => {
    await using house = await openTestHouse(everything)
    const { desk, practitioner, wish } = await openVerified(house)
    const { practitioner: _, ...change } = wish
    const url = `/v1/schedules/${await made(desk, '/v1/schedules', wish)}`
    const client = await newPatient(house)
    const start = '2031-03-03T09:00:00Z'
    const visit = await made(client, '/v1/appointments', { practitioner, patient: client.patient, start })
    const day = await desk.get(`/v1/appointments?practitioner=${practitioner}`)
    assert.deepEqual(
      day.body.items.map(({ id }: { id: string }) => id),
      [visit],
    )
    const closed = await desk.post(`${url}/exceptions`, { kind: 'withdraw', date: '2031-03-03' })
    assert.deepEqual(closed.body.affected, [visit])
    const moved = await desk.post(`/v1/appointments/${visit}/reschedule`, { start: '2031-03-10T09:00:00Z' }, first)
    assert.equal(moved.status, 200, JSON.stringify(moved.body))
    const closing = await made(desk, `${url}/exceptions`, { kind: 'withdraw', date: '2031-03-03' })
    assert.equal((await desk.get(`${url}/exceptions`)).body.items.length, 1)
    assert.equal((await desk.delete(`${url}/exceptions/${closing}`)).status, 204)
    const changed = await desk.put(url, { ...change, minutes: 60 }, { 'if-match': '"3"' })
    assert.deepEqual([changed.status, changed.body.minutes], [200, 60], JSON.stringify(changed.body))
    const cancelled = await desk.post(`/v1/appointments/${visit}/cancel`, { reason: 'prov' }, { 'if-match': '"2"' })
    assert.equal(cancelled.status, 200)
    assert.equal((await desk.delete(url, { 'if-match': '"4"' })).status, 204)
    assert.equal((await desk.get(url)).status, 404)
    assert.deepEqual((await client.get('/v1/practitioners/find')).body.items, [])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('leave in the audit who placed them, for whom, and that it was at a desk', async () => {
    await using house = await openTestHouse(everything)
    const { desk, practitioner, wish } = await openVerified(house)
    const id = await made(desk, '/v1/schedules', wish)
    assert.equal((await desk.delete(`/v1/schedules/${id}`, first)).status, 204)
    const { rows } = await house.owner.query(
      'select account_id, operation, action, subject, relationship from platform.audit_event where entity = $1 order by id',
      [`Schedule/${id}`],
    )
    const by = { account_id: desk.account, subject: `Practitioner/${practitioner}`, relationship: 'desk' }
    assert.deepEqual(rows, [
      { ...by, operation: 'createSchedule', action: 'C' },
      { ...by, operation: 'deleteSchedule', action: 'D' },
    ])
  })

  it('are nobody else’s to place: not another desk’s, not a patient’s, and not at another’s place', async () => {
    await using house = await openTestHouse(everything)
    const { desk, foreign, practitioner, elsewhere, wish } = await openVerified(house)
    const { practitioner: _, ...change } = wish
    const id = await made(desk, '/v1/schedules', wish)
    const url = `/v1/schedules/${id}`
    const exception = { kind: 'withdraw', date: '2031-03-03' }
    for (const { status } of [
      await foreign.post('/v1/schedules', { ...wish, validFrom: '2032-01-01' }),
      await foreign.get(`/v1/schedules?practitioner=${practitioner}`),
      await foreign.get(url),
      await foreign.put(url, change, first),
      await foreign.delete(url, first),
      await foreign.post(`${url}/exceptions`, exception),
      await foreign.get(`${url}/exceptions`),
      await foreign.delete(`${url}/exceptions/${id}`),
    ])
      assert.equal(status, 404)
    assert.deepEqual((await foreign.get(`/v1/appointments?practitioner=${practitioner}`)).body.items, [])
    assert.equal((await foreign.post('/v1/schedules', { modes: ['video'], zone: 'UTC', ...hours })).status, 403)
    assert.equal((await (await newPatient(house)).post('/v1/schedules', wish)).status, 403)
    assert.equal((await house.anonymous.post('/v1/schedules', wish)).status, 401)
    assert.equal((await desk.post('/v1/schedules', { ...wish, practitioner: 'x' })).status, 400)
    const away = await desk.post('/v1/schedules', { ...wish, place: elsewhere })
    assert.match(away.body.detail, /own organisation/)
    assert.equal((await desk.put(url, { ...change, place: elsewhere }, first)).status, 422)
    assert.equal((await house.owner.query('select from scheduling.schedule')).rowCount, 1)
  })

  it('are the practitioner’s alone from when they have an account', async () => {
    await using house = await openTestHouse(everything)
    const { desk, practitioner, wish } = await openVerified(house)
    const { practitioner: _, ...change } = wish
    const url = `/v1/schedules/${await made(desk, '/v1/schedules', wish)}`
    const { code } = (await desk.post(`/v1/practitioners/${practitioner}/claim-code`)).body
    const doctor = await house.signedIn()
    assert.equal((await doctor.post('/v1/claims', { code })).status, 200)
    assert.equal((await desk.get(url)).status, 404)
    assert.equal((await desk.put(url, change, first)).status, 404)
    assert.equal((await desk.post('/v1/schedules', wish)).status, 404)
    assert.equal((await doctor.put(url, { ...change, minutes: 60 }, first)).status, 200)
  })
})

describe('a visit without a place', () => {
  it('opens the patient to the desk that keeps the practitioner’s hours, until it is cancelled', async () => {
    await using house = await openTestHouse(everything)
    const { desk, foreign, practitioner, wish } = await openVerified(house)
    const { place: _, ...video } = { ...wish, modes: ['video'], zone: 'UTC' }
    await made(desk, '/v1/schedules', video)
    const client = await house.signedIn()
    const patient = await made(client, '/v1/patients', {
      ...{ name: 'Saba', birthDate: '1987-06-05', gender: 'female', language: 'en', zone: 'UTC' },
    })
    const visit = await made(client, '/v1/appointments', { practitioner, patient, start: '2031-03-03T09:00:00Z' })
    await house.work()
    assert.equal((await desk.get(`/v1/patients/${patient}`)).body.name, 'Saba')
    assert.equal((await desk.get(`/v1/appointments/${visit}`)).status, 200)
    assert.equal((await foreign.get(`/v1/patients/${patient}`)).status, 404)
    assert.equal((await foreign.get(`/v1/appointments/${visit}`)).status, 404)
    assert.equal((await client.post(`/v1/appointments/${visit}/cancel`, { reason: 'pat' }, first)).status, 200)
    await house.work()
    assert.equal((await desk.get(`/v1/patients/${patient}`)).status, 404)
  })
})

/** Holds the calendar as a booking does, starts, changes something meanwhile once that waits, and lets go. */
async function held<T>({ owner }: TestHouse, practitioner: string, start: () => Promise<T>, meanwhile: () => unknown) {
  await owner.query('begin')
  await owner.query(`insert into scheduling.resource (id, kind) values ($1, 'practitioner') on conflict do nothing`, [
    practitioner,
  ])
  await owner.query('select from scheduling.resource where id = $1 for no key update', [practitioner])
  const answer = start()
  const waits = `select pg_stat_clear_snapshot(); select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and application_name = 'openhcs scheduling'`
  const waiting = async () => ((await owner.query(waits)) as unknown as { rowCount: number }[])[1]?.rowCount
  for (const until = performance.now() + 8_000; performance.now() < until && !(await waiting()); ) await nextTurn()
  assert.equal(await waiting(), 1)
  await meanwhile()
  await owner.query('commit')
  return answer
}

describe('somebody who stops working at the desk', () => {
  it('is refused with the next request', async () => {
    await using house = await openTestHouse(everything)
    const { desk, root, ours, practitioner, wish } = await openVerified(house)
    const url = `/v1/schedules/${await made(desk, '/v1/schedules', wish)}`
    const [member] = (await root.get(`/v1/organisations/${ours}/members`)).body.items
    assert.equal((await root.delete(`/v1/members/${member.id}`)).status, 204)
    assert.equal((await desk.get(url)).status, 403)
    assert.equal((await desk.delete(url, first)).status, 403)
    assert.equal((await desk.post('/v1/schedules', wish)).status, 403)
    assert.equal((await desk.get(`/v1/appointments?practitioner=${practitioner}`)).status, 403)
  })

  it('while hours are being placed: what waited for the calendar is refused, and places nothing', async () => {
    await using house = await openTestHouse(everything)
    const { desk, root, ours, practitioner, wish } = await openVerified(house)
    const [member] = (await root.get(`/v1/organisations/${ours}/members`)).body.items
    const ends = async () => assert.equal((await root.delete(`/v1/members/${member.id}`)).status, 204)
    const { status } = await held(house, practitioner, () => desk.post('/v1/schedules', wish), ends)
    assert.equal(status, 404)
    assert.equal((await house.owner.query('select from scheduling.schedule')).rowCount, 0)
  })

  it('while hours are being changed or withdrawn: the hours stay as they are', async () => {
    for (const act of ['put', 'delete', 'exception'] as const) {
      await using house = await openTestHouse(everything)
      const { desk, root, ours, practitioner, wish } = await openVerified(house)
      const { practitioner: _, ...change } = wish
      const url = `/v1/schedules/${await made(desk, '/v1/schedules', wish)}`
      const [member] = (await root.get(`/v1/organisations/${ours}/members`)).body.items
      const ends = async () => assert.equal((await root.delete(`/v1/members/${member.id}`)).status, 204)
      const start = {
        put: () => desk.put(url, { ...change, minutes: 60 }, first),
        delete: () => desk.delete(url, first),
        exception: () => desk.post(`${url}/exceptions`, { kind: 'withdraw', date: '2031-03-03' }),
      }[act]
      assert.equal((await held(house, practitioner, start, ends)).status, 404, act)
      const { rows } = await house.owner.query('select version, minutes, deleted_at from scheduling.schedule')
      assert.deepEqual(rows, [{ version: 1, minutes: 30, deleted_at: null }], act)
    }
  })
})
