import type { Static, TObject } from 'typebox'
import type { Context, TransactionContext } from './context.ts'
import { newId } from './ids.ts'
import { pushJob } from './jobs.ts'
import type { EventSpec } from './operation.ts'

/** How a delivery travels through the job engine. */
export interface Delivery {
  id: string
  event: string
  payload: object
}

export interface Subscription<T = unknown> {
  event: EventSpec
  handle(ctx: Context<T>, payload: never): Promise<void>
}

/**
 * What a room does when another says that something has happened. `handle` may ask other rooms first; what it writes belongs in one
 * `transact`, which records the delivery in the same transaction, so that a delivery that comes twice takes effect once.
 */
export function on<T, P extends TObject>(
  event: EventSpec<P>,
  handle: (ctx: Context<T>, payload: Static<P>) => Promise<void>,
): Subscription<T> {
  return { event, handle } as Subscription<T>
}

/** Says that something has happened: one job for each room that subscribes, in the caller's transaction. */
export function publish<P extends TObject>(
  ctx: Pick<TransactionContext, 'pending' | 'subscribers'>,
  { name }: EventSpec<P>,
  payload: Static<P>,
): void {
  ctx.pending.events.push(name)
  const delivery: Delivery = { id: newId(), event: name, payload: payload as object }
  for (const room of ctx.subscribers.get(name) ?? []) pushJob(ctx, `${room}:event`, delivery)
}
