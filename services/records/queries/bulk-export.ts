import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { type BulkExport, type BulkFile, columns, type RecordsTables } from '../tables.ts'

type Db = Kysely<RecordsTables>
type Tx = Transaction<RecordsTables>
export type ExportRow = Selectable<BulkExport>
export type FileRow = Selectable<BulkFile>

export const AT_ONCE = 2

/** In the first free place of this app; undefined where there is none. Of two who find the same place, the constraint refuses one. */
export async function insertExport(tx: Tx, row: Omit<Insertable<BulkExport>, 'slot'>): Promise<boolean> {
  const { rows } = await sql<{ slot: number }>`
    select s as slot from generate_series(1, ${AT_ONCE}) s
    where not exists (select from bulk_export e where e.client_id = ${row.client_id} and e.slot = s and e.status = 'running') order by s limit 1`.execute(
    tx,
  )
  const [free] = rows
  if (free)
    await tx
      .insertInto('bulk_export')
      .values({ ...row, slot: free.slot })
      .execute()
  return free !== undefined
}

export interface Kept {
  /** Those that are under way, or whose files can be fetched, the oldest first. */
  exports: { id: string; expires_at: Date }[]
  /** On the disk, those of exports too that are over: a file is removed within two hours. */
  bytes: number
}

/** What an app has here. Of two exports that begin at once each may not count the other, and there are never more than two under way. */
export async function keptBy(db: Db, client: string, now: Date): Promise<Kept> {
  const { rows: exports } = await sql<Kept['exports'][number]>`
    select id, expires_at from bulk_export where client_id = ${client} and ${isLive(now, 'bulk_export')} order by created_at, id`.execute(
    db,
  )
  const { rows } = await sql<{ bytes: number }>`
    select coalesce(sum(f.bytes), 0)::int8 as bytes from bulk_export e join bulk_file f on f.export_id = e.id where e.client_id = ${client}`.execute(
    db,
  )
  return { exports, bytes: rows[0]?.bytes ?? 0 }
}

/** Whose files somebody can fetch, or will. */
const isLive = (now: Date, e = 'e') =>
  sql`${sql.ref(`${e}.status`)} in ('running', 'done') and ${sql.ref(`${e}.expires_at`)} > ${now}`

export const bulkExport = (db: Db, id: string): Promise<ExportRow | undefined> =>
  db.selectFrom('bulk_export').select(columns.bulk_export).where('id', '=', id).executeTakeFirst()

/** What an app may have of whom, in words that another grant does not have; undefined: nothing. */
export async function grantedTo(db: Db, client: string): Promise<string | undefined> {
  const { rows } = await sql<{ granted: string }>`
    select concat_ws(' ', purpose, patients, organisations, categories) as granted
    from platform.client_grant where client_id = ${client} and patients <> 'none'`.execute(db)
  return rows[0]?.granted
}

/** Files hold what was granted when they were asked for. */
export const isStillGranted = async (db: Db, { client_id, granted }: ExportRow): Promise<boolean> =>
  (await grantedTo(db, client_id)) === granted

export const noteFile = (tx: Tx, row: Omit<FileRow, 'whole'>) =>
  tx
    .insertInto('bulk_file')
    .values(row)
    .onConflict((c) => c.doNothing())
    .execute()

/** Goes one step on; false where somebody else has, or it was called off. */
export async function advance(
  tx: Tx,
  { id, step }: ExportRow,
  to: Pick<ExportRow, 'position' | 'after_id' | 'status'>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('bulk_export')
    .set({ ...to, step: step + 1, failures: 0 })
    .where('id', '=', id)
    .where('step', '=', step)
    .where('status', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Of one that fails so often in a row, whoever asked for it is told. */
export const noteFailure = (tx: Tx, id: string, most: number) =>
  sql`update bulk_export set failures = failures + 1, status = case when failures + 1 >= ${most} then 'failed' else status end
    where id = ${id} and status = 'running'`.execute(tx)

export const showFile = (tx: Tx, { export_id, step, kind, file_key }: Omit<FileRow, 'whole'>) =>
  tx
    .updateTable('bulk_file')
    .set({ whole: true })
    .where('export_id', '=', export_id)
    .where('step', '=', step)
    .where('kind', '=', kind)
    .where('file_key', '=', file_key)
    .execute()

/** Of these patients those who are not here any more: they were erased since they were read. */
export async function goneAmong(db: Db, patients: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select p as id from unnest(${[...patients]}::text[]) p
    where not exists (select from platform.fhir_resource r where r.type = 'Patient' and r.id = p and r.body is not null)`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}

/** Gives up the exports that hold one of these patients, or, where somebody of such types is erased, one of these types. Tells how many. */
export async function eraseExports(
  tx: Tx,
  { patients, types }: { patients: readonly string[]; types: readonly string[] },
): Promise<number> {
  // First: whoever is writing down a file has either written whom it holds, or begins anew.
  await sql`select from bulk_export where status in ('running', 'done') order by id for update`.execute(tx)
  const { numAffectedRows } = await sql`
    update bulk_export e set status = 'erased' where status in ('running', 'done') and (types && ${[...types]}::text[]
      or exists (select from bulk_seen s where s.export_id = e.id and s.patient_id = any (${[...patients]}::text[])))`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

/** A patient, and whoever stands by them. */
export async function namesOf(db: Db, patient: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select r.id from platform.fhir_resource r where r.type = 'Patient' and r.refs && array['Patient.$patient=' || ${patient}::text] and r.about = array[${patient}::text]`.execute(
    db,
  )
  return [...new Set([patient, ...rows.map(({ id }) => id)])]
}

/** A Group as it is, where the app may have one of those at least whom it is about. */
export async function groupFor(db: Db, client: string, id: string, now: Date) {
  const { rows } = await sql<{ body: string; categories: string[] }>`
    select body, categories from platform.fhir_resource r where r.type = 'Group' and r.id = ${id} and r.body is not null
      and exists (select from unnest(r.about) p where platform.client_may_see(${client}, array[p], r.categories, ${now}))`.execute(
    db,
  )
  return rows[0]
}

/** Those of these patients whom an app may have something of. */
export async function openTo(
  db: Db,
  { client, patients, now }: { client: string; patients: readonly string[]; now: Date },
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select p as id from unnest(${[...patients]}::text[]) p where platform.client_may_see(${client}, array[p], '{general}', ${now})`.execute(
    db,
  )
  return new Set(rows.map(({ id }) => id))
}

/** Those of them whom the export had not met. */
export async function noteSeen(tx: Tx, id: string, patients: readonly string[]): Promise<string[]> {
  if (patients.length === 0) return []
  const { rows } = await sql<{ patient_id: string }>`
    insert into bulk_seen (export_id, patient_id) select ${id}, p from unnest(${[...patients]}::text[]) p
    on conflict do nothing returning patient_id`.execute(tx)
  return rows.map(({ patient_id }) => patient_id)
}

/** What is shown, in the order of its making. */
export const filesOf = (db: Db, id: string): Promise<FileRow[]> =>
  db
    .selectFrom('bulk_file')
    .select(columns.bulk_file)
    .where('export_id', '=', id)
    .where('whole', '=', true)
    .orderBy('step')
    .execute()

export async function endExport(tx: Tx, id: string, status: 'failed' | 'ended' | 'full'): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('bulk_export')
    .set({ status })
    .where('id', '=', id)
    .where('status', '<>', 'ended')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Files of exports that nobody can fetch any more; `used`: another one has the same content, or somebody is bringing that in. */
export async function filesToRemove(db: Db, now: Date, limit: number): Promise<(FileRow & { used: boolean })[]> {
  const { rows } = await sql<FileRow & { used: boolean }>`
    select ${sql.raw(columns.bulk_file.map((name) => `f.${name}`).join())}, exists (
      select from bulk_file o join bulk_export e on e.id = o.export_id
      where o.file_key = f.file_key and ${isLive(now)})
      or exists (select from bulk_import i where i.file_key = f.file_key and i.expires_at > ${now}) as used
    from bulk_file f join bulk_export e on e.id = f.export_id
    where not (${isLive(now)}) limit ${limit}`.execute(db)
  return rows
}

export const forgetFile = (tx: Tx, { export_id, step, kind, file_key }: FileRow) =>
  tx
    .deleteFrom('bulk_file')
    .where('export_id', '=', export_id)
    .where('step', '=', step)
    .where('kind', '=', kind)
    .where('file_key', '=', file_key)
    .execute()

export const forgetExports = (tx: Tx, now: Date) =>
  sql`delete from bulk_export e where (status = 'ended' or expires_at <= ${now})
    and not exists (select from bulk_file f where f.export_id = e.id)`.execute(tx)
