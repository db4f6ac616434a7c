import type { Context, TransactionContext } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { Channel } from '../channels.ts'
import { lookAtOnce } from '../escalation/ask-to-escalate.ts'
import { turnsOf } from '../open-things.ts'
import { preparePush } from '../push/prepare.ts'
import { deliveriesToSend, digestToSend, type Settled, settleDeliveries, type Waiting } from '../queries/deliveries.ts'
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

const toSend = gathered(
  async (ctx: Ctx, ids: readonly string[]) => {
    const rows = await deliveriesToSend(ctx.db, ids, ctx.now())
    return ids.map((id) => rows.find((row) => row.id === id))
  },
  { lingerMs: 50 },
)

/**
 * Sends one message on one channel. Everything is looked at again, since hours may have passed: whether the reader may still be told, whether it is
 * still so, and where they are written to now. A process that dies between a provider's yes and our record of it sends twice, under the same id.
 */
export async function deliver(ctx: Ctx, { delivery: id }: { delivery: string }): Promise<void> {
  const waiting = await toSend(ctx, id)
  if (!waiting) return
  const repeat: Repeat = (ctx, again) => askToDeliver(ctx, id, again)
  await attempt(
    ctx,
    [waiting],
    () => prepare(ctx, waiting),
    (outcomeOf) => settleOne(ctx, { waiting, outcome: outcomeOf(waiting), repeat }),
  )
}

/** Several that were to go together, in one mail. */
export async function sendDigest(ctx: Ctx, digest: Digest): Promise<void> {
  const all = await digestToSend(ctx.db, digest.account, new Date(digest.due), ctx.now())
  const told: Waiting[] = []
  for (const waiting of all) {
    const now = await asOfNow(ctx, waiting)
    const repeat: Repeat = (ctx, again) => askToDeliver(ctx, waiting.id, again)
    if (typeof now === 'string') await settle(ctx, [{ waiting, outcome: skipped(waiting, now) }])
    else if (canBeWritten(ctx, now)) told.push(now)
    else await settle(ctx, [{ waiting, outcome: faulty(ctx)(waiting), repeat }])
  }
  if (told.length === 0) return
  const repeat: Repeat = (ctx, again) => askForDigest(ctx, digest, again)
  await attempt(
    ctx,
    told,
    () => prepareDigest(ctx, told),
    (outcomeOf) =>
      settle(
        ctx,
        told.map((waiting) => ({ waiting, outcome: outcomeOf(waiting), repeat })),
      ),
  )
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

/** Where it is to be tried again. */
type Repeat = (ctx: Tx, again: Date) => void

interface Settlement {
  waiting: Waiting
  outcome: Outcome
  repeat?: Repeat
}

/** What became of each, in one transaction. */
async function settle(ctx: Ctx, all: readonly Settlement[]): Promise<void> {
  const attempts = all.flatMap(({ waiting: { id }, outcome }) =>
    outcome.attempts.map((one) => ({ ...one, id: newId(), delivery_id: id, made_at: ctx.now() })),
  )
  const said = all.map(({ waiting, outcome }) => ({ waiting, version: versionIn(waiting, outcome) }))
  const unkept = said.flatMap(({ waiting, version }) => (version && version.version !== waiting.wording ? version : []))
  const settled = all.map(({ waiting: { id }, outcome: { attempts: _, again: _again, ...rest } }, n) => ({
    ...rest,
    id,
    wording: said[n]?.version?.version ?? null,
  }))
  // Only those who carry texts report what became of them.
  const reported = all.flatMap(({ waiting: { channel }, outcome: { provider, reference } }) =>
    channel === 'sms' && provider && reference ? [{ provider, reference }] : [],
  )
  await transact(ctx, async (ctx) => {
    if (reported.length > 0) await lockReports(ctx.db, reported)
    await keepWordings(ctx.db, unkept, ctx.now())
    const ours = await settleDeliveries(ctx.db, settled, attempts)
    if (reported.length > 0) await applyReports(ctx.db, reported)
    for (const { waiting, outcome, repeat } of all) {
      if (!ours.has(waiting.id)) continue
      if (outcome.again) repeat?.(ctx, outcome.again)
      if (UNDELIVERED.has(outcome.status)) lookAtOnce(ctx, waiting.notification_id, waiting.template)
    }
  })
}

/** Those that are settled at the same time, together. */
const settleOne = gathered(
  async (ctx: Ctx, all: readonly Settlement[]) => {
    await settle(ctx, all)
    return all.map(() => undefined)
  },
  { lingerMs: 5 },
)

/** The words in which it was sent, which are kept where the message itself was not written in them. */
const versionIn = ({ template }: Waiting, { language }: Outcome) =>
  language === undefined ? undefined : versionOf(template, language)

const UNDELIVERED = new Set<Settled['status']>(['failed', 'dead'])

const skipped = ({ tries }: Waiting, reason: string): Outcome => ({ status: 'skipped', reason, tries, attempts: [] })

type Outcome = Omit<Settled, 'id' | 'wording'> & Pick<HandedOver, 'attempts'> & { again?: Date }

async function attempt(
  ctx: Ctx,
  all: readonly Waiting[],
  prepare: () => Promise<Prepared>,
  settle: (outcomeOf: (waiting: Waiting) => Outcome) => Promise<void>,
): Promise<void> {
  const [first] = all
  const ready = await trying(ctx, all, prepare)
  if (first === undefined || ready === undefined) return settle(faulty(ctx))
  if (typeof ready === 'string') return settle((waiting) => skipped(waiting, ready))
  await turnsOf(ctx, first.channel).take(async () => {
    const handed = await trying(ctx, all, ready)
    await settle(handed ? (waiting) => outcomeOf(waiting, handed, ctx.now()) : faulty(ctx))
  })
}

/** A message that cannot be written must not be tried for ever, nor stop the others. */
async function trying<R>(ctx: Ctx, all: readonly Waiting[], act: () => Promise<R>): Promise<R | undefined> {
  try {
    return await act()
  } catch (error) {
    ctx.log.error({ err: error, deliveries: all.map(({ id }) => id) }, 'a message could not be sent')
    return undefined
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
): Omit<Outcome, 'attempts'> {
  const tries = before + (tried ? 1 : 0)
  const over = tries >= MOST_TRIES || now.getTime() - due_at.getTime() > LONGEST_MS
  if (over) return { status: 'dead', reason, tries }
  return { status: 'queued', reason, tries, again: at ?? new Date(now.getTime() + waitAfter(tries)) }
}
