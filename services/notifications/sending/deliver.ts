import type { Context, TransactionContext } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { Channel } from '../channels.ts'
import { lookAtOnce } from '../escalation/ask-to-escalate.ts'
import { turnsOf } from '../open-things.ts'
import { preparePush } from '../push/prepare.ts'
import {
  type AttemptRow,
  deliveriesToSend,
  digestToSend,
  type Settled,
  settleDeliveries,
  type Waiting,
} from '../queries/deliveries.ts'
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

/** Jobs that were fetched together begin some milliseconds apart, and nobody notices 50 of a message: who begins together stays together. */
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
  const found = await lookUp(ctx, id)
  if (!found) return
  const at = performance.now()
  await turnsOf(ctx, found.waiting.channel).take(async () => {
    const now = performance.now() - at > FRESH_MS ? await lookUp(ctx, id) : found
    if (!now) return
    const { waiting, ready } = now
    const repeat: Repeat = (ctx, again) => askToDeliver(ctx, id, again)
    await attempt(ctx, [waiting], ready, (outcomeOf) =>
      settleOne(ctx, { waiting, outcome: outcomeOf(waiting), repeat }),
    )
  })
}

/** What was looked up longer ago is looked up anew. */
const FRESH_MS = 1_000

async function lookUp(ctx: Ctx, id: string): Promise<{ waiting: Waiting; ready: Prepared | undefined } | undefined> {
  const waiting = await toSend(ctx, id)
  return waiting && { waiting, ready: await trying(ctx, [waiting], () => prepare(ctx, waiting)) }
}

/** Several that were to go together, in one mail. */
export const sendDigest = (ctx: Ctx, digest: Digest): Promise<void> =>
  turnsOf(ctx, 'email').take(() => sendTogether(ctx, digest))

async function sendTogether(ctx: Ctx, digest: Digest): Promise<void> {
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
  const ready = await trying(ctx, told, () => prepareDigest(ctx, told))
  await attempt(ctx, told, ready, (outcomeOf) =>
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

/** Asks for another try, in the transaction that writes down the last. */
type Repeat = (ctx: Tx, again: Date) => void

interface Settlement {
  waiting: Waiting
  outcome: Outcome
  repeat?: Repeat
}

/** What became of each, in one transaction. */
async function settle(ctx: Ctx, all: readonly Settlement[]): Promise<void> {
  const attempts = all.flatMap(({ outcome }) => outcome.attempts)
  const said = all.map(({ waiting, outcome }) => ({ waiting, version: versionIn(waiting, outcome) }))
  // Kept where the message itself was not written in them.
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
      if (!ours.delete(waiting.id)) continue
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

/** Of the words in which it was sent. */
const versionIn = ({ template }: Waiting, { language }: Outcome) =>
  language === undefined ? undefined : versionOf(template, language)

const UNDELIVERED = new Set<Settled['status']>(['failed', 'dead'])

const skipped = ({ tries }: Waiting, reason: string): Outcome => ({ status: 'skipped', reason, tries, attempts: [] })

type Outcome = Omit<Settled, 'id' | 'wording'> & { attempts: AttemptRow[]; again?: Date }

async function attempt(
  ctx: Ctx,
  all: readonly Waiting[],
  ready: Prepared | undefined,
  writeDown: (outcomeOf: (waiting: Waiting) => Outcome) => Promise<void>,
): Promise<void> {
  if (ready === undefined) return writeDown(faulty(ctx))
  if (typeof ready === 'string') return writeDown((waiting) => skipped(waiting, ready))
  const handed = await trying(ctx, all, ready)
  await writeDown(handed ? (waiting) => outcomeOf(waiting, handed, ctx.now()) : faulty(ctx))
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
  const { reference, restsUntil, language, shortened = waiting.shortened } = handed
  // Named now: what is written down twice, since nobody heard that it was, is there once.
  const attempts = handed.attempts.map((one) => ({ ...one, id: newId(), delivery_id: waiting.id, made_at: now }))
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
