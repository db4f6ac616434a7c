import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient } from '../../../tests/calendar.ts'
import { scheduling } from '../service.ts'
import { at, bookAll, claimsOf, nine, openTeam, rowsOf, ten, whole } from './testing.ts'

const open = () => openTestHouse([scheduling])
const statuses = async (house: TestHouse) => (await rowsOf(house)).map(({ status }) => status)
const starts = async (house: TestHouse) => (await rowsOf(house)).map(({ start_at }) => start_at.toISOString())

describe('a visit that several give', () => {
  it('is cancelled for all by who comes, or by the first of them, and all of its time is free', async () => {
    await using house = await open()
    const team = await openTeam(house)
    for (const who of [team.client, team.doctors[0]]) {
      const { id } = await bookAll(team)
      const { status, body } = (await who?.post(`/v1/appointments/${id}/cancel`, { reason: 'other' }, at(1))) ?? {}
      assert.deepEqual([status, body?.status], [200, 'cancelled'], JSON.stringify(body))
      assert.deepEqual(await claimsOf(house), new Map())
      await whole(house)
    }
    assert.deepEqual([...new Set(await statuses(house))], ['cancelled'])
  })

  it('is declined by another of them: a task for both, and nobody is sent home', async () => {
    await using house = await open()
    const team = await openTeam(house)
    const [leader, second, third] = team.doctors
    const { id } = await bookAll(team)
    const own = (await rowsOf(house))[1].id
    const cancelled = await second?.post(`/v1/appointments/${own}/cancel`, { reason: 'prov' }, at(1))
    assert.deepEqual([cancelled?.status, /Decline it/.test(cancelled?.body.detail)], [422, true])
    assert.equal((await second?.post(`/v1/appointments/${own}/decline`))?.status, 204)
    assert.equal((await second?.post(`/v1/appointments/${own}/decline`))?.status, 204, 'twice is once')
    assert.deepEqual(await statuses(house), ['booked', 'booked', 'booked'])
    const tasksOf = async (who: typeof leader) =>
      (await who?.get('/v1/rebookings'))?.body.items.map((one: Record<string, string>) => [one.appointment, one.cause])
    assert.deepEqual(await tasksOf(leader), [[id, 'declined']])
    assert.deepEqual(await tasksOf(second), [[own, 'declined']])
    assert.deepEqual(await tasksOf(third), [])
    // Both are done when the visit has been moved, by whomever.
    const plan = (await leader?.post('/v1/rebookings/plan', {}))?.body
    assert.equal(plan.moves[0].start, '2031-03-03T08:30:00.000Z')
    const moved = await leader?.post('/v1/rebookings/move', { moves: plan.moves })
    assert.equal(moved?.body.items[0].moved, true, JSON.stringify(moved?.body))
    assert.deepEqual([await tasksOf(leader), await tasksOf(second)], [[], []])
    assert.deepEqual([...new Set(await starts(house))], ['2031-03-03T08:30:00.000Z'])
    await whole(house)
  })

  it('is declined by nobody else, and only where others give it too', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    const { id } = await bookAll(team)
    const decline = async (who: { post: typeof team.client.post } | undefined, visit: string) => {
      const { status, body } = (await who?.post(`/v1/appointments/${visit}/decline`)) ?? {}
      return [status, body?.detail]
    }
    assert.deepEqual(await decline(team.client, id), [403, 'Those who give a visit decline it. Move it, or cancel it.'])
    assert.equal((await decline(team.doctors[1], id))[0], 404)
    assert.equal((await decline(await newPatient(house), id))[0], 404)
    assert.equal((await decline(house.anonymous, id))[0], 401)
    const alone = { practitioner: team.practitioners[0], patient: team.client.patient, start: ten }
    const single = (await team.client.post('/v1/appointments', alone)).body.id
    assert.deepEqual(await decline(team.doctors[0], single), [
      422,
      'Nobody else gives this visit: move it, or cancel it.',
    ])
    await team.client.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, at(1))
    assert.equal((await decline(team.doctors[1], (await rowsOf(house))[1].id))[0], 422)
  })

  it('is a task when the hours of one of them go, and moves with all', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    await bookAll(team)
    const { rows } = await house.owner.query('select id from scheduling.schedule where practitioner_id = $1', [
      team.practitioners[1],
    ])
    const url = `/v1/schedules/${rows[0].id}/exceptions?acceptAffected=true`
    const ill = await team.doctors[1]?.post(url, { kind: 'withdraw', date: '2031-03-03' })
    assert.equal(ill?.status, 201, JSON.stringify(ill?.body))
    const plan = (await team.doctors[1]?.post('/v1/rebookings/plan', {}))?.body
    assert.equal(plan.moves[0]?.start, '2031-03-02T17:30:00.000Z', 'the nearest when both are there')
    const colleague = { ...plan.moves[0], practitioner: team.practitioners[0] }
    const refused = await team.doctors[1]?.post('/v1/rebookings/move', { moves: [colleague] })
    assert.match(refused?.body.items[0].detail, /moved with the same practitioners/)
    const moved = await team.doctors[1]?.post('/v1/rebookings/move', { moves: plan.moves })
    assert.equal(moved?.body.items[0].moved, true, JSON.stringify(moved?.body))
    assert.deepEqual([...new Set(await starts(house))], ['2031-03-02T17:30:00.000Z'])
    await whole(house)
  })

  it('is moved as one, into time that overlaps its own too', async () => {
    await using house = await open()
    const team = await openTeam(house, 3, ['One', 'One'])
    const { id } = await bookAll(team)
    const start = '2031-03-03T09:15:00.000Z'
    const { status, body } = await team.client.post(`/v1/appointments/${id}/reschedule`, { start }, at(1))
    assert.deepEqual([status, body.start, body.version, body.together.appointment], [200, start, 2, id])
    assert.deepEqual([...new Set(await starts(house))], [start])
    assert.deepEqual([...new Set((await claimsOf(house)).values())], ['09:15-09:45'])
    await whole(house)
    // By one of them too, whose page of it has the same version.
    const second = (await rowsOf(house))[1].id
    const back = await team.doctors[1]?.post(`/v1/appointments/${second}/reschedule`, { start: ten }, at(2))
    assert.equal(back?.status, 200, JSON.stringify(back?.body))
    assert.equal(back?.body.id, second)
    assert.deepEqual([...new Set(await starts(house))], [ten])
    assert.equal((await team.client.post(`/v1/appointments/${id}/reschedule`, { start }, at(2))).status, 412)
    await whole(house)
  })

  it('stays where it is if one of them is not free there', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    const { id } = await bookAll(team)
    const other = await newPatient(house)
    const taken = { practitioner: team.practitioners[1], patient: other.patient, start: ten }
    assert.equal((await other.post('/v1/appointments', taken)).status, 201)
    const { status, body } = await team.client.post(`/v1/appointments/${id}/reschedule`, { start: ten }, at(1))
    assert.deepEqual([status, body.conflicts[0].practitioner], [409, team.practitioners[1]], JSON.stringify(body))
    assert.equal(body.alternatives[0].start, '2031-03-03T09:30:00.000Z')
    assert.deepEqual((await starts(house)).slice(0, 2), [nine, nine])
    await whole(house)
  })

  it('is changed by who comes as the strictest of their policies has it', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    const { id } = await bookAll(team)
    await house.owner.query(
      `insert into scheduling.booking_policy (owner_id, owner_type, cancel_minutes, move_minutes, version, contact, updated_at) values ($1, 'Practitioner', 10000, 10000, 1, '', now())`,
      [team.practitioners[1]],
    )
    const cancel = () => team.client.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, at(1))
    assert.match((await cancel()).body.detail, /^One cancels this visit by oneself until/)
    const move = await team.client.post(`/v1/appointments/${id}/reschedule`, { start: ten }, at(1))
    assert.match(move.body.detail, /^One moves this visit by oneself until/)
    const own = (await rowsOf(house))[1].id
    assert.equal((await team.doctors[1]?.post(`/v1/appointments/${own}/decline`))?.status, 204)
    assert.equal((await cancel()).status, 200, 'one of them cannot come: then it is no whim of the patient’s')
  })

  it('has one day: it arrives, takes place and is missed as one', async () => {
    await using house = await open()
    const team = await openTeam(house)
    const { id } = await bookAll(team)
    const [, second] = await rowsOf(house)
    const doctor = team.doctors[1]
    house.setNow('2031-03-03T08:55:00Z')
    const arrived = await team.client.post(`/v1/appointments/${id}/arrive`, {}, at(1))
    assert.equal(arrived.status, 200, JSON.stringify(arrived.body))
    assert.deepEqual(await statuses(house), ['arrived', 'arrived', 'arrived'])
    const again = await doctor?.post(`/v1/appointments/${second.id}/arrive`, {}, at(2))
    assert.equal(again?.status, 422)
    const done = await doctor?.post(`/v1/appointments/${second.id}/fulfil`, undefined, at(2))
    assert.equal(done?.status, 200, JSON.stringify(done?.body))
    assert.deepEqual(await statuses(house), ['fulfilled', 'fulfilled', 'fulfilled'])
    const { rows } = await house.owner.query('select appointment_id, state from scheduling.queue_entry')
    assert.deepEqual(rows, [{ appointment_id: id, state: 'done' }])
    const undone = await doctor?.post(`/v1/appointments/${second.id}/undo`, { reason: 'other' }, at(3))
    assert.equal(undone?.status, 200, JSON.stringify(undone?.body))
    assert.deepEqual(await statuses(house), ['arrived', 'arrived', 'arrived'])
    const versions = (await rowsOf(house)).map(({ version }) => version)
    assert.deepEqual(versions, [4, 4, 4])
  })

  it('is missed as one', async () => {
    await using house = await open()
    const team = await openTeam(house, 2)
    await bookAll(team)
    house.setNow('2031-03-03T09:45:00Z')
    const own = (await rowsOf(house))[1].id
    const missed = await team.doctors[1]?.post(`/v1/appointments/${own}/no-show`, undefined, at(1))
    assert.equal(missed?.status, 200, JSON.stringify(missed?.body))
    assert.deepEqual(await statuses(house), ['noshow', 'noshow'])
  })

  it('is acted on by one after the other: nobody waits for who waits for them, and has to begin anew', async () => {
    await using house = await open()
    const team = await openTeam(house)
    await bookAll(team)
    await bookAll(team, { start: ten })
    const rows = await rowsOf(house)
    const fulfil = async (visit: string, doctor: (typeof team.doctors)[number]) => {
      const { id } = rows.find(
        (row) => row.together === visit && row.practitioner_id === team.practitioners[team.doctors.indexOf(doctor)],
      )
      return (await doctor.post(`/v1/appointments/${id}/fulfil`, undefined, at(1))).status
    }
    const [first, second] = [...new Set(rows.map(({ together }) => together))]
    const [doctor] = team.doctors
    house.setNow('2031-03-03T10:05:00Z')
    assert.ok(doctor)
    const [done, late] = [await house.cost(() => fulfil(first, doctor)), await house.cost(() => fulfil(first, doctor))]
    assert.deepEqual([done.result, late.result], [200, 412])
    // Somebody holds what is locked last of the other visit, until each of them waits: all but one have nothing then that the others want.
    const last = rows
      .filter(({ together }) => together === second)
      .map(({ id }) => id)
      .sort()
      .at(-1)
    const waiting = async () =>
      (await house.owner.query('select count(distinct pid)::int as n from pg_locks where not granted')).rows[0].n
    const { result, statements } = await house.cost(async () => {
      await house.owner.query('begin')
      await house.owner.query('select from scheduling.appointment where id = $1 for update', [last])
      const asked = team.doctors.map((one) => fulfil(second, one))
      for (let looks = 0; looks < 10_000 && (await waiting()) < asked.length; looks++);
      await house.owner.query('commit')
      return Promise.all(asked)
    })
    assert.deepEqual(result.sort(), [200, 412, 412])
    // Who they are is asked together where they come together.
    assert.ok(statements <= done.statements + 2 * late.statements, `${statements} statements`)
  })

  it('follows its patient into another record, and back', async () => {
    await using house = await openTestHouse(everything)
    const ada = await house.signedIn({ roles: ['administrator'] })
    const somebody = async () => {
      const who = await house.signedIn()
      const facts = { name: 'Saba Tesfaye', birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
      return { ...who, patient: (await who.post('/v1/patients', facts)).body.id as string }
    }
    const [one, other] = [await somebody(), await somebody()]
    const team = await openTeam(house, 2)
    const visit = await bookAll({ client: other, wish: { ...team.wish, patient: other.patient } })
    await house.work()
    const merge = { survivor: one.patient, replaced: other.patient, reason: 'Same person' }
    const { body } = await ada.post('/v1/merges', merge)
    await house.work()
    const seen = async () => (await one.get('/v1/appointments')).body.items.map(({ id }: { id: string }) => id)
    assert.deepEqual(await seen(), [visit.id])
    const moved = await one.post(`/v1/appointments/${visit.id}/reschedule`, { start: ten }, at(2))
    assert.equal(moved.status, 200, JSON.stringify(moved.body))
    assert.equal((await claimsOf(house)).get(one.patient), '10:00-10:30')
    await ada.post(`/v1/merges/${body.id}/undo`, { reason: 'Two people' }, at(1))
    await house.work()
    assert.deepEqual(await seen(), [])
    assert.equal((await claimsOf(house)).get(other.patient), '10:00-10:30')
    await whole(house)
  })
})
