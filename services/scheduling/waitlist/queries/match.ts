import { type Kysely, sql, type Transaction } from 'kysely'
import { slots } from '../../queries/slots.ts'
import type { SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export interface FreedSlot {
  start_at: Date
  end_at: Date
  service_id: string | null
  service: string
  specialities: string[]
  place_id: string | null
  latitude: number | null
  longitude: number | null
  modes: string[]
  zone: string
}

/**
 * Locks whoever a booking of this practitioner at any time in a window locks (`around` in 0001_scheduling.sql), in order of id: what is free there stays so
 * while somebody is looked for.
 */
export async function lockTimes(tx: Tx, practitioner: string, from: Date, until: Date): Promise<void> {
  const window = sql`tstzrange(${from}, ${until})`
  await sql`
    select from resource r where r.id = any (array(
      select ${practitioner}::uuid
      union
      select u.resource_id from shift s join shift_resource u on u.shift_id = s.id where s.practitioner_id = ${practitioner} and s.during && ${window}
      union
      select o.practitioner_id from shift s join shift_resource u on u.shift_id = s.id
        join shift_resource w on w.resource_id = u.resource_id and w.during && s.during join shift o on o.id = w.shift_id
        where s.practitioner_id = ${practitioner} and s.during && ${window}))
    order by r.id for no key update`.execute(tx)
}

/** Free times of a practitioner that touch a window, as a search shows them: in the lengths of what is offered there. */
export async function slotsIn(
  tx: Tx,
  of: { practitioner: string; now: Date; from: Date; until: Date; limit: number },
): Promise<FreedSlot[]> {
  const LONGEST = 8 * 3_600_000
  const from = new Date(Math.max(of.now.getTime(), of.from.getTime() - LONGEST))
  const { rows } = await sql<FreedSlot>`
    select x.start_at, x.end_at, x.service_id, x.service, x.place_id, x.modes, x.zone, l.latitude, l.longitude,
      array(select o.speciality from offer o where o.schedule_id = x.schedule_id and o.service = x.service) as specialities
    from (${slots({ practitioner: of.practitioner, channel: 'web', now: of.now, from, until: of.until })}) x left join place l on l.id = x.place_id
    where x.end_at > ${of.from}
    order by x.start_at, x.service limit ${of.limit}`.execute(tx)
  return rows
}

/** Who has hours with a room or device at a time: what one gives back is free for the others too. */
export async function sharing(db: Db, resources: string[], from: Date, until: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct s.practitioner_id as id from shift_resource r join shift s on s.id = r.shift_id
    where r.resource_id = any (${resources}::uuid[]) and r.during && tstzrange(${from}, ${until})`.execute(db)
  return rows.map(({ id }) => id)
}

/** Every schedule is extended each night: asked first, so that a house without a line asks for no jobs. */
export async function anybodyWaits(db: Db): Promise<boolean> {
  const { rows } = await sql`select from waitlist_entry where ended_at is null limit 1`.execute(db)
  return rows.length > 0
}

/** A free time with what its clock shows. */
export interface Candidate extends FreedSlot {
  weekday: number
  minute: number
}

export interface Match {
  entry: string
  patient: string
  /** By whose right it is offered. */
  account: string
  mode: string | null
  /** Which of the candidates. */
  slot: number
}

/**
 * Whose turn it is for one of these times, and for which: the highest priority, then first come. Each name under which a time is looked for is an index range
 * in that order, read until an entry fits; those near somewhere are found by their circle, and sorted. The dear questions come last: whether the patient
 * is elsewhere then, was offered it before, and whether somebody may still book for them.
 */
export async function firstInLine(
  tx: Tx,
  practitioner: string,
  candidates: readonly Candidate[],
  now: Date,
  passed: readonly string[],
): Promise<Match | undefined> {
  const names = namesOf(practitioner, candidates)
  const [soonest, latest] = [candidates[0]?.start_at ?? now, candidates.at(-1)?.start_at ?? now]
  // Of all the times together, so that whoever can come at none of them costs no more than reading their row.
  const days = candidates.reduce((mask, { weekday }) => mask | (1 << weekday), 0)
  const minutes = candidates.map(({ minute }) => minute)
  const open = sql`w.status = 'waiting' and w.until_at > ${soonest} and w.from_at <= ${latest} and w.weekdays & ${days} <> 0
    and w.from_minute <= ${Math.max(...minutes)} and w.until_minute > ${Math.min(...minutes)} and w.id <> all (${passed}::uuid[])`
  const { rows } = await sql<Match>`
    with slot as materialized (
      select * from json_to_recordset(${JSON.stringify(candidates.map(toJson))}::json)
        as s(n int, start_at timestamptz, end_at timestamptz, service text, specialities text[], place uuid, latitude float8, longitude float8, modes text[], weekday int, minute int))
    select x.id as entry, x.patient_id as patient, x.account, x.mode, x.slot from (
      (select found.* from unnest(${names}::text[]) k(name)
       cross join lateral (
         select w.id, w.patient_id, w.mode, w.rank, w.turn, f.n as slot, p.account
         from (select * from waitlist_entry w where w.wanted = k.name and w.area is null and ${open} order by w.rank, w.turn offset 0) w ${fits(practitioner, now)}
         limit 1) found)
      union all
      (select found.* from unnest(${names}::text[]) k(name)
       cross join lateral (
         select w.id, w.patient_id, w.mode, w.rank, w.turn, f.n, p.account
         from (select * from waitlist_entry w
           where w.wanted = k.name and w.area && (select box(point(min(longitude), min(latitude)), point(max(longitude), max(latitude))) from slot)
             and w.area is not null and ${open} order by w.rank, w.turn offset 0) w ${fits(practitioner, now)}
         limit 1) found)) x
    order by x.rank, x.turn limit 1`.execute(tx)
  return rows[0]
}

/** Under what a time is looked for: whom it is with, what it is for, here and anywhere. */
function namesOf(practitioner: string, candidates: readonly Candidate[]): string[] {
  const whats = candidates.flatMap(({ service, specialities }) => [
    ...(service === '' ? [] : [`service/${service}`]),
    ...specialities.map((code) => `speciality/${code}`),
  ])
  const places = new Set(candidates.map(({ place_id }) => place_id))
  const everywhere = [...new Set([`practitioner/${practitioner}`, ...whats])]
  return everywhere.flatMap((name) => [name, ...[...places].flatMap((place) => (place ? [`${name}@${place}`] : []))])
}

const toJson = ({ place_id, ...slot }: Candidate, n: number) => ({ ...slot, n, place: place_id })

/** The first of the times that an entry `w` can use, and who may still book for its patient. */
const fits = (practitioner: string, now: Date) => sql`
  cross join lateral (
    select s.n from slot s
    where (w.service is null or w.service = s.service) and (w.speciality is null or w.speciality = any (s.specialities))
      and (w.place_id is null or w.place_id = s.place) and (w.mode is null or w.mode = any (s.modes))
      and s.start_at >= greatest(w.from_at, ${now}::timestamptz + make_interval(mins => w.notice_minutes)) and s.start_at < w.until_at
      and w.weekdays & (1 << s.weekday) <> 0 and s.minute >= w.from_minute and s.minute < w.until_minute
      and (w.within_km is null or km_between(w.latitude, w.longitude, s.latitude, s.longitude) <= w.within_km)
      and not exists (select from claim c where c.resource_id = w.patient_id and c.during && tstzrange(s.start_at, s.end_at))
      and not exists (select from waitlist_offer o where o.entry_id = w.id and o.practitioner_id = ${practitioner}
        and o.start_at < s.end_at and o.end_at > s.start_at)
    order by s.n limit 1) f
  cross join lateral (
    select coalesce(
      case when platform.may(w.made_by, w.patient_id, 'book', ${now}::timestamptz) is not null then w.made_by end,
      (select g.account_id from platform.access_grant g
       where g.subject_id = w.patient_id and g.relationship = 'self' and g.revoked_at is null limit 1)) as account
    where not exists (select from platform.out_of_use o where o.subject_id = w.patient_id) offset 0) p
  where p.account is not null`
