import type { Context, TransactionContext } from '#platform/context.ts'
import { FetchFailure, guardedFetch } from '#platform/guarded-fetch.ts'
import { newId } from '#platform/ids.ts'
import { permittedBy } from '#platform/public-addresses.ts'
import { transact } from '#platform/transaction.ts'
import { version } from '#platform/version.ts'
import { reach, waysOf } from '../contacts.ts'
import * as queries from '../queries/webhooks.ts'
import type { Message } from '../queries.ts'
import { Breaker } from '../sending/breaker.ts'
import type { NotificationsTables } from '../tables.ts'
import { tellOf } from '../tell.ts'
import { askToCall } from './deliveries.ts'
import { secretsOf, signaturesOf } from './secrets.ts'

type Ctx = Context<NotificationsTables>
type Tx = TransactionContext<NotificationsTables>

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Between attempts: a day and two hours in all. */
const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 8 * HOUR, 10 * HOUR] as const
/** Also while it rests between: what is older is given up. */
const LONGEST = 28 * HOUR
/** Nothing taken for so long, and it is turned off. */
const PATIENCE = 5 * 24 * HOUR
const ANSWER_MS = 10_000
const MAX_ANSWER_BYTES = 65_536

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
  const taken = /^http-2\d\d$/.test(code)
  await (taken ? breaker.answered() : breaker.failed())
  await afterwards(ctx, webhook, delivery, code, taken)
}

/** The status that came back, or why none did; never a word of the other side. */
async function call(ctx: Ctx, webhook: queries.WebhookRow, delivery: queries.DeliveryRow): Promise<string> {
  const { id, type, resource, created_at } = delivery
  const body = JSON.stringify({ type, timestamp: created_at.toISOString(), data: { resource } })
  const timestamp = Math.floor(ctx.now().getTime() / SECOND)
  const signature = signaturesOf(await secretsOf(ctx, webhook), { id, timestamp, body })
  try {
    const { status } = await guardedFetch(new URL(webhook.url), {
      permitted: permittedBy(ctx.config.WEBHOOK_PRIVATE_HOSTS),
      method: 'POST',
      redirects: 'refuse',
      headers: {
        'content-type': 'application/json',
        'user-agent': `OpenHCS/${version}`,
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature,
      },
      body,
      maxBytes: MAX_ANSWER_BYTES,
      timeoutMs: ANSWER_MS,
    })
    return `http-${status}`
  } catch (error) {
    if (error instanceof FetchFailure) return error.code
    throw error
  }
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
  const wait = WAITS[delivery.tries]
  if (wait === undefined || now - delivery.due_at.getTime() > LONGEST)
    return settle(ctx, delivery, { status: 'dead', reason: code, tries }, code)
  return settle(ctx, delivery, { status: 'queued', reason: code, tries }, code, new Date(now + wait * jitter()))
}

/** Up to a tenth later, so that what failed together does not come back together. */
const jitter = () => 1 + Math.random() / 10

/** 410 says that nobody wants this any more (Standard Webhooks, "Delivery"). */
function disabledBy({ failing_since }: queries.WebhookRow, code: string, now: number): 'gone' | 'failing' | undefined {
  if (code === 'http-410') return 'gone'
  return failing_since !== null && now - failing_since.getTime() > PATIENCE ? 'failing' : undefined
}

async function later(ctx: Ctx, delivery: queries.DeliveryRow, { reason, at }: { reason: string; at: Date }) {
  const { tries } = delivery
  const old = ctx.now().getTime() - delivery.due_at.getTime() > LONGEST
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
    if (changed && settled) askToCall(ctx, id, new Date(ctx.now().getTime() + WAITS[0]))
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
