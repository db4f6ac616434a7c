import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'
import { type AppointmentRow, appointmentColumns, type Viewer, visible } from './booking.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

const OF_A = appointmentColumns('a.')

/** Of the hours at an instant, else of the earliest hours that the practitioner has. */
export async function zoneAt(db: Db, practitioner: string, at: Date): Promise<string | undefined> {
  const { rows } = await sql<{ zone: string }>`
    select c.zone from schedule c where c.practitioner_id = ${practitioner} and c.deleted_at is null
    order by exists (select from shift s where s.schedule_id = c.id and s.during @> ${at}::timestamptz) desc, c.valid_from, c.id limit 1`.execute(
    db,
  )
  return rows[0]?.zone
}

/** Everything that visits with this practitioner can claim, in one order with everybody else, so that many can be booked one after the other. */
export async function lockWhole(tx: Tx, practitioner: string): Promise<void> {
  await sql`select lock_calendars(${[practitioner]}::uuid[], '{}')`.execute(tx)
}

/** The same for what visits claim, and claim when they go to their new times; each is locked once more by itself, which finds what has moved. */
export async function lockAllClaimed(tx: Tx, visits: readonly { id: string; to: Date | null }[]): Promise<void> {
  await sql`
    select from resource where id in (
      select unnest(around_claims(v.id, v.start, null)) from unnest(${visits.map(({ id }) => id)}::uuid[], ${visits.map(({ to }) => to)}::timestamptz[]) v(id, start))
    order by id for no key update`.execute(tx)
}

export async function insertSeries(tx: Tx, of: { id: string; rule: string; zone: string; now: Date }): Promise<void> {
  await sql`insert into series (id, rule, zone, created_at) values (${of.id}, ${of.rule}, ${of.zone}, ${of.now})`.execute(
    tx,
  )
}

export async function seriesOf(db: Db, id: string): Promise<{ rule: string; zone: string } | undefined> {
  const { rows } = await sql<{ rule: string; zone: string }>`select rule, zone from series where id = ${id}`.execute(db)
  return rows[0]
}

export interface MemberRow extends AppointmentRow {
  series_id: string
  series_number: number
}

/** Members that the caller may see, from a number on, in their order. */
export async function membersOf(
  tx: Tx,
  of: { series: string; from?: number; ahead?: boolean },
  who: Viewer,
): Promise<MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    select ${OF_A} from appointment a
    where a.series_id = ${of.series} and a.series_number >= ${of.from ?? 1} and ${visible(who)} is not null
      and (not ${of.ahead ?? false} or (a.status = 'booked' and a.start_at > ${who.now}))
    order by a.series_number`.execute(tx)
  return rows
}
