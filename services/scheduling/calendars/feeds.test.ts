import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../../../tests/calendar.ts'

const person = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
type Patient = Client & { patient: string }

async function registered(house: TestHouse, name = 'Saba Tesfaye'): Promise<Patient> {
  const client = await house.signedIn()
  const { status, body } = await client.post('/v1/patients', { name, ...person })
  assert.equal(status, 201, JSON.stringify(body))
  return { ...client, patient: body.id }
}

async function made(who: Client, path: string, body: object) {
  const answer = await who.post(path, body)
  assert.equal(answer.status, 201, `${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

const book = (who: Patient, practitioner: string, start: string, more: object = {}) =>
  made(who, '/v1/appointments', { practitioner, patient: who.patient, start, ...more })

/** The path of a new feed, and its id. */
async function feedOf(who: Client, more: object = {}) {
  const { id, address } = await made(who, '/v1/calendar-feeds', {
    label: 'Phone',
    kind: 'ics',
    shows: 'visits',
    ...more,
  })
  return { id, path: new URL(address).pathname }
}

interface Shown {
  uid: string
  summary: string
  status: string
  start: string
  sequence: number
  location: string | undefined
}

/** As ical.js reads it; node-ical must see the same entries. */
function entriesIn(text: string): Shown[] {
  const calendar = new ICAL.Component(ICAL.parse(text) as never)
  const shown = calendar.getAllSubcomponents('vevent').map((event) => {
    const value = (name: string) => event.getFirstPropertyValue(name)
    const location = value('location') as string | null
    return {
      uid: String(value('uid')),
      summary: String(value('summary')),
      status: String(value('status')),
      start: (value('dtstart') as InstanceType<typeof ICAL.Time>).toJSDate().toISOString(),
      sequence: Number(value('sequence')),
      location: location ?? undefined,
    }
  })
  const other = Object.values(nodeIcal.sync.parseICS(text)).filter((one) => one?.type === 'VEVENT')
  assert.deepEqual(
    other.map((one) => one?.type === 'VEVENT' && [one.uid, String(one.summary), one.start.toISOString()]).sort(),
    shown.map(({ uid, summary, start }) => [uid, summary, start]).sort(),
  )
  return shown
}

async function read(house: TestHouse, path: string): Promise<Shown[]> {
  const { status, headers, body } = await house.anonymous.get(path)
  assert.equal(status, 200, JSON.stringify(body))
  assert.match(String(headers['content-type']), /^text\/calendar/)
  return entriesIn(body)
}

const grant = (house: TestHouse, account: string, patient: string, powers: string[]) =>
  house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values ($1, $2, 'mandate', 'Patient', $3, $4, '2030-01-01Z') returning id`,
    [newId(), account, patient, powers],
  )

describe('a feed of one’s visits', () => {
  it('shows when, with whom and where, moves with them, and says that one was cancelled', async () => {
    await using house = await openTestHouse(everything)
    const saba = await registered(house)
    const practitioner = await openCalendar(house)
    const { id } = await book(saba, practitioner, '2031-03-03T09:00:00Z', { reason: 'Cough for a week' })
    const { path } = await feedOf(saba)
    const entry = {
      uid: `appointment-${id}@openhcs.test`,
      summary: 'Appointment with Dr Test Person',
      location: 'Test Clinic',
    }
    assert.deepEqual(await read(house, path), [
      { ...entry, status: 'CONFIRMED', start: '2031-03-03T09:00:00.000Z', sequence: 0 },
    ])
    const moved = { start: '2031-03-04T09:00:00Z' }
    assert.equal((await saba.post(`/v1/appointments/${id}/reschedule`, moved, { 'if-match': '"1"' })).status, 200)
    assert.deepEqual(await read(house, path), [
      { ...entry, status: 'CONFIRMED', start: '2031-03-04T09:00:00.000Z', sequence: 1 },
    ])
    assert.equal(
      (await saba.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, { 'if-match': '"2"' })).status,
      200,
    )
    const [cancelled] = await read(house, path)
    assert.deepEqual([cancelled?.status, cancelled?.sequence], ['CANCELLED', 2])
    assert.ok(!(await house.anonymous.get(path)).body.includes('Cough'))
  })

  it('answers 304 while nothing has changed, and is kept by nobody between', async () => {
    await using house = await openTestHouse(everything)
    const saba = await registered(house)
    const practitioner = await openCalendar(house)
    await book(saba, practitioner, '2031-03-03T09:00:00Z')
    const { path } = await feedOf(saba)
    const { headers } = await house.anonymous.get(path)
    assert.equal(headers['cache-control'], 'private, no-cache')
    house.setNow('2031-03-01T10:00:00Z')
    const again = await house.anonymous.get(path, { 'if-none-match': String(headers.etag) })
    assert.deepEqual([again.status, again.body], [304, ''])
    await book(saba, practitioner, '2031-03-03T10:00:00Z')
    assert.equal((await house.anonymous.get(path, { 'if-none-match': String(headers.etag) })).status, 200)
  })

  it('is text that others read, whatever people are called: escaped, and in lines of 75 bytes', async () => {
    await using house = await openTestHouse(everything)
    const name = `Šaba; "T"\\, ${'漢字'.repeat(30)}`
    const saba = await registered(house, name)
    const practitioner = await openCalendar(house)
    await house.owner.query('update scheduling.practitioner set name = $1', [
      'Dr A\nATTACH:https://evil.example\r\nEND:VEVENT \u202eB',
    ])
    await book(saba, practitioner, '2031-03-03T09:00:00Z')
    const { path } = await feedOf(saba, { names: true })
    const { body } = await house.anonymous.get(path)
    for (const line of body.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, line)
    assert.ok(!/[^\r]\n|\r[^\n]/.test(body), 'lines end with both')
    assert.deepEqual(
      entriesIn(body).map(({ summary }) => summary),
      [`Appointment with Dr A ATTACH:https://evil.example END:VEVENT  B (${name})`],
    )
  })

  it('holds a month past and all that lies ahead', async () => {
    await using house = await openTestHouse(everything)
    const saba = await registered(house)
    const practitioner = await openCalendar(house)
    await book(saba, practitioner, '2031-03-03T09:00:00Z')
    const { path } = await feedOf(saba)
    house.setNow('2031-04-01T00:00:00Z')
    assert.equal((await read(house, path)).length, 1)
    house.setNow('2031-04-03T00:00:00Z')
    assert.equal((await read(house, path)).length, 0)
  })
})

describe('what a feed may tell', () => {
  it('is decided with each request: a mandate that ends takes the visits out', async () => {
    await using house = await openTestHouse(everything)
    const [saba, hana] = [await registered(house), await registered(house, 'Hana')]
    const practitioner = await openCalendar(house)
    await book(saba, practitioner, '2031-03-03T09:00:00Z')
    const { path } = await feedOf(hana, { names: true })
    assert.deepEqual(await read(house, path), [])
    const { rows } = await grant(house, hana.account, saba.patient, ['book'])
    assert.deepEqual(
      (await read(house, path)).map(({ summary }) => summary),
      ['Appointment with Dr Test Person (Saba Tesfaye)'],
    )
    await house.owner.query('update platform.access_grant set revoked_at = $2 where id = $1', [
      rows[0].id,
      house.house.now(),
    ])
    assert.deepEqual(await read(house, path), [])
  })

  it('is nothing but that there is a visit, where what it is about is sensitive; and not even that without the right to see it', async () => {
    await using house = await openTestHouse(everything)
    const [saba, hana, girma] = [
      await registered(house),
      await registered(house, 'Hana'),
      await registered(house, 'Girma'),
    ]
    const practitioner = await openCalendar(house, { specialities: ['psychiatry'] })
    await book(saba, practitioner, '2031-03-03T09:00:00Z')
    await grant(house, hana.account, saba.patient, ['book', 'see-sensitive'])
    await grant(house, girma.account, saba.patient, ['book'])
    const shownTo = async (who: Client) =>
      (await read(house, (await feedOf(who, { names: true })).path)).map(({ summary, location }) => [summary, location])
    assert.deepEqual(await shownTo(saba), [['Appointment', undefined]])
    assert.deepEqual(await shownTo(hana), [['Appointment', undefined]])
    assert.deepEqual(await shownTo(girma), [])
    const other = '2031-03-04T09:00:00Z'
    await made(girma, '/v1/appointments', { practitioner, patient: saba.patient, start: other })
    assert.deepEqual(
      await shownTo(girma),
      [['Appointment', undefined]],
      'they booked it, so they know that there is one',
    )
  })

  it('is of a practice while a licence makes it one, and names patients only where that was wanted', async () => {
    await using house = await openTestHouse(everything)
    const saba = await registered(house)
    const practitioner = await openCalendar(house)
    const doctor = await house.signedIn({ self: { practitioner } })
    await book(saba, practitioner, '2031-03-03T09:00:00Z')
    const summaries = async (path: string) => (await read(house, path)).map(({ summary }) => summary)
    const plain = (await feedOf(doctor, { shows: 'practice' })).path
    const named = (await feedOf(doctor, { shows: 'practice', names: true })).path
    assert.deepEqual(await summaries(plain), ['Appointment'])
    assert.deepEqual(await summaries(named), ['Appointment with Saba Tesfaye'])
    assert.deepEqual(await summaries((await feedOf(doctor)).path), [], 'these are visits of their own')
    await house.owner.query(
      `update platform.access_grant set revoked_at = $2 where account_id = $1 and relationship = 'licence'`,
      [doctor.account, house.house.now()],
    )
    assert.deepEqual(await summaries(named), [])
  })

  it('is in the access log of the patient when it is news, and once a day that somebody asked', async () => {
    await using house = await openTestHouse(everything)
    const saba = await registered(house)
    const practitioner = await openCalendar(house)
    const { id } = await book(saba, practitioner, '2031-03-03T09:00:00Z')
    const { path, id: feed } = await feedOf(saba)
    const trail = async () =>
      (
        await house.owner.query(
          `select entity, subject from platform.audit_event where operation = 'readCalendarFeed' order by id`,
        )
      ).rows.map(({ entity, subject }) => `${entity} ${subject}`)
    const asked = `CalendarFeed/${feed} Account/${saba.account}`
    const seen = `Appointment Patient/${saba.patient}`
    for (let i = 0; i < 3; i++) await read(house, path)
    assert.deepEqual(await trail(), [asked, seen])
    house.setNow('2031-03-02T08:00:00Z')
    await read(house, path)
    assert.deepEqual(await trail(), [asked, seen, asked])
    await saba.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, { 'if-match': '"1"' })
    await read(house, path)
    assert.deepEqual(await trail(), [asked, seen, asked, seen])
  })
})

describe('the address of a feed', () => {
  it('is shown once, opens nothing else, and nothing from the request on that follows its end', async () => {
    await using house = await openTestHouse(everything)
    const saba = await registered(house)
    const { id, path } = await feedOf(saba)
    const secret = /ohcs_[\w-]{43}/.exec(path)?.[0] ?? ''
    const { items } = (await saba.get('/v1/calendar-feeds')).body
    assert.deepEqual(items, [
      {
        id,
        label: 'Phone',
        kind: 'ics',
        shows: 'visits',
        names: false,
        createdAt: '2031-03-01T08:00:00.000Z',
        usedAt: '2031-03-01T08:00:00.000Z',
      },
    ])
    house.setNow('2031-03-01T09:00:00Z')
    await read(house, path)
    assert.equal((await saba.get('/v1/calendar-feeds')).body.items[0].usedAt, '2031-03-01T09:00:00.000Z')
    const bearer = house.withToken(secret)
    for (const url of ['/v1/account', '/v1/appointments', '/v1/calendar-feeds', '/v1/sessions'])
      assert.equal((await bearer.get(url)).status, 403, url)
    assert.equal((await house.anonymous.get(`/calendars/${saba.token}.ics`)).status, 404, 'a session is no feed')
    assert.equal((await (await registered(house, 'Hana')).delete(`/v1/calendar-feeds/${id}`)).status, 404)
    assert.equal((await saba.delete(`/v1/calendar-feeds/${id}`)).status, 204)
    assert.equal((await house.anonymous.get(path)).status, 404)
    assert.equal((await saba.delete(`/v1/calendar-feeds/${id}`)).status, 404)
  })

  it('is in no log line, metric, table or problem', async () => {
    const lines: string[] = []
    const log = (line: string) => lines.push(line)
    await using house = await openTestHouse(everything, { log })
    const saba = await registered(house)
    const { id, path } = await feedOf(saba)
    await read(house, path)
    await saba.delete(`/v1/calendar-feeds/${id}`)
    const refused = await house.anonymous.get(path)
    const metrics = await house.app.inject({ url: '/metrics' })
    const tables = await house.owner.query('select json_agg(s) as rows from platform.session s')
    const secret = path.replace(/^.*\/|\.ics$/g, '')
    const all = [JSON.stringify(refused), metrics.body, JSON.stringify(tables.rows), ...lines].join('\n')
    assert.ok(all.includes('readCalendarFeed'))
    assert.ok(!all.includes(secret))
  })

  it('ends with the account’s sessions, when nobody reads it for half a year, and with the person', async () => {
    await using house = await openTestHouse(everything)
    const saba = await registered(house)
    const { path } = await feedOf(saba)
    house.setNow('2031-08-27T00:00:00Z')
    assert.equal((await house.anonymous.get(path)).status, 200)
    house.setNow('2032-02-26T00:00:00Z')
    assert.equal((await house.anonymous.get(path)).status, 404)
    const { path: second } = await feedOf(await registered(house, 'Hana'))
    await house.owner.query('update platform.session set revoked_at = $1', [house.house.now()])
    assert.equal((await house.anonymous.get(second)).status, 404)
    await house.house.tasks()['scheduling:forget']?.({}, undefined as never)
    assert.equal((await house.owner.query('select from scheduling.calendar_feed')).rowCount, 0)
  })

  it('is refused to who is not signed in, to keys, without a practice, and for the twenty-first', async () => {
    await using house = await openTestHouse(everything)
    const saba = await registered(house)
    const facts = { label: 'Phone', kind: 'ics', shows: 'visits' }
    assert.equal((await house.anonymous.post('/v1/calendar-feeds', facts)).status, 401)
    assert.equal((await saba.post('/v1/calendar-feeds', { ...facts, shows: 'practice' })).status, 422)
    assert.equal((await saba.post('/v1/calendar-feeds', { ...facts, kind: 'exchange' })).status, 400)
    for (const path of ['/calendars/x.ics', '/calendars/ohcs_x', `/calendars/ohcs_${'x'.repeat(43)}`])
      assert.equal((await house.anonymous.get(path)).status, 400, path)
    assert.equal((await house.anonymous.get(`/calendars/ohcs_${'x'.repeat(43)}.ics`)).status, 404)
    const all = await Promise.all(Array.from({ length: 22 }, () => saba.post('/v1/calendar-feeds', facts)))
    assert.equal(all.filter(({ status }) => status === 201).length, 20)
    assert.equal(all.filter(({ status }) => status === 422).length, 2)
  })

  it('may be asked for so many times a minute', async () => {
    await using house = await openTestHouse(everything)
    const { path } = await feedOf(await registered(house))
    const statuses = []
    for (let i = 0; i < 121; i++) statuses.push((await house.anonymous.get(path)).status)
    assert.deepEqual([statuses[119], statuses[120]], [200, 429])
  })
})
