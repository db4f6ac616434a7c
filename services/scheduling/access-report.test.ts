import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { shownCount } from '#platform/small-cells.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, openCalendar } from '../../tests/calendar.ts'
import { aboutPerson } from './about-person.ts'
import { scheduling } from './service.ts'
import { monday, waits } from './waitlist/testing.ts'

/** Somebody whom registry knows: women of thirty, men of seventy. */
async function registered(house: TestHouse, gender: 'female' | 'male') {
  const who = await newPatient(house)
  await house.owner.query(
    `insert into registry.patient (id, name, birth_date, gender, language, zone, created_at, updated_at)
     values ($1, 'Test Person', $2, $3, 'en', 'UTC', now(), now())`,
    [who.patient, gender === 'female' ? '2001-01-01' : '1961-01-01', gender],
  )
  return who
}

const months = 'from=2031-03&until=2031-03'

async function openReport(house: TestHouse) {
  const practitioner = await openCalendar(house, { from: '09:00', until: '12:00', minutes: 10 }) // 18 visits a day
  const doctor = await house.signedIn({ roles: ['practitioner'], self: { practitioner } })
  const book = async (gender: 'female' | 'male', time: string) => {
    const who = await registered(house, gender)
    const at = (start: string) => ({ practitioner, patient: who.patient, start })
    return { who, at, ...(await who.post('/v1/appointments', at(monday(time)))) }
  }
  return { practitioner, doctor, book }
}

describe('GET /v1/access-report', () => {
  it('says who got times, who did not, and how long they waited', async () => {
    await using house = await openTestHouse(everything)
    const { practitioner, doctor, book } = await openReport(house)
    const times = [
      '09:00',
      '09:10',
      '09:20',
      '09:30',
      '09:40',
      '09:50',
      '10:00',
      '10:10',
      '10:20',
      '10:30',
      '10:40',
      '10:50',
    ]
    for (const [i, time] of times.entries()) assert.equal((await book(i < 7 ? 'female' : 'male', time)).status, 201)
    for (let i = 0; i < 6; i++) assert.equal((await book('male', '09:00')).status, 409)
    const { status, body } = await doctor.get(`/v1/access-report?${months}`)
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(body.total.visits, 10)
    assert.equal(body.total.refused, 5)
    assert.equal(body.total.offered, 0)
    assert.ok(body.total.waitDays.median > 2 && body.total.waitDays.median < 2.2, JSON.stringify(body.total.waitDays))
    const counted = (rows: { value: string; visits?: number; refused?: number }[]) =>
      rows.map(({ value, visits, refused }) => [value, visits, refused])
    assert.deepEqual(counted(body.gender), [
      ['female', 5, 0],
      ['male', 5, 5],
    ])
    assert.deepEqual(counted(body.age), [
      ['18-39', 5, 0],
      ['65+', 5, 5],
    ])
    assert.deepEqual(counted(body.channel), [['web', 10, 5]])
    assert.deepEqual(counted(body.patient), [['new', 10, 5]])
    assert.equal(body.place.length, 1)
    const other = await doctor.get(`/v1/access-report?practitioner=${practitioner}&from=2031-04&until=2031-05`)
    assert.deepEqual(other.body.channel, [])
    assert.deepEqual((await doctor.get(`/v1/access-report?speciality=neurology&${months}`)).body.channel, [])
    const { rows } = await house.owner.query(`select entity from platform.audit_event where reason = 'access report'`)
    assert.equal(rows[0].entity, `Practitioner/${practitioner}`)
  })

  it('counts a wish from when somebody was turned away, or joined the waiting list', async () => {
    await using house = await openTestHouse(everything)
    const { practitioner, doctor, book } = await openReport(house)
    await book('female', '09:00')
    const tries: Awaited<ReturnType<typeof book>>[] = []
    for (let i = 0; i < 5; i++) tries.push(await book('female', '09:00'))
    const waiting = []
    for (let i = 0; i < 5; i++) waiting.push(await registered(house, 'male'))
    for (const who of waiting) await waits(who, { practitioner })
    house.setNow('2031-03-02T20:00:00Z') // a day and a half after their wishes
    const later = ['10:00', '10:10', '10:20', '10:30', '10:40']
    for (const [i, { who, at }] of tries.entries())
      assert.equal((await who.post('/v1/appointments', at(monday(later[i] as string)))).status, 201)
    const last = ['11:00', '11:10', '11:20', '11:30', '11:40']
    for (const [i, who] of waiting.entries()) {
      const wish = { practitioner, patient: who.patient, start: monday(last[i] as string) }
      assert.equal((await who.post('/v1/appointments', wish)).status, 201)
    }
    const { body } = await doctor.get(`/v1/access-report?${months}`)
    for (const { value, waitDays } of body.gender)
      assert.ok(waitDays.median > 2, `${value}: ${JSON.stringify(waitDays)}`)
    assert.equal(body.total.visits, 10)
  })

  it('leaves out what is about few, and tells no difference of one', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, book } = await openReport(house)
    for (const time of ['09:00', '09:10', '09:20', '09:30', '09:40']) await book('female', time)
    await book('male', '09:50')
    const { body } = await doctor.get(`/v1/access-report?${months}`)
    assert.equal(body.total.visits, 5)
    assert.deepEqual(
      body.gender.map(({ visits }: { visits?: number }) => visits),
      [5, undefined],
    )
    assert.equal(body.gender[1].waitDays, undefined)
    await book('female', '10:00') // one more, and the report is the same
    assert.deepEqual((await doctor.get(`/v1/access-report?${months}`)).body.gender[0].visits, 5)
    assert.deepEqual([0, 1, 4, 5, 7, 8, 12, 13].map(shownCount), [0, undefined, undefined, 5, 5, 10, 10, 15])
  })

  it('is for administrators, and for practitioners of their own', async () => {
    await using house = await openTestHouse(everything)
    const { practitioner, doctor, book } = await openReport(house)
    const { who } = await book('female', '09:00')
    const administrator = await house.signedIn({ roles: ['administrator'] })
    const ask = (by: { get: (path: string) => Promise<{ status: number }> }, query: string) =>
      by.get(`/v1/access-report?${query}`).then(({ status }) => status)
    assert.equal(await ask(administrator, `practitioner=${practitioner}&${months}`), 200)
    assert.equal(await ask(administrator, months), 422)
    assert.equal(await ask(doctor, `practitioner=${newId()}&${months}`), 404)
    assert.equal(await ask(who, `practitioner=${practitioner}&${months}`), 403)
    assert.equal(await ask(house.anonymous, months), 401)
    assert.equal(await ask(doctor, 'from=2031-03&until=2031-02'), 422)
    assert.equal(await ask(doctor, 'from=2031-03&until=2032-03'), 422)
    assert.equal(await ask(doctor, 'from=2031-13&until=2032-03'), 400)
  })

  it('knows of tries what the person is shown, until they are erased or the time is over', async () => {
    await using house = await openTestHouse(everything)
    const { practitioner, book } = await openReport(house)
    await book('female', '09:00')
    const { who, at } = await book('male', '09:00')
    await who.post('/v1/holds', at(monday('09:00'))) // the first try of a day counts
    const other = await book('male', '09:00')
    const actor = { kind: 'system', roles: [], self: {} } as const
    const ctx = house.house.context('scheduling', { actor, traceId: newId(), doing: 'test' }) as never
    const triesOf = async (patient: string) => {
      const { data } = await aboutPerson(ctx, { patient, names: [] })
      return data['Tries for a time where there was none'] as { practitioner_id: string }[]
    }
    const tries = await triesOf(who.patient)
    assert.equal(tries.length, 1)
    assert.equal(tries[0]?.practitioner_id, practitioner)
    const traces = (await scheduling.erase?.(ctx, { patient: who.patient, names: [] })) ?? []
    assert.ok(traces.some(({ what, count }) => what.startsWith('tries for a time') && count === 1))
    assert.deepEqual(await triesOf(who.patient), [])
    assert.equal((await triesOf(other.who.patient)).length, 1)
    house.setNow('2080-01-01T00:00:00Z')
    await house.house.tasks()['scheduling:forget']?.({}, undefined as never)
    assert.deepEqual(await triesOf(other.who.patient), [])
  })
})
