import type { Context, TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { FIRST_WAIT_MS, LONGEST_MS, waitAfter } from '#platform/waits.ts'
import { reach, waysOf } from '../contacts.ts'
import * as queries from '../queries/webhooks.ts'
import type { Message } from '../queries.ts'
import { Breaker } from '../sending/breaker.ts'
import type { NotificationsTables } from '../tables.ts'
import { tellOf } from '../tell.ts'
import { askToCall } from './deliveries.ts'
import { handOver, isTaken } from './hand-over.ts'
import { secretsOf, signaturesOf } from './secrets.ts'

type Ctx = Context<NotificationsTables>
type Tx = TransactionContext<NotificationsTables>

const SECOND = 1_000
const DAY = 86_400 * SECOND
/** Nothing taken for so long, and it is turned off. */
const PATIENCE = 5 * DAY

/** Hands one over, at least once and always under the same id. A system that does not answer rests, so that the others wait for nothing. */
export async function callWebhook(ctx: Ctx, { delivery: id }: { delivery: string }): Promise<void> {
  const delivery = await queries.deliveryById(ctx.db, id)
  if (delivery?.status !== 'queued') return
  const webhook = await queries.webhookById(ctx.db, delivery.webhook_id)
  if (!webhook) return
  const { tries } = delivery
  if (!webhook.active) return settle(ctx, delivery, { status: 'dead', reason: 'turned-off', tries })
  const name = `webhook ${webhook.id}`
  const breaker = await Breaker.of(ctx, name)
  if (!(await breaker.admits())) return later(ctx, delivery, { reason: 'resting', at: breaker.restsUntil() })
  const code = await call(ctx, webhook, delivery)
  const taken = isTaken(code)
  await (taken ? breaker.answered() : breaker.failed())
  await afterwards(ctx, webhook, delivery, code, taken)
}

/** The status that came back, or why none did; never a word of the other side. */
async function call(ctx: Ctx, webhook: queries.WebhookRow, delivery: queries.DeliveryRow): Promise<string> {
  const { id, type, resource, created_at } = delivery
  const body = JSON.stringify({ type, timestamp: created_at.toISOString(), data: { resource } })
  const timestamp = Math.floor(ctx.now().getTime() / SECOND)
  const signature = signaturesOf(await secretsOf(ctx, webhook), { id, timestamp, body })
  return handOver(ctx, webhook.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    },
    body,
  })
}

async function afterwards(
  ctx: Ctx,
  webhook: queries.WebhookRow,
  delivery: queries.DeliveryRow,
  code: string,
  taken: boolean,
): Promise<void> {
  const tries = delivery.tries + 1
  if (taken) return settle(ctx, delivery, { status: 'delivered', reason: null, tries }, code)
  const now = ctx.now().getTime()
  const disabled = disabledBy(webhook, code, now)
  if (disabled !== undefined) return turnOff(ctx, webhook, delivery, { code, disabled })
  const wait = waitAfter(delivery.tries, now - delivery.due_at.getTime())
  if (wait === undefined) return settle(ctx, delivery, { status: 'dead', reason: code, tries }, code)
  return settle(ctx, delivery, { status: 'queued', reason: code, tries }, code, new Date(now + wait))
}

/** 410 says that nobody wants this any more (Standard Webhooks, "Delivery"). */
function disabledBy({ failing_since }: queries.WebhookRow, code: string, now: number): 'gone' | 'failing' | undefined {
  if (code === 'http-410') return 'gone'
  return failing_since !== null && now - failing_since.getTime() > PATIENCE ? 'failing' : undefined
}

async function later(ctx: Ctx, delivery: queries.DeliveryRow, { reason, at }: { reason: string; at: Date }) {
  const { tries } = delivery
  const old = ctx.now().getTime() - delivery.due_at.getTime() > LONGEST_MS
  await settle(ctx, delivery, { status: old ? 'dead' : 'queued', reason, tries }, undefined, old ? undefined : at)
}

/** With when it is tried again, and since when its system has taken nothing. */
async function settle(
  ctx: Ctx,
  { id, webhook_id }: queries.DeliveryRow,
  outcome: queries.WebhookOutcome,
  code?: string,
  again?: Date,
): Promise<void> {
  await transact(ctx, async (ctx) => {
    const attempt = code === undefined ? undefined : { id: newId(), code }
    if (!(await queries.settleWebhook(ctx.db, id, outcome, attempt, ctx.now()))) return
    if (again) askToCall(ctx, id, again)
    if (code !== undefined) await queries.noteHealth(ctx.db, webhook_id, outcome.status === 'delivered', ctx.now())
  })
}

/** And says so to every administrator. What was changed while its system was asked has not been answered so: it is tried again as it is now. */
async function turnOff(
  ctx: Ctx,
  webhook: queries.WebhookRow,
  delivery: queries.DeliveryRow,
  { code, disabled }: { code: string; disabled: 'gone' | 'failing' },
): Promise<void> {
  const accounts = await queries.administrators(ctx.db)
  const messages = await noticesFor(ctx, accounts, webhook, disabled)
  await transact(ctx, async (ctx: Tx) => {
    const { id, tries } = delivery
    const now = await queries.lockWebhook(ctx.db, webhook.id)
    const changed = now?.active === true && now.version !== webhook.version
    const outcome = { status: changed ? ('queued' as const) : ('dead' as const), reason: code, tries: tries + 1 }
    const settled = await queries.settleWebhook(ctx.db, id, outcome, { id: newId(), code }, ctx.now())
    if (changed && settled) askToCall(ctx, id, new Date(ctx.now().getTime() + FIRST_WAIT_MS))
    if (!now?.active || changed) return
    await queries.changeWebhook(ctx.db, webhook.id, { active: false, disabled_as: disabled })
    await tellOf(ctx, `webhook ${webhook.id} ${now.version}`, messages)
  })
}

async function noticesFor(
  ctx: Ctx,
  accounts: string[],
  { id, url }: queries.WebhookRow,
  reason: 'gone' | 'failing',
): Promise<Message[]> {
  const ways = await waysOf(ctx, accounts)
  return accounts.map((account) => ({
    ...reach(ctx, ways.get(account)),
    ...{ account, part: 'patient', subject: null, power: null, resource: `Webhook/${id}` },
    template: 'webhook-disabled.administrator',
    params: { host: new URL(url).hostname, reason },
  }))
}
