import { EventEmitter } from 'node:events'
import type { RunnerOptions, TaskList, WorkerEvents } from 'graphile-worker'
import pg from 'pg'
import type { Config } from './config.ts'
import type { Context, TransactionContext } from './context.ts'
import { ENGINE_SESSION, openEngineLife } from './engine-life.ts'
import { openRelay, relayAll } from './relay.ts'

/** Work that a room does later or by the clock. */
export interface Job<T = unknown> {
  name: string
  /** Crontab times (UTC) at which it runs by itself. */
  cron?: string
  /** It mostly waits for somebody outside the house: many run at once, beside the others (docs/decisions/0044). Never with `cron`: that engine has no clock. */
  outward?: true
  run(ctx: Context<T>, payload: never): Promise<void>
}

export interface JobRequest {
  runAt?: Date
  /** A later request with this key replaces the earlier one while it waits. */
  key?: string
  maxAttempts?: number
}

/** 25 attempts with exponential back-off are three days; then the job stays, visible, as a dead letter. */
const MAX_ATTEMPTS = 25

/** Asks for a job of the same room, recorded with its cause or not at all. */
export function addJob(
  ctx: Pick<TransactionContext, 'room' | 'pending'>,
  name: string,
  payload: object,
  request: JobRequest = {},
): void {
  pushJob(ctx, `${ctx.room}:${name}`, payload, request)
}

export function pushJob(
  ctx: Pick<TransactionContext, 'pending'>,
  identifier: string,
  payload: object,
  { runAt, key, maxAttempts = MAX_ATTEMPTS }: JobRequest = {},
): void {
  const { jobs, traceparent } = ctx.pending
  const carried = traceparent === undefined ? payload : { ...payload, traceparent }
  jobs.push({ identifier, payload: carried, run_at: runAt ?? null, job_key: key ?? null, max_attempts: maxAttempts })
}

/** Drops a job of the same room that waits under `key`. */
export function dropJob(ctx: Pick<TransactionContext, 'pending'>, key: string): void {
  ctx.pending.jobs.push({ drop: key })
}

export interface WorkerOptions {
  /** Of the job engine. */
  url: string
  /** Of the house, where that is another one. */
  relayFrom?: string | undefined
  tasks: TaskList
  /** The names of tasks that go outside (outwardOf); without them all run in one engine. */
  outward?: ReadonlySet<string>
  /** graphile-worker's crontab text. */
  crontab: string
  log(level: 'error' | 'warning' | 'info' | 'debug', message: string): void
}

/** The job engine's database: with JOBS_DATABASE_URL one of its own, to which a worker moves what is asked for in the house's. */
export function jobsAt({ databaseUrl, jobsDatabaseUrl }: Config): Pick<WorkerOptions, 'url' | 'relayFrom'> {
  const url = databaseUrl.reveal()
  return jobsDatabaseUrl ? { url: jobsDatabaseUrl.reveal(), relayFrom: url } : { url }
}

const workerPool = (url: string, max: number) => {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    options: ENGINE_SESSION,
    application_name: 'openhcs jobs',
  })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {})) // a connection lost while it works: the engine sees the failed query
  return pool
}

/** Ours end within minutes, and can run twice: what takes longer hangs. What a process that died had in hand goes back at once (engine-life.ts). */
const FREE_LOCKED = `
  update graphile_worker._private_jobs set locked_at = null, locked_by = null, run_at = greatest(run_at, now()) where locked_at < now() - interval '10 minutes'`
const FREE_EVERY_MS = 60_000
const RESTART_MS = 1_000

/** The job engine over the tasks of this process, started anew whenever it ends by itself: when the database was away, for example. */
export async function keepWorking(options: WorkerOptions): Promise<{ stop(): Promise<void> }> {
  let stopped = false
  let runner: Working | undefined
  let timer: NodeJS.Timeout | undefined
  const start = async () => {
    try {
      runner = await startWorker(options)
      runner.ended.then(again, again)
    } catch (error) {
      again(error)
    }
  }
  const again = (reason: unknown) => {
    runner = undefined
    if (stopped) return
    options.log('error', `the job engine ended and is started again: ${reason}`)
    timer = setTimeout(restart, RESTART_MS)
  }
  let starting = start()
  const restart = () => {
    starting = start()
  }
  await starting
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await starting // one that is just starting would go on without anybody
      await runner?.stop()
    },
  }
}

interface Working {
  ended: Promise<unknown>
  stop(): Promise<void>
}

/**
 * The engine and, where it has a database of its own, the relay to it: neither without the other. So a worker waits while the house's database is away,
 * instead of using up the attempts of every job.
 */
async function startWorker({ relayFrom, ...options }: WorkerOptions): Promise<Working> {
  if (relayFrom === undefined) return startEngines(options)
  const relay = await openRelay({ main: relayFrom, jobs: options.url })
  const engines = await startEngines(options).catch(async (error) => {
    await relay.close()
    throw error
  })
  return together([engines, { ended: relay.ended, stop: relay.close }])
}

/** None goes on without the others. */
function together(parts: readonly Working[]): Working {
  const stop = async () => {
    await Promise.all(parts.map((part) => part.stop().catch(() => {}))) // it may have ended by itself
  }
  for (const { ended } of parts) ended.then(stop, stop)
  const all = async () => {
    const ends = await Promise.allSettled(parts.map(({ ended }) => ended))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
  return { ended: all(), stop }
}

/** Jobs of the house load the database: more at once would only slow down who waits for an answer. */
const AT_ONCE = 4
/** They wait for servers and not for the database; more than may be handed over at a time, so that others are prepared meanwhile. */
const OUTWARD_AT_ONCE = 64
const OUTWARD: GraphileConfig.Preset = {
  worker: { localQueue: { size: OUTWARD_AT_ONCE }, completeJobBatchDelay: 5, failJobBatchDelay: 5 },
}

/** Of both engines together, with what each listens on, and the one by which others see that they live. */
export const ENGINE_CONNECTIONS = 9

/** The job engine (graphile-worker), once for the jobs of the house and once for those that go outside. */
async function startEngines({ url, tasks, outward = new Set(), crontab, log }: WorkerOptions): Promise<Working> {
  const { Logger, run } = await import('graphile-worker')
  const pgPool = workerPool(url, ENGINE_CONNECTIONS - 1)
  const life = await openEngineLife(url, pgPool).catch(async (error) => {
    await pgPool.end()
    throw error
  })
  const free = () => pgPool.query(FREE_LOCKED).catch(() => {})
  await free()
  const timer = setInterval(free, FREE_EVERY_MS)
  const logger = new Logger(() => (level, message) => log(level, message))
  const events = new EventEmitter() as WorkerEvents
  events.on('pool:create', ({ workerPool: { id } }) => void life.begin(id).catch(life.stop))
  const all = { pgPool, pollInterval: 1_000, noHandleSignals: true, logger, events }
  const tasksThat = (goOutside: boolean) =>
    Object.fromEntries(Object.entries(tasks).filter(([name]) => outward.has(name) === goOutside))
  const engines: RunnerOptions[] = [{ taskList: tasksThat(false), crontab, concurrency: AT_ONCE }]
  if (outward.size > 0) engines.push({ taskList: tasksThat(true), concurrency: OUTWARD_AT_ONCE, preset: OUTWARD })
  const runs = engines.map((engine) => run({ ...all, ...engine }))
  const started = await Promise.allSettled(runs)
  const runners = started.flatMap((one) =>
    one.status === 'fulfilled' ? [{ ended: one.value.promise, stop: () => one.value.stop() }] : [],
  )
  const working = together(runners)
  void life.ended.then(working.stop)
  const close = async () => {
    clearInterval(timer)
    await life.stop() // only now: others take what it still had in hand
    await pgPool.end().catch(() => {})
  }
  const closed = working.ended.then(close, close)
  const stop = async () => {
    await working.stop()
    await closed
  }
  for (const one of started)
    if (one.status === 'rejected') {
      await stop()
      throw one.reason
    }
  return { ended: working.ended, stop }
}

/** Runs everything that is due and returns; for tests and one-off commands. */
export async function runDueJobs({ relayFrom, ...options }: Omit<WorkerOptions, 'crontab'>): Promise<void> {
  if (relayFrom === undefined) return runOnceThrough(options)
  const relay = () => relayAll({ main: relayFrom, jobs: options.url })
  await relay()
  do await runOnceThrough(options)
  while ((await relay()) > 0) // what ran may have asked for more
}

async function runOnceThrough({ url, tasks, log }: Omit<WorkerOptions, 'crontab'>): Promise<void> {
  const { Logger, runOnce } = await import('graphile-worker')
  const pgPool = workerPool(url, 2)
  try {
    await runOnce({
      pgPool,
      taskList: tasks,
      noHandleSignals: true,
      logger: new Logger(() => (level, message) => log(level, message)),
    })
  } finally {
    await pgPool.end()
  }
}
