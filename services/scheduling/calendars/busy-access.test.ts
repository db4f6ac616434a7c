import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { rotateKeys } from '#platform/rotate-keys.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient } from '../../../tests/calendar.ts'
import { eventAt, startForeignCalendar } from '../../../tests/foreign-calendar.ts'
import { openPractice, weekly } from '../testing.ts'

const facts = { label: 'Hospital', kind: 'ics', zone: 'UTC' }
const secret = 'correct-horse-battery'

describe('POST /v1/busy-calendars', () => {
  it('refuses what is no calendar’s address, half a key, a zone that is not known, and the eleventh', async () => {
    await using house = await openTestHouse(everything)
    const { doctor } = await openPractice(house)
    const post = async (more: object) => {
      const { status, body } = await doctor.post('/v1/busy-calendars', {
        ...facts,
        address: 'https://127.0.0.1/a',
        ...more,
      })
      return [status, body.code]
    }
    for (const address of [
      'file:///etc/passwd',
      'ftp://example.org/a',
      'https://',
      'https://somebody@example.org/a',
      'x',
    ])
      assert.deepEqual(await post({ address }), [400, 'invalid'], address)
    assert.deepEqual(await post({ kind: 'exchange' }), [400, 'invalid'])
    assert.deepEqual(await post({ zone: 'Mars/Olympus' }), [400, 'invalid'])
    assert.deepEqual(await post({ user: 'okello' }), [422, 'business-rule'])
    assert.deepEqual(await post({ zone: undefined }), [422, 'business-rule'], 'there are no hours that would say it')
    for (let i = 0; i < 10; i++) assert.equal((await post({}))[0], 201)
    assert.deepEqual(await post({}), [422, 'business-rule'])
  })

  it('is for who keeps the hours, and nobody else sees what is there', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, practitioner } = await openPractice(house)
    const { doctor: other } = await openPractice(house)
    const { status, body } = await doctor.post('/v1/busy-calendars', { ...facts, address: 'https://127.0.0.1/a' })
    assert.equal(status, 201)
    const url = `/v1/busy-calendars/${body.id}`
    for (const who of [other, await house.signedIn({ roles: ['administrator'] })]) {
      assert.ok([403, 404].includes((await who.get(url)).status))
      assert.ok([403, 404].includes((await who.delete(url)).status))
    }
    assert.equal((await other.get(`/v1/busy-calendars?practitioner=${practitioner}`)).status, 404)
    assert.deepEqual((await other.get('/v1/busy-calendars')).body.items, [])
    assert.equal(
      (await (await newPatient(house)).post('/v1/busy-calendars', { ...facts, address: 'https://127.0.0.1/a' })).status,
      403,
    )
    for (const { status } of [await house.anonymous.get(url), await house.anonymous.post('/v1/busy-calendars', {})])
      assert.equal(status, 401)
    assert.equal((await doctor.get(url)).status, 200)
  })

  it('leaves in the audit who did what for whom', async () => {
    await using house = await openTestHouse(everything, { env: { CALENDAR_PRIVATE_HOSTS: '127.0.0.0/8' } })
    await using elsewhere = await startForeignCalendar()
    elsewhere.events = eventAt('20310303T090000Z')
    const { doctor, practitioner } = await openPractice(house)
    const { body } = await doctor.post('/v1/busy-calendars', { ...facts, address: elsewhere.url })
    await house.work()
    await doctor.delete(`/v1/busy-calendars/${body.id}`)
    const { rows } = await house.owner.query(
      'select actor, action, subject from platform.audit_event where entity = $1 order by id',
      [`BusyCalendar/${body.id}`],
    )
    const subject = `Practitioner/${practitioner}`
    assert.deepEqual(rows, [
      { actor: 'account', action: 'C', subject },
      { actor: 'system', action: 'U', subject },
      { actor: 'account', action: 'D', subject },
    ])
  })
})

/** Everything that is written down, in every table of the house. */
async function everythingStored({ owner }: TestHouse): Promise<string> {
  const { rows } = await owner.query(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('platform', 'scheduling', 'registry', 'identity', 'notifications', 'graphile_worker') and table_type = 'BASE TABLE'`,
  )
  const texts = []
  for (const { name } of rows) texts.push(JSON.stringify((await owner.query(`select json_agg(t) from ${name} t`)).rows))
  return texts.join('\n')
}

const roomOf = ({ house }: TestHouse) => house.rooms.find(({ name }) => name === 'scheduling') ?? assert.fail()
const contextOf = ({ house }: TestHouse) =>
  house.context('scheduling', { actor: system, traceId: 'test', doing: 'test' })

describe('what the house learns of a calendar elsewhere', () => {
  it('is when somebody is busy: address, password and what it is about are in no answer, table or log', async () => {
    const lines: string[] = []
    const log = (line: string) => lines.push(line)
    await using house = await openTestHouse(everything, { log, env: { CALENDAR_PRIVATE_HOSTS: '127.0.0.0/8' } })
    await using elsewhere = await startForeignCalendar()
    elsewhere.events = eventAt('20310303T090000Z')
    const { doctor } = await openPractice(house)
    const key = { user: 'okello.diary', password: secret }
    const made = await doctor.post('/v1/busy-calendars', { ...facts, ...key, address: elsewhere.url })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    await house.work()
    assert.equal(elsewhere.asked[0]?.headers.authorization, `Basic ${btoa(`okello.diary:${secret}`)}`)
    const read = await doctor.get(`/v1/busy-calendars/${made.body.id}`)
    assert.equal(read.body.state, 'read')
    elsewhere.answer = (_request, response) => response.writeHead(401).end()
    house.setNow('2031-03-01T09:00:00Z')
    await house.house.tasks()['scheduling:import-busy']?.({ calendar: made.body.id }, undefined as never)
    assert.equal((await doctor.get(`/v1/busy-calendars/${made.body.id}`)).body.error, 'unauthorised')
    const all = [JSON.stringify([made.body, read.body]), await everythingStored(house), ...lines].join('\n')
    for (const word of [secret, 'okello.diary', 'private-0123456789', 'my own doctor', '@elsewhere.test'])
      assert.ok(!all.includes(word), word)
  })

  it('moves to the newest key of the installation, and opens there', async () => {
    await using house = await openTestHouse(everything, { env: { CALENDAR_PRIVATE_HOSTS: '127.0.0.0/8' } })
    await using elsewhere = await startForeignCalendar()
    const { doctor } = await openPractice(house)
    const { body } = await doctor.post('/v1/busy-calendars', { ...facts, address: elsewhere.url })
    const keyNow = async () =>
      (await house.owner.query('select key_name from scheduling.busy_calendar')).rows[0].key_name
    const before = await keyNow()
    const { sealed } = roomOf(house)
    assert.ok(sealed)
    await rotateKeys({
      send: (text, values) => house.owner.query(text, values),
      config: house.house.config,
      rooms: [{ room: 'scheduling', sealed, context: () => contextOf(house) }],
      now: house.house.now(),
    })
    assert.notEqual(await keyNow(), before)
    assert.deepEqual(await sealed.count(contextOf(house)), [{ key: await keyNow(), count: 1 }])
    await house.work()
    assert.equal((await doctor.get(`/v1/busy-calendars/${body.id}`)).body.state, 'read')
  })

  it('is forgotten with the practitioner', async () => {
    await using house = await openTestHouse(everything, { env: { CALENDAR_PRIVATE_HOSTS: '127.0.0.0/8' } })
    await using elsewhere = await startForeignCalendar()
    elsewhere.events = eventAt('20310303T090000Z')
    const { doctor, practitioner, place } = await openPractice(house, 'UTC')
    await doctor.post('/v1/schedules', weekly(place))
    await doctor.post('/v1/busy-calendars', { ...facts, address: elsewhere.url })
    await house.work()
    const { erase, aboutPerson } = roomOf(house)
    const ctx = contextOf(house)
    const told = await aboutPerson?.(ctx, { practitioner, names: [] })
    assert.deepEqual(
      told?.data['Calendars elsewhere']?.map(({ host, label }) => [host, label]),
      [['127.0.0.1', 'Hospital']],
    )
    const traces = await erase?.(ctx, { practitioner, names: [] })
    assert.ok(traces?.some(({ what, count }) => /calendars elsewhere/.test(what) && count === 1))
    const { rows } = await house.owner.query(
      'select (select count(*) from scheduling.busy)::int as busy, (select count(*) from scheduling.busy_calendar)::int as calendars',
    )
    assert.deepEqual(rows, [{ busy: 0, calendars: 0 }])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})

describe('where a calendar may be', () => {
  it('is not this machine, nor anything that is not public, unless a setting says so', async () => {
    await using house = await openTestHouse(everything)
    await using elsewhere = await startForeignCalendar()
    const { doctor } = await openPractice(house)
    const errorAt = async (address: string, more: object = {}) => {
      const { body, status } = await doctor.post('/v1/busy-calendars', { ...facts, address, ...more })
      assert.equal(status, 201, JSON.stringify(body))
      await house.work()
      const { error } = (await doctor.get(`/v1/busy-calendars/${body.id}`)).body
      await doctor.delete(`/v1/busy-calendars/${body.id}`)
      return error
    }
    for (const address of [
      elsewhere.url,
      elsewhere.url.replace('127.0.0.1', 'localhost'),
      elsewhere.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
      elsewhere.url.replace('127.0.0.1', '2130706433'),
      'http://169.254.169.254/latest/meta-data/',
      'http://10.0.0.1/',
    ]) {
      assert.equal(await errorAt(address), 'address-refused', address)
      assert.equal(await errorAt(address, { kind: 'caldav', user: 'a', password: 'b' }), 'address-refused', address)
    }
    assert.deepEqual(elsewhere.asked, [])
  })
})
