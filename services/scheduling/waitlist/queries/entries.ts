import { type Kysely, sql, type Transaction } from 'kysely'
import type { JoiningFacts } from '../../booking-rules.ts'
import type { Viewer } from '../../queries/booking.ts'
import type { SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

/** What somebody waits for, as it is stored. */
export interface WishRow {
  practitioner_id: string | null
  service: string | null
  speciality: string | null
  place_id: string | null
  latitude: number | null
  longitude: number | null
  within_km: number | null
  mode: string | null
  from_at: Date
  until_at: Date
  weekdays: number
  from_minute: number
  until_minute: number
  notice_minutes: number
}

export interface EntryRow extends WishRow {
  id: string
  patient_id: string
  status: string
  rank: number
  priority_reason: string | null
  made_by: string
  version: number
  offer: OfferSeen | null
}

/** Of the offer that stands, as JSON has it. */
export interface OfferSeen {
  id: string
  practitioner: string
  place: string | null
  service: string | null
  mode: string
  start: string
  end: string
  zone: string
  expiresAt: string
}

/** Asked under a lock of the patient's, since their entries are counted. */
export async function joiningFacts(
  tx: Tx,
  of: { account: string; patient: string; practitioner: string | null; place: string | null; now: Date },
): Promise<JoiningFacts> {
  const { rows } = await sql<JoiningFacts>`
    select * from waitlist_facts(${of.account}, ${of.patient}, ${of.practitioner}::uuid, ${of.place}::uuid, ${of.now})`.execute(
    tx,
  )
  return rows[0] as JoiningFacts
}

export async function insertEntry(
  tx: Tx,
  row: WishRow & { id: string; patient_id: string; made_by: string; relationship: string },
  now: Date,
): Promise<void> {
  await sql`
    insert into waitlist_entry (id, patient_id, status, practitioner_id, service, speciality, place_id, latitude, longitude, within_km, mode,
      from_at, until_at, weekdays, from_minute, until_minute, notice_minutes, category, made_by, relationship, created_at)
    values (${row.id}, ${row.patient_id}, 'waiting', ${row.practitioner_id}, ${row.service}, ${row.speciality}, ${row.place_id}, ${row.latitude}, ${row.longitude}, ${row.within_km}, ${row.mode},
      ${row.from_at}, ${row.until_at}, ${row.weekdays}, ${row.from_minute}, ${row.until_minute}, ${row.notice_minutes},
      category_of(coalesce(case when ${row.speciality}::text is not null then array[${row.speciality}::text] end,
        (select array_agg(v.speciality) from service v where v.code = ${row.service} and (${row.practitioner_id}::uuid is null or v.practitioner_id = ${row.practitioner_id})),
        (select p.specialities from practitioner p where p.id = ${row.practitioner_id}))),
      ${row.made_by}, ${row.relationship}, ${now})`.execute(tx)
}

/**
 * Row-level access: who may book for the patient (of something sensitive who may see that, or said it), the practitioner who is waited for or treats the
 * patient, and the desk that keeps that practitioner's hours.
 */
const visible = ({ account, practitioner, within, now }: Viewer) => sql<string | null>`(case
    when w.patient_id <> ${within ?? null}::uuid then null when w.practitioner_id = ${practitioner ?? null}::uuid then 'practitioner'
    else coalesce(platform.may_see(${account}::uuid, w.patient_id, 'book', case when w.made_by = ${account}::uuid then 'general' else w.category end, ${now}::timestamptz),
      case when ${practitioner ?? null}::uuid is not null and platform.may_see(${account}::uuid, w.patient_id, 'see-record', w.category, ${now}::timestamptz) = 'treatment' then 'treatment' end,
      case when w.practitioner_id is not null and platform.keeps_hours(${account}::uuid, w.practitioner_id, ${now}::timestamptz) then 'desk' end) end)`

const columns = sql`w.id, w.patient_id, w.status, w.rank, w.priority_reason, w.practitioner_id, w.service, w.speciality, w.place_id, w.latitude, w.longitude, w.within_km, w.mode,
  w.from_at, w.until_at, w.weekdays, w.from_minute, w.until_minute, w.notice_minutes, w.made_by, w.version,
  (select json_build_object('id', o.id, 'practitioner', o.practitioner_id, 'place', a.place_id, 'service', a.service_id, 'mode', a.mode, 'start', o.start_at, 'end', o.end_at, 'zone', a.zone, 'expiresAt', o.expires_at)
    from waitlist_offer o join appointment a on a.id = o.id where o.entry_id = w.id and o.status = 'open') as offer`

export async function visibleEntry(db: Db, id: string, who: Viewer): Promise<(EntryRow & { via: string }) | undefined> {
  const { rows } = await sql<EntryRow & { via: string }>`
    select ${columns}, ${visible(who)} as via from waitlist_entry w where w.id = ${id} and ${visible(who)} is not null`.execute(
    db,
  )
  return rows[0]
}

/** Locked, so that it is not offered anything meanwhile. */
export async function lockEntry(tx: Tx, id: string, who: Viewer): Promise<(EntryRow & { via: string }) | undefined> {
  await sql`select from waitlist_entry where id = ${id} for no key update`.execute(tx)
  return visibleEntry(tx, id, who)
}

export interface EntryFilter {
  patient: string | null
  practitioner: string | null
  ended: boolean
  after: string | undefined
  limit: number
}

/** From the patients for whom the caller may book, whom they name, and those who wait for them: each an index range in the order of the page. */
export async function listEntries(tx: Tx, who: Viewer, f: EntryFilter): Promise<EntryRow[]> {
  const page = sql`${visible(who)} is not null and (${f.ended} or w.ended_at is null) and (${f.after ?? null}::uuid is null or w.id > ${f.after ?? null})
    and (${f.patient}::uuid is null or w.patient_id = ${f.patient}) and (${f.practitioner}::uuid is null or w.practitioner_id = ${f.practitioner})`
  const { rows } = await sql<EntryRow>`
    select distinct on (id) * from (
      (select e.* from (
         select ${f.patient}::uuid as subject_id where ${f.patient}::uuid is not null
         union select g.subject_id from platform.access_grant g
         where g.account_id = ${who.account} and g.subject_type = 'Patient' and 'book' = any (g.powers) and g.revoked_at is null) mine
       cross join lateral (select ${columns} from waitlist_entry w where w.patient_id = mine.subject_id and ${page} order by w.id limit ${f.limit}) e)
      union all
      (select ${columns} from waitlist_entry w where w.practitioner_id = coalesce(${f.practitioner}::uuid, ${who.practitioner ?? null}::uuid) and ${page}
       order by w.id limit ${f.limit})) x
    order by id limit ${f.limit}`.execute(tx)
  return rows
}

/** False when the version is not the present one, or it waits no more. */
export async function prioritise(
  tx: Tx,
  of: { id: string; rank: number; reason: string; version: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update waitlist_entry set rank = ${of.rank}, priority_reason = ${of.reason}, version = version + 1
    where id = ${of.id} and version = ${of.version} and ended_at is null`.execute(tx)
  return numAffectedRows === 1n
}

/** Whatever has been offered is given back by the caller first. */
export async function endEntry(tx: Tx, id: string, status: 'met' | 'left' | 'expired', now: Date): Promise<void> {
  await sql`update waitlist_entry set status = ${status}, ended_at = ${now}, version = version + 1 where id = ${id} and ended_at is null`.execute(
    tx,
  )
}

/** Those of a patient, and those who wait for a practitioner who is there no more. */
export async function openEntriesOf(db: Db, patient: string | null, practitioner: string | null): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from waitlist_entry where patient_id = ${patient}::uuid and ended_at is null
    union select id from waitlist_entry where practitioner_id = ${practitioner}::uuid and ended_at is null`.execute(db)
  return rows.map(({ id }) => id)
}

export async function deleteEntriesOf(tx: Tx, patient: string): Promise<number> {
  const { numAffectedRows } = await sql`delete from waitlist_entry where patient_id = ${patient}`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** Their time is over without an offer: with one that stands, its job ends them. */
export async function expireEntries(tx: Tx, now: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update waitlist_entry set status = 'expired', ended_at = ${now}, version = version + 1
    where id in (select id from waitlist_entry where ended_at is null and until_at <= ${now} and status = 'waiting' order by until_at limit ${limit} for update skip locked)`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

export async function forgetEntries(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from waitlist_entry where id in (select id from waitlist_entry where ended_at < ${before} order by ended_at limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

/** As the person knows them. */
export async function entriesOfPerson(db: Db, patient: string) {
  const { rows } = await sql`
    select w.id, w.status, w.rank as priority, w.priority_reason, w.practitioner_id, w.service, w.speciality, w.place_id, w.latitude, w.longitude, w.within_km, w.mode,
      w.from_at, w.until_at, w.weekdays, w.from_minute, w.until_minute, w.notice_minutes, w.created_at, w.ended_at,
      (select coalesce(json_agg(json_build_object('start', o.start_at, 'practitioner', o.practitioner_id, 'status', o.status, 'made', o.created_at, 'ended', o.ended_at) order by o.created_at), '[]')
        from waitlist_offer o where o.entry_id = w.id) as offers
    from waitlist_entry w where w.patient_id = ${patient} order by w.id`.execute(db)
  return rows as Record<string, unknown>[]
}
