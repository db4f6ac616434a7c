import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { newPatient, openCalendar, openPlace } from '../../../tests/calendar.ts'
import { MAX_ENTRIES } from '../booking-rules.ts'
import { scheduling } from '../service.ts'
import { entryOf, offerOf, type Patient, run, waits } from './testing.ts'

const join = (who: Patient, wish: object, patient = who.patient) =>
  who.post('/v1/waitlist-entries', { patient, ...wish })

const grant = ({ owner }: TestHouse, account: string, patient: string, powers: string[]) =>
  owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values ($1, $2, 'mandate', 'Patient', $3, $4, '2031-01-01Z')`,
    [newId(), account, patient, powers],
  )

describe('POST /v1/waitlist-entries', () => {
  it('keeps what would do, and says it back', async () => {
    await using house = await openTestHouse([scheduling])
    const place = await openPlace(house)
    const practitioner = await openCalendar(house, { place })
    const who = await newPatient(house)
    const wish = {
      ...{ practitioner, place, speciality: 'cardiology', service: 'vaccination', mode: 'video', notice: 60 },
      ...{ from: '2031-03-02T00:00:00.000Z', until: '2031-04-01T00:00:00.000Z' },
      ...{ weekdays: ['mon', 'fri'], timeFrom: '09:00', timeUntil: '12:30' },
    }
    const { status, body } = await join(who, wish)
    assert.equal(status, 201)
    const entry = { id: body.id, status: 'waiting', patient: who.patient, priority: 'routine', version: 1, ...wish }
    assert.deepEqual(body, entry)
    assert.deepEqual(await entryOf(who, body.id), entry)
    const near = { latitude: 0.5, longitude: 6.5, within: 20 }
    const open = (await join(who, { speciality: 'cardiology', near })).body
    assert.deepEqual([open.near, open.from, open.notice], [near, '2031-03-01T08:00:00.000Z', 120])
    assert.equal(open.until, '2031-05-30T08:00:00.000Z')
  })

  it('refuses what cannot be waited for, and says why', async () => {
    await using house = await openTestHouse([scheduling])
    const who = await newPatient(house)
    const cardiology = { speciality: 'cardiology' }
    const near = { latitude: 0.5, longitude: 6.5, within: 20 }
    const place = await openPlace(house)
    const refused: [object, number, RegExp][] = [
      [{}, 422, /Name a practitioner, a service or a speciality/],
      [{ practitioner: newId() }, 404, /no such practitioner/],
      [{ ...cardiology, place: newId() }, 404, /no such place/],
      [{ ...cardiology, place, near }, 422, /either a place or a circle/],
      [{ ...cardiology, until: '2031-03-01T08:00:00Z' }, 422, /90 days ahead at most/],
      [{ ...cardiology, until: '2031-06-01T00:00:00Z' }, 422, /90 days ahead at most/],
      [{ ...cardiology, from: '2031-04-01T00:00:00Z', until: '2031-03-30T00:00:00Z' }, 422, /end after they begin/],
      [{ ...cardiology, timeFrom: '12:00', timeUntil: '09:00' }, 422, /Times of the day/],
      [{ ...cardiology, timeFrom: '9' }, 400, /wrong/],
      [{ ...cardiology, weekdays: [] }, 400, /wrong/],
      [{ ...cardiology, notice: 5 }, 400, /wrong/],
      [{ ...cardiology, priority: 'stat' }, 400, /wrong/],
    ]
    for (const [wish, status, detail] of refused) {
      const answer = await join(who, wish)
      assert.equal(answer.status, status, JSON.stringify(wish))
      assert.match(answer.body.detail, detail)
    }
    assert.equal((await join(who, cardiology, newId())).status, 404)
    assert.equal(
      (await house.anonymous.post('/v1/waitlist-entries', { patient: who.patient, ...cardiology })).status,
      401,
    )
    await house.owner.query('insert into platform.out_of_use (subject_id, since) values ($1, now())', [who.patient])
    assert.equal((await join(who, cardiology)).status, 422)
  })

  it('lets nobody stand in every line, also at once', async () => {
    await using house = await openTestHouse([scheduling], { env: { DATABASE_POOL_SIZE: '16' } })
    const who = await newPatient(house)
    const asked = Array.from({ length: MAX_ENTRIES + 4 }, () => join(who, { speciality: 'cardiology' }))
    const answers = await Promise.all(asked)
    assert.equal(answers.filter(({ status }) => status === 201).length, MAX_ENTRIES)
    const [first] = answers.filter(({ status }) => status === 201)
    assert.equal((await who.delete(`/v1/waitlist-entries/${first?.body.id}`)).status, 204)
    assert.equal((await join(who, { speciality: 'cardiology' })).status, 201)
  })
})

describe('GET /v1/waitlist-entries', () => {
  it('shows those of one’s patients and those who wait for oneself, in pages; what is sensitive to who may see it', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const doctor = await house.signedIn({ roles: ['practitioner'], self: { practitioner } })
    const [who, stranger] = [await newPatient(house), await newPatient(house)]
    const caregiver = await house.signedIn({ self: { caregiver: newId() } })
    await grant(house, caregiver.account, who.patient, ['book'])
    const mine = [await waits(who, { practitioner }), await waits(who, { speciality: 'psychiatry' })]
    const listed = async (by: Pick<Patient, 'get'>, query = '') => {
      const { status, body } = await by.get(`/v1/waitlist-entries${query}`)
      assert.equal(status, 200, JSON.stringify(body))
      return body.items.map(({ id }: { id: string }) => id)
    }
    assert.deepEqual(await listed(who), mine)
    assert.deepEqual(await listed(doctor), mine.slice(0, 1))
    assert.deepEqual(await listed(caregiver), mine.slice(0, 1), 'psychiatry is not theirs to see')
    assert.deepEqual(await listed(stranger), [])
    assert.deepEqual(await listed(stranger, `?patient=${who.patient}`), [])
    assert.equal((await caregiver.get(`/v1/waitlist-entries/${mine[1]}`)).status, 404)
    const first = await who.get('/v1/waitlist-entries?limit=1')
    assert.deepEqual(await listed(who, `?limit=1&cursor=${first.body.next}`), mine.slice(1))
    await who.delete(`/v1/waitlist-entries/${mine[0]}`)
    assert.deepEqual(await listed(who), mine.slice(1))
    assert.deepEqual(await listed(who, '?ended=true'), mine)
    const { rows } = await house.owner.query(
      `select distinct action, relationship from platform.audit_event where entity = $1 order by 1`,
      [`WaitlistEntry/${mine[0]}`],
    )
    assert.deepEqual(rows, [
      { action: 'C', relationship: 'self' },
      { action: 'D', relationship: 'self' },
    ])
  })
})

describe('who may still be offered something', () => {
  it('whom a caregiver put on the list is asked while the mandate stands, or once they have an account', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const patient = newId()
    const caregiver = { ...(await house.signedIn({ self: { caregiver: newId() } })), patient }
    await grant(house, caregiver.account, patient, ['book'])
    const entry = await waits(caregiver, { practitioner })
    await house.owner.query(`update platform.access_grant set revoked_at = '2031-02-01Z' where subject_id = $1`, [
      patient,
    ])
    const freed = { practitioner, resources: [], from: '2031-03-03T09:00:00Z', until: '2031-03-03T09:30:00Z' }
    await run(house, 'offer-freed', freed)
    const { rowCount } = await house.owner.query('select from scheduling.waitlist_offer')
    assert.equal(rowCount, 0)
    const self = { ...(await house.signedIn({ self: { patient } })), patient }
    await run(house, 'offer-freed', freed)
    assert.ok(await offerOf(self, entry))
    assert.equal((await caregiver.get(`/v1/waitlist-entries/${entry}`)).status, 404)
  })

  it('nobody whose days are over: the hourly job ends them', async () => {
    await using house = await openTestHouse([scheduling])
    const who = await newPatient(house)
    const entry = await waits(who, { speciality: 'cardiology', until: '2031-03-02T00:00:00Z' })
    house.setNow('2031-03-02T00:00:00Z')
    await run(house, 'expire-waitlist', {})
    assert.equal((await entryOf(who, entry)).status, 'expired')
  })
})
