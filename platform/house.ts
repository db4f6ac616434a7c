import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { TaskList } from 'graphile-worker'
import { mayCall } from './access.ts'
import { type Actor, system } from './auth.ts'
import { callAway } from './call.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { openDatabase, type RoomDatabase } from './database.ts'
import { Problem } from './errors.ts'
import type { Delivery } from './events.ts'
import { type Files, filesIn } from './files.ts'
import type { Once } from './idempotency.ts'
import { newId } from './ids.ts'
import type { OperationSpec } from './operation.ts'
import type { AnyService, HandlerInput, Route } from './service.ts'
import { type Input, inputValidator } from './validate.ts'

/** One request, job or delivery, before it is given a room. */
export interface Errand {
  actor: Actor
  traceId: string
  doing: string
  token?: string | undefined
  once?: Once | undefined
  log?: FastifyBaseLogger
}

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
  readonly files: Files
  readonly log: FastifyBaseLogger
  now(): Date
  context(room: string, errand: Errand): Context
  tasks(): TaskList
  crontab(): string
  /** Before the server stops: ends what would keep it from stopping. */
  drain(): void
  close(): Promise<void>
}

export function openHouse({ config, services, log, now = () => new Date() }: HouseOptions): House {
  const rooms = config.services.length === 0 ? services : services.filter(({ name }) => config.services.includes(name))
  const unknown = config.services.filter((name) => !services.some((service) => service.name === name))
  if (unknown.length > 0) throw new Error(`OPENHCS_SERVICES names rooms that do not exist: ${unknown.join(', ')}`)
  const databases = new Map(rooms.map((room) => [room.name, openRoom(config, room)]))
  const doors = openDoors(rooms)
  const subscribers = subscribersOf(services)
  const files = filesIn(join(config.OPENHCS_HOME, 'files'))
  const homes = new Map(services.flatMap(({ name, routes }) => routes.map(({ operation }) => [operation.id, name])))

  function context(room: string, errand: Errand): Context {
    const database = databases.get(room)
    if (!database) throw new Error(`The room ${room} is not in this process`)
    const { actor, traceId, doing, token, once } = errand
    const at = { room, db: database.db, database, actor, config, files, traceId, doing, token, once, subscribers, now }
    return {
      ...at,
      log: errand.log ?? log,
      call: (operation, input) => call(errand, operation, input as Partial<Input>) as Promise<never>,
    }
  }

  /** In this process: the same validation, the same access check, the other room's own database and role. Elsewhere: HTTP. */
  async function call(errand: Errand, operation: OperationSpec, given: Partial<Input>): Promise<unknown> {
    const door = doors.get(operation.id)
    const input = { params: given.params ?? {}, query: { ...(given.query ?? {}) }, body: given.body }
    if (!door) return callAway({ config, operation, input, errand, room: homes.get(operation.id), now: now() })
    if (!mayCall(errand.actor, operation.access)) throw new Problem('forbidden', 'None of your roles permits this.')
    door.validate(input)
    const ctx = context(door.service.name, { ...errand, once: undefined, doing: operation.id })
    return door.route.handler(ctx, input as HandlerInput<OperationSpec>, undefined)
  }

  const errandFor = (doing: string, once?: Once): Errand => ({ actor: system, traceId: newId(), doing, once })

  function tasks(): TaskList {
    const list: TaskList = {}
    for (const { name, jobs, subscriptions } of rooms) {
      for (const job of jobs)
        list[`${name}:${job.name}`] = (payload) => job.run(context(name, errandFor(job.name)), payload as never)
      list[`${name}:event`] = async (payload) => {
        const { id, event, payload: data } = payload as Delivery
        const one = subscriptions.find((subscription) => subscription.event.name === event)
        if (!one) throw new Error(`${name} no longer subscribes to ${event}`)
        await one.handle(context(name, errandFor(event, { scope: `inbox:${name}`, key: id })), data as never)
      }
    }
    return list
  }

  const crontab = () =>
    rooms
      .flatMap(({ name, jobs }) =>
        jobs.filter(({ cron }) => cron).map((job) => `${job.cron} ${name}:${job.name} ?max=3&fill=1h`),
      )
      .join('\n')

  const opened = (room: string) => databases.get(room) as RoomDatabase<unknown>
  const drain = () => {
    for (const room of rooms) room.drain?.(opened(room.name))
  }
  const close = async () => {
    await Promise.all(rooms.map((room) => room.close?.(opened(room.name))))
    await Promise.all([...databases.values()].map((database) => database.close()))
  }
  return { config, services, rooms, doors, databases, files, log, now, context, tasks, crontab, drain, close }
}

const openRoom = (config: Config, { name: room, planOnce = false }: AnyService) =>
  openDatabase<unknown>({
    url: config.databaseUrl.reveal(),
    room,
    planOnce,
    poolSize: config.DATABASE_POOL_SIZE,
    statementSeconds: config.DATABASE_STATEMENT_SECONDS,
  })

function openDoors(rooms: readonly AnyService[]): Map<string, Door> {
  const doors = new Map<string, Door>()
  for (const service of rooms)
    for (const route of service.routes) {
      const { id, access } = route.operation
      if (doors.has(id)) throw new Error(`Two operations are called ${id}`)
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
