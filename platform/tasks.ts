import type { FastifyBaseLogger } from 'fastify'
import type { JobHelpers, Task, TaskList } from 'graphile-worker'
import { system } from './auth.ts'
import type { Context, Errand } from './context.ts'
import type { Delivery } from './events.ts'
import type { Once } from './idempotency.ts'
import { newId } from './ids.ts'
import type { AnyService } from './service.ts'
import type { Telemetry } from './telemetry.ts'
import { codeOf, type Span, type Tracing } from './tracing.ts'

interface Workplace {
  rooms: readonly AnyService[]
  context(room: string, errand: Errand): Context
  telemetry: Telemetry
  tracing: Tracing | undefined
  log: FastifyBaseLogger
}

/** graphile-worker's own text of what runs by the clock. */
export const crontabOf = (rooms: readonly AnyService[]): string =>
  rooms
    .flatMap(({ name, jobs }) =>
      jobs.filter(({ cron }) => cron).map((job) => `${job.cron} ${name}:${job.name} ?max=3&fill=1h`),
    )
    .join('\n')

/** The names of the tasks that go outside. */
export const outwardOf = (rooms: readonly AnyService[]): ReadonlySet<string> =>
  new Set(rooms.flatMap(({ name, jobs }) => jobs.filter(({ outward }) => outward).map((job) => `${name}:${job.name}`)))

interface Work {
  doing: string
  once?: Once
  run(ctx: Context): Promise<void>
}

/** The jobs of these rooms and the events they are told of, as the job engine runs them: counted, and traced where their cause was. */
export function tasksOf(at: Workplace): TaskList {
  const list: TaskList = {}
  for (const { name, jobs, subscriptions } of at.rooms) {
    for (const job of jobs)
      list[`${name}:${job.name}`] = task(at, name, job.name, (payload) => ({
        doing: job.name,
        run: (ctx) => job.run(ctx, payload as never),
      }))
    list[`${name}:event`] = task(at, name, 'event', (delivery) => {
      const { id, event, payload } = delivery as Delivery
      const one = subscriptions.find((subscription) => subscription.event.name === event)
      if (!one) throw new Error(`${name} no longer subscribes to ${event}`)
      const once = { scope: `inbox:${name}`, key: id }
      return { doing: event, once, run: (ctx) => one.handle(ctx, payload as never) }
    })
  }
  return list
}

function task(at: Workplace, room: string, name: string, workOf: (payload: unknown) => Work): Task {
  return async (payload, helpers: Partial<JobHelpers> | undefined) => {
    const span = begin(at, room, name, payload)
    let error: string | undefined
    try {
      const { doing, once, run } = workOf(payload)
      const log = span?.recording ? at.log.child(span.ids) : at.log
      await run(at.context(room, { actor: system, traceId: newId(), doing, once, span, log }))
    } catch (cause) {
      error = codeOf(cause)
      throw cause
    } finally {
      span?.end(error)
      at.telemetry.worked(room, name, error === undefined ? 'ok' : 'failed', secondsSince(helpers?.job?.run_at))
    }
  }
}

/** The engine's times are those of the database's clock, not of the house's. */
const secondsSince = (due: Date | undefined) => (due ? Math.max(0, (Date.now() - due.getTime()) / 1_000) : 0)

function begin({ tracing }: Workplace, room: string, name: string, payload: unknown): Span | undefined {
  const { traceparent } = (payload ?? {}) as { traceparent?: unknown }
  const attributes = {
    'messaging.system': 'graphile-worker',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': `${room}:${name}`,
    'openhcs.room': room,
  }
  return tracing?.begin(`process ${room}:${name}`, 'consumer', attributes, { traceparent, trusted: true })
}
