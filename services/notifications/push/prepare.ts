import type { Context } from '#platform/context.ts'
import { contactOf } from '../contacts.ts'
import type { Waiting } from '../queries/deliveries.ts'
import { subscriptionsOf } from '../queries/push.ts'
import { type HandedOver, handOver, type Prepared } from '../sending/hand-over.ts'
import type { NotificationsTables } from '../tables.ts'
import { isPushOffered } from './hosts.ts'
import { pushMessageOf } from './push-message.ts'
import { pushServiceOf } from './push-service.ts'

/** To every browser of the account. It has gone when one of their push services has taken it. */
export async function preparePush(ctx: Context<NotificationsTables>, waiting: Waiting): Promise<Prepared> {
  if (!isPushOffered(ctx.config)) return 'not-configured'
  const contact = await contactOf(ctx, waiting.account_id)
  const browsers = contact ? await subscriptionsOf(ctx.db, waiting.account_id) : []
  if (contact === undefined || browsers.length === 0) return 'no-address'
  const message = pushMessageOf(waiting, contact.language, ctx.config, ctx.now())
  return async () => {
    const handed = await Promise.all(browsers.map((one) => handOver(ctx, [pushServiceOf(ctx, one)], message)))
    return { ...together(handed), language: contact.language }
  }
}

/** How decisive what became of one is: where a browser has been told, the others need not be asked again; where one may be told later, that is tried. */
const weight = ({ attempts: [attempt] }: HandedOver) =>
  attempt?.outcome === 'taken' ? 2 : attempt?.outcome === 'refused' ? 0 : 1

function together(handed: readonly HandedOver[]): HandedOver {
  const inOrder = handed.toSorted((a, b) => weight(a) - weight(b))
  const last = inOrder.at(-1)
  const rests = handed.flatMap(({ restsUntil }) => restsUntil?.getTime() ?? [])
  return {
    attempts: inOrder.flatMap(({ attempts }) => attempts),
    ...(rests.length > 0 && { restsUntil: new Date(Math.min(...rests)) }),
    ...(last !== undefined && weight(last) === 1 && { undecided: true }),
  }
}
