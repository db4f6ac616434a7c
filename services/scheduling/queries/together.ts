import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'
import {
  type AppointmentRow,
  conflictsOf,
  type FactsRow,
  insertRow,
  moveRow,
  type NewAppointmentRow,
} from './booking.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export interface Participant {
  practitioner: string
  service?: string | null | undefined
}

/** Of each, in the order in which they are named, under the locks of all of them: two statements in one round trip. */
export async function factsOfAll(
  tx: Tx,
  of: {
    account: string
    patient: string
    participants: readonly Participant[]
    start: Date
    now: Date
    practising?: string | undefined
  },
): Promise<FactsRow[]> {
  const practitioners = of.participants.map(({ practitioner }) => practitioner)
  const services = of.participants.map(({ service }) => service ?? null)
  const locked = sql`select lock_all(${practitioners}::uuid[], ${of.start})`.execute(tx)
  const facts = sql<FactsRow>`
    select exists (select from platform.out_of_use o where o.subject_id = ${of.patient}) as patient_out_of_use, f.*, visit_category(f.schedule_id, f.service_id) as category
    from unnest(${practitioners}::uuid[], ${services}::uuid[]) with ordinality p(practitioner, service, n)
    cross join lateral booking_facts(${of.account}, ${of.patient}, p.practitioner, ${of.start}, ${of.now}, false, p.service, ${of.practising ?? null}) f
    order by p.n`.execute(tx)
  const [first, second] = await Promise.allSettled([locked, facts])
  if (first.status === 'rejected') throw first.reason
  if (second.status === 'rejected') throw second.reason
  return second.value.rows
}

/** What one of them, a room, a device or the patient is taken for. */
export interface Taken {
  resource: string
  from: Date
  until: Date
}

type Placed = Pick<NewAppointmentRow, 'id' | 'schedule_id' | 'channel' | 'start_at'>

/** `taken` begins with the practitioners, in the order of the rows; see place_together in migrations/0021_together.sql. */
const place = (rows: readonly Placed[], taken: readonly Taken[], now: Date) => [
  sql`select place_together(${rows[0]?.id}, ${rows.map((row) => row.schedule_id)}::uuid[], ${taken.map(({ resource }) => resource)}::uuid[],
    array(select tstzrange(f, u) from unnest(${taken.map(({ from }) => from)}::timestamptz[], ${taken.map(({ until }) => until)}::timestamptz[]) with ordinality t(f, u, n) order by n), ${now})`,
  sql`select keep_shares(s.id, ${rows[0]?.start_at}, null, 1, s.channel, ${now})
    from unnest(${rows.map((row) => row.schedule_id)}::uuid[], ${rows.map((row) => row.channel)}::text[]) s(id, channel)`,
]

/** All of them or none. Overlap raises 23P01, and with it the transaction is lost. */
export const insertTogether = (rows: readonly NewAppointmentRow[], taken: readonly Taken[], now: Date) => [
  ...rows.map((row) => insertRow(row, now)),
  ...place(rows, taken, now),
]

/** The old time of all is given up before the new one is claimed, since the two may overlap. */
export const moveTogether = (rows: readonly AppointmentRow[], taken: readonly Taken[], now: Date) => [
  ...rows.map((row) => moveRow(row, now)),
  ...place(rows, taken, now),
]

/** Who give a visit, and as which of their services, in the order in which they were named. Without an access check: it is asked with the visit. */
export async function givenBy(db: Db, together: string): Promise<Participant[]> {
  const { rows } = await sql<Participant>`
    select practitioner_id as practitioner, service_id as service from appointment
    where together = ${together} order by array_position(given_by, practitioner_id)`.execute(db)
  return rows
}

/** Whose services they are. */
export async function ownersOf(db: Db, services: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; practitioner_id: string }>`
    select id, practitioner_id from service where id = any (${services}::uuid[]) and deleted_at is null`.execute(db)
  return new Map(rows.map((row) => [row.id, row.practitioner_id]))
}

export interface Around {
  participant: Participant
  before_minutes: number
  after_minutes: number
  resources: string[]
}

/** What stands in the way of each; of the patient it is said once. */
export async function conflictsOfAll(
  db: Db,
  around: readonly Around[],
  { patient, start, end }: { patient: string | undefined; start: Date; end: Date },
) {
  const all = await Promise.all(
    around.map(async ({ participant: { practitioner }, ...taking }) => {
      const who = { practitioner, patient: patient ?? practitioner }
      const found = await conflictsOf(db, who, { start, end, ...taking })
      return found.map((one) => ({ ...one, practitioner }))
    }),
  )
  return all.flatMap((found, i) => found.filter(({ resource }) => i === 0 || resource !== 'patient'))
}
