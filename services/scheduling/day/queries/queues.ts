import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Viewer } from '../../queries/booking.ts'
import { columns, type Queue, type SchedulingTables } from '../../tables.ts'
import { staffOf } from './entries.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export type QueueRow = Omit<Selectable<Queue>, 'demo' | 'created_at' | 'deleted_at'>

const unseen: readonly string[] = ['demo', 'created_at', 'deleted_at']
export const queueColumns = sql.join(
  columns.queue.filter((name) => !unseen.includes(name)).map((name) => sql.ref(`q.${name}`)),
)

export async function queueForVisit(tx: Tx, appointment: string): Promise<QueueRow | undefined> {
  const { rows } =
    await sql<QueueRow>`select ${queueColumns} from queue q where q.id = queue_for(${appointment})`.execute(tx)
  return rows[0]
}

export type NewQueue = Omit<QueueRow, 'letter' | 'version'> & { letter: string | null }

/** Without a letter it gets the next free one. The caller holds the lock on the place. */
export async function insertQueue(tx: Tx, q: NewQueue, now: Date): Promise<QueueRow> {
  const { rows } = await sql<QueueRow>`
    with q as (
      insert into queue (id, place_id, zone, letter, name, practitioner_id, speciality, service, minutes, created_at)
      values (${q.id}, ${q.place_id}::uuid, ${q.zone}, coalesce(${q.letter}::text, free_letter(${q.place_id}::uuid)), ${q.name}, ${q.practitioner_id}::uuid, ${q.speciality}, ${q.service}, ${q.minutes}, ${now})
      returning *)
    select ${queueColumns} from q`.execute(tx)
  return rows[0] as QueueRow
}

/** That of a practitioner; one that is there stays. */
export async function openQueue(tx: Tx, q: NewQueue & { practitioner_id: string }, now: Date): Promise<void> {
  await sql`
    insert into queue (id, place_id, zone, letter, practitioner_id, minutes, created_at)
    values (${q.id}, ${q.place_id}::uuid, ${q.zone}, free_letter(${q.place_id}::uuid), ${q.practitioner_id}, ${q.minutes}, ${now})
    on conflict (practitioner_id, place_id) where practitioner_id is not null and deleted_at is null do nothing`.execute(
    tx,
  )
}

/** A queue whose people this account sees, or whose day it runs. */
export async function staffedQueue(db: Db, id: string, who: Viewer): Promise<(QueueRow & { via: string }) | undefined> {
  const { rows } = await sql<QueueRow & { via: string }>`
    select ${queueColumns}, ${staffOf(who)} as via from queue q
    where q.id = ${id} and q.deleted_at is null and ${staffOf(who)} is not null`.execute(db)
  return rows[0]
}

export async function serves(db: Db, practitioner: string, queue: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{
    serves: boolean
  }>`select serves_queue(${practitioner}, ${queue}, ${now}) as serves`.execute(db)
  return rows[0]?.serves ?? false
}

/** Whether somebody has hours at a place. */
export async function worksThere(db: Db, practitioner: string, place: string): Promise<boolean> {
  const { rows } = await sql`
    select from schedule where practitioner_id = ${practitioner} and place_id = ${place} and deleted_at is null limit 1`.execute(
    db,
  )
  return rows.length > 0
}

/** Those without a name have the practitioner's. */
export async function queuesAt(db: Db, place: string): Promise<QueueRow[]> {
  const { rows } = await sql<QueueRow & { practitioner: string | null }>`
    select ${queueColumns}, p.name as practitioner from queue q left join practitioner p on p.id = q.practitioner_id
    where q.place_id = ${place} and q.deleted_at is null order by length(q.letter), q.letter`.execute(db)
  return rows.map(({ practitioner, ...row }) => ({ ...row, name: row.name ?? practitioner }))
}

export async function updateQueue(
  tx: Tx,
  id: string,
  to: Pick<QueueRow, 'letter' | 'name' | 'minutes'>,
  version: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update queue set letter = ${to.letter}, name = ${to.name}, minutes = ${to.minutes}, version = version + 1 where id = ${id} and version = ${version} and deleted_at is null`.execute(
    tx,
  )
  return numAffectedRows === 1n
}

export async function closeQueue(tx: Tx, id: string, version: number, now: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update queue set deleted_at = ${now}, version = version + 1 where id = ${id} and version = ${version} and deleted_at is null`.execute(
    tx,
  )
  return numAffectedRows === 1n
}

/** Whoever joins a queue holds it so, and whoever closes it waits for them. */
export async function holdQueue(tx: Tx, id: string, as: 'joining' | 'changing'): Promise<void> {
  await sql`select from queue where id = ${id} ${as === 'joining' ? sql`for key share` : sql`for update`}`.execute(tx)
}

export async function waitsThere(tx: Tx, queue: string, now: Date): Promise<boolean> {
  const { rows } = await sql`
    select from queue_entry e where e.queue_id = ${queue} and e.state in ('waiting', 'called') and e.arrived_at > ${now}::timestamptz - interval '12 hours' limit 1`.execute(
    tx,
  )
  return rows.length > 0
}

/**
 * Whether this account may have a number given to a patient. Being called makes a treatment relationship: so whoever reads a record, in an emergency or of a
 * visit that was, does not come to read it longer by this.
 */
export async function mayBring(db: Db, patient: string, account: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select platform.may(${account}, ${patient}, 'book', ${now}) is not null as may`.execute(db)
  return rows[0]?.may ?? false
}

export async function openQueueOf(db: Db, id: string): Promise<QueueRow | undefined> {
  const { rows } = await sql<QueueRow>`
    select ${queueColumns} from queue q where q.id = ${id} and q.deleted_at is null`.execute(db)
  return rows[0]
}
