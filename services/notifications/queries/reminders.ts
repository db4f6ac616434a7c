import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { NotificationsTables, Reminder } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

/** Of two changes to a day of one patient the second sees what the first has left. */
export async function lockPatient(tx: Tx, patient: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`reminders of ${patient}`}, 0))`.execute(tx)
}

/** Answers the groups in which nothing is left. */
export async function replaceReminders(
  tx: Tx,
  appointment: string,
  rows: readonly Insertable<Reminder>[],
): Promise<string[]> {
  const gone = await tx
    .deleteFrom('reminder')
    .where('appointment_id', '=', appointment)
    .returning('group_key')
    .execute()
  if (rows.length > 0)
    await tx
      .insertInto('reminder')
      .values([...rows])
      .execute()
  const groups = gone.map(({ group_key }) => group_key)
  if (groups.length === 0) return []
  const left = await tx.selectFrom('reminder').select('group_key').where('group_key', 'in', groups).execute()
  return groups.filter((group) => !left.some(({ group_key }) => group_key === group))
}

export const remindersIn = (db: Db, group: string): Promise<{ appointment_id: string; start_at: Date }[]> =>
  db
    .selectFrom('reminder')
    .select(['appointment_id', 'start_at'])
    .where('group_key', '=', group)
    .orderBy('start_at')
    .orderBy('appointment_id')
    .$castTo<{ appointment_id: string; start_at: Date }>()
    .execute()

/** Those that were said, and no other that came meanwhile. */
export const deleteReminders = (tx: Tx, group: string, appointments: readonly string[]) =>
  tx
    .deleteFrom('reminder')
    .where('group_key', '=', group)
    .where('appointment_id', 'in', [...appointments])
    .execute()

export const eraseReminders = (tx: Tx, records: readonly string[]) =>
  sql`delete from reminder where patient_id = any (${records}::uuid[])`.execute(tx)
