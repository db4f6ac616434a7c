import type { Context, TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { Channel } from '../channels.ts'
import { lookAtOnce } from '../escalation/ask-to-escalate.ts'
import { preparePush } from '../push/prepare.ts'
import { deliveryToSend, digestToSend, type Settled, settleDelivery, type Waiting } from '../queries/deliveries.ts'
import { applyReports, lockReports } from '../queries/reports.ts'
import { keepWordings } from '../queries/wordings.ts'
import { render } from '../render.ts'
import { prepareSms } from '../sms/prepare.ts'
import type { NotificationsTables } from '../tables.ts'
import { versionOf } from '../words/catalogues.ts'
import { asOfNow } from './as-of-now.ts'
import { askForDigest, askToDeliver, type Digest } from './ask-to-deliver.ts'
import { prepareDigest, prepareEmail } from './email.ts'
import type { HandedOver, Prepared } from './hand-over.ts'

type Ctx = Context<NotificationsTables>

const prepareFor: Readonly<Record<Channel, (ctx: Ctx, waiting: Waiting) => Promise<Prepared>>> = {
  email: prepareEmail,
  sms: prepareSms,
  push: preparePush,
}

/** What is worth nothing days later is not tried for days: twelve times, with waits that grow to six hours, are sixteen hours. */
const MOST_TRIES = 12
const LONGEST_MS = 16 * 3_600_000
const waitAfter = (tries: number) => Math.exp(Math.min(tries, 10)) * 1_000

/**
 * Sends one message on one channel. Everything is looked at again, since hours may have passed: whether the reader may still be told, whether it is
 * still so, and where they are written to now. A process that dies between a provider's yes and our record of it sends twice, under the same id.
 */
export async function deliver(ctx: Ctx, { delivery: id }: { delivery: string }): Promise<void> {
  const waiting = await deliveryToSend(ctx.db, id, ctx.now())
  if (!waiting) return
  const outcome = await attempt(ctx, [waiting], () => prepare(ctx, waiting))
  await settle(ctx, [waiting], outcome, (ctx, again) => askToDeliver(ctx, id, again))
}

/** Several that were to go together, in one mail. */
export async function sendDigest(ctx: Ctx, digest: Digest): Promise<void> {
  const all = await digestToSend(ctx.db, digest.account, new Date(digest.due), ctx.now())
  const told: Waiting[] = []
  for (const waiting of all) {
    const now = await asOfNow(ctx, waiting)
    if (typeof now === 'string') await settle(ctx, [waiting], () => skipped(waiting, now))
    else if (canBeWritten(ctx, now)) told.push(now)
    else await settle(ctx, [waiting], faulty(ctx), (ctx, again) => askToDeliver(ctx, now.id, again))
  }
  if (told.length === 0) return
  const outcome = await attempt(ctx, told, () => prepareDigest(ctx, told))
  await settle(ctx, told, outcome, (ctx, again) => askForDigest(ctx, digest, again))
}

/** One that cannot is tried by itself from then on, and keeps back none of those that were to go with it. */
function canBeWritten(ctx: Ctx, { id, template, params, zone }: Waiting): boolean {
  try {
    render(template, params, { language: ctx.config.DEFAULT_LANGUAGE, zone })
    return true
  } catch (error) {
    ctx.log.error({ err: error, deliveries: [id] }, 'a message could not be written')
    return false
  }
}

type Tx = TransactionContext<NotificationsTables>

/** What became of each, in one transaction; `repeat` where it is to be tried again. */
async function settle(
  ctx: Ctx,
  all: readonly Waiting[],
  outcomeOf: (waiting: Waiting) => Outcome,
  repeat?: (ctx: Tx, again: Date) => void,
): Promise<void> {
  await transact(ctx, async (ctx) => {
    for (const waiting of all) {
      const { attempts, again, ...settled } = outcomeOf(waiting)
      const made = attempts.map((one) => ({ ...one, id: newId(), made_at: ctx.now() }))
      const { provider, reference } = settled
      const taken = provider && reference ? { provider, reference } : undefined
      if (taken) await lockReports(ctx.db, taken)
      const isOurs = await settleDelivery(
        ctx.db,
        waiting.id,
        { ...settled, ...(await saidIn(ctx, waiting, settled)) },
        made,
      )
      if (taken) await applyReports(ctx.db, taken)
      if (isOurs && again) repeat?.(ctx, again)
      if (isOurs && UNDELIVERED.has(settled.status)) lookAtOnce(ctx, waiting.notification_id, waiting.template)
    }
  })
}

/** The version of the words in which it was sent, which are kept where the message itself was not written in them. */
async function saidIn(
  ctx: Tx,
  { template, wording }: Waiting,
  { language }: Settled,
): Promise<Pick<Settled, 'wording'>> {
  const version = language === undefined ? undefined : versionOf(template, language)
  if (version === undefined) return {}
  if (version.version !== wording) await keepWordings(ctx.db, [version], ctx.now())
  return { wording: version.version }
}

const UNDELIVERED = new Set<Settled['status']>(['failed', 'dead'])

const skipped = ({ tries }: Waiting, reason: string): Outcome => ({ status: 'skipped', reason, tries, attempts: [] })

type Outcome = Settled & Pick<HandedOver, 'attempts'> & { again?: Date }

async function attempt(
  ctx: Ctx,
  all: readonly Waiting[],
  prepare: () => Promise<Prepared>,
): Promise<(waiting: Waiting) => Outcome> {
  try {
    const ready = await prepare()
    if (typeof ready === 'string') return (waiting) => skipped(waiting, ready)
    const handed = await ready()
    return (waiting) => outcomeOf(waiting, handed, ctx.now())
  } catch (error) {
    // A message that cannot be written must not be tried for ever, nor stop the others.
    ctx.log.error({ err: error, deliveries: all.map(({ id }) => id) }, 'a message could not be sent')
    return faulty(ctx)
  }
}

const faulty =
  ({ now }: Ctx) =>
  (waiting: Waiting): Outcome => ({ ...later(waiting, { tried: true, reason: 'fault', now: now() }), attempts: [] })

async function prepare(ctx: Ctx, waiting: Waiting): Promise<Prepared> {
  const now = await asOfNow(ctx, waiting)
  if (typeof now === 'string') return now
  const ready = await prepareFor[waiting.channel](ctx, now)
  const { shortened } = now
  if (typeof ready === 'string' || shortened === undefined) return ready
  return async () => ({ ...(await ready()), shortened })
}

function outcomeOf(waiting: Waiting, handed: HandedOver, now: Date): Outcome {
  const { attempts, reference, restsUntil, language, shortened = waiting.shortened } = handed
  const last = attempts.at(-1)
  const tries = waiting.tries + 1
  if (last?.outcome === 'taken')
    return {
      status: 'sent',
      reason: null,
      tries,
      provider: last.provider,
      reference: reference ?? null,
      sent_at: now,
      ...(language !== undefined && { language }),
      ...(shortened && { params: shortened }),
      attempts,
    }
  if (last?.outcome === 'refused' && !handed.undecided)
    return { status: 'failed', reason: last.code, tries, provider: last.provider, attempts }
  const reason = last?.code ?? 'provider-away'
  return {
    ...later(waiting, { tried: last !== undefined, reason, now, ...(restsUntil && { at: restsUntil }) }),
    attempts,
  }
}

/** Tried again after a while, or given up: then it is a dead letter, which somebody can look at and replay. */
function later(
  { tries: before, due_at }: Waiting,
  { tried, reason, now, at }: { tried: boolean; reason: string | null; now: Date; at?: Date },
): Settled & { again?: Date } {
  const tries = before + (tried ? 1 : 0)
  const over = tries >= MOST_TRIES || now.getTime() - due_at.getTime() > LONGEST_MS
  if (over) return { status: 'dead', reason, tries }
  return { status: 'queued', reason, tries, again: at ?? new Date(now.getTime() + waitAfter(tries)) }
}
