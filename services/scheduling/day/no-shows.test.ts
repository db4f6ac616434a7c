import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { arrive, book, type Clinic, ok, openClinic, version } from './testing.ts'

const run = ({ house }: Pick<Clinic, 'house'>, job: string) =>
  house.house.tasks()[`scheduling:${job}`]?.({}, { job: {} } as never) as Promise<void>

const statuses = async ({ house }: Clinic) =>
  (await house.owner.query('select status from scheduling.appointment order by start_at')).rows.map(
    ({ status }) => status,
  )

describe('the job that marks no-shows', () => {
  it('marks who has not come half an hour after the start, where somebody was checked in that day', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const [, first] = [await book(clinic, '2031-03-01T09:00:00Z'), await book(clinic, '2031-03-01T09:30:00Z')]
    await book(clinic, '2031-03-01T10:00:00Z')
    house.setNow('2031-03-01T09:59:00Z')
    await run(clinic, 'mark-no-shows')
    assert.deepEqual(await statuses(clinic), ['booked', 'booked', 'booked'], 'nobody checks in here')
    ok(await arrive(clinic.desk, first.visit))
    await run(clinic, 'mark-no-shows')
    assert.deepEqual(await statuses(clinic), ['noshow', 'arrived', 'booked'])
    const { rows } = await house.owner.query(
      `select actor, reason from platform.audit_event where reason = 'grace' and subject is not null`,
    )
    assert.deepEqual(rows, [{ actor: 'system', reason: 'grace' }])
    assert.equal(house.house.databases.get('scheduling')?.committed.get('Appointment.missed'), 1)
    house.setNow('2031-03-01T10:30:00Z')
    await run(clinic, 'mark-no-shows')
    assert.deepEqual(await statuses(clinic), ['noshow', 'arrived', 'noshow'])
  })

  it('leaves a day on which nobody is checked in, whatever was the day before', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const [first] = [await book(clinic, '2031-03-01T09:00:00Z'), await book(clinic, '2031-03-02T09:00:00Z')]
    ok(await arrive(clinic.desk, first.visit))
    house.setNow('2031-03-02T10:00:00Z')
    await run(clinic, 'mark-no-shows')
    assert.deepEqual(await statuses(clinic), ['arrived', 'booked'])
  })

  it('is taken back by the desk on the same day, and keeps the time for who comes late', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const [late, first] = [await book(clinic, '2031-03-01T09:00:00Z'), await book(clinic, '2031-03-01T09:30:00Z')]
    house.setNow('2031-03-01T09:40:00Z')
    ok(await arrive(clinic.desk, first.visit))
    await run(clinic, 'mark-no-shows')
    const { rows } = await house.owner.query('select 1 from scheduling.claim where holder_id = $1', [late.visit])
    assert.equal(rows.length, 2)
    const undo = `/v1/appointments/${late.visit}/undo`
    assert.equal((await clinic.stranger.post(undo, { reason: 'other' }, version(2))).status, 404)
    assert.equal(ok(await clinic.desk.post(undo, { reason: 'came-after-all' }, version(2))).status, 'booked')
    ok(await arrive(clinic.desk, late.visit, {}, 3))
  })

  it('leaves visits by video alone unless the place says otherwise, and everybody where it says never', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const [, , first] = [
      await book(clinic, '2031-03-01T08:30:00Z', { mode: 'video' }),
      await book(clinic, '2031-03-01T09:00:00Z'),
      await book(clinic, '2031-03-01T09:30:00Z'),
    ]
    ok(await arrive(clinic.desk, first.visit))
    const settings = async (more: object, at: number) =>
      ok(
        await clinic.desk.put(
          `/v1/places/${clinic.place}/day-settings`,
          { earlyMinutes: 120, lateMinutes: 10, ...more },
          version(at),
        ),
      )
    house.setNow('2031-03-01T12:00:00Z')
    await settings({}, 1)
    await run(clinic, 'mark-no-shows')
    assert.deepEqual(await statuses(clinic), ['booked', 'booked', 'arrived'])
    await settings({ graceMinutes: 60 }, 2)
    await run(clinic, 'mark-no-shows')
    assert.deepEqual(await statuses(clinic), ['booked', 'noshow', 'arrived'])
    await settings({ remoteGraceMinutes: 60 }, 3)
    await run(clinic, 'mark-no-shows')
    assert.deepEqual(await statuses(clinic), ['noshow', 'noshow', 'arrived'])
  })

  it('marks once, however many workers there are', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const [late, first] = [await book(clinic, '2031-03-01T09:00:00Z'), await book(clinic, '2031-03-01T09:30:00Z')]
    house.setNow('2031-03-01T09:40:00Z')
    ok(await arrive(clinic.desk, first.visit))
    // All of them have found it before the first may mark it.
    await house.owner.query('begin')
    await house.owner.query('select from scheduling.appointment where id = $1 for update', [late.visit])
    const workers = [1, 2, 3].map(() => run(clinic, 'mark-no-shows'))
    const waiting = async () =>
      (await house.owner.query(`select count(*)::int as n from pg_locks where not granted`)).rows[0].n
    for (let look = 0; look < 10_000 && (await waiting()) < 3; look++);
    await house.owner.query('commit')
    await Promise.all(workers)
    const { rows } = await house.owner.query('select version from scheduling.appointment where id = $1', [late.visit])
    assert.equal(rows[0].version, 2)
    assert.equal(house.house.databases.get('scheduling')?.committed.get('Appointment.missed'), 1)
  })
})

describe('the numbers of a waiting room', () => {
  it('are forgotten: somebody’s after a month, nobody’s after a week', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { visit } = await book(clinic, '2031-03-01T09:00:00Z')
    const { queue } = ok(await arrive(clinic.desk, visit)).entry
    ok(await clinic.desk.post('/v1/queue-entries', { queue, firstName: 'Sami' }), 201)
    const left = async (now: string) => {
      house.setNow(now)
      await run(clinic, 'forget')
      const entries = await house.owner.query('select first_name from scheduling.queue_entry order by number')
      const numbers = await house.owner.query('select 1 from scheduling.queue_number')
      return [entries.rows.map(({ first_name }) => first_name), numbers.rowCount]
    }
    assert.deepEqual(await left('2031-03-08T03:00:00Z'), [[null, 'Sami'], 1])
    assert.deepEqual(await left('2031-03-10T03:00:00Z'), [[null], 1])
    assert.deepEqual(await left('2031-04-02T03:00:00Z'), [[], 0])
  })
})
