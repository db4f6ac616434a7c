import type pg from 'pg'
import type { Send } from '#platform/database.ts'

// All SQL of the demonstration. It runs as the owner, since it touches every room at once: the only code that may.

export type Row = Record<string, unknown>
/** Rows of one table, by `schema.table`. */
export type Batch = readonly [table: string, rows: readonly Row[]]

/** So that two starts do not load twice. */
const LOCK = 7_305_113
/** Rows that travel in one statement: about what a socket takes at once, so that PostgreSQL need not wait while the next are made. */
const BATCH = 500

/** Everything or nothing, one at a time. */
export async function alone<R>(client: pg.Client, work: () => Promise<R>): Promise<R> {
  await client.query('begin')
  try {
    await client.query(
      `set local search_path = platform; set local timezone = 'UTC'; set local synchronous_commit = on`,
    )
    await client.query('select pg_advisory_xact_lock($1)', [LOCK])
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

export async function isDemonstration(send: Send): Promise<boolean> {
  return (await send('select demo from platform.installation')).rows[0].demo
}

export async function markDemonstration(client: pg.Client, seed: string): Promise<void> {
  await client.query('update platform.installation set demo = true, demo_seed = $1', [seed])
}

/** The seed stays as a mark that there was a demonstration, and that somebody took it away. */
export async function unmarkDemonstration(client: pg.Client): Promise<void> {
  await client.query('update platform.installation set demo = false')
}

export async function wasRemoved(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query('select not demo and demo_seed is not null as removed from platform.installation')
  return rows[0].removed
}

/** Tables whose rows say whether they are fiction. */
async function tablesWithMark(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(`
    select c.oid::regclass::text as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attname = 'demo' and not a.attisdropped
    where c.relkind in ('r', 'p') and c.oid <> 'platform.installation'::regclass and n.nspname !~ '^(pg_|information_schema)' order by 1`)
  return rows.map(({ name }) => name)
}

/** The first table that holds a real person, place or thing. */
export async function realTable(client: pg.Client): Promise<string | undefined> {
  const tables = await tablesWithMark(client)
  if (tables.length === 0) return undefined
  const text = tables.map((name) => `select '${name}' as name where exists (select from ${name} where not demo)`)
  const { rows } = await client.query(`${text.join(' union all ')} limit 1`)
  return rows[0]?.name
}

/** Inserts all; columns are the keys of a table's first row. While PostgreSQL takes one batch, the next is written. */
export async function insertAll(
  client: pg.Client,
  batches: Iterable<Batch>,
): Promise<{ tables: string[]; rows: number }> {
  const tables: string[] = []
  let sent: Promise<unknown> = Promise.resolve()
  let count = 0
  for (const [table, rows] of batches) {
    tables.push(table)
    const columns = Object.keys(rows[0] ?? {}).join(', ')
    const text = `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1)`
    for (let at = 0; at < rows.length; at += BATCH) {
      const batch = JSON.stringify(rows.slice(at, at + BATCH))
      await sent
      sent = client.query({ text, values: [batch] })
    }
    count += rows.length
  }
  await sent
  return { tables, rows: count }
}

/** Fresh statistics: without them the planner takes these tables for empty ones until autovacuum has come by. */
export async function analyze(client: pg.Client, tables: readonly string[]): Promise<void> {
  await client.query(`analyze ${tables.join(', ')}`)
}

export async function specialityCodes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query('select code from registry.speciality order by code')
  return rows.map(({ code }) => code)
}

/** What is left of the hours after the visits, and what searches see of it, by the room's own functions. */
export async function refreshSearch(client: pg.Client): Promise<void> {
  await client.query('set local search_path = scheduling, platform')
  await client.query(`insert into shift_resource (shift_id, resource_id, during)
    select h.id, r, h.during from shift h join schedule s on s.id = h.schedule_id cross join unnest(s.resources) r`)
  await client.query('select refresh_free(array_agg(id), now()) from shift')
  await client.query('select refresh_offers(array_agg(id), now()) from practitioner')
}

/** Empties every table of the ground and of the rooms but those `kept`, and forgets the rooms' jobs. */
export async function empty(client: pg.Client, kept: readonly string[]): Promise<void> {
  const { rows } = await client.query(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname in (select room from platform.migration) and n.nspname || '.' || c.relname <> all ($1)`,
    [kept],
  )
  await client.query(`set local lock_timeout = '10s'`)
  await client.query(`truncate ${rows.map(({ name }) => name).join(', ')} restart identity`)
  await client.query(
    `delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t
     where t.id = j.task_id and split_part(t.identifier, ':', 1) in (select room from platform.migration)`,
  )
}

/** Where the job engine has a database of its own: it holds nothing else. */
export async function emptyJobs(client: pg.Client): Promise<void> {
  await client.query('delete from graphile_worker._private_jobs')
}
