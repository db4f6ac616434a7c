import type { FastifyBaseLogger } from 'fastify'
import { CompiledQuery } from 'kysely'
import type { Context } from './context.ts'
import type { Connection, RoomDatabase } from './database.ts'
import { Problem } from './errors.ts'
import { newId } from './ids.ts'
import { traced } from './traced-database.ts'

// A reader of the database answers what an operation with `reader` asks: late by a bounded time, and never before the caller's own last write. Whatever
// is in its way, the primary answers. How late it is, two rows tell (migrations/0013_reader.sql), read on the very connection that answers: behind one
// address there may be several readers, each as late as it is.

/** What is shown may be older by this; the descriptions of these operations promise it. */
export const LATE_SECONDS = 5
/** How often it is looked whether the reader is there, and how late. */
const LOOK_MS = 1_000
/** A reader that has not answered by then is not waited for. */
const ANSWER_MS = 2_000
/** Beats that are remembered: more than fit into the time by which an answer may be late. */
const BEATS = 10

/** Who answered: the reader; or the primary, since the reader was away, late, had not the caller's own write, or did not come to an answer. */
export type Outcome = 'reader' | 'away' | 'late' | 'own-write' | 'failed'

export interface Reader {
  /** The rooms that it answers for. */
  readonly databases: ReadonlyMap<string, RoomDatabase<unknown>>
  readonly answered: ReadonlyMap<Outcome, number>
  lagSeconds(): number
  /** Asks over the reader, or over the primary. `ask` reads only, and may be called twice. */
  read<R>(ctx: Context, ask: (ctx: Context) => Promise<R>): Promise<R>
  /** Looks now: whether it is there, and how late. */
  look(): Promise<void>
  close(): Promise<void>
}

interface ReaderOptions {
  databases: ReadonlyMap<string, RoomDatabase<unknown>>
  /** Whose reader it is: any room's. */
  primary: RoomDatabase<unknown>
  log: Pick<FastifyBaseLogger, 'info' | 'warn'>
}

type Attempt<R> = { by: 'reader'; result: PromiseSettledResult<R> } | { by: Exclude<Outcome, 'reader'> }

export function openReader({ databases, primary, log }: ReaderOptions): Reader {
  const answered = new Map<Outcome, number>()
  const beats = beatsOf(primary)
  const opened = performance.now()
  let asOf = Number.NEGATIVE_INFINITY
  let state: 'used' | 'away' | 'late' | undefined

  async function look(): Promise<void> {
    await beats.beat().catch(() => {}) // without the primary there is nothing to be late for, and nobody is let in
    const [first] = databases.values()
    const seen = await within(ANSWER_MS, shownBy(first as RoomDatabase<unknown>, beats.process)).then(
      (beat) => ({ at: beats.momentOf(beat) }),
      (err: unknown) => ({ err }),
    )
    if ('at' in seen) asOf = seen.at
    const now = 'err' in seen ? 'away' : isLate(asOf) ? 'late' : 'used'
    if (now === 'used' && state !== 'used') log.info('a reader of the database answers searches')
    if (now !== 'used' && state !== now)
      log.warn({ err: 'err' in seen ? seen.err : undefined, reader: now }, 'the primary answers searches')
    state = now
  }

  async function attempt<R>(ctx: Context, ask: (ctx: Context) => Promise<R>): Promise<Attempt<R>> {
    const own = databases.get(ctx.room) as RoomDatabase<unknown>
    const database = ctx.span?.recording ? traced(own, ctx.room, ctx.span) : own
    const connection = await database.connect()
    const asked = connection.send(SHOWN, [ctx.actor.account ?? null, ctx.actor.wrote ?? null, beats.process])
    const [shown, result] = await Promise.allSettled([asked, ask(over(connection, database, ctx))])
    const isWell = shown.status === 'fulfilled' && (result.status === 'fulfilled' || result.reason instanceof Problem)
    connection.release(!isWell)
    if (!isWell) return { by: 'failed' }
    const { beat, has_write } = shown.value.rows[0] as Shown
    if (isLate(beats.momentOf(beat))) return { by: 'late' }
    return has_write ? { by: 'reader', result } : { by: 'own-write' }
  }

  async function read<R>(ctx: Context, ask: (ctx: Context) => Promise<R>): Promise<R> {
    const isUsable = state === 'used' && !isLate(asOf)
    const outcome: Attempt<R> = isUsable
      ? await within(ANSWER_MS, attempt(ctx, ask)).catch(() => ({ by: 'failed' }))
      : { by: state === 'late' || state === 'used' ? 'late' : 'away' }
    answered.set(outcome.by, (answered.get(outcome.by) ?? 0) + 1)
    if (outcome.by !== 'reader') return ask(ctx)
    if (outcome.result.status === 'rejected') throw outcome.result.reason
    return outcome.result.value
  }

  const end = everySecond(look)
  return {
    databases,
    answered,
    lagSeconds: () => (performance.now() - Math.max(asOf, opened)) / 1_000,
    read,
    look,
    async close() {
      await end()
      await Promise.all([...databases.values()].map((database) => database.close()))
    },
  }
}

const isLate = (moment: number): boolean => performance.now() - moment > LATE_SECONDS * 1_000

interface Shown {
  /** Null: of another database, or from before this process began. */
  beat: number | null
  has_write: boolean
}

/** A write is known by its time, and compared for being the same: clocks of a primary before and after a failover may differ. */
const SHOWN = `
  select (select (extract(epoch from h.at) * 1000000)::int8 from platform.heartbeat h where h.process = $3) as beat,
    $2::timestamptz is null or exists (select from platform.newest_write w where w.account_id = $1::uuid and w.at = $2) as has_write`

async function shownBy(database: RoomDatabase<unknown>, process: string): Promise<Shown['beat']> {
  const { rows } = await database.db.executeQuery<Shown>(CompiledQuery.raw(SHOWN, [null, null, process]))
  return (rows[0] as Shown).beat
}

/** All on this one connection, and nothing that writes. */
function over({ tx: db }: Connection<unknown>, database: RoomDatabase<unknown>, ctx: Context): Context {
  const connect = () => Promise.reject(new Error(`${ctx.doing} writes: a reader of the database cannot answer it`))
  return { ...ctx, db, database: { ...database, db, connect, apart: (read) => read(db) } }
}

const BEAT = 'select platform.beat($1) as beat'

/** When each beat began, by this process's own clock: clocks of other machines say nothing of how late a reader is. */
function beatsOf(primary: RoomDatabase<unknown>) {
  const beats: { beat: number; at: number }[] = []
  const process = newId()
  return {
    async beat(): Promise<void> {
      const at = performance.now()
      const { rows } = await primary.db.executeQuery<{ beat: number }>(CompiledQuery.raw(BEAT, [process]))
      beats.push({ beat: (rows[0] as { beat: number }).beat, at })
      if (beats.length > BEATS) beats.shift()
    },
    /** Who shows this beat has all that was committed before this moment. */
    momentOf(shown: Shown['beat']): number {
      const latest = shown === null ? undefined : beats.findLast(({ beat }) => beat <= shown)
      return latest?.at ?? Number.NEGATIVE_INFINITY
    },
    process,
  }
}

function within<R>(milliseconds: number, work: Promise<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** The next time is a second after the last has ended. Gives the way to end it. */
function everySecond(look: () => Promise<void>): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false
  let latest = Promise.resolve()
  const next = () => {
    latest = look().finally(() => {
      if (!hasEnded) timer = setTimeout(next, LOOK_MS).unref()
    })
  }
  next()
  return async () => {
    hasEnded = true
    clearTimeout(timer)
    await latest
  }
}
