import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { clockIn } from '#platform/wall-clock.ts'
import { checkBooking } from '../booking-rules.ts'
import { waitlistOfferMade } from '../contract.ts'
import { bookingFacts, insertAppointment, type NewAppointmentRow } from '../queries/booking.ts'
import { countVisits } from '../service-limits.ts'
import type { SchedulingTables } from '../tables.ts'
import { answerBy } from './answer-by.ts'
import type { Freed } from './freed.ts'
import { type Candidate, firstInLine, lockTimes, type Match, sharing, slotsIn } from './queries/match.ts'
import { insertOffer, THE_HOUSE, takeTurn, waitOn } from './queries/offers.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>

/** Times that are looked at together: a day or two of a practitioner. */
const SLOTS = 100
/** Of one job; new hours of three months go on in another, so that none runs for minutes. */
const OFFERS = 50
/** Lost against somebody who books at the same moment: the next look sees what they took. */
const ATTEMPTS = 5

/** What one look came to: an offer, an entry that the rules of booking refused, or nobody; `next` where there are times left to look at. */
type Look = { offered: boolean; refused?: string; next?: Date }

/**
 * Offers what has become free to those who wait, one by one: each offer is a transaction that holds the calendar, so two jobs for one practitioner come one
 * after another, and one that runs again finds what it did. A visit may be shorter than what became free: then there is something left for the next in line.
 */
export async function offerFreed(ctx: Ctx, { practitioner, resources, from, until }: Freed): Promise<void> {
  const others = resources.length === 0 ? [] : await sharing(ctx.db, resources, new Date(from), new Date(until))
  for (const one of new Set([practitioner, ...others])) await offerTimes(ctx, one, new Date(from), new Date(until))
}

async function offerTimes(ctx: Ctx, practitioner: string, begin: Date, until: Date): Promise<void> {
  let from = begin
  let passed: string[] = []
  for (let looks = 0; looks < OFFERS; looks++) {
    const look = await won(() => transact(ctx, (ctx) => offerOne(ctx, { practitioner, from, until, passed })))
    if (look.refused !== undefined) passed = [...passed, look.refused]
    else if (!look.offered && look.next === undefined) return
    else if (!look.offered && look.next !== undefined) from = look.next
  }
  const rest: Freed = { practitioner, resources: [], from: from.toISOString(), until: until.toISOString() }
  await transact(ctx, async (ctx) => addJob(ctx, 'offer-freed', rest))
}

/** A claim or a turn that somebody else was faster to take: looked at anew. */
async function won<R>(attempt: () => Promise<R>): Promise<R> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      const { constraint = '' } = error as { constraint?: string }
      if (!['claim_no_overlap', 'service_full', 'waitlist_one_offer'].includes(constraint) || tried === ATTEMPTS)
        throw error
    }
  }
}

async function offerOne(
  ctx: Tx,
  of: { practitioner: string; from: Date; until: Date; passed: string[] },
): Promise<Look> {
  await lockTimes(ctx.db, of.practitioner, of.from, of.until)
  const slots = await slotsIn(ctx.db, { ...of, now: ctx.now(), limit: SLOTS })
  const last = slots[SLOTS - 1]
  const rest = last && last.start_at > of.from ? { next: last.start_at } : {}
  const candidates = slots
    .filter(({ start_at, zone }) => answerBy(ctx.now(), start_at, zone) !== undefined)
    .map((slot) => ({ ...slot, ...clockIn(slot.zone, slot.start_at) }))
  if (candidates.length === 0) return { offered: false, ...rest }
  const match = await nextTurn(ctx, of.practitioner, candidates, of.passed)
  const slot = match && candidates[match.slot]
  if (!slot) return { offered: false, ...rest }
  return orRefused(ctx, match, () => keep(ctx, of.practitioner, match, slot))
}

/** Whoever is first and still waits: another practitioner's time may be offered to them at the same moment. */
async function nextTurn(ctx: Tx, practitioner: string, candidates: Candidate[], passed: string[]) {
  for (;;) {
    const match = await firstInLine(ctx.db, practitioner, candidates, ctx.now(), passed)
    if (!match || (await takeTurn(ctx.db, match.entry))) return match
  }
}

/** The rules of booking hold for an offer as for anybody's wish; whom they refuse now is passed over, and waits on. */
async function orRefused(ctx: Tx, { entry }: Match, keeping: () => Promise<void>): Promise<Look> {
  try {
    await keeping()
    return { offered: true }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    await waitOn(ctx.db, entry)
    return { offered: false, refused: entry }
  }
}

/** Holds the time, and says so to whom it is offered. */
async function keep(ctx: Tx, practitioner: string, match: Match, slot: Candidate): Promise<void> {
  const now = ctx.now()
  const { start_at: start, end_at: end, service_id: service } = slot
  const { entry, patient, account } = match
  const expiresAt = answerBy(now, start, slot.zone) ?? start
  const facts = await bookingFacts(ctx.db, { account, patient, practitioner, start, now, service })
  const wish = { start, service, ...(match.mode !== null && { mode: match.mode }) }
  checkBooking(facts, wish, now)
  const row: NewAppointmentRow = {
    id: newId(),
    status: 'pending',
    practitioner_id: practitioner,
    patient_id: patient,
    schedule_id: facts.schedule_id,
    place_id: facts.place_id,
    resources: facts.seats > 1 ? [] : facts.resources,
    service_id: facts.service_id,
    mode: match.mode ?? (facts.modes[0] as string),
    zone: facts.zone as string,
    start_at: start,
    end_at: end,
    held_until: expiresAt,
    reason: null,
    overbooked: null,
    made_by: THE_HOUSE,
    relationship: 'waitlist',
    channel: 'web', // as slotsIn has it: what is kept for a desk or the phone is offered by those
  }
  await insertOffer(ctx.db, { id: row.id, entry, practitioner, start, end, expiresAt }, now)
  ctx.atCommit(insertAppointment(row, facts, now))
  countVisits(ctx, row, true)
  addJob(ctx, 'end-offer', { offer: row.id }, { runAt: expiresAt })
  audit(ctx, { action: 'C', entity: `WaitlistOffer/${row.id}`, subject: `Patient/${patient}` })
  publish(ctx, waitlistOfferMade, { offer: row.id, patient, practitioner })
}
