import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type {
  listWebhookDeliveries as listContract,
  replayWebhook as replayContract,
  WebhookDelivery,
  WebhookEvent,
} from '../contract/webhooks.ts'
import * as queries from '../queries/webhooks.ts'
import type { NotificationsTables } from '../tables.ts'
import { held, noWebhook } from './webhooks.ts'

type Ctx = Context<NotificationsTables>
type View = Static<typeof WebhookDelivery>

export const askToCall = (ctx: Pick<TransactionContext, 'room' | 'pending'>, delivery: string, runAt?: Date): void =>
  addJob(ctx, 'call-webhook', { delivery }, { key: `call-webhook:${delivery}`, ...(runAt && { runAt }) })

/** For every system that wants to know: once for each announcement, beside what people are told of it. */
export async function tellSystems(ctx: Ctx, type: WebhookEvent, resource: string): Promise<void> {
  if (!ctx.once) throw new Error(`${ctx.doing}: systems are told of announcements alone`)
  const { key: event } = ctx.once
  await transact({ ...ctx, once: { scope: 'webhooks', key: event } }, async (ctx) => {
    const ids = await queries.insertWebhookDeliveries(ctx.db, { event, type, resource, at: ctx.now() })
    for (const id of ids) askToCall(ctx, id)
  })
}

export async function testWebhook(ctx: Ctx, webhook: string): Promise<View> {
  const id = newId()
  return transact(ctx, async (ctx) => {
    refuseOff(await held(ctx, webhook))
    await queries.insertTest(ctx.db, { id, webhook_id: webhook, at: ctx.now() })
    askToCall(ctx, id)
    audit(ctx, { action: 'E', entity: `Webhook/${webhook}`, reason: 'tested' })
    return toDelivery((await queries.deliveryById(ctx.db, id)) as queries.DeliveryRow)
  })
}

function refuseOff({ active }: queries.WebhookRow): void {
  if (!active) throw new Problem('business-rule', 'This webhook is turned off. Turn it on first.')
}

export async function listDeliveries(
  ctx: Ctx,
  webhook: string,
  { status, limit = 20, cursor }: Static<typeof listContract.query>,
) {
  if (!(await queries.webhookById(ctx.db, webhook))) throw noWebhook()
  const [at, id] = decodeCursor(cursor, ['instant', 'uuid']) ?? []
  const before: [string, string] | undefined = at && id ? [String(at), String(id)] : undefined
  const rows = await queries.deliveriesOf(ctx.db, webhook, { status, before, limit: limit + 1 })
  return pageOf(rows, limit, ({ created_at, id }) => [created_at.toISOString(), id], toDelivery)
}

export async function replayWebhook(
  ctx: Ctx,
  webhook: string,
  { delivery, since }: Static<typeof replayContract.body>,
) {
  if ((delivery === undefined) === (since === undefined))
    throw new Problem('business-rule', 'Name one delivery, or since when.')
  return transact(ctx, async (ctx) => {
    refuseOff(await held(ctx, webhook))
    const which = { delivery, since: since === undefined ? undefined : new Date(since) }
    const ids = await queries.requeueWebhook(ctx.db, webhook, which, ctx.now())
    if (delivery !== undefined && ids.length === 0) throw new Problem('not-found', 'There is no such delivery.')
    for (const id of ids) askToCall(ctx, id)
    audit(ctx, { action: 'E', entity: `Webhook/${webhook}`, reason: 'replayed' })
    return { queued: ids.length }
  })
}

const toDelivery = (row: queries.DeliveryRow): View => ({
  id: row.id,
  webhook: row.webhook_id,
  type: row.type,
  resource: row.resource,
  status: row.status as View['status'],
  ...(row.reason !== null && { reason: row.reason }),
  tries: row.tries,
  createdAt: row.created_at.toISOString(),
  ...(row.delivered_at && { deliveredAt: row.delivered_at.toISOString() }),
})
