import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { registry } from '#services/registry/service.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../calendar.ts'
import { neighbour, notes } from './rooms.ts'

const rooms = [notes, neighbour]
const scrape = async (house: TestHouse): Promise<string> => (await house.anonymous.get('/metrics')).body
/** Of one series, or undefined when there is none. */
const figure = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length))
}

describe('/metrics', () => {
  it('is for this machine, or the holder of the token', async () => {
    await using house = await openTestHouse(rooms, { env: { METRICS_TOKEN: 'scrape' } })
    assert.equal((await house.anonymous.get('/metrics')).status, 404)
    assert.equal((await house.anonymous.get('/metrics', { authorization: 'Bearer scrape' })).status, 200)
    await using open = await openTestHouse(rooms)
    assert.equal((await open.anonymous.get('/metrics')).status, 200)
    assert.equal((await open.anonymous.get('/metrics', { 'x-forwarded-for': '203.0.113.9' })).status, 404)
  })

  it('counts requests by room, operation and how they ended', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    await somebody.get('/v1/neighbour')
    await somebody.post('/v1/notes', { text: 1 })
    await somebody.post('/v1/break-down', { text: 'x', with: 'a secret' })
    const text = await scrape(house)
    const count = (labels: string) => figure(text, `openhcs_http_request_seconds_count{${labels}}`)
    assert.equal(count('room="notes",operation="askNeighbour",outcome="ok",status="200"'), 1)
    assert.equal(count('room="notes",operation="createNote",outcome="refused",status="400"'), 1)
    assert.equal(count('room="notes",operation="breakDown",outcome="failed",status="500"'), 1)
    assert.equal(
      figure(text, 'openhcs_problems_total{room="notes",operation="createNote",code="invalid",reason=""}'),
      1,
    )
    assert.doesNotMatch(text, /secret|\/v1\//)
  })

  it('counts what is no operation of a contract, too: the RESTful API of FHIR, pages', async () => {
    await using house = await openTestHouse(everything)
    const somebody = await house.signedIn({ roles: ['patient'] })
    assert.equal((await somebody.get('/fhir/R4/Observation')).status, 200)
    assert.equal((await somebody.get('/fhir/R4/Observation?code:made-up=1')).status, 400)
    await house.anonymous.get('/links/none')
    const text = await scrape(house)
    const count = (labels: string) => figure(text, `openhcs_http_request_seconds_count{${labels}}`)
    assert.equal(count('room="records",operation="fhir search",outcome="ok",status="200"'), 1)
    assert.equal(count('room="records",operation="fhir search",outcome="refused",status="400"'), 1)
    assert.equal(count('room="scheduling",operation="scheduling pages",outcome="refused",status="404"'), 1)
    assert.equal(
      figure(text, 'openhcs_problems_total{room="records",operation="fhir search",code="invalid",reason=""}'),
      1,
    )
  })

  it('tells of each pool: what is in use, how many there may be, who waits', async () => {
    await using house = await openTestHouse(rooms)
    const text = await scrape(house)
    assert.equal(figure(text, 'openhcs_database_connections_max{room="neighbour"}'), 5)
    assert.notEqual(figure(text, 'openhcs_database_connections_in_use{room="neighbour"}'), undefined)
    assert.equal(figure(text, 'openhcs_database_requests_waiting{room="neighbour"}'), 0)
  })

  it('counts what was announced, once it is committed', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    await somebody.post('/v1/notes', { text: 'milk' }, { 'idempotency-key': 'once' })
    await somebody.post('/v1/notes', { text: 'milk' }, { 'idempotency-key': 'once' })
    assert.equal(figure(await scrape(house), 'openhcs_events_total{room="notes",event="Note.written"}'), 1)
  })

  it('tells of the job engine: what is due and for how long, what was given up, how late work was done', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    await somebody.post('/v1/notes', { text: 'milk' })
    await house.work()
    await house.owner.query(`insert into graphile_worker._private_jobs (task_id, run_at, attempts)
      select id, now() - interval '5 minutes', n from graphile_worker._private_tasks, (values (0), (1), (25)) x(n)
      where identifier = 'neighbour:event'`)
    await house.owner.query(`insert into graphile_worker._private_jobs (task_id, run_at)
      select id, now() + interval '5 minutes' from graphile_worker._private_tasks where identifier = 'neighbour:event'`)
    const text = await scrape(house)
    const of = 'room="neighbour",task="event"'
    assert.equal(figure(text, `openhcs_jobs_due{${of}}`), 2)
    assert.equal(figure(text, `openhcs_jobs_failed{${of}}`), 1)
    assert.equal(Math.floor((figure(text, `openhcs_jobs_oldest_due_seconds{${of}}`) ?? 0) / 60), 5)
    assert.equal(figure(text, `openhcs_job_seconds_count{${of},outcome="ok"}`), 1)
  })

  it('tells how old the newest backup is or, while there is none, the installation', async () => {
    const installed = `update platform.migration set applied_at = now() - interval '30 hours';`
    const backup = (age: string) => `insert into platform.backup (id, made_at, rows, bytes, sha256)
      values (gen_random_uuid(), now() - interval '${age}', 1, 1, 'x');`
    for (const [past, hours] of [
      [installed, 30],
      [installed + backup('9 hours') + backup('5 hours') + backup('29 hours'), 5],
    ] as const) {
      await using house = await openTestHouse(rooms)
      await house.owner.query(past)
      const age = figure(await scrape(house), 'openhcs_last_backup_age_seconds')
      assert.equal(Math.floor((age ?? 0) / 3_600), hours)
    }
  })

  it('answers without a database, says so, and does not show old figures as new', async () => {
    await using house = await openTestHouse(rooms, { env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere' } })
    const text = await scrape(house)
    assert.equal(figure(text, 'openhcs_database_up{room="notes"}'), 0)
    assert.equal(figure(text, 'openhcs_build_info{version="0.1.0"}'), 1)
    assert.doesNotMatch(text, /^openhcs_jobs_due/m)
  })

  it('asks the database once for many scrapes, and not while every connection is taken', async () => {
    await using house = await openTestHouse(rooms, { env: { DATABASE_POOL_SIZE: '1' } })
    const { statements } = await house.cost(() => Promise.all(Array.from({ length: 20 }, () => scrape(house))))
    assert.ok(statements <= 7, `${statements}`)
    await using busy = await openTestHouse(rooms, { env: { DATABASE_POOL_SIZE: '1' } })
    const held = await busy.house.databases.get('notes')?.connect()
    const text = await scrape(busy)
    held?.release()
    assert.equal(figure(text, 'openhcs_database_up{room="notes"}'), 1, 'it answers; there is only no connection left')
    assert.doesNotMatch(text, /^openhcs_jobs_due/m)
  })
})

describe('business signals', () => {
  it('are bookings, refusals by reason, visits outside of hours, calendars that fail, mails, and licences that end', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const patient = (await house.owner.query('select gen_random_uuid() as id')).rows[0].id
    const person = await house.signedIn({ self: { patient } })
    const book = (start: string) => person.post('/v1/appointments', { practitioner, patient, start })
    assert.equal((await book('2031-03-03T09:00:00Z')).status, 201)
    assert.equal((await book('2031-03-03T09:00:00Z')).status, 409)
    assert.equal((await book('2031-03-03T03:00:00Z')).status, 422)
    await house.owner.query(
      `insert into registry.practitioner (id, name, gender, languages, specialities, created_at, updated_at)
       values ($1, 'Dr Test Person', 'female', '{en}', '{cardiology}', now(), now())`,
      [practitioner],
    )
    await house.owner.query(
      `insert into registry.licence (id, practitioner_id, number, issuer, country, valid_from, valid_until, status, demo, created_at, updated_at)
       select gen_random_uuid(), id, 'X', 'Council ' || d, 'ZZ', '2030-01-01', date '2031-03-01' + d, 'verified', true, now(), now()
       from registry.practitioner, (values (20), (40)) x(d)`,
    )
    await house.owner.query(
      `insert into scheduling.rebooking (appointment_id, practitioner_id, cause, opened_at) select id, practitioner_id, 'hours', now() from scheduling.appointment;
       insert into scheduling.busy_calendar (id, practitioner_id, label, kind, host, access, zone, state, error, failures, next_at, created_at)
       select gen_random_uuid(), practitioner_id, 'Test', 'ics', 'test', 'v1.key.x', 'UTC', 'failing', 'unreachable', failures, now(), now()
       from scheduling.rebooking, (values (2), (3)) x(failures)`,
    )
    const ahead = await scrape(house)
    assert.equal(figure(ahead, 'openhcs_visits_outside_hours'), 1)
    assert.equal(figure(ahead, 'openhcs_busy_calendars_failing'), 1)
    assert.equal(figure(ahead, 'openhcs_licences_expiring'), 0, 'another licence goes on longer')
    assert.equal(figure(ahead, 'openhcs_events_total{room="scheduling",event="Appointment.booked"}'), 1)
    const refused = (code: string, reason: string) =>
      figure(
        ahead,
        `openhcs_problems_total{room="scheduling",operation="bookAppointment",code="${code}",reason="${reason}"}`,
      )
    assert.equal(refused('conflict', 'taken'), 1)
    assert.equal(refused('business-rule', 'outside-hours'), 1)
    assert.equal(figure(ahead, 'openhcs_deliveries{channel="email",status="queued"}'), 0)
    assert.equal(figure(ahead, 'openhcs_audit_unsealed_seconds'), 0)
    assert.equal(figure(ahead, 'openhcs_licences_pending'), 0)
    assert.doesNotMatch(ahead, /="[^"]*(\/|[0-9a-f]{8}-[0-9a-f]{4})/, 'no path and no id in a label')
    house.setNow('2031-03-20T08:00:00Z')
    const later = await registry.metrics?.read(house.db('registry'), house.house.now())
    assert.deepEqual(later?.openhcs_licences_expiring, [{ value: 1 }])
  })
})
