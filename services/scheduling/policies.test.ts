import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { newPatient, openCalendar, openPlace } from '../../tests/calendar.ts'
import { readAppointmentLinks } from './contract.ts'
import { scheduling } from './service.ts'
import { monday, visitAt } from './waitlist/testing.ts'

const contact = 'Call the desk: +251 11 155 0000'

/** A practitioner at a place of an organisation, its manager, and a visit on Monday at nine. */
async function clinic(house: TestHouse) {
  const organisation = newId()
  const place = await openPlace(house)
  await house.owner.query('update scheduling.place set organisation_id = $2 where id = $1', [place, organisation])
  const practitioner = await openCalendar(house, { place })
  const doctor = await house.signedIn({ roles: ['practitioner'], self: { practitioner } })
  const manager = await house.signedIn({ desk: { organisation, function: 'manager' } })
  const { who, id } = await visitAt(house, practitioner, monday('09:00'))
  await house.owner.query(
    `insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from) values ($1, $2, 'Patient', $3, $4, '2031-01-01Z')`,
    [newId(), organisation, who.patient, id],
  )
  const change = (by: Client, what: string, body: object, version = 1) =>
    by.post(`/v1/appointments/${id}/${what}`, body, { 'if-match': `"${version}"` })
  return {
    organisation,
    practitioner,
    doctor,
    manager,
    who,
    id,
    cancel: (by: Client, version?: number) => change(by, 'cancel', { reason: 'pat' }, version),
    move: (by: Client, time: string, version?: number) => change(by, 'reschedule', { start: monday(time) }, version),
  }
}

const say = (by: Client, path: string, body: object, version = 1) =>
  by.put(`/v1/${path}/booking-policy`, body, { 'if-match': `"${version}"` })

describe('a booking policy', () => {
  it('binds who comes, and neither the practitioner nor the desk', async () => {
    await using house = await openTestHouse([scheduling])
    const { organisation, manager, doctor, who, cancel, move } = await clinic(house)
    assert.equal((await move(who, '10:00')).status, 200, 'without one everybody may')
    assert.equal((await say(manager, `organisations/${organisation}`, { cancel: 2880, move: 90, contact })).status, 200)
    const late = await cancel(who, 2)
    assert.equal(late.status, 200, 'two days and two hours before')
    const again = await clinic(house)
    assert.equal(
      (await say(again.manager, `organisations/${again.organisation}`, { cancel: 2970, move: 2970, contact })).status,
      200,
    )
    for (const answer of [await again.cancel(again.who), await again.move(again.who, '11:00')]) {
      assert.equal(answer.status, 422)
      assert.match(answer.body.detail, /until 49 hours and 30 minutes before it\. Call the desk: \+251 11 155 0000$/)
    }
    assert.equal((await again.move(again.doctor, '11:00')).status, 200)
    assert.equal((await again.move(doctor, '12:00', 2)).status, 404)
    assert.equal((await again.move(again.manager, '12:00', 2)).status, 200)
    assert.equal((await again.cancel(again.manager, 3)).status, 200)
  })

  it('is not passed by going to a colleague, which gives the visit up', async () => {
    await using house = await openTestHouse([scheduling])
    const { organisation, manager, who, id, cancel } = await clinic(house)
    const practitioner = await openCalendar(house)
    await say(manager, `organisations/${organisation}`, { cancel: 2970, move: 0, contact })
    const moves = [{ appointment: id, practitioner, start: monday('10:00') }]
    assert.equal((await cancel(who)).status, 422)
    const { body } = await who.post('/v1/rebookings/move', { moves })
    assert.deepEqual([body.items[0].moved, body.items[0].code], [false, 'business-rule'], JSON.stringify(body))
    await say(manager, `organisations/${organisation}`, { cancel: 0, move: 0, contact }, 2)
    assert.equal((await who.post('/v1/rebookings/move', { moves })).body.items[0].moved, true)
    const { status, cancelReason } = (await who.get(`/v1/appointments/${id}`)).body
    assert.deepEqual([status, cancelReason], ['cancelled', 'pat'])
    const [again] = (await who.post('/v1/rebookings/move', { moves })).body.items
    assert.equal(again.moved, true, 'whoever did not hear the answer asks again')
  })

  it('says how often who comes may move it', async () => {
    await using house = await openTestHouse([scheduling])
    const { practitioner, doctor, who, move, cancel } = await clinic(house)
    await say(doctor, `practitioners/${practitioner}`, { cancel: 0, move: 0, moves: 1 })
    assert.equal((await move(doctor, '10:00')).status, 200, 'not theirs, so it does not count')
    assert.equal((await move(who, '11:00', 2)).status, 200)
    const refused = await move(who, '12:00', 3)
    assert.equal(refused.status, 422)
    assert.match(refused.body.detail, /1 times at most\. Call where it takes place\.$/)
    assert.equal((await cancel(who, 3)).status, 200)
  })

  it('of the practitioner goes before that of the organisation', async () => {
    await using house = await openTestHouse([scheduling])
    const { organisation, practitioner, doctor, manager, who, cancel } = await clinic(house)
    await say(manager, `organisations/${organisation}`, { cancel: 43_200, move: 0 })
    assert.equal((await cancel(who)).status, 422)
    await say(doctor, `practitioners/${practitioner}`, { cancel: 60, move: 0 })
    assert.equal((await cancel(who)).status, 200)
  })

  it('holds behind a link in a message too, which says what to do', async () => {
    await using house = await openTestHouse([scheduling])
    const { practitioner, doctor, who, id } = await clinic(house)
    await say(doctor, `practitioners/${practitioner}`, { cancel: 43_200, move: 0, contact })
    const actor = { kind: 'system', roles: [], self: {} } as const
    const ctx = house.house.context('scheduling', { actor, traceId: newId(), doing: 'test' })
    const asked = { items: [{ appointment: id, account: who.account }] }
    const [links = {}] = (await ctx.call(readAppointmentLinks, { body: asked })).items
    const url = String(links.cancel).replace('http://openhcs.test', '')
    const page = await house.app.inject({ method: 'POST', url })
    assert.equal(page.statusCode, 422)
    assert.match(page.body, /Call the desk: \+251 11 155 0000/)
    const inArabic = await house.app.inject({ method: 'POST', url, headers: { 'accept-language': 'ar' } })
    assert.match(inArabic.body, /لم يعد من الممكن تغيير هذا الموعد.*<p dir="auto">Call the desk: \+251 11 155 0000/)
    assert.doesNotMatch(inArabic.body, /oneself/)
    assert.equal((await who.get(`/v1/appointments/${id}`)).body.status, 'booked')
  })

  it('is written by whose it is, with the version that was read', async () => {
    await using house = await openTestHouse([scheduling])
    const { organisation, practitioner, doctor, manager, who } = await clinic(house)
    const other = await clinic(house)
    const mine = `practitioners/${practitioner}`
    const open = await who.get(`/v1/${mine}/booking-policy`)
    assert.deepEqual(open.body, { cancel: 0, move: 0, version: 1 })
    const facts = { cancel: 60, move: 120, moves: 2, contact }
    assert.equal((await say(other.doctor, mine, facts)).status, 404)
    assert.equal((await say(who, mine, facts)).status, 403)
    assert.equal((await say(house.anonymous, mine, facts)).status, 401)
    assert.equal((await say(other.manager, `organisations/${organisation}`, facts)).status, 404)
    assert.equal((await say(manager, `organisations/${organisation}`, { ...facts, cancel: -1 })).status, 400)
    assert.equal((await say(doctor, mine, facts, 2)).status, 412)
    const races = await Promise.all([1, 2, 3].map(() => say(doctor, mine, facts)))
    assert.deepEqual(races.map(({ status }) => status).sort(), [200, 412, 412])
    assert.equal((await say(doctor, mine, facts, 2)).status, 200)
    assert.deepEqual((await who.get(`/v1/${mine}/booking-policy`)).body, { ...facts, version: 3 })
    assert.equal((await who.get(`/v1/practitioners/${newId()}/booking-policy`)).status, 404)
    assert.equal((await (await newPatient(house)).get(`/v1/organisations/${newId()}/booking-policy`)).status, 404)
  })
})
