import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf } from '../../../tests/calendar.ts'
import { eventAt, type ForeignCalendar, startForeignCalendar } from '../../../tests/foreign-calendar.ts'
import { openPractice, weekly } from '../testing.ts'

const env = { CALENDAR_PRIVATE_HOSTS: '127.0.0.1/32' }
const MONDAY = '2031-03-03'

interface World extends Awaited<ReturnType<typeof openPractice>> {
  house: TestHouse
  client: Client & { patient: string }
  elsewhere: ForeignCalendar
}

async function openWorld(house: TestHouse, elsewhere: ForeignCalendar): Promise<World> {
  const practice = await openPractice(house, 'UTC')
  const { status, body } = await practice.doctor.post('/v1/schedules', weekly(practice.place))
  assert.equal(status, 201, JSON.stringify(body))
  return { house, elsewhere, client: await registeredPatient(house), ...practice }
}

async function registeredPatient(house: TestHouse): Promise<World['client']> {
  const client = await house.signedIn()
  const facts = { name: 'Saba Tesfaye', birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
  const { status, body } = await client.post('/v1/patients', facts)
  assert.equal(status, 201, JSON.stringify(body))
  return { ...client, patient: body.id }
}

async function subscribed({ house, doctor, elsewhere }: World, more: object = {}): Promise<string> {
  const { status, body } = await doctor.post('/v1/busy-calendars', {
    ...{ label: 'Hospital', kind: 'ics', address: elsewhere.url },
    ...more,
  })
  assert.equal(status, 201, JSON.stringify(body))
  await house.work()
  return body.id
}

/** A quarter of an hour later, or so many. */
async function later({ house }: World, minutes = 15) {
  house.setNow(new Date(house.house.now().getTime() + minutes * 60_000).toISOString())
  await house.house.tasks()['scheduling:plan-imports']?.({}, undefined as never)
  await house.work()
}

async function whenDue(world: World, id: string) {
  const { nextAt } = await stateOf(world, id)
  await later(world, (Date.parse(nextAt) - world.house.house.now().getTime()) / 60_000)
}

const freeOn = async ({ client, practitioner }: World, day = MONDAY): Promise<string[]> => {
  const { body } = await client.get(
    `/v1/practitioners/${practitioner}/slots?from=${day}T00:00:00Z&until=${day}T23:59:00Z`,
  )
  return body.items.map(({ start }: { start: string }) => start.slice(11, 16))
}
const book = ({ client, practitioner }: World, time: string) =>
  client.post('/v1/appointments', { practitioner, patient: client.patient, start: `${MONDAY}T${time}:00Z` })
const stateOf = async ({ doctor }: World, id: string) => (await doctor.get(`/v1/busy-calendars/${id}`)).body

/** Holds the calendar as a booking does until all of these wait for it, in this order. */
async function held({ house: { owner }, practitioner }: World, starts: readonly (() => Promise<unknown>)[]) {
  const waits = `select pg_stat_clear_snapshot(); select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and application_name = 'openhcs scheduling'`
  const waiting = async () => ((await owner.query(waits)) as unknown as { rowCount: number }[])[1]?.rowCount
  await owner.query('begin')
  await owner.query('select from scheduling.resource where id = $1 for no key update', [practitioner])
  const answers: Promise<unknown>[] = []
  for (const start of starts) {
    answers.push(start())
    for (let tries = 0; tries < 50_000 && (await waiting()) !== answers.length; tries++) await nextTurn()
    assert.equal(await waiting(), answers.length)
  }
  await owner.query('commit')
  return Promise.all(answers)
}

describe('busy times of a calendar elsewhere', () => {
  it('close hours, open them again when they are gone, and are read again only when something has changed', async () => {
    await using house = await openTestHouse(everything, { env })
    await using elsewhere = await startForeignCalendar()
    const world = await openWorld(house, elsewhere)
    assert.deepEqual(await freeOn(world), ['09:00', '09:30'])
    elsewhere.events = eventAt('20310303T090000Z', 30, 'RRULE:FREQ=WEEKLY')
    const id = await subscribed(world)
    assert.deepEqual(await freeOn(world), ['09:30'])
    assert.deepEqual(await freeOn(world, '2031-05-05'), ['09:30'])
    const { items } = (await world.client.get('/v1/practitioners/find')).body
    assert.equal(items[0].next.start, `${MONDAY}T09:30:00.000Z`)
    await later(world)
    assert.deepEqual(
      elsewhere.asked.map(({ status }) => status),
      [200, 304],
    )
    const { state, readAt, unread, affected } = await stateOf(world, id)
    assert.deepEqual([state, readAt, unread, affected], ['read', '2031-03-01T08:15:00.000Z', 0, []])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    elsewhere.events = eventAt('20310303T093000Z', 30)
    await later(world)
    assert.deepEqual(await freeOn(world), ['09:00'])
    assert.deepEqual(await freeOn(world, '2031-05-05'), ['09:00', '09:30'])
    assert.equal((await world.doctor.delete(`/v1/busy-calendars/${id}`)).status, 204)
    assert.deepEqual(await freeOn(world), ['09:00', '09:30'])
    assert.equal((await world.doctor.get(`/v1/busy-calendars/${id}`)).status, 404)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('are read in full again before what repeats runs out', async () => {
    await using house = await openTestHouse(everything, { env })
    await using elsewhere = await startForeignCalendar()
    const world = await openWorld(house, elsewhere)
    elsewhere.events = eventAt('20310303T090000Z', 30, 'RRULE:FREQ=WEEKLY')
    await subscribed(world)
    await later(world, 7 * 1_440)
    assert.deepEqual(
      elsewhere.asked.map(({ status, headers }) => [status, headers['if-none-match'] !== undefined]),
      [
        [200, false],
        [200, false],
      ],
    )
  })

  it('refuse what is booked, held or moved into them, with what is free instead', async () => {
    await using house = await openTestHouse(everything, { env })
    await using elsewhere = await startForeignCalendar()
    const world = await openWorld(house, elsewhere)
    elsewhere.events = eventAt('20310303T084500Z', 30)
    const id = await subscribed(world)
    const refused = await book(world, '09:00')
    assert.equal(refused.status, 409)
    assert.match(refused.body.detail, /busy elsewhere/)
    assert.deepEqual(refused.body.conflicts, [
      { resource: 'practitioner', start: `${MONDAY}T09:00:00.000Z`, end: `${MONDAY}T09:15:00.000Z` },
    ])
    assert.equal(refused.body.alternatives[0].start, `${MONDAY}T09:15:00.000Z`)
    const { client, practitioner } = world
    const wish = { practitioner, patient: client.patient, start: `${MONDAY}T09:00:00Z` }
    assert.equal((await client.post('/v1/holds', wish)).status, 409)
    const visit = await book(world, '09:15')
    assert.equal(visit.status, 201)
    const move = await client.post(
      `/v1/appointments/${visit.body.id}/reschedule`,
      { start: `${MONDAY}T09:00:00Z` },
      { 'if-match': '"1"' },
    )
    assert.equal(move.status, 409)
    assert.deepEqual((await stateOf(world, id)).affected, [])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('are no bar to who overbooks, with a reason: it is their own diary', async () => {
    await using house = await openTestHouse(everything, { env })
    await using elsewhere = await startForeignCalendar()
    const world = await openWorld(house, elsewhere)
    elsewhere.events = eventAt('20310303T090000Z', 60)
    const id = await subscribed(world)
    const { doctor, client, practitioner } = world
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values ($1, $2, 'treatment', 'Patient', $3, '{see-record}', '2031-01-01Z')`,
      [newId(), doctor.account, client.patient],
    )
    const wish = { practitioner, patient: client.patient, start: `${MONDAY}T09:00:00Z` }
    assert.equal((await doctor.post('/v1/appointments', wish)).status, 409)
    const { status, body } = await doctor.post('/v1/appointments', { ...wish, overbook: 'A child with fever' })
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual((await stateOf(world, id)).affected, [body.id])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('cancel nothing: what was booked before stays, is listed, and a hold is still confirmed', async () => {
    await using house = await openTestHouse(everything, { env })
    await using elsewhere = await startForeignCalendar()
    const world = await openWorld(house, elsewhere)
    const visit = await book(world, '09:00')
    const { client, practitioner } = world
    const hold = await client.post('/v1/holds', { practitioner, patient: client.patient, start: `${MONDAY}T09:30:00Z` })
    assert.deepEqual([visit.status, hold.status], [201, 201])
    elsewhere.events = eventAt('20310303T080000Z', 180)
    const id = await subscribed(world)
    assert.deepEqual(await freeOn(world), [])
    const confirmed = await client.post('/v1/appointments', { hold: hold.body.id })
    assert.equal(confirmed.status, 201)
    assert.deepEqual((await stateOf(world, id)).affected, [visit.body.id, confirmed.body.id].sort())
    const [listed] = (await world.doctor.get('/v1/busy-calendars')).body.items
    assert.deepEqual(listed.affected, [visit.body.id, confirmed.body.id].sort())
    const cancel = await client.post(
      `/v1/appointments/${visit.body.id}/cancel`,
      { reason: 'pat' },
      { 'if-match': '"1"' },
    )
    assert.equal(cancel.status, 200)
    assert.deepEqual(await freeOn(world), [], 'the time is busy still')
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  for (const [first, outcome] of [
    ['import', 'the booking is refused'],
    ['booking', 'the import finds a visit to list'],
  ] as const)
    it(`meet a booking at the same moment: with the ${first} first, ${outcome}`, async () => {
      await using house = await openTestHouse(everything, { env })
      await using elsewhere = await startForeignCalendar()
      const world = await openWorld(house, elsewhere)
      const id = await subscribed(world)
      elsewhere.events = eventAt('20310303T090000Z', 30)
      const read = async () => house.house.tasks()['scheduling:import-busy']?.({ calendar: id }, undefined as never)
      const visit = () => book(world, '09:00')
      const both = await held(world, first === 'import' ? [read, visit] : [visit, read])
      const { status, body } = (first === 'import' ? both[1] : both[0]) as Awaited<ReturnType<typeof book>>
      assert.equal(status, first === 'import' ? 409 : 201, JSON.stringify(body))
      assert.deepEqual((await stateOf(world, id)).affected, status === 201 ? [body.id] : [])
      assert.deepEqual(await freeOn(world), ['09:30'])
      assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    })

  it('stay as they were while their server fails, which is said with a code and tried ever more rarely', async () => {
    await using house = await openTestHouse(everything, { env })
    await using elsewhere = await startForeignCalendar()
    const world = await openWorld(house, elsewhere)
    elsewhere.events = eventAt('20310303T090000Z', 30)
    const id = await subscribed(world)
    const failures: [(response: import('node:http').ServerResponse) => void, string, string][] = [
      [(response) => response.writeHead(401).end(), 'unauthorised', '08:30'],
      [(response) => response.writeHead(404).end(), 'not-there', '09:00'],
      [(response) => response.writeHead(503).end(), 'server-error', '10:00'],
      [(response) => response.end('<html>Sign in</html>'), 'not-a-calendar', '12:00'],
      [(response) => response.end('x'.repeat(6 * 2 ** 20)), 'too-large', '16:00'],
      [(response) => response.destroy(), 'unreachable', '00:00'],
    ]
    for (const [answer, error, next] of failures) {
      elsewhere.answer = (_request, response) => answer(response)
      await whenDue(world, id)
      const after = await stateOf(world, id)
      assert.deepEqual([after.state, after.error, after.nextAt.slice(11, 16)], ['failing', error, next])
      assert.deepEqual(await freeOn(world), ['09:30'])
    }
    elsewhere.answer = undefined
    elsewhere.events = []
    await whenDue(world, id)
    const { state, error } = await stateOf(world, id)
    assert.deepEqual([state, error], ['read', undefined])
    assert.deepEqual(await freeOn(world), ['09:00', '09:30'])
  })
})
