import { type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely'
import type { BookingFacts, Policy } from '../booking-rules.ts'
import { type Appointment, columns, type SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

/** A row as it is read. */
export type AppointmentRow = Omit<Selectable<Appointment>, 'demo'>

export const appointmentColumns = (of = '') =>
  sql.raw(
    columns.appointment
      .map((name) => (name === 'demo' ? '' : of + name))
      .filter(Boolean)
      .join(),
  )

/** What a row does not say of what it claims. */
export interface Taking {
  before_minutes: number
  after_minutes: number
  /** With more than one, the visit is one of a group, whose rooms and devices are the group's. */
  seats: number
  resources: string[]
}

export interface FactsRow extends BookingFacts {
  resources: string[]
  place_id: string | null
  zone: string | null
  /** Of a visit then. */
  category: string
}

/** Locks what a booking claims, and tells what the rules need to know; see booking_facts in 0001_scheduling.sql. */
export async function bookingFacts(
  tx: Tx,
  of: {
    account: string
    patient: string
    practitioner: string
    start: Date
    now: Date
    hold?: boolean | undefined
    service?: string | null | undefined
    /** Whom the caller practises as. */
    practising?: string | undefined
  },
): Promise<FactsRow> {
  const { rows } = await sql<FactsRow>`
    select * from booking_facts(${of.account}, ${of.patient}, ${of.practitioner}, ${of.start}, ${of.now}, ${of.hold ?? false}, ${of.service ?? null}, ${of.practising ?? null}) f,
      visit_category(f.schedule_id, f.service_id) category,
      (select exists (select from platform.out_of_use o where o.subject_id = ${of.patient}) as patient_out_of_use) patient`.execute(
    tx,
  )
  return rows[0] as FactsRow
}

/** `category` follows from the hours and the service. */
type Later =
  | 'category'
  | 'cancel_reason'
  | 'cancel_note'
  | 'confirmed_at'
  | 'moves'
  | 'sequence'
  | 'version'
  | 'created_at'
  | 'updated_at'
/** What it is a part of. */
type PartOf = Pick<AppointmentRow, 'series_id' | 'series_number' | 'together' | 'given_by'>

export type NewAppointmentRow = Omit<AppointmentRow, Later | keyof PartOf> & Partial<PartOf>

/** The row alone. */
export const insertRow = (row: NewAppointmentRow, now: Date) => sql`
      insert into appointment (id, status, practitioner_id, patient_id, schedule_id, place_id, resources, service_id, mode, zone, start_at, end_at, held_until, reason, overbooked, series_id, series_number, together, given_by, made_by, relationship, channel, created_at, updated_at)
      values (${row.id}, ${row.status}, ${row.practitioner_id}, ${row.patient_id}, ${row.schedule_id}, ${row.place_id}, ${row.resources}::uuid[], ${row.service_id}, ${row.mode}, ${row.zone}, ${row.start_at}, ${row.end_at},
              ${row.held_until}, ${row.reason}, ${row.overbooked}, ${row.series_id ?? null}, ${row.series_number ?? null}, ${row.together ?? null}, ${row.given_by ?? null}::uuid[], ${row.made_by}, ${row.relationship}, ${row.channel}, ${now}, ${now})`

/** Inserts and claims in one statement. Overlap raises 23P01, and with it the transaction is lost. */
export const insertAppointment = (row: NewAppointmentRow, taking: Taking, now: Date) => sql`
    with made as (${insertRow(row, now)}
      returning id)
    select ${claims(row, taking, now)} from made`

export type Claimed = Omit<NewAppointmentRow, 'status' | 'reason' | 'made_by' | 'relationship' | keyof PartOf>

const claims = (a: Claimed, { before_minutes, after_minutes, seats, resources }: Taking, now: Date) =>
  sql`place_claims(${a.id}, array[${a.schedule_id}]::uuid[], ${a.patient_id}, ${[a.practitioner_id, ...resources]}::uuid[], tstzrange(${a.start_at}, ${a.end_at}), ${before_minutes}, ${after_minutes},
    ${a.service_id}, ${seats}, ${a.overbooked !== null}, ${a.held_until}::timestamptz, ${now})${a.overbooked === null ? keepsShares(a, seats, now) : sql``}`

/** Nothing is taken of what is kept for another channel; see keep_shares in migrations/0019_fair_access.sql. */
const keepsShares = (a: Claimed, seats: number, now: Date) =>
  sql`, keep_shares(${a.schedule_id}, ${a.start_at}, ${a.service_id}, ${seats}, ${a.channel}, ${now})`

/**
 * Counts the visits of a service with limits in the week around a visit, anew: after it has been booked (one too many raises `service_full`), moved or
 * cancelled. `bounds` are the beginnings of the week's days, and of the next.
 */
export const refreshFull = (service: string, bounds: Date[], booking: boolean, now: Date) =>
  sql`select refresh_full(${service}, ${bounds}::timestamptz[], ${booking}, ${now})`

/** Ends what the patient waits for and has got by this; see meet_wishes in migrations/0014_waitlist.sql. */
export const meetWishes = (a: Claimed, { weekday, minute }: { weekday: number; minute: number }, now: Date) =>
  sql`select meet_wishes(${a.patient_id}, ${a.practitioner_id}, ${a.schedule_id}, ${a.service_id}::uuid, ${a.place_id}::uuid, ${a.mode}, ${a.start_at}, ${weekday}, ${minute}, ${now})`

/** A hold of this account that has not lapsed becomes an appointment; its claims stay where they are. */
export async function confirmHold(
  tx: Tx,
  of: { hold: string; patient?: string | undefined; account: string; reason: string | null; now: Date },
): Promise<AppointmentRow | undefined> {
  const { rows } = await sql<AppointmentRow>`
    with confirmed as (
      update appointment set status = 'booked', held_until = null, reason = ${of.reason}, updated_at = ${of.now}
      where id = ${of.hold} and made_by = ${of.account} and status = 'pending' and held_until > ${of.now} and start_at > ${of.now}
        and (${of.patient ?? null}::uuid is null or patient_id = ${of.patient ?? null})
        and platform.may(${of.account}, patient_id, 'book', ${of.now}) is not null
        and not exists (select from platform.out_of_use o where o.subject_id = patient_id)
        and exists (select from practitioner p where p.id = practitioner_id and p.licensed_from <= start_at and p.licensed_until > start_at)
      returning *)
    select ${appointmentColumns('c.')}, confirm_claims(c.id, 2 + cardinality(c.resources)) from confirmed c`.execute(tx)
  return rows[0]
}

/** Locks what an appointment claims and where it is to go, and the rooms of the hours that will be rebuilt; see lock_claimed. */
export async function lockClaimed(
  tx: Tx,
  appointment: string,
  start: Date | null,
  practitioner: string | null = null,
): Promise<void> {
  await sql`select lock_claimed(${appointment}, ${start}::timestamptz, ${practitioner}::uuid)`.execute(tx)
}

/** `outside_hours`: a change of hours left it there, and nobody has moved it yet. */
export type ReadForChange = AppointmentRow & { policy: Policy | null; outside_hours: boolean }

/** `parts`: of a visit that several give all their appointments, in the order in which they were named; of any other none. */
export type LockedAppointment = ReadForChange & { via: string; parts: ReadForChange[] }

/** It, and the others of a visit that several give, which share its fate: whoever may change the one may change them. */
export function whole(row: LockedAppointment): [LockedAppointment, ...LockedAppointment[]] {
  const outside_hours = row.outside_hours || row.parts.some((part) => part.outside_hours)
  const others = row.parts.filter(({ id }) => id !== row.id)
  return [{ ...row, outside_hours }, ...others.map((part) => ({ ...part, outside_hours, via: row.via, parts: [] }))]
}

/** An appointment, and those of all who give the visit together with it. */
export const wholeVisit = (id: string) =>
  sql`any (array(select ${id}::uuid union select m.id from appointment v join appointment m on m.together = v.together and m.together is not null where v.id = ${id}))`

/** In the order in which they were named; one that nobody else has a part in is none. */
export const partsIn = <R extends AppointmentRow>(rows: readonly R[]): R[] =>
  rows.filter(({ together }) => together !== null).sort((a, b) => placeOf(a) - placeOf(b))
const placeOf = ({ given_by, practitioner_id }: AppointmentRow) => given_by?.indexOf(practitioner_id) ?? 0

/** The appointment, if this account may see it, with the relationship by which it may. Locked, with all of its visit in one order. */
export async function lockAppointment(tx: Tx, id: string, who: Viewer): Promise<LockedAppointment | undefined> {
  const { rows } = await sql<ReadForChange & { via: string | null }>`
    select ${appointmentColumns('a.')}, ${visible(who)} as via, policy_of(a.practitioner_id, a.place_id) as policy,
      exists (select from rebooking r where r.appointment_id = a.id and r.settled_at is null) as outside_hours
    from appointment a
    where a.id = ${wholeVisit(id)} and a.status <> 'pending'
    order by a.id
    for no key update of a`.execute(tx)
  const row = rows.find((one) => one.id === id)
  if (!row || row.via === null) return undefined
  return { ...row, via: row.via, parts: partsIn(rows) }
}

export interface Viewer {
  account: string
  practitioner: string | undefined
  /** The one patient that the caller's token opens; undefined: every one whom the caller may see. */
  within: string | undefined
  now: Date
}

/**
 * Row-level access to appointments: the practitioner's own, those of patients for whom one may book, and at a desk those of practitioners whose hours
 * it places. One whose category is sensitive needs more; whoever booked it knows of it. Of a visit that several give, who comes sees the one that stands
 * for all.
 */
export const visible = ({
  account,
  practitioner,
  within,
  now,
}: Omit<Viewer, 'account'> & { account: string | RawBuilder<unknown> }) =>
  sql<
    string | null
  >`(case when a.patient_id <> ${within ?? null}::uuid then null when a.practitioner_id = ${practitioner ?? null}::uuid then 'practitioner'
    else coalesce(case when a.together is null or a.together = a.id then
        platform.may_see(${account}::uuid, a.patient_id, 'book', case when a.made_by = ${account}::uuid then 'general' else a.category end, ${now}::timestamptz) end,
      case when platform.keeps_hours(${account}::uuid, a.practitioner_id, ${now}::timestamptz) then 'desk' end) end)`

/** To its new time, and gives the old one up. */
export const moveRow = (to: Claimed & { moves: number }, now: Date) => sql`
    with moved as (
      update appointment set schedule_id = ${to.schedule_id}, place_id = ${to.place_id}, resources = ${to.resources}::uuid[], overbooked = ${to.overbooked}, service_id = ${to.service_id}, mode = ${to.mode}, channel = ${to.channel}, zone = ${to.zone}, start_at = ${to.start_at}, end_at = ${to.end_at},
        moves = ${to.moves}, confirmed_at = null, sequence = sequence + 1, version = version + 1, updated_at = ${now}
      where id = ${to.id} returning id)
    select release_claims(id, ${now}) from moved`

/** Two statements: the old time must be given up before the new one is claimed, since the two may overlap. */
export const moveAppointment = (to: Claimed & { moves: number }, taking: Taking, now: Date) => [
  moveRow(to, now),
  sql`select ${claims(to, taking, now)}`,
]

/** The appointment must be locked; of a visit that several give, all of them. */
export async function confirmAppointment(tx: Tx, id: string, now: Date): Promise<void> {
  await sql`update appointment set confirmed_at = ${now}, version = version + 1, updated_at = ${now} where id = ${id} or together = ${id}`.execute(
    tx,
  )
}

export const cancel = (id: string, reason: string, note: string | null, now: Date) => sql`
    with cancelled as (
      update appointment set status = 'cancelled', cancel_reason = ${reason}, cancel_note = ${note}, sequence = sequence + 1, version = version + 1, updated_at = ${now}
      where id = ${id} returning id)
    select release_claims(id, ${now}) from cancelled`

/** What a hold was of. */
type HeldRow = Pick<AppointmentRow, 'practitioner_id' | 'resources' | 'service_id' | 'zone' | 'start_at' | 'end_at'>

/** Takes a hold away: given back by its maker, or lapsed. Its resources must be locked. What it was of, where there was one. */
export async function deleteHold(
  tx: Tx,
  id: string,
  where: { account: string } | { lapsed: true },
  now: Date,
): Promise<HeldRow | undefined> {
  const condition = 'account' in where ? sql`made_by = ${where.account}` : sql`held_until <= ${now}`
  const { rows } = await sql<HeldRow>`
    with locked as (
      select id, practitioner_id, resources, service_id, zone, start_at, end_at from appointment where id = ${id} and status = 'pending' and ${condition} for update)
    select practitioner_id, resources, service_id, zone, start_at, end_at, release_claims(id, ${now}) from locked`.execute(
    tx,
  )
  await sql`delete from appointment where id = ${id} and status = 'pending' and ${condition}`.execute(tx)
  return rows[0]
}

/** Claims that stand in the way, for the body of a 409, and of a busy time what lies in the visit. Whose they are is nobody's business. */
export async function conflictsOf(
  db: Db,
  who: { practitioner: string; patient: string },
  visit: { start: Date; end: Date } & Omit<Taking, 'seats'>,
) {
  const whole = sql`tstzrange(${visit.start}::timestamptz - make_interval(mins => ${visit.before_minutes}), ${visit.end}::timestamptz + make_interval(mins => ${visit.after_minutes}))`
  const { rows } = await sql<{
    resource: 'practitioner' | 'patient' | 'room' | 'device'
    start_at: Date
    end_at: Date
  }>`
    select resource, start_at, end_at from (
      select case when resource_id = ${who.practitioner} then 'practitioner' when resource_id = ${who.patient} then 'patient' else r.kind end as resource,
             lower(during) as start_at, upper(during) as end_at
      from claim left join resource r on r.id = resource_id
      where resource_id = any (${[who.practitioner, who.patient, ...visit.resources]}::uuid[])
        and during && case when resource_id = ${who.patient} then tstzrange(${visit.start}, ${visit.end}) else ${whole} end
      union
      select 'practitioner', lower(during * ${whole}), upper(during * ${whole}) from busy where practitioner_id = ${who.practitioner} and during && ${whole}) x
    order by start_at, resource limit 10`.execute(db)
  return rows
}
