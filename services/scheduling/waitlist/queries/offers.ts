import { type Kysely, sql, type Transaction } from 'kysely'
import { type AppointmentRow, appointmentColumns } from '../../queries/booking.ts'
import type { SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

/** Whoever makes an offer's hold: no account, so it counts to nobody's holds, and nobody gives it back as one of their own. */
export const THE_HOUSE = '00000000-0000-0000-0000-000000000000'

/** False where the entry waits no more: it has just been offered another time, or has ended. */
export async function takeTurn(tx: Tx, entry: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update waitlist_entry set status = 'offered', version = version + 1 where id = ${entry} and status = 'waiting'`.execute(
    tx,
  )
  return numAffectedRows === 1n
}

export interface NewOffer {
  id: string
  entry: string
  practitioner: string
  start: Date
  end: Date
  expiresAt: Date
}

export async function insertOffer(tx: Tx, of: NewOffer, now: Date): Promise<void> {
  await sql`
    insert into waitlist_offer (id, entry_id, status, practitioner_id, start_at, end_at, expires_at, created_at)
    values (${of.id}, ${of.entry}, 'open', ${of.practitioner}, ${of.start}, ${of.end}, ${of.expiresAt}, ${now})`.execute(
    tx,
  )
}

export interface OfferRow {
  id: string
  entry_id: string
  status: string
  practitioner_id: string
  start_at: Date
  end_at: Date
  expires_at: Date
  patient_id: string
  entry_status: string
  until_at: Date
  /** How many ended before without an answer. */
  unanswered: number
}

/** The offer with its entry, both locked: after the calendars, as wherever both are locked. */
export async function lockOffer(tx: Tx, id: string): Promise<OfferRow | undefined> {
  await sql`select from waitlist_entry w where w.id = (select o.entry_id from waitlist_offer o where o.id = ${id}) for no key update`.execute(
    tx,
  )
  const { rows } = await sql<OfferRow>`
    select o.id, o.entry_id, o.status, o.practitioner_id, o.start_at, o.end_at, o.expires_at, w.patient_id, w.status as entry_status, w.until_at,
      (select count(*)::int from waitlist_offer l where l.entry_id = w.id and l.status = 'lapsed') as unanswered
    from waitlist_offer o join waitlist_entry w on w.id = o.entry_id where o.id = ${id} for no key update of o`.execute(
    tx,
  )
  return rows[0]
}

export async function openOfferOf(db: Db, entry: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from waitlist_offer where entry_id = ${entry} and status = 'open'`.execute(db)
  return rows[0]?.id
}

export async function settleOffer(tx: Tx, id: string, status: string, now: Date): Promise<void> {
  await sql`update waitlist_offer set status = ${status}, ended_at = ${now} where id = ${id} and status = 'open'`.execute(
    tx,
  )
}

/** Back into the line, in one's own turn. */
export async function waitOn(tx: Tx, entry: string): Promise<void> {
  await sql`update waitlist_entry set status = 'waiting', version = version + 1 where id = ${entry} and status = 'offered'`.execute(
    tx,
  )
}

/** The hold of an offer becomes an appointment of whoever accepts. None where it has lapsed or begun, or must not be any more. */
export async function confirmOffer(
  tx: Tx,
  of: { offer: string; account: string; relationship: string; now: Date },
): Promise<AppointmentRow | undefined> {
  const { rows } = await sql<AppointmentRow>`
    with confirmed as (
      update appointment set status = 'booked', held_until = null, made_by = ${of.account}, relationship = ${of.relationship}, updated_at = ${of.now}
      where id = ${of.offer} and made_by = ${THE_HOUSE} and status = 'pending' and held_until > ${of.now} and start_at > ${of.now}
        and not exists (select from platform.out_of_use o where o.subject_id = patient_id)
        and exists (select from practitioner p where p.id = practitioner_id and p.licensed_from <= start_at and p.licensed_until > start_at)
      returning *)
    select ${appointmentColumns('c.')}, confirm_claims(c.id, 2 + cardinality(c.resources)) from confirmed c`.execute(tx)
  return rows[0]
}

export interface OfferCardRow {
  id: string
  status: string
  entry_id: string
  patient_id: string
  made_by: string
  category: string
  practitioner_id: string
  practitioner_name: string
  place_id: string | null
  place_name: string | null
  mode: string
  zone: string
  start_at: Date
  end_at: Date
  expires_at: Date
}

/** While it stands. */
export async function offerCard(db: Db, id: string): Promise<OfferCardRow | undefined> {
  const { rows } = await sql<OfferCardRow>`
    select o.id, o.status, o.entry_id, w.patient_id, w.made_by, a.category, o.practitioner_id, p.name as practitioner_name, a.place_id, l.name as place_name, a.mode, a.zone,
      o.start_at, o.end_at, o.expires_at
    from waitlist_offer o join waitlist_entry w on w.id = o.entry_id join appointment a on a.id = o.id and a.status = 'pending'
    join practitioner p on p.id = a.practitioner_id left join place l on l.id = a.place_id
    where o.id = ${id} and o.status = 'open'`.execute(db)
  return rows[0]
}
