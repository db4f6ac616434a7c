import { CompiledQuery } from 'kysely'
import type { Context, Pending, TransactionContext } from './context.ts'
import type { Connection, Send } from './database.ts'
import { type Once, Repeated, seekAnswer, storedAnswer } from './idempotency.ts'
import { pathOf, roleOf } from './session.ts'

/** Serialisation failure and deadlock: PostgreSQL asks for another try. */
const RETRIED = new Set(['40001', '40P01'])
const ATTEMPTS = 3

/**
 * Runs `work` in one transaction. BEGIN travels with the first statement; audit rows, events and the stored answer travel with COMMIT:
 * a transaction of one statement costs two round trips. A serialisation failure or deadlock runs it again; a request or event that has
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
  const pending: Pending = { statements: [], audit: [], jobs: [], events: [], traceparent }
  const first = [send('begin'), ...(ctx.once ? [seekAnswer(send, ctx.once)] : [])]
  for (const sent of first) sent.catch(() => {}) // looked at below, or in abandon()
  try {
    const result = await work({
      ...rest,
      db: connection.tx,
      pending,
      atCommit: (query) => pending.statements.push(query.compile(connection.tx)),
    })
    await Promise.all(first)
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
    throw await abandon(connection, first, error)
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
  const send = ({ sql, parameters }: Pending['statements'][number]) =>
    db.executeQuery(CompiledQuery.raw(sql, [...parameters]))
  const say = (text: string) => send({ sql: text, parameters: [] })
  const part: Pending = { ...pending, statements: [], audit: [], jobs: [], events: [] }
  const begun = say('savepoint part')
  try {
    const atCommit: typeof ctx.atCommit = (query) => part.statements.push(query.compile(db))
    const result = await work({ ...ctx, pending: part, atCommit })
    const sent = await Promise.allSettled([begun, ...part.statements.map(send), say('release savepoint part')])
    for (const one of sent) if (one.status === 'rejected') throw one.reason
    for (const list of ['audit', 'jobs'] as const) pending[list].push(...part[list])
    pending.events.push(...part.events)
    return result
  } catch (error) {
    // Where this fails too the connection is gone, and with it the transaction.
    await Promise.allSettled([begun, say('rollback to savepoint part'), say('release savepoint part')])
    throw error
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
  const become = (who: string) =>
    ctx.db.executeQuery(
      CompiledQuery.raw("select set_config('role', $1, true), set_config('search_path', $2, true)", [
        roleOf(who),
        pathOf(who),
      ]),
    )
  try {
    const [, done] = await sentTogether([become(room), work({ ...ctx, room } as TransactionContext<T>)])
    return done
  } finally {
    become(ctx.room).catch(() => {})
  }
}

/**
 * What statements answered that were sent without waiting for one another, once all have; or why the first failed that did, since what was sent behind it is refused
 * for no reason of its own.
 */
export async function sentTogether<T extends readonly unknown[]>(
  sent: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const all = await Promise.allSettled(sent)
  for (const one of all) if (one.status === 'rejected') throw one.reason
  return all.map((one) => (one as PromiseFulfilledResult<unknown>).value) as never
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
  first: Promise<unknown>[],
  error: unknown,
): Promise<unknown> {
  const earlier = (await Promise.allSettled(first)).find((one) => one.status === 'rejected')
  try {
    await send('rollback')
    release()
  } catch {
    release(true)
  }
  return earlier?.status === 'rejected' ? earlier.reason : error
}
