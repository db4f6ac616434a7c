import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'
import { type AppointmentRow, appointmentColumns, type Viewer, visible } from './booking.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

const APPOINTMENT = appointmentColumns()
const OF_A = appointmentColumns('a.')

/** Without an access check: only to learn which practitioner a conflict is about. */
export async function appointmentOf(db: Db, id: string): Promise<AppointmentRow | undefined> {
  const { rows } = await sql<AppointmentRow>`select ${APPOINTMENT} from appointment where id = ${id}`.execute(db)
  return rows[0]
}

export async function visibleAppointment(
  tx: Tx,
  id: string,
  who: Viewer,
): Promise<(AppointmentRow & { via: string }) | undefined> {
  const { rows } = await sql<AppointmentRow & { via: string }>`
    select ${OF_A}, ${visible(who)} as via from appointment a
    where a.id = ${id} and a.status <> 'pending' and ${visible(who)} is not null`.execute(tx)
  return rows[0]
}

/** Each as its reader may see it; left out where one may not. */
export async function visibleToEach(
  db: Db,
  asked: readonly { appointment: string; account: string }[],
  now: Date,
): Promise<(AppointmentRow & { reader: string })[]> {
  const may = visible({ account: sql`r.account`, practitioner: undefined, within: undefined, now })
  const { rows } = await sql<AppointmentRow & { reader: string }>`
    select ${OF_A}, r.account as reader
    from unnest(${asked.map(({ appointment }) => appointment)}::uuid[], ${asked.map(({ account }) => account)}::uuid[]) r(appointment, account)
    join appointment a on a.id = r.appointment
    where a.status <> 'pending' and ${may} is not null`.execute(db)
  return rows
}

interface AppointmentFilter {
  patient: string | null
  practitioner: string | null
  status: string | null
  /** That overlap this time. */
  from: Date | null
  until: Date | null
  after: readonly (string | number)[] | undefined
  limit: number
}

/**
 * Starts from whose appointments the caller may see (a handful of patients, and the caller as practitioner), so that each part is an
 * index range; the order of a page comes from the index that finds it. A desk may book for more patients than can be gone through, so it names
 * one, or a practitioner whose hours it places. Of a visit that several give, who comes sees the one that stands for all.
 */
export async function listVisible(tx: Tx, who: Viewer, f: AppointmentFilter): Promise<AppointmentRow[]> {
  const [at = '-infinity', id = '00000000-0000-0000-0000-000000000000'] = f.after ?? []
  const page = sql`(a.start_at, a.id) > (${at}::timestamptz, ${id}::uuid) and a.status <> 'pending'
    and (${f.status}::text is null or a.status = ${f.status}) and (${f.from}::timestamptz is null or a.end_at > ${f.from})
    and (${f.until}::timestamptz is null or a.start_at < ${f.until})
    and (${f.patient}::uuid is null or a.patient_id = ${f.patient})
    and (${f.practitioner}::uuid is null or a.practitioner_id = ${f.practitioner} or (a.together = a.id and ${f.practitioner} = any (a.given_by))) and (${who.within ?? null}::uuid is null or a.patient_id = ${who.within ?? null})`
  const { rows } = await sql<AppointmentRow>`
    select distinct on (start_at, id) ${APPOINTMENT} from (
      (select p.* from (
         select m.subject_id, bool_or(m.sensitive) as sensitive from (
         select ${f.patient}::uuid as subject_id,
           platform.may_see(${who.account}::uuid, ${f.patient}::uuid, 'book', 'mental-health', ${who.now}::timestamptz) is not null as sensitive
         where platform.may(${who.account}::uuid, ${f.patient}::uuid, 'book', ${who.now}::timestamptz) is not null
         union all
         select g.subject_id, g.relationship = 'self' or 'see-sensitive' = any (g.powers) from platform.access_grant g
         where g.account_id = ${who.account} and g.subject_type = 'Patient' and 'book' = any (g.powers)
           and g.revoked_at is null and g.valid_from <= ${who.now} and (g.valid_until is null or g.valid_until > ${who.now})) m
         group by m.subject_id) mine
       cross join lateral (select a.* from appointment a where a.patient_id = mine.subject_id and (a.together is null or a.together = a.id) and (mine.sensitive or a.category = 'general' or a.made_by = ${who.account}) and ${page} order by a.start_at, a.id limit ${f.limit}) p)
      union all
      (select a.* from appointment a where a.practitioner_id = ${who.practitioner ?? null}::uuid and ${page} order by a.start_at, a.id limit ${f.limit})
      union all
      (select a.* from appointment a where ${f.practitioner}::uuid is not null and platform.keeps_hours(${who.account}::uuid, ${f.practitioner}::uuid, ${who.now}::timestamptz)
         and a.practitioner_id = ${f.practitioner}::uuid and ${page} order by a.start_at, a.id limit ${f.limit})) x
    order by start_at, id limit ${f.limit}`.execute(tx)
  return rows
}

export interface CardRow extends AppointmentRow {
  practitioner_name: string
  place_name: string | null
}

export async function appointmentCards(db: Db, ids: readonly string[]): Promise<CardRow[]> {
  const { rows } = await sql<CardRow>`
    select ${OF_A}, coalesce((
      select string_agg(g.name, ', ' order by array_position(a.given_by, g.id)) from practitioner g where g.id = any (a.given_by)), p.name) as practitioner_name, l.name as place_name
    from appointment a join practitioner p on p.id = a.practitioner_id left join place l on l.id = a.place_id
    where a.id = any (${ids}::uuid[]) and a.status <> 'pending'`.execute(db)
  return rows
}
