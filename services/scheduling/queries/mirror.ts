import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export interface PractitionerCard {
  id: string
  name: string
  gender: string
  languages: string[]
  specialities: string[]
  licensedFrom?: string | undefined
  licensedUntil?: string | undefined
  organisation?: string | undefined
}

export interface PlaceCard {
  id: string
  name: string
  zone: string
  latitude: number
  longitude: number
  organisation?: string | undefined
}

export async function keepPractitioner(tx: Tx, p: PractitionerCard): Promise<void> {
  await sql`
    insert into practitioner (id, name, gender, languages, specialities, licensed_from, licensed_until)
    values (${p.id}, ${p.name}, ${p.gender}, ${p.languages}, ${p.specialities}, ${p.licensedFrom ?? null}::timestamptz, ${p.licensedUntil ?? null}::timestamptz)
    on conflict (id) do update set name = excluded.name, gender = excluded.gender, languages = excluded.languages,
      specialities = excluded.specialities, licensed_from = excluded.licensed_from, licensed_until = excluded.licensed_until`.execute(
    tx,
  )
}

export async function keepPlace(tx: Tx, p: PlaceCard): Promise<void> {
  await sql`
    insert into place (id, name, zone, latitude, longitude, organisation_id)
    values (${p.id}, ${p.name}, ${p.zone}, ${p.latitude}, ${p.longitude}, ${p.organisation ?? null}::uuid)
    on conflict (id) do update set name = excluded.name, zone = excluded.zone, latitude = excluded.latitude, longitude = excluded.longitude,
      organisation_id = excluded.organisation_id`.execute(tx)
}

export async function isMirrored(db: Db, kind: 'practitioner' | 'place', id: string): Promise<boolean> {
  const { rows } = await sql`select from ${sql.table(kind)} where id = ${id}`.execute(db)
  return rows.length > 0
}

/** Who works there. */
export async function practitionersAt(db: Db, place: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct practitioner_id as id from schedule where place_id = ${place} and deleted_at is null`.execute(db)
  return rows.map(({ id }) => id)
}

export async function schedulesAt(db: Db, place: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from schedule where place_id = ${place} and deleted_at is null order by id`.execute(db)
  return rows.map(({ id }) => id)
}

/** How these practitioners show in searches. Without a licence, or with their hours withdrawn, they do not. */
export async function refreshOffers(tx: Tx, practitioners: string[], now: Date): Promise<void> {
  await sql`select refresh_offers(${practitioners}::uuid[], ${now})`.execute(tx)
}

/** Offers whose next slot is about to pass. */
export async function overdue(
  tx: Tx,
  now: Date,
  limit: number,
): Promise<{ schedule_id: string; practitioner_id: string }[]> {
  const { rows } = await sql<{ schedule_id: string; practitioner_id: string }>`
    select schedule_id, practitioner_id from offer where first and next_at < next_from(${now}) and next_at > '-infinity'
    union all select schedule_id, practitioner_id from offer where first and notice_minutes > 0 and due_at < next_from(${now}) and next_at >= next_from(${now})
    limit ${limit}`.execute(tx)
  return rows
}

/** Also the rooms they use: whoever books a practitioner in a shared room takes time from the others there. */
export async function lockPractitioners(tx: Tx, ids: string[]): Promise<void> {
  await sql`select lock_calendars(${ids}::uuid[], '{}')`.execute(tx)
}

export async function refreshNext(tx: Tx, schedules: string[], now: Date): Promise<void> {
  await sql`select refresh_next(${schedules}::uuid[], ${now})`.execute(tx)
}

/** Ranges that are over. */
export async function dropPast(tx: Tx, now: Date): Promise<void> {
  await sql`delete from free_range where end_at <= ${now}`.execute(tx)
}

/**
 * Ranges that differ from shifts − claims − busy times, and next slots that differ from the ranges: the nightly check. The tests have another of their own (tests/calendar.ts).
 * Ranges that are over do not count: a job drops them.
 */
export async function divergence(db: Db, now: Date): Promise<{ schedule_id: string; piece: string; side: string }[]> {
  const { rows } = await sql<{ schedule_id: string; piece: string; side: string }>`
    with truth as (
      select schedule_id, piece from (
        select s.schedule_id, unnest(tstzmultirange(s.during) - coalesce(t.taken, '{}')) as piece
        from shift s
        cross join lateral (select range_agg(x.during) as taken from (
          select c.during from unnest(resources_of(s.id) || s.practitioner_id) u(resource) join claim c on c.resource_id = u.resource and c.during && s.during
          union all select b.during from busy b where b.practitioner_id = s.practitioner_id and b.during && s.during) x) t
        where upper(s.during) > ${now}) p
      where upper(piece) > ${now}),
    kept as (select schedule_id, tstzrange(start_at, end_at) as piece from free_range where end_at > ${now})
    select schedule_id, piece::text, 'missing' as side from (table truth except table kept) a
    union all
    select schedule_id, piece::text, 'surplus' from (table kept except table truth) b
    union all
    select o.schedule_id, o.next_at::text, 'next' from offer o
    join next_slots(array(select distinct schedule_id from offer), ${now}) n on n.schedule_id = o.schedule_id and n.service = o.service
    where o.next_at <> n.slot and o.due_at >= next_from(${now})
    union all
    select g.schedule_id, g.start_at::text, 'seats' from group_visit g
    where g.taken <> (select count(*) from claim c where c.resource_id = g.id) and g.end_at > ${now}
    limit 100`.execute(db)
  return rows
}
