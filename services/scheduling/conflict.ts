import { practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { type Channel, channelSearched } from './channel.ts'
import { conflictsOf } from './queries/booking.ts'
import { freeSlots, hoursAround, sharesAround } from './queries/slots.ts'
import { turnAway } from './queries/turned-away.ts'
import { keptAt, keptUntil } from './shares.ts'
import type { SchedulingTables } from './tables.ts'

export const ALTERNATIVES = 5
/** Alternatives lie within this many days of the wish: who asks for Tuesday does not want June. */
const AROUND_DAYS = 14

export interface Wanted {
  practitioner: string
  patient: string
  start: Date
  mode?: string | undefined
  service?: string | null | undefined
  channel?: Channel | undefined
  /** A visit that there is not yet: whoever wants it and finds no time is counted (GET /v1/access-report). */
  fresh?: boolean
}

/** What a race is lost on: a claim that stands, or the last visit that a day or a week may have of a service. */
export const lost: Readonly<Record<string, string>> = {
  claim_no_overlap: 'This time has just been taken. Choose one of the alternatives.',
  service_full: 'There are no more visits of this service on that day or in that week. Choose one of the alternatives.',
  busy_elsewhere: 'The practitioner is busy elsewhere at that time. Choose one of the alternatives.',
  share_kept: 'What is left of these hours is kept for others. Choose one of the alternatives.',
}
/** How they are counted: docs/runbooks/bookings-refused.md. */
const reasons: Readonly<Record<string, string>> = { service_full: 'full', busy_elsewhere: 'busy', share_kept: 'kept' }
export const reasonOf = (constraint: string): string => reasons[constraint] ?? 'taken'

/** Runs `attempt`; when the time is taken, answers 409 with everything that stands in the way and the next free slots. */
export async function orConflict<R>(
  ctx: Context<SchedulingTables>,
  wanted: Wanted,
  attempt: () => Promise<R>,
): Promise<R> {
  try {
    return await attempt()
  } catch (error) {
    const { constraint = '', detail } = error as { constraint?: string; detail?: string }
    if (lost[constraint] === undefined) throw error
    const { practitioner, patient, start, service } = wanted
    const channel = constraint === 'share_kept' ? (detail as Channel) : channelSearched(ctx, wanted.channel)
    const around = await hoursAround(ctx.db, practitioner, start, service ?? null)
    const { minutes, ...taking } = around ?? { minutes: 5, resources: [], before_minutes: 0, after_minutes: 0 }
    const end = new Date(start.getTime() + minutes * 60_000)
    if (wanted.fresh) await count(ctx, { ...wanted, channel })
    // A practitioner who moves a visit learns that a time is taken, not where else the patient goes.
    const whose = practising(ctx) === practitioner ? practitioner : patient
    const [message, conflicts, alternatives] = await Promise.all([
      messageOf(ctx, constraint, {
        ...wanted,
        channel,
        minutes: minutes + taking.before_minutes + taking.after_minutes,
      }),
      conflictsOf(ctx.db, { practitioner, patient: whose }, { start, end, ...taking }),
      nearest(ctx, { ...wanted, channel }),
    ])
    throw new Problem('conflict', message, {
      cause: error,
      reason: reasonOf(constraint),
      details: {
        conflicts: conflicts.map(({ resource, start_at, end_at }) => ({
          resource,
          start: start_at.toISOString(),
          end: end_at.toISOString(),
        })),
        alternatives: alternatives.map((slot) => ({ practitioner, ...slot })),
      },
    })
  }
}

/** Free times around the one that is wanted, the nearest first. */
export async function nearest(
  ctx: Pick<Context<SchedulingTables>, 'db' | 'now' | 'actor'>,
  { practitioner, patient, start, mode, service, channel = channelSearched(ctx, undefined) }: Wanted,
): Promise<{ start: string; end: string }[]> {
  const now = ctx.now()
  const slots = await freeSlots(ctx.db, {
    ...{ practitioner, channel, ...windowAround(now, start), now, service, near: start, mode, patient },
    limit: ALTERNATIVES,
  })
  return slots.map(({ start_at, end_at }) => ({ start: start_at.toISOString(), end: end_at.toISOString() }))
}

/** In a transaction of its own: that of the attempt is lost, and its Idempotency-Key is still to be answered. */
export const count = (ctx: Context<SchedulingTables>, wanted: Wanted & { channel: Channel }) =>
  transact({ ...ctx, once: undefined }, ({ db }) => turnAway(db, wanted, ctx.now()))

/** Where a share is kept: for whom, and until when. */
async function messageOf(
  { db, now }: Pick<Context<SchedulingTables>, 'db' | 'now'>,
  constraint: string,
  { practitioner, start, channel, minutes }: { practitioner: string; start: Date; channel: Channel; minutes: number },
): Promise<string> {
  const message = lost[constraint] ?? ''
  if (constraint !== 'share_kept') return message
  const shares = await sharesAround(db, practitioner, start, now())
  const until = keptUntil(shares, channel, minutes, now())
  const others = shares.filter((share) => share.channel !== channel && keptAt(share, now().getTime()) > 0)
  if (until === undefined) return message
  return `What is left of these hours is kept for bookings by ${others.map((share) => share.channel).join(' and ')} until ${until.toISOString()}. Choose one of the alternatives.`
}

export function windowAround(now: Date, start: Date): { from: Date; until: Date } {
  const span = AROUND_DAYS * 86_400_000
  return { from: new Date(Math.max(now.getTime(), start.getTime() - span)), until: new Date(start.getTime() + span) }
}
