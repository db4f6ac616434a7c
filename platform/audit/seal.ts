import { createHmac } from 'node:crypto'
import type { Send } from '../database.ts'

// Sealing. Writers only insert, so they never queue behind one another. A job seals what has settled: it takes every row that no seal
// covers yet, and chains a digest of them to the seal before, under a key that the database does not hold. Ids are drawn before a
// transaction commits, so rows may appear late; a seal therefore names its rows (a multirange of ids), not an upper bound.
//
// The rows of a seal are in one partition, so that a partition can be handed out and no other one's seals miss a row; and the seal keeps
// their digest, so that the chain is followed past rows that are elsewhere.

/** Ids older than this many rows below the newest sealed one cannot appear any more: transactions live seconds, this is hours of writes. */
const SETTLED_ROWS = 5_000_000

/** By name: a column that a later release adds must not change what was sealed before. */
export const SEALED_COLUMNS = [
  'id',
  'at',
  'account_id',
  'actor',
  'room',
  'operation',
  'trace_id',
  'action',
  'entity',
  'subject',
  'relationship',
  'reason',
]

/** Of the rows `e`. A file is read without the database, so what it makes of a row is also in file.ts. */
const COUNT_AND_DIGEST = `count(*)::int as count,
  encode(sha256(convert_to(string_agg(row(${SEALED_COLUMNS.map((name) => `e.${name}`).join(', ')})::text, E'\\n' order by e.id), 'UTF8')), 'hex') as digest`

/** Looks into the gaps between sealed ids, and not at what is sealed: of two million rows that was ten seconds, every minute. */
const UNSEALED = `
  with gap as (
    select lower(g) as first, coalesce(upper(g), 9223372036854775807) as beyond from unnest(int8multirange(int8range($1, null)) - (
      select coalesce(range_agg(r), '{}') from platform.audit_seal s, unnest(s.ids) r where s.newest_id >= $1)) g),
  unsealed as (
    select x.* from gap, lateral (
      select e.*, e.tableoid as partition from platform.audit_event e where e.id >= gap.first and e.id < gap.beyond
      order by e.id limit 50000) x
    order by x.id limit 50000)
  select range_agg(int8range(e.id, e.id, '[]')) as ids, max(e.id) as newest, ${COUNT_AND_DIGEST}
  from unsealed e where e.partition = (select partition from unsealed order by id limit 1)`

const SEALED = `
  select ${COUNT_AND_DIGEST} from platform.audit_event e
  where e.id <@ $1::int8multirange and e.id between lower($1::int8multirange) and upper($1::int8multirange)`

/** What is there of the rows that a seal names. */
export interface Found {
  count: number
  digest: string | null
}

export const findSealed = async (send: Send, ids: string): Promise<Found> => (await send(SEALED, [ids])).rows[0]

const SEALER_LOCK = 7_305_116

export const chain = (key: string, previous: string, ids: string, digest: string): string =>
  createHmac('sha256', key).update(`${previous}\n${ids}\n${digest}`).digest('hex')

/** Seals settled rows of one partition; one sealer at a time. Returns how many rows were sealed. */
export async function sealAudit(send: Send, key: string, now: Date): Promise<number> {
  await send('select pg_advisory_xact_lock($1)', [SEALER_LOCK])
  const last = (await send('select seal, newest_id from platform.audit_seal order by id desc limit 1')).rows[0]
  const reached = Number(last?.newest_id ?? 0)
  const { ids, count, newest, digest } = (await send(UNSEALED, [reached - SETTLED_ROWS])).rows[0]
  if (count === 0) return 0
  const seal = chain(key, last?.seal ?? '', ids, digest)
  await send(
    'insert into platform.audit_seal (ids, newest_id, count, digest, seal, sealed_at) values ($1, $2, $3, $4, $5, $6)',
    [ids, Math.max(reached, Number(newest)), count, digest, seal, now],
  )
  return count
}
