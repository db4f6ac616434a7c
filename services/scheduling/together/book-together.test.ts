import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, openCalendar, openServices, refreshOffers } from '../../../tests/calendar.ts'
import { scheduling } from '../service.ts'
import { bookAll, claimsOf, nine, openTeam, rowsOf, ten, whole } from './testing.ts'

// The house's clock stands at Saturday 1 March 2031, 08:00 UTC.

const open = () => openTestHouse([scheduling])

/** A service of each, in place of visits of half an hour. */
async function serve(house: TestHouse, practitioner: string, more: object) {
  await openServices(house, practitioner, [
    {
      ...{ code: 'board', speciality: 'cardiology', minutes: 30, before: 0, after: 0, notice: 0, window: 90 },
      full: undefined,
      ...more,
    },
  ])
  await refreshOffers(house, [practitioner])
}

describe('POST /v1/appointments with participants', () => {
  it('takes the time of all of them, and is an appointment of each', async () => {
    await using house = await open()
    const team = await openTeam(house)
    const { practitioners, doctors, client } = team
    const visit = await bookAll(team, { reason: 'Tumour board' })
    assert.deepEqual(
      [visit.practitioner, visit.start, visit.end, visit.mode],
      [practitioners[0], nine, '2031-03-03T09:30:00.000Z', 'in-person'],
    )
    assert.deepEqual(visit.together, { appointment: visit.id, practitioners })
    assert.deepEqual(
      await claimsOf(house),
      new Map([...practitioners, client.patient].map((id) => [id, '09:00-09:30'])),
    )
    const rows = await rowsOf(house)
    for (const [i, doctor] of doctors.entries()) {
      const [own, ...others] = (await doctor.get('/v1/appointments')).body.items
      assert.deepEqual([own.id, own.practitioner, own.reason], [rows[i].id, practitioners[i], 'Tumour board'])
      assert.deepEqual([own.together, others], [visit.together, []])
    }
    await whole(house)
  })

  it('is one visit for who comes: the others’ appointments are not theirs to see', async () => {
    await using house = await open()
    const team = await openTeam(house)
    const { id } = await bookAll(team)
    const [, second] = await rowsOf(house)
    const idsOf = async (query: string) =>
      (await team.client.get(`/v1/appointments${query}`)).body.items.map((one: { id: string }) => one.id)
    assert.deepEqual(await idsOf(''), [id])
    assert.deepEqual(await idsOf(`?practitioner=${team.practitioners[2]}`), [id], 'whoever gives it finds it')
    assert.equal((await team.client.get(`/v1/appointments/${second.id}`)).status, 404)
    assert.equal((await team.doctors[1]?.get(`/v1/appointments/${id}`))?.status, 404)
    assert.equal((await team.doctors[1]?.get(`/v1/appointments/${second.id}`))?.status, 200)
  })

  it('costs as many round trips as with one, and a statement or two more for each', async (t) => {
    await using house = await openTestHouse(everything)
    const team = await openTeam(house, 8)
    await bookAll(team)
    const { trips, statements } = await house.cost(() => bookAll(team, { start: ten }))
    assert.ok(trips <= 3, `${trips} trips`)
    assert.ok(statements <= 26, `${statements} statements`)
    t.diagnostic(`${trips} round trips, ${statements} statements for 8`)
  })

  it('is as long as the longest needs, with the time before and after of each', async () => {
    await using house = await open()
    const team = await openTeam(house, 2, ['Theatre', 'Theatre'])
    const [first = '', second = ''] = team.practitioners
    await serve(house, first, { minutes: 20, before: 10 })
    await serve(house, second, { minutes: 45, after: 15 })
    const { end } = await bookAll(team)
    assert.equal(end, '2031-03-03T09:45:00.000Z')
    const claims = await claimsOf(house)
    assert.deepEqual(
      [claims.get(first), claims.get(second), claims.get(team.client.patient), claims.size],
      ['08:50-09:45', '09:00-10:00', '09:00-09:45', 4],
    )
    const room = [...claims].find(([id]) => ![first, second, team.client.patient].includes(id))
    assert.equal(room?.[1], '08:50-10:00', 'the room from the first to the last who uses it')
    await whole(house)
  })

  it('takes all or nothing, names whom it fails at, and says when all are free', async () => {
    await using house = await open()
    const team = await openTeam(house)
    const [, second = '', third = ''] = team.practitioners
    const quick = await newPatient(house)
    const alone = { patient: quick.patient, start: nine }
    assert.equal((await quick.post('/v1/appointments', { ...alone, practitioner: second })).status, 201)
    const other = await newPatient(house)
    const half = '2031-03-03T09:30:00.000Z'
    const next = { practitioner: third, patient: other.patient, start: half }
    assert.equal((await other.post('/v1/appointments', next)).status, 201)
    const refused = await team.client.post('/v1/appointments', team.wish)
    assert.equal(refused.status, 409, JSON.stringify(refused.body))
    assert.deepEqual(refused.body.conflicts, [
      { resource: 'practitioner', practitioner: second, start: nine, end: half },
    ])
    const times = refused.body.alternatives.map(({ start }: { start: string }) => start.slice(11, 16))
    assert.deepEqual(times.slice(0, 3), ['08:30', '08:00', '10:00'])
    assert.equal((await rowsOf(house)).length, 2)
    await whole(house)
    const { start } = refused.body.alternatives[0]
    await bookAll(team, { start })
  })

  it('does not take the members for each other’s conflicts, but another visit of the patient for one', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    const elsewhere = await openCalendar(house)
    const own = { practitioner: elsewhere, patient: team.client.patient, start: nine }
    assert.equal((await team.client.post('/v1/appointments', own)).status, 201)
    const { status, body } = await team.client.post('/v1/appointments', team.wish)
    assert.equal(status, 409)
    assert.deepEqual(
      body.conflicts.map((one: object) => Object.entries(one).slice(0, 1)[0]),
      [['resource', 'patient']],
    )
    assert.equal(body.alternatives[0].start, '2031-03-03T08:30:00.000Z')
  })

  it('counts a service’s visits for whoever gives it', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    await serve(house, team.practitioners[1] ?? '', {})
    await house.owner.query('update scheduling.service set per_day = 1')
    await bookAll(team)
    const { status, body } = await team.client.post('/v1/appointments', { ...team.wish, start: ten })
    assert.deepEqual([status, body.alternatives[0].start.slice(0, 10)], [409, '2031-03-02'], JSON.stringify(body))
    await whole(house)
  })

  it('keeps to what is kept of the hours of any of them', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    const kept = JSON.stringify([{ channel: 'desk', release: [{ hours: 1, percent: 100 }] }])
    await house.owner.query('update scheduling.schedule set reserved = $2 where practitioner_id = $1', [
      team.practitioners[1],
      kept,
    ])
    await refreshOffers(house, team.practitioners)
    const { status, body } = await team.client.post('/v1/appointments', team.wish)
    assert.deepEqual([status, body.alternatives], [409, []], JSON.stringify(body))
    assert.equal((await rowsOf(house)).length, 0)
  })

  it('is as sensitive as the most sensitive of its parts', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    await house.owner.query(`update scheduling.schedule set specialities = '{psychiatry}' where practitioner_id = $1`, [
      team.practitioners[1],
    ])
    await bookAll(team)
    assert.deepEqual(
      (await rowsOf(house)).map(({ category }) => category),
      ['mental-health', 'mental-health'],
    )
  })

  it('passes a hold over that has lapsed', async () => {
    await using house = await open()
    const team = await openTeam(house, 2, ['One', 'Two'])
    const other = await newPatient(house)
    const held = { practitioner: team.practitioners[1], patient: other.patient, start: nine }
    assert.equal((await other.post('/v1/holds', held)).status, 201)
    assert.equal((await team.client.post('/v1/appointments', team.wish)).status, 409)
    house.setNow('2031-03-01T08:06:00Z')
    await bookAll(team)
    await whole(house)
  })

  const stranger = newId()
  type Asked = Awaited<ReturnType<typeof openTeam>>
  const refused: [rule: string, more: (team: Asked) => object, status: number, detail: RegExp][] = [
    ['that is held too', () => ({ hold: stranger }), 422, /not held before/],
    ['with a practitioner beside them', ({ practitioners: [one] }) => ({ practitioner: one }), 422, /not held before/],
    ['that is overbooked', () => ({ overbook: 'A child with fever' }), 422, /not overbooked/],
    ['for nobody', () => ({ patient: undefined }), 422, /Name patient and start/],
    ['of one', ({ wish }) => ({ participants: wish.participants.slice(0, 1) }), 400, /wrong/],
    ['of nine', ({ wish }) => ({ participants: [1, 2, 3].flatMap(() => wish.participants) }), 400, /wrong/],
    [
      'of one who comes twice',
      ({ wish: { participants } }) => ({ participants: [...participants, participants[0]] }),
      400,
      /once/,
    ],
    ['for a stranger', () => ({ patient: stranger }), 404, /may not book/],
    [
      'with nobody',
      ({ wish }) => ({ participants: [wish.participants[0], { practitioner: stranger }] }),
      404,
      /no such practitioner/,
    ],
    ['outside of their hours', () => ({ start: '2031-03-03T20:00:00Z' }), 422, /no hours/],
    ['in a mode that is not theirs', () => ({ mode: 'phone' }), 422, /in-person or video/],
  ]
  for (const [rule, more, status, detail] of refused)
    it(`refuses a visit ${rule}, and writes nothing`, async () => {
      await using house = await open()
      const team = await openTeam(house)
      const answer = await team.client.post('/v1/appointments', { ...team.wish, ...more(team) })
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.match(answer.body.detail, detail)
      assert.equal((await rowsOf(house)).length, 0)
    })

  it('refuses what not all of them can give, and says who cannot', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    const [first = ''] = team.practitioners
    const elsewhere = await openCalendar(house)
    const video = await openCalendar(house, { modes: ['video'] })
    const phone = await openCalendar(house, { modes: ['phone'] })
    const with_ = (...others: string[]) => ({
      ...team.wish,
      participants: [first, ...others].map((practitioner) => ({ practitioner })),
    })
    const ask = async (body: object) => (await team.client.post('/v1/appointments', body)).body
    assert.match((await ask(with_(elsewhere))).detail, /not all at one place/)
    assert.match((await ask(with_(phone))).detail, /in the same way/)
    assert.equal((await ask(with_(video))).mode, 'video')
    await serve(house, team.practitioners[1] ?? '', { seats: 3 })
    const group = await ask({ ...team.wish, start: ten })
    assert.match(group.detail, /gives that to groups/)
    assert.equal(group.practitioner, team.practitioners[1])
    await house.owner.query(`update scheduling.practitioner set licensed_until = '2031-03-02Z' where id = $1`, [
      elsewhere,
    ])
    assert.equal((await ask({ ...with_(elsewhere), mode: 'video' })).practitioner, elsewhere)
  })

  it('is booked by who may book with each of them; one who treats the patient books for nobody else', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    assert.equal((await house.anonymous.post('/v1/appointments', team.wish)).status, 401)
    const [doctor] = team.doctors
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, subject_type, subject_id, relationship, powers, source_id, valid_from)
       values ($1, $2, 'Patient', $3, 'treatment', '{see-record}', $1, '2031-01-01Z')`,
      [newId(), doctor?.account, team.client.patient],
    )
    const alone = { practitioner: team.practitioners[0], patient: team.client.patient, start: ten }
    assert.equal((await doctor?.post('/v1/appointments', alone))?.status, 201)
    const all = await doctor?.post('/v1/appointments', team.wish)
    assert.deepEqual([all?.status, all?.body.practitioner], [404, team.practitioners[1]], JSON.stringify(all?.body))
  })

  it('answers a request that comes twice as it answered the first', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    const send = () => team.client.post('/v1/appointments', team.wish, { 'idempotency-key': 'twice-4f1d' })
    const [first, second] = [await send(), await send()]
    assert.deepEqual([first.status, second.body], [201, first.body])
    assert.equal((await rowsOf(house)).length, 2)
  })
})
