import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { faultsOf, newPatient, openCalendar } from '../../../tests/calendar.ts'
import { readAppointmentLinks } from '../contract.ts'
import { scheduling } from '../service.ts'
import { bookAll, openTeam } from '../together/testing.ts'
import { entryOf, monday, offerOf, visitAt, waits } from '../waitlist/testing.ts'

type Links = { [action in 'confirm' | 'cancel' | 'move' | 'accept' | 'decline' | 'choose']?: string }

/** As the room that writes messages asks for them. */
async function linksOf({ house }: TestHouse, appointment: string, account: string): Promise<Links> {
  const ctx = house.context('scheduling', {
    actor: { kind: 'system', roles: [], self: {} },
    traceId: newId(),
    doing: 'test',
  })
  const { items } = await ctx.call(readAppointmentLinks, { body: { items: [{ appointment, account }] } })
  return items[0] ?? {}
}

const path = (url: string | undefined) => String(url).replace('http://openhcs.test', '')
const look = ({ app }: TestHouse, url: string | undefined) => app.inject({ method: 'GET', url: path(url) })
const press = ({ app }: TestHouse, url: string | undefined, form: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: path(url),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  })

async function booked(house: TestHouse) {
  const practitioner = await openCalendar(house)
  const visit = await visitAt(house, practitioner, monday('09:00'))
  const links = await linksOf(house, visit.id, visit.who.account)
  return { ...visit, practitioner, links, read: async () => (await visit.who.get(`/v1/appointments/${visit.id}`)).body }
}

describe('a link in a message', () => {
  it('changes nothing when it is opened, and shows when the visit is and nothing of whom or why', async () => {
    await using house = await openTestHouse([scheduling])
    const { links, read } = await booked(house)
    const before = await read()
    for (const url of [links.confirm, links.cancel, links.move, links.choose]) {
      const page = await look(house, url)
      assert.equal(page.statusCode, 200)
      assert.match(page.body, /Monday,? 3 March 2031 at 09:00 \(UTC\)/)
      assert.match(page.body, /<html lang="en" dir="ltr">/)
      assert.doesNotMatch(page.body, /Dr Test|Test Clinic|cardiology|<script/)
      assert.match(String(page.headers['content-security-policy']), /^default-src 'none'; style-src 'sha256-/)
      assert.equal(page.headers['referrer-policy'], 'no-referrer')
      assert.equal(page.headers['cache-control'], 'no-store')
    }
    assert.deepEqual(await read(), before)
  })

  it('speaks the first language that its reader’s browser asks for and has words in, else the installation’s', async () => {
    await using house = await openTestHouse([scheduling], { env: { DEFAULT_LANGUAGE: 'fr' } })
    const { links } = await booked(house)
    const pageIn = async (language: string) => {
      const headers = { 'accept-language': language }
      return (await house.app.inject({ method: 'GET', url: path(links.cancel), headers })).body
    }
    const arabic = await pageIn('am, ar-EG;q=0.8, en')
    assert.match(arabic, /<html lang="ar" dir="rtl">/)
    assert.match(arabic, /<h1>إلغاء الموعد؟<\/h1>/)
    assert.match(arabic, /الاثنين، 3 مارس 2031/)
    assert.match(await pageIn('hi'), /<html lang="hi" dir="ltr">/)
    for (const none of ['', 'am', '../constructor', 'x'.repeat(5_000)])
      assert.match(await pageIn(none), /<h1>Annuler le rendez-vous \?<\/h1>/)
  })

  it('of a text leads to all that can be done, and does nothing itself', async () => {
    await using house = await openTestHouse([scheduling])
    const { links, read } = await booked(house)
    const choices = async () => {
      const { statusCode, body } = await look(house, links.choose)
      return [statusCode, ...[...body.matchAll(/<a href="([^"]+)"/g)].map(([, url]) => url)]
    }
    assert.deepEqual(await choices(), [200, links.confirm, links.move, links.cancel])
    assert.equal((await press(house, links.choose)).statusCode, 404)
    assert.equal((await press(house, links.confirm)).statusCode, 200)
    assert.deepEqual(await choices(), [200, links.move, links.cancel])
    assert.equal((await press(house, links.cancel)).statusCode, 200)
    assert.deepEqual(await choices(), [404])
    assert.equal((await read()).status, 'cancelled')
  })

  it('confirms once, and the confirmation ends when the visit is moved', async () => {
    await using house = await openTestHouse([scheduling])
    const { links, read, id, who } = await booked(house)
    assert.equal((await press(house, links.confirm)).statusCode, 200)
    assert.equal((await read()).confirmedAt, '2031-03-01T08:00:00.000Z')
    assert.equal((await press(house, links.confirm)).statusCode, 404)
    assert.equal((await linksOf(house, id, who.account)).confirm, undefined)
    const { version } = await read()
    const start = { start: monday('10:00') }
    assert.equal(
      (await who.post(`/v1/appointments/${id}/reschedule`, start, { 'if-match': `"${version}"` })).status,
      200,
    )
    assert.equal((await read()).confirmedAt, undefined)
  })

  it('confirms and moves a visit that several give for all of them', async () => {
    await using house = await openTestHouse([scheduling])
    const team = await openTeam(house)
    const { id } = await bookAll(team)
    const other = await newPatient(house)
    const taken = { practitioner: team.practitioners[2], patient: other.patient, start: monday('09:30') }
    assert.equal((await other.post('/v1/appointments', taken)).status, 201)
    const links = await linksOf(house, id, team.client.account)
    assert.equal((await press(house, links.confirm)).statusCode, 200)
    const sure = await house.owner.query('select 1 from scheduling.appointment where confirmed_at is not null')
    assert.equal(sure.rowCount, 3)
    const times = (await look(house, links.move)).body
    assert.match(times, /2031-03-03T10:00/)
    assert.doesNotMatch(times, /2031-03-03T09:30/, 'one of them is not free')
    assert.equal((await press(house, links.move, { start: '2031-03-03T10:00:00.000Z' })).statusCode, 200)
    const { rows } = await house.owner.query(
      'select distinct start_at from scheduling.appointment where together is not null',
    )
    assert.deepEqual(rows, [{ start_at: new Date('2031-03-03T10:00:00Z') }])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('cancels, and says in the audit that it was by link', async () => {
    await using house = await openTestHouse([scheduling])
    const { links, read, id } = await booked(house)
    const page = await press(house, links.cancel)
    assert.match(page.body, /is cancelled/)
    assert.deepEqual([(await read()).status, (await read()).cancelReason], ['cancelled', 'pat'])
    const { rows } = await house.owner.query(
      `select operation, relationship, reason from platform.audit_event where entity = $1 and action = 'U'`,
      [`Appointment/${id}`],
    )
    assert.deepEqual(rows, [{ operation: 'followLink', relationship: 'self', reason: 'pat by link' }])
  })

  it('moves to one of the free times that it shows, and then every link of the message is void', async () => {
    await using house = await openTestHouse([scheduling])
    const { links, read } = await booked(house)
    const page = await look(house, links.move)
    const times = [...page.body.matchAll(/value="([^"]+)"/g)].map(([, value]) => String(value))
    assert.equal(times.length, 8)
    assert.ok(!times.includes('2031-03-03T09:00:00.000Z'))
    assert.equal((await press(house, links.move, { start: '2031-03-03T09:05:00.000Z' })).statusCode, 409)
    assert.equal((await press(house, links.move)).statusCode, 409)
    const moved = await press(house, links.move, { start: times[0] ?? '' })
    assert.equal(moved.statusCode, 200, moved.body)
    assert.equal((await read()).start, times[0])
    const answers = new Set<string>()
    for (const url of Object.values(links))
      for (const answer of [await look(house, url), await press(house, url)]) {
        assert.equal(answer.statusCode, 404)
        answers.add(answer.body)
      }
    assert.equal(answers.size, 1)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('is answered alike whether it is wrong, used, over, or nobody’s', async () => {
    await using house = await openTestHouse([scheduling])
    const { links, id } = await booked(house)
    const token = path(links.cancel).split('/').at(-1) ?? ''
    const turned = (at: number) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
    const stranger = await newPatient(house)
    assert.deepEqual(await linksOf(house, id, stranger.account), {})
    const wrong = [turned(0), turned(30), turned(60), turned(70), token.slice(1), 'x', `${token}A`]
    const answers = []
    for (const one of wrong) answers.push(await press(house, `/links/${one}`))
    house.setNow('2031-03-03T09:00:00Z')
    answers.push(await press(house, links.cancel), await look(house, links.move))
    assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [404])
    assert.equal(new Set(answers.map(({ body }) => body)).size, 1)
  })

  it('does what its reader may at that moment, and no more', async () => {
    await using house = await openTestHouse([scheduling])
    const { id, who, read } = await booked(house)
    const caregiver = await house.signedIn()
    const mandate = newId()
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values ($1, $2, 'mandate', 'Patient', $3, '{book}', '2031-01-01Z')`,
      [mandate, caregiver.account, who.patient],
    )
    const links = await linksOf(house, id, caregiver.account)
    assert.equal((await look(house, links.cancel)).statusCode, 200)
    await house.owner.query(`update platform.access_grant set revoked_at = '2031-02-01Z' where id = $1`, [mandate])
    assert.equal((await press(house, links.cancel)).statusCode, 404)
    assert.equal((await read()).status, 'booked')
  })

  it('accepts or declines an offered time; of two presses at once one counts', async () => {
    await using house = await openTestHouse([scheduling])
    const { practitioner, cancel } = await booked(house)
    const [first, second] = [await newPatient(house), await newPatient(house)]
    const [entry, later] = [await waits(first, { practitioner }), await waits(second, { practitioner })]
    await cancel()
    await house.work()
    const offer = (await offerOf(first, entry)) ?? ''
    assert.deepEqual(await linksOf(house, offer, second.account), {})
    const links = await linksOf(house, offer, first.account)
    const choices = (await look(house, links.choose)).body
    for (const url of [links.accept, links.decline]) assert.ok(choices.includes(`href="${url}"`))
    assert.deepEqual(Object.keys(links), ['accept', 'decline', 'choose'])
    assert.match((await look(house, links.accept)).body, /Monday,? 3 March 2031 at 09:00/)
    assert.equal((await press(house, links.decline)).statusCode, 200)
    await house.work()
    const next = (await offerOf(second, later)) ?? ''
    const { accept, decline } = await linksOf(house, next, second.account)
    const answers = await Promise.all([press(house, accept), press(house, accept), press(house, decline)])
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, 404, 404])
    assert.ok(['met', 'waiting'].includes((await entryOf(second, later)).status))
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('can be tried thirty times a minute from one address', async () => {
    await using house = await openTestHouse([scheduling])
    const answers = []
    for (let i = 0; i < 31; i++) answers.push((await look(house, '/links/x')).statusCode)
    assert.deepEqual([answers.at(29), answers.at(30)], [404, 429])
  })
})
