import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Viewer } from '../../queries/booking.ts'
import { columns, type QueueEntry, type SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

/** With the letter of whose number it is. */
export type EntryRow = Omit<Selectable<QueueEntry>, 'demo'> & { letter: string }

/** Of `e`, joined with the queue that gave the number out as `i`. */
export const entryColumns = sql.join([
  ...columns.queue_entry.filter((name) => name !== 'demo').map((name) => sql.ref(`e.${name}`)),
  sql.ref('i.letter'),
])

export type NewEntry = Omit<
  EntryRow,
  'letter' | 'number' | 'called_at' | 'called_by' | 'ended_at' | 'reason' | 'version' | 'updated_at'
>

/**
 * With the next number of that queue and day. The counter's row is locked until the transaction ends and goes back with it: two desks at once are given
 * different numbers, and none is lost. The 1,000th of a day is refused (queue_number_newest_check).
 */
export async function insertEntry(tx: Tx, e: NewEntry): Promise<EntryRow> {
  const { rows } = await sql<EntryRow>`
    with given as (
      insert into queue_number (queue_id, on_date, newest) values (${e.issuer_id}, ${e.on_date}::date, 1)
      on conflict (queue_id, on_date) do update set newest = queue_number.newest + 1 returning newest),
    e as (
      insert into queue_entry (id, queue_id, issuer_id, on_date, number, appointment_id, patient_id, first_name, practitioner_id, state, priority, priority_reason, due_at, arrived_at, updated_at)
      select ${e.id}, ${e.queue_id}::uuid, ${e.issuer_id}::uuid, ${e.on_date}::date, newest, ${e.appointment_id}::uuid, ${e.patient_id}::uuid, ${e.first_name}, ${e.practitioner_id}::uuid, ${e.state},
        ${e.priority}, ${e.priority_reason}, ${e.due_at}, ${e.arrived_at}, ${e.arrived_at} from given
      returning *)
    select ${entryColumns} from e join queue i on i.id = e.issuer_id`.execute(tx)
  return rows[0] as EntryRow
}

/** Of an appointment that is locked. One that was taken back is none. */
export async function lockEntryOf(tx: Tx, appointment: string): Promise<EntryRow | undefined> {
  const { rows } = await sql<EntryRow>`
    select ${entryColumns} from queue_entry e join queue i on i.id = e.issuer_id
    where e.appointment_id = ${appointment} and e.state <> 'withdrawn' for no key update of e`.execute(tx)
  return rows[0]
}

type Changed =
  | 'queue_id'
  | 'practitioner_id'
  | 'state'
  | 'priority'
  | 'priority_reason'
  | 'due_at'
  | 'arrived_at'
  | 'called_at'
  | 'called_by'
  | 'ended_at'
  | 'reason'

/** Of an entry that is locked. */
export async function updateEntry(
  tx: Tx,
  row: EntryRow,
  to: Partial<Pick<EntryRow, Changed>>,
  now: Date,
): Promise<EntryRow> {
  const next = { ...row, ...to, version: row.version + 1, updated_at: now }
  await sql`
    update queue_entry set queue_id = ${next.queue_id}, practitioner_id = ${next.practitioner_id}::uuid, state = ${next.state}, priority = ${next.priority}, priority_reason = ${next.priority_reason},
      due_at = ${next.due_at}, arrived_at = ${next.arrived_at}, called_at = ${next.called_at}::timestamptz, called_by = ${next.called_by}::uuid, ended_at = ${next.ended_at}::timestamptz, reason = ${next.reason},
      version = ${next.version}, updated_at = ${now}
    where id = ${row.id}`.execute(tx)
  return next
}

/** How long somebody is looked for after they came: also those who came before midnight. */
const CURRENT = sql`interval '12 hours'`

/** `subject`: the patient's record as it stands now, where there is one. */
export type SeenEntry = EntryRow & {
  subject: string | null
  via: string
  place_id: string | null
  zone: string
  /** Planned for a visit of the queue. */
  minutes: number
  /** Of the booking, where there is one. */
  booked_with: string | null
}

const joined = sql`queue_entry e join queue q on q.id = e.queue_id join queue i on i.id = e.issuer_id left join appointment a on a.id = e.appointment_id`
const subject = sql`coalesce(a.patient_id, stands_for(e.patient_id))`
const also = sql`${subject} as subject, q.place_id, q.zone, q.minutes, a.practitioner_id as booked_with`

/** By which somebody sees the people of a queue, or runs its day. */
export const staffOf = ({ account, practitioner, now }: Viewer) => sql<string | null>`(case
  when serves_queue(${practitioner ?? null}::uuid, q.id, ${now}::timestamptz) then 'practitioner'
  when runs_day(${account}::uuid, q.place_id, q.practitioner_id, ${now}::timestamptz) then 'desk' end)`

const entryStaff = (who: Viewer) =>
  sql<
    string | null
  >`(case when ${who.practitioner ?? null}::uuid in (e.practitioner_id, e.called_by) then 'practitioner' else ${staffOf(who)} end)`

const entryViewer = (who: Viewer) => sql<string | null>`(case
  when ${who.within ?? null}::uuid is not null and ${subject} is distinct from ${who.within ?? null}::uuid then null
  else coalesce(${entryStaff(who)}, nullif(platform.may_see(${who.account}::uuid, ${subject}, 'book',
    coalesce(a.category, category_of(array_remove(array[q.speciality], null))), ${who.now}::timestamptz), 'desk')) end)`

/** An entry that this account may look at. */
export async function visibleEntry(db: Db, id: string, who: Viewer): Promise<SeenEntry | undefined> {
  const { rows } = await sql<SeenEntry>`
    select ${entryColumns}, ${also}, ${entryViewer(who)} as via from ${joined} where e.id = ${id} and ${entryViewer(who)} is not null`.execute(
    db,
  )
  return rows[0]
}

/** Those that wait or were called, of the patients for whom this account books. */
export async function ownEntries(db: Db, who: Viewer): Promise<SeenEntry[]> {
  const { rows } = await sql<SeenEntry>`
    with mine as (
      select distinct g.subject_id from platform.access_grant g where g.account_id = ${who.account} and g.subject_type = 'Patient' and 'book' = any (g.powers)
        and g.revoked_at is null and g.valid_from <= ${who.now} and (g.valid_until is null or g.valid_until > ${who.now})),
    ids as (
      select e.id from mine join queue_entry e on e.patient_id = mine.subject_id
      union
      select e.id from mine join patient_merge m on m.survivor_id = mine.subject_id and m.stands join queue_entry e on e.patient_id = m.replaced_id
      union
      select e.id from mine join appointment a on a.patient_id = mine.subject_id and a.start_at between ${who.now}::timestamptz - interval '2 days' and ${who.now}::timestamptz + interval '2 days'
        join queue_entry e on e.appointment_id = a.id)
    select ${entryColumns}, ${also}, ${entryViewer(who)} as via from ids join ${joined} on e.id = ids.id
    where e.state in ('waiting', 'called') and e.arrived_at > ${who.now}::timestamptz - ${CURRENT} and ${entryViewer(who)} is not null
    order by e.arrived_at, e.id`.execute(db)
  return rows
}

/** Of which booked visit, so that it can be locked first. */
export async function visitOfEntry(tx: Tx, id: string): Promise<string | null | undefined> {
  const { rows } = await sql<{ appointment_id: string | null }>`
    select appointment_id from queue_entry where id = ${id}`.execute(tx)
  return rows[0]?.appointment_id
}

/** Of the last hours, locked, for whoever sees the people of its queue or runs its day. The appointment is locked before. */
export async function lockEntry(
  tx: Tx,
  id: string,
  who: Viewer,
): Promise<(SeenEntry & { current: boolean }) | undefined> {
  const { rows } = await sql<SeenEntry & { current: boolean }>`
    select ${entryColumns}, ${also}, ${entryStaff(who)} as via, e.arrived_at > ${who.now}::timestamptz - ${CURRENT} as current
    from ${joined} where e.id = ${id} and ${entryStaff(who)} is not null for no key update of e`.execute(tx)
  return rows[0]
}

/** The order of order.ts, as the index queue_entry_in_order has it. */
const inOrder = sql`least(e.priority, 3), e.due_at, e.arrived_at, e.id`

export async function entriesOf(db: Db, queue: string, now: Date): Promise<Omit<SeenEntry, 'via'>[]> {
  const { rows } = await sql<Omit<SeenEntry, 'via'>>`
    select ${entryColumns}, ${also} from ${joined}
    where e.queue_id = ${queue} and e.state in ('waiting', 'called') and e.arrived_at > ${now}::timestamptz - ${CURRENT}
    order by ${inOrder}`.execute(db)
  return rows
}

/** Takes the first whom this practitioner may see and nobody else is just taking. */
export async function takeNext(
  tx: Tx,
  queue: string,
  practitioner: string,
  now: Date,
): Promise<Omit<SeenEntry, 'via'> | undefined> {
  const { rows } = await sql<Omit<SeenEntry, 'via'>>`
    with next as (
      select e.id from queue_entry e
      where e.queue_id = ${queue} and e.state = 'waiting' and (e.practitioner_id is null or e.practitioner_id = ${practitioner})
        and e.arrived_at > ${now}::timestamptz - ${CURRENT}
      order by ${inOrder} limit 1 for no key update skip locked),
    e as (
      update queue_entry t set state = 'called', called_at = ${now}, called_by = ${practitioner}, reason = null, version = t.version + 1, updated_at = ${now}
      from next where t.id = next.id returning t.*)
    select ${entryColumns}, ${also} from e join queue q on q.id = e.queue_id join queue i on i.id = e.issuer_id left join appointment a on a.id = e.appointment_id`.execute(
    tx,
  )
  return rows[0]
}

export async function cardOfEntry(db: Db, id: string): Promise<Omit<SeenEntry, 'via'> | undefined> {
  const { rows } = await sql<
    Omit<SeenEntry, 'via'>
  >`select ${entryColumns}, ${also} from ${joined} where e.id = ${id}`.execute(db)
  return rows[0]
}
