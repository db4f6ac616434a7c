import { newId } from '#platform/ids.ts'
import type { Client, TestHouse } from '#platform/testing.ts'

export interface CalendarOptions {
  /** Of somebody who has hours already; default: a new practitioner. */
  practitioner?: string
  /** Hours on every day of the week. */
  from?: string
  until?: string
  minutes?: number
  room?: string
  device?: string
  place?: string
  modes?: string[]
  specialities?: string[]
}

/**
 * A licensed practitioner with hours, put straight into scheduling's tables: for tests whose subject begins where the hours are placed.
 * Returns the id of the practitioner.
 */
export async function openCalendar(house: TestHouse, options: CalendarOptions = {}): Promise<string> {
  const {
    from = '08:00',
    until = '18:00',
    minutes = 30,
    modes = ['in-person', 'video'],
    specialities = ['cardiology'],
  } = options
  const practitioner = options.practitioner ?? newId()
  const place = options.place ?? (await openPlace(house))
  const hours = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => ({ day, from, until }))
  const { owner } = house
  await owner.query(
    `insert into scheduling.practitioner (id, name, gender, languages, specialities, licensed_from, licensed_until)
     values ($1, 'Dr Test Person', 'female', '{en,am}', $2, '2020-01-01Z', '2040-01-01Z') on conflict do nothing`,
    [practitioner, specialities],
  )
  await owner.query(`insert into scheduling.resource (id, kind) values ($1, 'practitioner') on conflict do nothing`, [
    practitioner,
  ])
  const taken: string[] = []
  for (const kind of ['room', 'device'] as const)
    if (options[kind] !== undefined) taken.push(await openResource(house, place, kind, options[kind]))
  const schedule = newId()
  await owner.query(
    `insert into scheduling.schedule (id, practitioner_id, place_id, resources, modes, specialities, zone, minutes, hours, valid_from, expanded_until, created_at)
     values ($1, $2, $3, $4, $5, $6, 'UTC', $7, $8, '2020-01-01', $9::date - 1, $9)`,
    [schedule, practitioner, place, taken, modes, specialities, minutes, JSON.stringify(hours), house.house.now()],
  )
  await refreshOffers(house, [practitioner])
  await house.house.tasks()['scheduling:extend-horizon']?.({}, undefined as never)
  return practitioner
}

export interface TestService {
  code: string
  speciality: string
  minutes: number
  before: number
  after: number
  notice: number
  window: number
  seats?: number
  /** Minutes of the present day between which there are no more visits. */
  full: number[] | undefined
}

/** Services in all schedules of a practitioner, in place of visits of their own length. */
export async function openServices(
  { owner, house }: TestHouse,
  practitioner: string,
  services: readonly TestService[],
) {
  for (const { code, speciality, minutes, before, after, notice, window, seats = 1, full } of services) {
    const { rows } = await owner.query(
      `insert into scheduling.service (id, practitioner_id, code, name, speciality, minutes, before_minutes, after_minutes, notice_minutes, window_days, full_at, created_at, seats)
       values ($1, $2, $3, 'Test service', $4, $5, $6, $7, $8, $9,
         case when $10::int is null then '{}' else tstzmultirange(tstzrange(date_trunc('day', $12::timestamptz, 'UTC') + make_interval(mins => $10), date_trunc('day', $12::timestamptz, 'UTC') + make_interval(mins => $11))) end, $12, $13)
       returning id`,
      [
        newId(),
        practitioner,
        code,
        speciality,
        minutes,
        before,
        after,
        notice,
        window,
        full?.[0],
        full?.[1],
        house.now(),
        seats,
      ],
    )
    await owner.query('update scheduling.schedule set services = services || $2::uuid where practitioner_id = $1', [
      practitioner,
      rows[0].id,
    ])
  }
}

/** As an import does: what a practitioner's calendar elsewhere says now. */
export async function keepBusy({ owner, house }: TestHouse, practitioner: string, busy: [Date, Date][]): Promise<void> {
  await owner.query('set search_path = scheduling, platform')
  await owner.query(
    `insert into busy_calendar (id, practitioner_id, label, kind, host, access, zone, next_at, created_at)
     values ($1, $1, 'Diary', 'ics', 'calendar.example', '1.none.none', 'UTC', 'infinity', $2) on conflict do nothing`,
    [practitioner, house.now()],
  )
  await owner.query(
    `select keep_busy($1, coalesce((select range_agg(tstzrange(f, u)) from unnest($2::timestamptz[], $3::timestamptz[]) x(f, u)), '{}'), $4)`,
    [practitioner, busy.map(([from]) => from), busy.map(([, until]) => until), house.now()],
  )
}

/** After a test has changed a practitioner, a place or hours behind the room's back. */
export async function refreshOffers({ owner, house }: TestHouse, practitioners: string[]): Promise<void> {
  await owner.query('set search_path = scheduling, platform')
  await owner.query('select refresh_offers($1, $2)', [practitioners, house.now()])
}

export async function openPlace({ owner }: TestHouse, latitude = 0.34, longitude = 6.73): Promise<string> {
  const place = newId()
  await owner.query(
    `insert into scheduling.place (id, name, zone, latitude, longitude) values ($1, 'Test Clinic', 'UTC', $2, $3)`,
    [place, latitude, longitude],
  )
  return place
}

async function openResource({ owner }: TestHouse, place: string, kind: string, name: string): Promise<string> {
  const { rows } = await owner.query(
    `insert into scheduling.resource (id, kind, place_id, name) values ($1, $4, $2, $3)
     on conflict (place_id, kind, name) where kind <> 'practitioner' do update set name = excluded.name returning id`,
    [newId(), place, name, kind],
  )
  return rows[0].id
}

/** A day on which a place is closed, and a visit that waits for another time. */
export async function closedDay({ owner }: TestHouse, place: string, practitioner: string, appointment: string) {
  const holiday = newId()
  await owner.query(
    `insert into scheduling.place_holiday (id, place_id, on_date, name, created_at) values ($1, $2, '2031-05-01', 'A day', now())`,
    [holiday, place],
  )
  await owner.query(
    `insert into scheduling.rebooking (appointment_id, practitioner_id, cause, opened_at) values ($1, $2, 'hours', now())`,
    [appointment, practitioner],
  )
  return holiday
}

/** Somebody who can book for themselves. */
export async function newPatient(house: TestHouse): Promise<Client & { patient: string }> {
  const patient = newId()
  return { ...(await house.signedIn({ self: { patient } })), patient }
}

/** Pairs of claims that overlap, and differences between what search sees and shifts − claims − busy times. Both must be empty at all times. */
export async function faultsOf({ owner, house }: TestHouse): Promise<{ overlaps: number; divergent: number }> {
  const { rows } = await owner.query(
    `select count(*)::int as n from scheduling.claim a join scheduling.claim b
     on a.resource_id = b.resource_id and a.lane = b.lane and a.during && b.during and (a.holder_id, a.resource_id) < (b.holder_id, b.resource_id)`,
  )
  const future = 'tstzmultirange(tstzrange($1, null))'
  const divergent = await owner.query(
    `with truth as (
       select s.schedule_id, unnest(tstzmultirange(s.during) * ${future} - coalesce((
         select range_agg(c.during) from scheduling.claim c where c.resource_id = s.practitioner_id or c.resource_id in (select r.resource_id from scheduling.shift_resource r where r.shift_id = s.id)), '{}') - coalesce((
         select range_agg(b.during) from scheduling.busy b where b.practitioner_id = s.practitioner_id), '{}')) as piece
       from scheduling.shift s),
     kept as (select schedule_id, unnest(tstzmultirange(tstzrange(start_at, end_at)) * ${future}) as piece from scheduling.free_range)
     select count(*)::int as n from ((table truth except table kept) union all (table kept except table truth)) x`,
    [house.now()],
  )
  await owner.query('set search_path = scheduling, platform')
  const next = await owner.query(
    `select count(*)::int as n from offer o join next_slots(array(select schedule_id from offer), $1) n using (schedule_id, service)
     where o.next_at <> n.slot and o.due_at >= next_from($1)`,
    [house.now()],
  )
  return { overlaps: rows[0].n, divergent: divergent.rows[0].n + next.rows[0].n }
}
