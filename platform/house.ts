import type { FastifyBaseLogger } from 'fastify'
import type { TaskList } from 'graphile-worker'
import { keepWithin, mayCall, narrowed } from './access.ts'
import { awayAttributes, callAway, houseUrl } from './call.ts'
import type { Config } from './config.ts'
import type { Context, Errand } from './context.ts'
import { openDatabase, type RoomDatabase } from './database.ts'
import { Problem } from './errors.ts'
import type { Files } from './files.ts'
import { openFiles } from './open-files.ts'
import type { OperationSpec } from './operation.ts'
import { roomsWithPeople, withPeopleRoutes } from './people.ts'
import { openReader, type Reader } from './reader.ts'
import type { AnyService, HandlerInput, Route } from './service.ts'
import { pastPooler, wayOf } from './session.ts'
import { crontabOf, tasksOf } from './tasks.ts'
import { openTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts'
import { traced } from './traced-database.ts'
import { inSpan, type Tracing } from './tracing.ts'
import { type Input, inputValidator } from './validate.ts'
import { version } from './version.ts'

export interface Door {
  service: AnyService
  route: Route
  validate: (input: Input) => void
}

export interface HouseOptions {
  config: Config
  /** Every room there is: who subscribes to what is known even where the subscriber runs elsewhere. */
  services: readonly AnyService[]
  log: FastifyBaseLogger
  now?: () => Date
  tracing?: Tracing | undefined
  /** Something else than the metrics of every house: for measuring what those cost. */
  telemetry?: (options: TelemetryOptions) => Telemetry
}

/** The rooms of this process, their databases, and the ways between them. */
export interface House {
  readonly config: Config
  /** Every room there is. */
  readonly services: readonly AnyService[]
  /** Those in this process. */
  readonly rooms: readonly AnyService[]
  readonly doors: ReadonlyMap<string, Door>
  readonly databases: ReadonlyMap<string, RoomDatabase<unknown>>
  /** Where one is configured and a room here has something to ask of it. */
  readonly reader: Reader | undefined
  readonly files: Files
  readonly log: FastifyBaseLogger
  readonly telemetry: Telemetry
  readonly tracing: Tracing | undefined
  now(): Date
  context(room: string, errand: Errand): Context
  tasks(): TaskList
  crontab(): string
  /** Before the server stops: ends what would keep it from stopping. */
  drain(): void
  close(): Promise<void>
}

export function openHouse(options: HouseOptions): House {
  const { config, log, now = () => new Date(), tracing } = options
  const services = options.services.map(withPeopleRoutes)
  const people = roomsWithPeople(services)
  const rooms = config.services.length === 0 ? services : services.filter(({ name }) => config.services.includes(name))
  refuseUnknown(config, services)
  const databases = new Map(rooms.map((room) => [room.name, openRoom(config, room)]))
  const jobs = openJobs(config)
  const doors = openDoors(rooms)
  const reader = readerOf(config, rooms, databases, log)
  const subscribers = subscribersOf(services)
  const files = openFiles(config, log)
  const homes = new Map(services.flatMap(({ name, routes }) => routes.map(({ operation }) => [operation.id, name])))
  const poolSize = config.DATABASE_POOL_SIZE
  const open = options.telemetry ?? openTelemetry
  const telemetry = open({ version, rooms, databases, reader, jobs, poolSize, homes, log, now })
  const operations = new Map(services.flatMap(({ routes }) => routes.map(({ operation }) => [operation.id, operation])))
  tracing?.exportMetrics(telemetry.registry, (operation) => operations.get(operation))

  function context(room: string, errand: Errand): Context {
    const own = databases.get(room)
    if (!own) throw new Error(`The room ${room} is not in this process`)
    const { actor, traceId, span, doing, token, once } = errand
    const database = span?.recording ? traced(own, room, span) : own
    const { db } = database
    const at = { room, db, database, actor, config, files, traceId, span, doing, token, once, subscribers, people, now }
    return {
      ...at,
      notesWrites: reader?.databases.has(room) ?? false,
      log: errand.log ?? log,
      call: (operation, input) => call(errand, operation, input as Partial<Input>) as Promise<never>,
    }
  }

  /** In this process: the same validation, the same access check, the other room's own database and role. Elsewhere: HTTP. */
  function call(errand: Errand, operation: OperationSpec, given: Partial<Input>): Promise<unknown> {
    const door = doors.get(operation.id)
    const input = { params: given.params ?? {}, query: { ...(given.query ?? {}) }, body: given.body }
    const room = homes.get(operation.id)
    const spanOfCall = door
      ? errand.span?.child(`call ${operation.id}`, 'internal', { 'openhcs.operation': operation.id })
      : errand.span?.child(`POST ${houseUrl(operation.id)}`, 'client', awayAttributes(operation))
    return inSpan(spanOfCall, (span) =>
      door
        ? callHere(door, input, { ...errand, span })
        : callAway({ config, operation, input, errand: { ...errand, span }, room, now: now() }),
    )
  }

  async function callHere(door: Door, input: Input, errand: Errand): Promise<unknown> {
    const { operation } = door.route
    if (!mayCall(errand.actor, operation)) throw new Problem('forbidden', 'None of your roles permits this.')
    const actor = narrowed(errand.actor, operation)
    door.validate(input)
    keepWithin(actor, operation, input)
    const ctx = context(door.service.name, { ...errand, actor, once: undefined, doing: operation.id })
    return door.route.handler(ctx, input as HandlerInput<OperationSpec>, undefined)
  }

  const tasks = () => tasksOf({ rooms, context, telemetry, tracing, log })

  const crontab = () => crontabOf(rooms)
  const { drain, close } = endsOf(rooms, databases, { reader, jobs, tracing })
  const parts = { config, services, rooms, doors, databases, reader, files, log, telemetry, tracing }
  return { ...parts, now, context, tasks, crontab, drain, close }
}

function endsOf(
  rooms: readonly AnyService[],
  databases: ReadonlyMap<string, RoomDatabase<unknown>>,
  {
    reader,
    jobs,
    tracing,
  }: { reader: Reader | undefined; jobs: RoomDatabase<unknown> | undefined; tracing: Tracing | undefined },
): Pick<House, 'drain' | 'close'> {
  const opened = (room: string) => databases.get(room) as RoomDatabase<unknown>
  const drain = () => {
    for (const room of rooms) room.drain?.(opened(room.name))
  }
  const close = async () => {
    await tracing?.close() // while the databases still answer what its metrics ask
    await reader?.close()
    await Promise.all(rooms.map((room) => room.close?.(opened(room.name))))
    await Promise.all([...databases.values(), ...(jobs ? [jobs] : [])].map((database) => database.close()))
  }
  return { drain, close }
}

function refuseUnknown(config: Config, services: readonly AnyService[]): void {
  const unknown = config.services.filter((name) => !services.some((service) => service.name === name))
  if (unknown.length > 0) throw new Error(`OPENHCS_SERVICES names rooms that do not exist: ${unknown.join(', ')}`)
}

/** Of the rooms that have something which a reader of the database may answer. */
function readerOf(
  config: Config,
  rooms: readonly AnyService[],
  primaries: ReadonlyMap<string, RoomDatabase<unknown>>,
  log: FastifyBaseLogger,
): Reader | undefined {
  const url = config.databaseReaderUrl
  const asking = rooms.filter(({ routes }) => routes.some(({ operation }) => operation.reader))
  const [primary] = primaries.values()
  if (!url || !primary || asking.length === 0) return undefined
  const databases = new Map(asking.map((room) => [room.name, openRoom(config, room, pastPooler(url))]))
  return openReader({ databases, primary, log })
}

const openRoom = (config: Config, { name: room, planOnce = false }: AnyService, way = wayOf(config, room)) =>
  openDatabase<unknown>({
    ...way,
    room,
    planOnce,
    poolSize: config.DATABASE_POOL_SIZE,
    statementSeconds: config.DATABASE_STATEMENT_SECONDS,
  })

/** The job engine's own database, where there is one: to tell of its state. */
const openJobs = ({ jobsDatabaseUrl, DATABASE_STATEMENT_SECONDS: statementSeconds }: Config) =>
  jobsDatabaseUrl &&
  openDatabase<unknown>({
    ...pastPooler(jobsDatabaseUrl),
    room: 'jobs',
    planOnce: false,
    poolSize: 1,
    statementSeconds,
  })

function openDoors(rooms: readonly AnyService[]): Map<string, Door> {
  const doors = new Map<string, Door>()
  for (const service of rooms)
    for (const route of service.routes) {
      const { id, access } = route.operation
      if (doors.has(id)) throw new Error(`Two operations are called ${id}`)
      if (route.operation.reader && route.operation.method !== 'GET')
        throw new Error(`${id} is no read: no reader may answer it`)
      if (!access) throw new Error(`${id} does not say who may call it`)
      doors.set(id, { service, route, validate: inputValidator(route.operation) })
    }
  return doors
}

function subscribersOf(services: readonly AnyService[]): Map<string, string[]> {
  const map = new Map<string, string[]>()
  for (const { name, subscriptions } of services)
    for (const { event } of subscriptions) map.set(event.name, [...(map.get(event.name) ?? []), name])
  return map
}
