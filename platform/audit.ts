import { createHmac } from 'node:crypto'
import type { TransactionContext } from './context.ts'
import type { Send } from './database.ts'

/** FHIR's AuditEvent.action: create, read, update, delete, execute. */
export type AuditAction = 'C' | 'R' | 'U' | 'D' | 'E'

/** What happened to whose data. References and codes only: the audit names records and never repeats them. */
export interface AuditEntry {
  action: AuditAction
  /** `Appointment/<id>` */
  entity: string
  /** The person concerned, `Patient/<id>` or `Practitioner/<id>`; what "who saw my record" is searched by. */
  subject?: string | undefined
  /** Relationship under which a caregiver or practitioner acted: `mandate`, `treatment`… */
  relationship?: string | undefined
  reason?: string | undefined
}

/** Records a read or a write of a person's data, in the transaction that does it. */
export function audit(ctx: Omit<TransactionContext, 'db'>, entry: AuditEntry): void {
  const { account, kind } = ctx.actor
  ctx.pending.audit.push({
    at: ctx.now(),
    account_id: account ?? null,
    actor: kind,
    room: ctx.room,
    operation: ctx.doing,
    trace_id: ctx.traceId,
    ...entry,
  })
}

// Sealing. Writers only insert, so they never queue behind one another. A job seals what has settled: it takes every row that no seal
// covers yet, and chains a digest of them to the seal before, under a key that the database does not hold. Ids are drawn before a
// transaction commits, so rows may appear late; a seal therefore names its rows (a multirange of ids), not an upper bound.

/** Ids older than this many rows below the newest sealed one cannot appear any more: transactions live seconds, this is hours of writes. */
const SETTLED_ROWS = 5_000_000

/** By name: a column that a later release adds must not change what was sealed before. */
const ROW =
  'row(e.id, e.at, e.account_id, e.actor, e.room, e.operation, e.trace_id, e.action, e.entity, e.subject, e.relationship, e.reason)'

const UNSEALED = `
  with covered as (
    select coalesce(range_agg(r), '{}') as ids, coalesce(max(upper(r)), 0) as newest
    from platform.audit_seal s, unnest(s.ids) r where s.newest_id > (select coalesce(max(newest_id), 0) - ${SETTLED_ROWS} from platform.audit_seal))
  select range_agg(int8range(e.id, e.id, '[]')) as ids, count(*)::int as count, max(e.id) as newest,
         encode(sha256(convert_to(string_agg(${ROW}::text, E'\\n' order by e.id), 'UTF8')), 'hex') as digest
  from (select * from platform.audit_event, covered
        where id > covered.newest - ${SETTLED_ROWS} and not id <@ covered.ids order by id limit 50000) x
  join platform.audit_event e on e.id = x.id`

const DIGEST = `
  select count(*)::int as count, encode(sha256(convert_to(string_agg(${ROW}::text, E'\\n' order by e.id), 'UTF8')), 'hex') as digest
  from platform.audit_event e where e.id <@ $1::int8multirange and e.id between lower($1::int8multirange) and upper($1::int8multirange)`

const SEALER_LOCK = 7_305_116

const chain = (key: string, previous: string, ids: string, digest: string) =>
  createHmac('sha256', key).update(`${previous}\n${ids}\n${digest}`).digest('hex')

/** Seals settled rows; one sealer at a time. Returns how many rows were sealed. */
export async function sealAudit(send: Send, key: string, now: Date): Promise<number> {
  await send('select pg_advisory_xact_lock($1)', [SEALER_LOCK])
  const { rows } = await send(UNSEALED)
  const { ids, count, newest, digest } = rows[0]
  if (count === 0) return 0
  const last = await send('select seal from platform.audit_seal order by id desc limit 1')
  const seal = chain(key, last.rows[0]?.seal ?? '', ids, digest)
  await send('insert into platform.audit_seal (ids, newest_id, count, seal, sealed_at) values ($1, $2, $3, $4, $5)', [
    ids,
    newest,
    count,
    seal,
    now,
  ])
  return count
}

interface SealsVerdict {
  seals: number
  rows: number
  /** Seals whose rows were changed, removed or added to, or whose link to the one before is broken. */
  broken: { seal: number; sealedAt: Date; reason: string }[]
}

export interface AuditVerdict extends SealsVerdict {
  unsealed: number
}

/** Recomputes the chain from the rows. */
export async function verifyAudit(send: Send, key: string): Promise<AuditVerdict> {
  const { broken, ...verdict } = await verifySeals(send, key, 0)
  const { rows } = await send('select count(*)::int as count from platform.audit_event')
  return { ...verdict, unsealed: rows[0].count - verdict.rows, broken }
}

/** As many as are made in a day. */
const DAY_OF_SEALS = 1_440

/** Recomputes the newest part of the chain: the whole of it is for `openhcs audit verify`. */
export async function verifyNewestSeals(send: Send, key: string): Promise<SealsVerdict> {
  const { rows } = await send('select coalesce(max(id), 0) as newest from platform.audit_seal')
  return verifySeals(send, key, Math.max(0, rows[0].newest - DAY_OF_SEALS))
}

async function verifySeals(send: Send, key: string, after: number): Promise<SealsVerdict> {
  const { rows: seals } = await send(
    'select id, ids::text as ids, count, seal, sealed_at from platform.audit_seal where id >= $1 order by id',
    [after],
  )
  const verdict: SealsVerdict = { seals: 0, rows: 0, broken: [] }
  let previous = ''
  if (after > 0) previous = seals.shift()?.seal
  let expected = after + 1
  for (const { id, ids, count, seal, sealed_at } of seals) {
    const { rows } = await send(DIGEST, [ids])
    const fault = (reason: string) => verdict.broken.push({ seal: id, sealedAt: sealed_at, reason })
    if (id !== expected) fault('a seal before this one was removed')
    if (rows[0].count !== count) fault(`${count} rows were sealed, ${rows[0].count} are there`)
    else if (chain(key, previous, ids, rows[0].digest) !== seal) fault('a row, or the seal itself, was altered')
    verdict.seals++
    verdict.rows += rows[0].count
    previous = seal
    expected = id + 1
  }
  return verdict
}

export interface NewestSeal {
  sealedAt: Date | undefined
  /** Whether the rows under it, and its link to the one before, are what the key says. */
  fits: boolean
  /** When the oldest row after it was written. */
  unsealedSince: Date | undefined
}

/** Cheap, where `verifyAudit` reads everything: whether the key is the right one, and whether sealing goes on. */
export async function checkNewestSeal(send: Send, key: string): Promise<NewestSeal> {
  const { rows } = await send(
    'select ids::text as ids, seal, sealed_at, newest_id from platform.audit_seal order by id desc limit 2',
  )
  const [newest, before] = rows
  const unsealed = await send('select min(at) as at from platform.audit_event where id > $1', [newest?.newest_id ?? 0])
  const unsealedSince: Date | undefined = unsealed.rows[0].at ?? undefined
  if (!newest) return { sealedAt: undefined, fits: true, unsealedSince }
  const digest = (await send(DIGEST, [newest.ids])).rows[0].digest
  return {
    sealedAt: newest.sealed_at,
    fits: chain(key, before?.seal ?? '', newest.ids, digest) === newest.seal,
    unsealedSince,
  }
}
