import type { FastifyBaseLogger } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { backupMetrics } from './backup-metrics.ts'
import type { RoomDatabase } from './database.ts'
import type { Problem } from './errors.ts'
import { jobMetrics, jobsApartMetrics, relayMetrics } from './job-metrics.ts'
import { type Metrics, readerOf } from './metrics.ts'
import type { Reader } from './reader.ts'

/** What the house says of itself while it works. Labels are operation ids and codes: never a path, a name or an id. */
export interface Telemetry {
  readonly registry: Registry
  /** The room of each operation. */
  readonly homes: Map<string, string>
  /** A request was answered. */
  answered(operation: string, status: number, seconds: number): void
  refused(operation: string, problem: Problem): void
  /** A job or delivery came to its end so many seconds after it was due. */
  worked(room: string, task: string, outcome: 'ok' | 'failed', seconds: number): void
}

interface Room {
  name: string
  metrics?: Metrics
}

export interface TelemetryOptions {
  version: string
  rooms: readonly Room[]
  databases: ReadonlyMap<string, RoomDatabase<unknown>>
  reader: Reader | undefined
  /** Of the job engine, where it has one of its own. */
  jobs?: RoomDatabase<unknown> | undefined
  poolSize: number
  homes: Telemetry['homes']
  log: Pick<FastifyBaseLogger, 'warn'>
  now(): Date
}

const NOWHERE = 'none'

/** The metrics of one process, in Prometheus's format. */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'openhcs_' })
  addGauge(registry, 'openhcs_build_info', { help: 'Always 1; the version that runs', labels: ['version'] }, () => [
    [{ version: options.version }, 1],
  ])
  addDatabaseMetrics(registry, options)
  if (options.reader) addReaderMetrics(registry, options.reader)
  addRoomMetrics(registry, options)
  return { registry, homes: options.homes, ...addCounters(registry, options.homes) }
}

function addCounters(registry: Registry, homes: Telemetry['homes']): Omit<Telemetry, 'registry' | 'homes'> {
  const registers = [registry]
  const requests = new Histogram({
    name: 'openhcs_http_request_seconds',
    help: 'Time to answer, by operation and how it ended',
    labelNames: ['room', 'operation', 'outcome', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const problems = new Counter({
    name: 'openhcs_problems_total',
    help: 'Problems answered, by code and, where a rule of the service refused, by its reason',
    labelNames: ['room', 'operation', 'code', 'reason'],
    registers,
  })
  const jobs = new Histogram({
    name: 'openhcs_job_seconds',
    help: 'From when a job or delivery was due to when this attempt ended',
    labelNames: ['room', 'task', 'outcome'],
    buckets: [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600],
    registers,
  })
  const roomOf = (operation: string) => homes.get(operation) ?? NOWHERE
  return {
    answered: (operation, status, seconds) =>
      requests.observe({ room: roomOf(operation), operation, outcome: outcomeOf(status), status }, seconds),
    refused: (operation, { code, reason = '' }) => problems.inc({ room: roomOf(operation), operation, code, reason }),
    worked: (room, task, outcome, seconds) => jobs.observe({ room, task, outcome }, seconds),
  }
}

/** A refusal is the caller's affair, a failure ours. */
const outcomeOf = (status: number) => (status < 400 ? 'ok' : status < 500 ? 'refused' : 'failed')

type Values = Iterable<readonly [labels: Record<string, string>, value: number]>

/** Read when somebody scrapes. What is not there any more, or is not known, must not stay. */
function addGauge(
  registry: Registry,
  name: string,
  { help, labels = [] }: { help: string; labels?: readonly string[] },
  read: () => Values | Promise<Values>,
): void {
  new Gauge({
    ...{ name, help, labelNames: [...labels], registers: [registry] },
    async collect() {
      const values = [...(await read())]
      this.reset()
      if (values.length === 0) this.remove({}) // without labels, a reset is a zero
      for (const [given, value] of values) this.set(given, value)
    },
  })
}

function addDatabaseMetrics(registry: Registry, { databases, poolSize }: TelemetryOptions): void {
  const perRoom = (name: string, help: string, read: (database: RoomDatabase<unknown>) => number) =>
    addGauge(registry, name, { help, labels: ['room'] }, () =>
      [...databases].map(([room, database]) => [{ room }, read(database)]),
    )
  perRoom('openhcs_database_statements', 'Statements sent since start', ({ statistics }) => statistics.statements)
  perRoom('openhcs_database_connections_in_use', 'Connections inside a transaction', (database) => database.inUse())
  perRoom('openhcs_database_connections_max', 'Connections there may be for transactions', () => poolSize)
  perRoom('openhcs_database_requests_waiting', 'Requests waiting for a connection', (database) => database.waiting())
  new Counter({
    name: 'openhcs_events_total',
    help: 'What has happened, by the event that was committed: Appointment.booked is a booking',
    labelNames: ['room', 'event'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [room, { committed }] of databases)
        for (const [event, count] of committed) this.inc({ room, event }, count)
    },
  })
}

function addReaderMetrics(registry: Registry, reader: Reader): void {
  const lag = 'For how long the reader of the database may have lacked something: at least how long since it was seen'
  addGauge(registry, 'openhcs_reader_lag_seconds', { help: lag }, () => [[{}, reader.lagSeconds()]])
  new Counter({
    name: 'openhcs_reader_answers_total',
    help: 'Answers that a reader of the database might give, by who gave them and, where it was the primary, why',
    labelNames: ['by', 'reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, count] of reader.answered)
        this.inc(outcome === 'reader' ? { by: outcome, reason: '' } : { by: 'primary', reason: outcome }, count)
    },
  })
}

/** What lies in the database. The job engine and backups are everybody's, so the first room here tells of them. */
function addRoomMetrics(registry: Registry, { rooms, databases, jobs, log, now }: TelemetryOptions): void {
  const readers = rooms.map(({ name: room, metrics }, i) => {
    const everybodys = i === 0 ? [jobs ? relayMetrics : jobMetrics, backupMetrics] : []
    const all = [...(metrics ? [metrics] : []), ...everybodys]
    return { room, all, database: databases.get(room) as RoomDatabase<unknown> }
  })
  if (jobs) readers.push({ room: 'jobs', all: [jobsApartMetrics], database: jobs })
  const reads = readers.map(({ room, all, database }) => {
    const failed = (err: unknown) => log.warn({ err, room }, 'the metrics of a room cannot be read')
    return { room, names: all.map(({ names }) => names), read: readerOf(database, all, now, failed) }
  })
  // A name that two databases tell of has the figures of both.
  const names = new Map(reads.flatMap((one) => one.names.flatMap((list) => Object.entries(list))))
  for (const [name, about] of names)
    addGauge(registry, name, about, async () => {
      const readings = await Promise.all(
        reads.filter((one) => one.names.some((list) => name in list)).map(({ read }) => read()),
      )
      return readings.flatMap(({ samples }) => (samples[name] ?? []).map(({ labels = {}, value }) => [labels, value]))
    })
  const up = { help: 'Whether the database answered this room in time', labels: ['room'] }
  addGauge(registry, 'openhcs_database_up', up, () =>
    Promise.all(reads.map(async ({ room, read }) => [{ room }, Number((await read()).up)] as const)),
  )
}
