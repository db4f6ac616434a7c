import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export interface SettingsRow {
  early_minutes: number
  late_minutes: number
  grace_minutes: number | null
  remote_grace_minutes: number | null
  version: number
}

export async function settingsOf(db: Db, place: string): Promise<SettingsRow | undefined> {
  const { rows } = await sql<SettingsRow>`
    select early_minutes, late_minutes, grace_minutes, remote_grace_minutes, version from day_setting where place_id = ${place}`.execute(
    db,
  )
  return rows[0]
}

export async function keepSettings(tx: Tx, place: string, row: SettingsRow, now: Date): Promise<void> {
  await sql`
    insert into day_setting (place_id, early_minutes, late_minutes, grace_minutes, remote_grace_minutes, version, updated_at)
    values (${place}, ${row.early_minutes}, ${row.late_minutes}, ${row.grace_minutes}, ${row.remote_grace_minutes}, ${row.version}, ${now})
    on conflict (place_id) do update set early_minutes = excluded.early_minutes, late_minutes = excluded.late_minutes, grace_minutes = excluded.grace_minutes,
      remote_grace_minutes = excluded.remote_grace_minutes, version = excluded.version, updated_at = excluded.updated_at`.execute(
    tx,
  )
}

/** So that queues, their letters and the settings of a place are changed one after another. */
export async function lockPlace(tx: Tx, place: string): Promise<void> {
  await sql`select from place where id = ${place} for no key update`.execute(tx)
}

export async function runsPlace(db: Db, place: string, account: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ runs: boolean }>`select runs_day(${account}, ${place}, null, ${now}) as runs`.execute(db)
  return rows[0]?.runs ?? false
}
