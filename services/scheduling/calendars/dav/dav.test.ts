import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import pg from 'pg'
import { createDAVClient, type DAVCalendar } from 'tsdav'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { childOf, childrenOf, parseXml } from '#platform/xml.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../../../../tests/calendar.ts'

type Patient = Client & { patient: string }
const facts = { name: 'Saba Tesfaye', birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
const CALENDAR = '/caldav/calendars/visits/'

async function made(who: Client, path: string, body: object) {
  const answer = await who.post(path, body)
  assert.equal(answer.status, 201, `${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

async function openWorld(house: TestHouse) {
  const client = await house.signedIn()
  const saba: Patient = { ...client, patient: (await made(client, '/v1/patients', facts)).id }
  const practitioner = await openCalendar(house)
  const book = async (start: string): Promise<string> =>
    (await made(saba, '/v1/appointments', { practitioner, patient: saba.patient, start })).id
  const feed = await made(saba, '/v1/calendar-feeds', { label: 'Phone', kind: 'caldav', shows: 'visits' })
  return { house, saba, practitioner, book, feed, dav: davOf(house, feed.password) }
}

interface Davs {
  status: number
  headers: Record<string, string | string[] | number | undefined>
  body: string
}

/** Asks by hand. */
const davOf =
  ({ app }: TestHouse, password: string) =>
  async (method: string, url: string, body?: string, headers: Record<string, string> = {}): Promise<Davs> => {
    const authorization = `Basic ${btoa(`anybody:${password}`)}`
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers: { authorization, 'content-type': 'application/xml', ...headers },
      ...(body !== undefined && { payload: body }),
    })
    return { status: answer.statusCode, headers: answer.headers, body: answer.body }
  }
type Dav = ReturnType<typeof davOf>

/** Which paths an answer names, and as what: `200` or `404` for each; and the token of a synchronisation. */
function readOut({ status, body }: Davs) {
  assert.equal(status, 207, body)
  const root = parseXml(body, { depth: 20, elements: 10_000 })
  const responses = childrenOf(root, 'DAV:', 'response').map((one) => {
    const state =
      childOf(one, 'DAV:', 'status')?.text ?? childOf(childOf(one, 'DAV:', 'propstat'), 'DAV:', 'status')?.text
    return `${state?.split(' ')[1]} ${childOf(one, 'DAV:', 'href')?.text.replace(CALENDAR, '')}`
  })
  return { responses: responses.sort(), token: childOf(root, 'DAV:', 'sync-token')?.text ?? '' }
}

const synchronise = async (dav: Dav, token = '') =>
  readOut(
    await dav(
      'REPORT',
      CALENDAR,
      `<sync-collection xmlns="DAV:"><sync-token>${token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>`,
    ),
  )
const query = (inside: string) =>
  `<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop><C:filter><C:comp-filter name="VCALENDAR">${inside}</C:comp-filter></C:filter></C:calendar-query>`
const during = (start: string, end: string) =>
  query(`<C:comp-filter name="VEVENT"><C:time-range start="${start}" end="${end}"/></C:comp-filter>`)

describe('a phone’s calendar (tsdav)', () => {
  it('finds the calendar from the address of the service, reads it, and follows its changes', async () => {
    await using house = await openTestHouse(everything)
    const { saba, book, feed } = await openWorld(house)
    const first = await book('2031-03-03T09:00:00Z')
    const second = await book('2031-03-10T09:00:00Z')
    await house.app.listen({ port: 0, host: '127.0.0.1' })
    const origin = `http://127.0.0.1:${(house.app.server.address() as AddressInfo).port}`
    const client = await createDAVClient({
      ...{ serverUrl: origin, authMethod: 'Basic', defaultAccountType: 'caldav' },
      credentials: { username: feed.user, password: feed.password },
    })
    const calendars = await client.fetchCalendars()
    assert.deepEqual(
      calendars.map(({ url, displayName, components }) => [new URL(url).pathname, displayName, components]),
      [[CALENDAR, 'Appointments', ['VEVENT']]],
    )
    const [calendar] = calendars as [DAVCalendar]
    const objects = await client.fetchCalendarObjects({ calendar })
    assert.deepEqual(
      objects.map(({ url }) => new URL(url).pathname).sort(),
      [first, second].map((id) => `${CALENDAR}${id}.ics`).sort(),
    )
    assert.match(
      String(objects[0]?.data),
      /^BEGIN:VCALENDAR[\s\S]*UID:appointment-[\s\S]*SUMMARY:Appointment with Dr Test Person/,
    )
    assert.ok(!String(objects[0]?.data).includes('METHOD:'), 'RFC 4791 §4.1')
    const timeRange = { start: '2031-03-09T00:00:00Z', end: '2031-03-11T00:00:00Z' }
    const some = await client.fetchCalendarObjects({ calendar, timeRange })
    assert.deepEqual(
      some.map(({ url }) => new URL(url).pathname),
      [`${CALENDAR}${second}.ics`],
    )

    const third = await book('2031-03-11T09:00:00Z')
    assert.equal(
      (await saba.post(`/v1/appointments/${first}/cancel`, { reason: 'pat' }, { 'if-match': '"1"' })).status,
      200,
    )
    const { created, updated, deleted } = (
      await client.smartCollectionSync({
        collection: { ...calendar, objects, objectMultiGet: client.calendarMultiGet },
        method: 'webdav',
        detailedResult: true,
      })
    ).objects as unknown as Record<string, { url: string; data?: string }[]>
    const paths = (list: { url: string }[] | undefined) => list?.map(({ url }) => new URL(url, origin).pathname)
    assert.deepEqual(
      [paths(created), paths(updated), paths(deleted)],
      [[`${CALENDAR}${third}.ics`], [`${CALENDAR}${first}.ics`], []],
    )
    assert.match(String(updated?.[0]?.data), /STATUS:CANCELLED/)

    const write = await client.createCalendarObject({
      calendar,
      filename: 'new.ics',
      iCalString: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR',
    })
    assert.equal(write.status, 403)
    assert.equal((await client.deleteCalendarObject({ calendarObject: objects[0] as never })).status, 403)
    assert.equal((await saba.get(`/v1/appointments/${second}`)).body.status, 'booked')
  })
})

describe('/caldav', () => {
  it('says what it can, leads there from the well-known address, and asks for a password', async () => {
    await using house = await openTestHouse(everything)
    const { feed, dav } = await openWorld(house)
    const options = await dav('OPTIONS', '/caldav/')
    assert.equal(options.status, 200)
    assert.match(String(options.headers.dav), /calendar-access/)
    const known = await house.app.inject({ method: 'PROPFIND' as 'GET', url: '/.well-known/caldav' })
    assert.deepEqual([known.statusCode, known.headers.location], [301, '/caldav/'])
    for (const authorization of [
      undefined,
      `Bearer ${feed.password}`,
      `Basic ${btoa('calendar')}`,
      `Basic ${btoa(`calendar:${'x'.repeat(48)}`)}`,
    ]) {
      const answer = await house.app.inject({
        method: 'PROPFIND' as 'GET',
        url: '/caldav/',
        headers: { ...(authorization && { authorization }) },
      })
      assert.deepEqual(
        [answer.statusCode, answer.headers['www-authenticate']],
        [401, 'Basic realm="OpenHCS calendar", charset="UTF-8"'],
      )
    }
  })

  it('is opened by the password of a CalDAV feed alone, until that is deleted; whoever guesses is stopped', async () => {
    await using house = await openTestHouse(everything)
    const { saba, feed, dav } = await openWorld(house)
    const other = await made(saba, '/v1/calendar-feeds', { label: 'Diary', kind: 'ics', shows: 'visits' })
    const secret = /ohcs_[\w-]{43}/.exec(other.address)?.[0] ?? ''
    for (const word of [secret, saba.token])
      assert.equal((await davOf(house, word)('PROPFIND', '/caldav/', undefined, { depth: '0' })).status, 401)
    assert.equal((await house.anonymous.get(`/calendars/${feed.password}.ics`)).status, 404)
    const statuses = []
    for (let i = 0; i < 30; i++)
      statuses.push((await davOf(house, `ohcs_${'x'.repeat(43)}`)('PROPFIND', '/caldav/')).status)
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429])
    assert.equal(
      (await dav('PROPFIND', '/caldav/', undefined, { depth: '0' })).status,
      207,
      'who is right is let in all the same',
    )
    await saba.delete(`/v1/calendar-feeds/${feed.id}`)
    assert.notEqual((await dav('PROPFIND', '/caldav/', undefined, { depth: '0' })).status, 207)
  })

  it('tells what is asked for, what is not known, how things are called, and nothing of infinite depth', async () => {
    await using house = await openTestHouse(everything)
    const { book, dav } = await openWorld(house)
    const id = await book('2031-03-03T09:00:00Z')
    const props = '<propfind xmlns="DAV:"><prop><resourcetype/><x xmlns="urn:none"/></prop></propfind>'
    const { body } = await dav('PROPFIND', CALENDAR, props, { depth: '0' })
    assert.match(body, /<D:resourcetype><D:collection\/><C:calendar\/><\/D:resourcetype>/)
    assert.match(body, /<x xmlns="urn:none"\/><\/D:prop><D:status>HTTP\/1\.1 404/)
    const all = await dav('PROPFIND', CALENDAR, undefined, { depth: '1' })
    assert.deepEqual(readOut(all).responses, ['200 ', `200 ${id}.ics`].sort())
    assert.ok(!all.body.includes('BEGIN:VCALENDAR'), 'entries are given where they are asked for')
    const names = await dav('PROPFIND', CALENDAR, '<propfind xmlns="DAV:"><propname/></propfind>', { depth: '0' })
    assert.match(names.body, /<S:getctag\/>/)
    for (const path of ['/caldav', '/caldav/principal/', '/caldav/calendars/'])
      assert.equal((await dav('PROPFIND', path, undefined, { depth: '1' })).status, 207, path)
    for (const depth of [{}, { depth: 'infinity' }])
      assert.match((await dav('PROPFIND', '/caldav/', undefined, depth)).body, /propfind-finite-depth/)
    for (const path of ['/caldav/nowhere', `${CALENDAR}${newId()}.ics`])
      assert.equal((await dav('PROPFIND', path, undefined, { depth: '0' })).status, 404, path)
  })

  it('gives single entries, and 304 for those that are the same', async () => {
    await using house = await openTestHouse(everything)
    const { book, dav } = await openWorld(house)
    const path = `${CALENDAR}${await book('2031-03-03T09:00:00Z')}.ics`
    const { status, headers, body } = await dav('GET', path)
    assert.equal(status, 200)
    assert.match(body, /^BEGIN:VCALENDAR/)
    assert.equal((await dav('HEAD', path)).body, '')
    assert.equal((await dav('GET', path, undefined, { 'if-none-match': String(headers.etag) })).status, 304)
    assert.equal((await dav('GET', `${CALENDAR}${newId()}.ics`)).status, 404)
    assert.equal((await dav('GET', CALENDAR)).status, 405)
  })

  it('is written by nobody', async () => {
    await using house = await openTestHouse(everything)
    const { dav, saba, book } = await openWorld(house)
    const id = await book('2031-03-03T09:00:00Z')
    for (const method of ['PUT', 'DELETE', 'PROPPATCH', 'MKCOL', 'MKCALENDAR', 'COPY', 'MOVE', 'LOCK', 'POST'])
      for (const path of [CALENDAR, `${CALENDAR}${id}.ics`]) {
        const { status, body } = await dav(method, path, method === 'DELETE' ? undefined : 'anything')
        assert.equal(status, 403, `${method} ${path}`)
        assert.match(body, /<D:need-privileges>.*<D:write\/>/)
      }
    assert.equal((await saba.get(`/v1/appointments/${id}`)).body.status, 'booked')
  })

  it('finds what lies in a time, refuses what it cannot filter by, and says of each that is asked for whether it is there', async () => {
    await using house = await openTestHouse(everything)
    const { book, dav } = await openWorld(house)
    const [first, second] = [await book('2031-03-03T09:00:00Z'), await book('2031-03-10T09:00:00Z')]
    const found = async (body: string) => readOut(await dav('REPORT', CALENDAR, body, { depth: '1' })).responses
    assert.deepEqual(await found(query('')), [`200 ${first}.ics`, `200 ${second}.ics`].sort())
    assert.deepEqual(await found(during('20310303T092959Z', '20310303T100000Z')), [`200 ${first}.ics`])
    assert.deepEqual(await found(during('20310303T093000Z', '20310310T090000Z')), [])
    assert.deepEqual(await found(query('<C:comp-filter name="VTODO"/>')), [])
    const texts = query('<C:comp-filter name="VEVENT"><C:prop-filter name="UID"/></C:comp-filter>')
    assert.match((await dav('REPORT', CALENDAR, texts)).body, /supported-filter/)
    assert.match((await dav('REPORT', CALENDAR, during('yesterday', '20310303T100000Z'))).body, /valid-filter/)
    const [there, gone] = [`${CALENDAR}${first}.ics`, `${CALENDAR}${newId()}.ics`]
    const many = `<C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/></prop><href>${there}</href><href>${gone}</href><href>/etc/passwd</href></C:calendar-multiget>`
    assert.deepEqual(
      await found(many),
      [`200 ${first}.ics`, `404 ${gone.replace(CALENDAR, '')}`, '404 /etc/passwd'].sort(),
    )
    const other = '<principal-property-search xmlns="DAV:"/>'
    assert.match((await dav('REPORT', CALENDAR, other)).body, /supported-report/)
    assert.equal((await dav('REPORT', '/caldav/', query(''))).status, 403)
  })

  it('reads no document types, and nothing that is too deep, too much or no XML', async () => {
    await using house = await openTestHouse(everything)
    const { dav } = await openWorld(house)
    const prop = '<prop><getetag/></prop>'
    for (const body of [
      `<!DOCTYPE propfind [<!ENTITY x SYSTEM "file:///etc/passwd">]><propfind xmlns="DAV:"><prop>&x;</prop></propfind>`,
      `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><propfind xmlns="DAV:">&b;</propfind>`,
      `<propfind xmlns="DAV:">${'<prop>'.repeat(50)}${'</prop>'.repeat(50)}</propfind>`,
      `<propfind xmlns="DAV:"><prop>${'<a/>'.repeat(10_001)}</prop></propfind>`,
      `<propfind xmlns="urn:other">${prop}</propfind>`,
      '{"json": true}',
      '<propfind',
    ]) {
      const { status, body: answer } = await dav('PROPFIND', CALENDAR, body, { depth: '0' })
      assert.equal(status, 400, body.slice(0, 60))
      assert.ok(!answer.includes('root:'))
      if (!body.includes('urn:other'))
        assert.equal((await dav('REPORT', CALENDAR, body)).status, 400, body.slice(0, 60))
    }
    assert.equal((await dav('PROPFIND', CALENDAR, `<a>${'x'.repeat(300_000)}</a>`, { depth: '0' })).status, 413)
  })
})

describe('synchronising (RFC 6578)', () => {
  it('tells what is new, what is other and what is gone since the token, and nothing twice', async () => {
    await using house = await openTestHouse(everything)
    const { saba, book, dav } = await openWorld(house)
    const first = await book('2031-03-03T09:00:00Z')
    const start = await synchronise(dav)
    assert.deepEqual(start.responses, [`200 ${first}.ics`])
    assert.deepEqual(await synchronise(dav, start.token), { responses: [], token: start.token })
    const second = await book('2031-03-10T09:00:00Z')
    const next = await synchronise(dav, start.token)
    assert.deepEqual(next.responses, [`200 ${second}.ics`])
    await saba.post(`/v1/appointments/${first}/reschedule`, { start: '2031-03-04T09:00:00Z' }, { 'if-match': '"1"' })
    assert.deepEqual((await synchronise(dav, next.token)).responses, [`200 ${first}.ics`])
    assert.deepEqual((await synchronise(dav, start.token)).responses, [`200 ${first}.ics`, `200 ${second}.ics`].sort())
    assert.deepEqual((await synchronise(dav)).responses.length, 2)
  })

  it('misses nothing that commits late', async () => {
    await using house = await openTestHouse(everything)
    const { book, dav } = await openWorld(house)
    const [early, late] = [await book('2031-03-03T09:00:00Z'), await book('2031-03-10T09:00:00Z')]
    const start = await synchronise(dav)
    const writer = new pg.Client({ connectionString: house.house.config.databaseOwnerUrl.reveal() })
    await writer.connect()
    try {
      await writer.query('begin')
      const change = `update scheduling.appointment set end_at = end_at + interval '5 minutes', updated_at = $2 where id = $1`
      await writer.query(change, [late, '2031-03-01T08:00:01Z'])
      await house.owner.query(change, [early, '2031-03-01T08:00:02Z'])
      const between = await synchronise(dav, start.token)
      assert.deepEqual(between.responses, [`200 ${early}.ics`])
      await writer.query('commit')
      assert.deepEqual((await synchronise(dav, between.token)).responses, [`200 ${late}.ics`])
    } finally {
      await writer.end()
    }
  })

  it('tells as gone what may not be seen any more, and as new when it may again', async () => {
    await using house = await openTestHouse(everything)
    const { saba, book } = await openWorld(house)
    const id = await book('2031-03-03T09:00:00Z')
    const hana = await house.signedIn()
    const { rows } = await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values ($1, $2, 'mandate', 'Patient', $3, '{book}', '2030-01-01Z') returning id`,
      [newId(), hana.account, saba.patient],
    )
    const feed = await made(hana, '/v1/calendar-feeds', { label: 'Phone', kind: 'caldav', shows: 'visits' })
    const dav = davOf(house, feed.password)
    const start = await synchronise(dav)
    assert.deepEqual(start.responses, [`200 ${id}.ics`])
    const revoke = (at: string | null) =>
      house.owner.query('update platform.access_grant set revoked_at = $2 where id = $1', [rows[0].id, at])
    await revoke('2031-03-01T08:00:00Z')
    const gone = await synchronise(dav, start.token)
    assert.deepEqual(gone.responses, [`404 ${id}.ics`])
    assert.equal((await dav('GET', `${CALENDAR}${id}.ics`)).status, 404)
    await revoke(null)
    assert.deepEqual((await synchronise(dav, gone.token)).responses, [`200 ${id}.ics`])
  })

  it('has a program read everything whose token is too old, of another feed, or made up', async () => {
    await using house = await openTestHouse(everything)
    const { saba, book, dav } = await openWorld(house)
    const id = await book('2031-03-03T09:00:00Z')
    const { token } = await synchronise(dav)
    const tablet = await made(saba, '/v1/calendar-feeds', { label: 'Tablet', kind: 'caldav', shows: 'visits' })
    const { token: foreign } = await synchronise(davOf(house, tablet.password))
    for (const other of [
      'x',
      foreign,
      token.replace(/\d+$/, '99'),
      token.replace(/\d+$/, '-1'),
      `${token}0`,
      token.replace('http', 'https'),
    ]) {
      const body = `<sync-collection xmlns="DAV:"><sync-token>${other}</sync-token><sync-level>1</sync-level><prop/></sync-collection>`
      const answer = await dav('REPORT', CALENDAR, body)
      assert.equal(answer.status, 403, other)
      assert.match(answer.body, /<D:valid-sync-token\/>/)
    }
    await house.owner.query('delete from scheduling.claim')
    await house.owner.query('delete from scheduling.appointment where id = $1', [id])
    assert.deepEqual((await synchronise(dav, token)).responses, [`404 ${id}.ics`])
    house.setNow('2031-04-15T00:00:00Z')
    await house.house.tasks()['scheduling:forget']?.({}, undefined as never)
    const limit =
      '<sync-collection xmlns="DAV:"><sync-token/><limit><nresults>0</nresults></limit><prop/></sync-collection>'
    const old = await dav(
      'REPORT',
      CALENDAR,
      `<sync-collection xmlns="DAV:"><sync-token>${token}</sync-token><prop/></sync-collection>`,
    )
    assert.match(old.body, /<D:valid-sync-token\/>/)
    assert.equal((await dav('REPORT', CALENDAR, limit)).status, 207)
  })
})
