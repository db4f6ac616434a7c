import type { IncomingHttpHeaders } from 'node:http'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { noteReport } from '../queries/reports.ts'
import type { NotificationsTables } from '../tables.ts'
import { hearText } from './answer-text.ts'
import { callingCarriersOf } from './carriers.ts'
import type { Callback, CallingCarrier } from './text-message.ts'

type Ctx = Context<NotificationsTables>

interface Came {
  provider: string
  key: string | undefined
  body: Buffer
  headers: IncomingHttpHeaders
}

/** Who it comes from, once they have proved it. */
function carrierOf({ config }: Ctx, { provider, ...callback }: Came): { carrier: CallingCarrier; callback: Callback } {
  const carrier = callingCarriersOf(config).find(({ name }) => name === provider)
  if (!carrier?.isFrom(callback))
    throw new Problem('not-found', 'There is no such address. See /docs for those that exist.')
  return { carrier, callback }
}

/** What became of a message. What says nothing new is taken as well: a provider that is refused comes again and again. */
export async function receiveReport(ctx: Ctx, came: Came): Promise<void> {
  const { carrier, callback } = carrierOf(ctx, came)
  const report = carrier.report(callback)
  if (!report) return
  await transact(ctx, ({ db }) => noteReport(db, { provider: carrier.name, at: ctx.now(), ...report }))
}

/** What somebody wrote: a keyword is followed, all else is kept nowhere, and read by nobody. */
export async function receiveMessage(ctx: Ctx, came: Came): Promise<void> {
  const { carrier, callback } = carrierOf(ctx, came)
  const inbound = carrier.inbound(callback)
  if (inbound) await hearText(ctx, { ...inbound, provider: carrier.name })
}
