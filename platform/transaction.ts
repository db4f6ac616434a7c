import { CompiledQuery } from 'kysely'
import type { Context, Pending, TransactionContext } from './context.ts'
import type { Connection, Send } from './database.ts'
import { type Once, Repeated, seekAnswer, storedAnswer } from './idempotency.ts'
import { pathOf, roleOf } from './session.ts'

/** Serialisation failure and deadlock: PostgreSQL asks for another try. */
const RETRIED = new Set(['40001', '40P01'])
const ATTEMPTS = 3
/** `in_failed_sql_transaction`. */
const REFUSED_BEHIND = '25P02'

/**
 * Runs `work` in one transaction. BEGIN travels with the first statement; audit rows, events and the stored answer travel with COMMIT:
 * a transaction that waits for one statement costs two round trips, and one that waits for none (sendAlong) costs one. A serialisation failure or deadlock runs it again; a request or event that has
 * taken effect before is answered as then.
 */
export async function transact<T, R>(ctx: Context<T>, work: (ctx: TransactionContext<T>) => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(ctx, work)
    } catch (error) {
      if (error instanceof Repeated) return error.answer as R
      const { code, constraint } = error as { code?: string; constraint?: string }
      const again = (code !== undefined && RETRIED.has(code)) || constraint === 'once_pkey'
      if (!again || attempt === ATTEMPTS) throw error
    }
  }
}

async function attemptOnce<T, R>(ctx: Context<T>, work: (ctx: TransactionContext<T>) => Promise<R>): Promise<R> {
  const connection = await ctx.database.connect()
  const { send } = connection
  const { database: _database, call: _call, ...rest } = ctx
  const traceparent = ctx.span?.recording ? ctx.span.traceparent : undefined
  const pending: Pending = { send, sent: [], statements: [], audit: [], jobs: [], events: [], traceparent }
  goesAlong(pending, send('begin'))
  const sought = ctx.once && seekAnswer(send, ctx.once)
  if (sought) goesAlong(pending, sought)
  try {
    const result = await work({
      ...rest,
      db: connection.tx,
      pending,
      atCommit: (query) => pending.statements.push(query.compile(connection.tx)),
    })
    await sought
    const last = [
      ...pending.statements.map(({ sql, parameters }) => send(sql, [...parameters])),
      ...record(send, recorder(ctx), pending, ctx.once, result, ctx.now()),
      ...noteWrite(send, ctx),
    ]
    await commit(send, last)
    connection.release()
    if (pending.jobs.length > 0) ctx.database.wake(pending.jobs.length)
    for (const event of pending.events) ctx.database.committed.set(event, (ctx.database.committed.get(event) ?? 0) + 1)
    return result
  } catch (error) {
    throw await abandon(connection, pending.sent, error)
  }
}

/**
 * A part of a transaction that takes effect whole or not at all, whatever becomes of the rest: what it wants sent at COMMIT is sent at its end, and what it
 * records or announces counts only then. Rejects with its first failure; one for which PostgreSQL asks for another try is for `transact` to see.
 */
export async function inPart<T, R>(
  ctx: TransactionContext<T>,
  work: (ctx: TransactionContext<T>) => Promise<R>,
): Promise<R> {
  const { db, pending } = ctx
  const { send } = pending
  const part: Pending = { ...pending, sent: [], statements: [], audit: [], jobs: [], events: [] }
  goesAlong(part, send('savepoint part'))
  try {
    const atCommit: typeof ctx.atCommit = (query) => part.statements.push(query.compile(db))
    const result = await work({ ...ctx, pending: part, atCommit })
    for (const query of part.statements) sendAlong({ pending: part }, query)
    await send('release savepoint part')
    for (const list of ['audit', 'jobs'] as const) pending[list].push(...part[list])
    pending.events.push(...part.events)
    return result
  } catch (error) {
    // Where this fails too the connection is gone, and with it the transaction.
    await Promise.allSettled([send('rollback to savepoint part'), send('release savepoint part')])
    throw await causeOf(part.sent, error)
  }
}

/**
 * A part of a transaction as another room: under its role, and among its tables. Both end with the part, and where that fails with the transaction, or with the
 * savepoint that it is rolled back to. Neither is waited for: what is sent behind it finds it so, or fails as it does.
 */
export async function asRoom<T, R>(
  ctx: TransactionContext<unknown>,
  room: string,
  work: (ctx: TransactionContext<T>) => Promise<R>,
): Promise<R> {
  // A text for each room: PostgreSQL plans a statement anew that is sent now among the tables of one, now of another.
  const become = (who: string) =>
    sendAlong(
      ctx,
      CompiledQuery.raw(
        `select set_config('role', '${roleOf(who)}', true), set_config('search_path', '${pathOf(who)}', true)`,
      ),
    )
  become(room)
  try {
    return await work({ ...ctx, room } as TransactionContext<T>)
  } finally {
    become(ctx.room)
  }
}

/** Sends a statement that is not waited for: where it fails, the transaction does, or the part of one that it is in. */
export const sendAlong = (
  { pending }: Pick<TransactionContext, 'pending'>,
  { sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>,
): void => goesAlong(pending, pending.send(sql, [...parameters]))

function goesAlong(pending: Pick<Pending, 'sent'>, answer: Promise<unknown>): void {
  answer.catch(() => {}) // looked at in causeOf(), since what comes behind it fails too
  pending.sent.push(answer)
}

/** Where `work` fails, or what it sends along, why is told as `told` says. */
export async function telling<T, R>(
  ctx: TransactionContext<T>,
  told: (error: unknown) => unknown,
  work: (ctx: TransactionContext<T>) => R | Promise<R>,
): Promise<R> {
  const sent: Promise<unknown>[] = []
  const tell = (error: unknown) => {
    throw told(error)
  }
  try {
    return await work({ ...ctx, pending: { ...ctx.pending, sent } })
  } catch (error) {
    return tell(error)
  } finally {
    for (const one of sent) goesAlong(ctx.pending, one.catch(tell))
  }
}

/** Why it really failed: after a failure PostgreSQL refuses what follows, for no reason of its own. */
async function causeOf(sent: readonly Promise<unknown>[], error: unknown): Promise<unknown> {
  const isCause = (reason: unknown) => (reason as { code?: string } | undefined)?.code !== REFUSED_BEHIND
  for (const one of await Promise.allSettled(sent))
    if (one.status === 'rejected' && isCause(one.reason)) return one.reason
  return error
}

/**
 * Audit rows, events and the answer, where there are any (migrations/0003_record.sql). A duplicate of the answer (`once_pkey`) means that
 * another attempt committed between our look and our write: it is answered as that one was.
 */
function record(send: Send, by: string, { audit, jobs }: Pending, once: Once | undefined, answer: unknown, now: Date) {
  if (audit.length === 0 && jobs.length === 0 && !once) return []
  const json = (list: object[]) => (list.length > 0 ? JSON.stringify(list) : null)
  const kept = once && [once.scope, once.key, once.hash ?? null, storedAnswer(once, answer)]
  return [send(`select platform.${by}($1, $2, $3, $4, $5, $6, $7)`, [json(audit), json(jobs), ...(kept ?? NONE), now])]
}

/** Where the job engine has a database of its own, jobs are requests (migrations/0015_job_requests.sql). */
const recorder = ({ config }: Pick<Context, 'config'>) => (config.jobsDatabaseUrl ? 'record_apart' : 'record')

/** Last of all, since it locks a row of the account's until COMMIT. */
const noteWrite = (send: Send, { notesWrites, actor }: Pick<Context, 'notesWrites' | 'actor'>) =>
  notesWrites && actor.account ? [send('select platform.note_write($1)', [actor.account])] : []

const NONE = [null, null, null, null]

/** Sends COMMIT behind `last` without waiting. After a failure PostgreSQL refuses what follows and answers COMMIT with ROLLBACK. */
async function commit(send: Send, last: Promise<unknown>[]): Promise<void> {
  const committed = send('commit')
  const [answer, ...others] = await Promise.allSettled([committed, ...last])
  const failed = others.find((one) => one.status === 'rejected') ?? answer
  if (failed.status === 'rejected') throw failed.reason
  if (answer.status === 'fulfilled' && answer.value.command !== 'COMMIT')
    throw new Error('The transaction was rolled back')
}

/** Rolls back; the error to report is the earliest cause: that the request has been handled before comes first. */
async function abandon(
  { send, release }: Pick<Connection<never>, 'send' | 'release'>,
  sent: readonly Promise<unknown>[],
  error: unknown,
): Promise<unknown> {
  const cause = await causeOf(sent, error)
  try {
    await send('rollback')
    release()
  } catch {
    release(true)
  }
  return cause
}
