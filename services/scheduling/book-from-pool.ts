import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { announce, claimTime } from './book-appointment.ts'
import { channelSearched } from './channel.ts'
import { lost } from './conflict.ts'
import type { Appointment } from './contract/appointments.ts'
import type { bookFromPool as contract } from './contract/pools.ts'
import { HORIZON_DAYS } from './expand-hours.ts'
import { findLater } from './queries/find-later.ts'
import { lockUnlessTaken, visitsOf } from './queries/pools.ts'
import { freeSlots, type SlotRow } from './queries/slots.ts'
import { soonest, windowOf } from './search-window.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>
type Wish = Static<typeof contract.body>

/** Of how many the best is chosen; the others are free later, or as late. */
const CANDIDATES = 30
/** Of those, how often all can have been taken by others before one gives up. */
const ROUNDS = 3
const LOAD_DAYS = 7

interface Candidate {
  practitioner: string
  slot: SlotRow
}

/** In somebody else's hands at the moment. */
class Taken extends Error {}

/**
 * Chooses among those who match and books. Who is being booked by somebody else at this moment is passed over (`skip locked`), not waited for; only where
 * all are does it wait.
 */
export async function bookFromPool(ctx: Ctx, wish: Wish): Promise<Static<typeof Appointment>> {
  if ((wish.speciality ?? wish.service ?? wish.practitioners) === undefined)
    throw new Problem('business-rule', 'Name a speciality, a service or practitioners.')
  for (let round = 0; round < ROUNDS; round++) {
    const candidates = await candidatesFor(ctx, wish)
    for (const wait of [false, true])
      for (const candidate of candidates) {
        const booked = await attempt(ctx, wish, candidate, wait)
        if (booked) return booked
      }
    if (candidates.length === 0) break
  }
  throw new Problem('conflict', 'Nobody who matches is free then. Ask for other days, or for less.', {
    reason: 'taken',
  })
}

async function attempt(ctx: Ctx, wish: Wish, { practitioner, slot }: Candidate, wait: boolean) {
  const { patient, mode, reason = null } = wish
  const { channel } = wish
  const visit = { practitioner, patient, start: slot.start_at, mode, service: slot.service_id, channel }
  try {
    return await transact(ctx, async (ctx) => {
      if (!wait && !(await lockUnlessTaken(ctx.db, practitioner))) throw new Taken('being booked by somebody else')
      return announce(ctx, await claimTime(ctx, visit, { status: 'booked', reason, held_until: null }))
    })
  } catch (error) {
    if (error instanceof Taken || lost[(error as { constraint?: string }).constraint ?? '']) return undefined
    if (error instanceof Problem && ABOUT_THE_HOURS.has(error.reason ?? '')) return undefined
    throw error
  }
}

/** Refusals (booking-rules.ts) after which another practitioner may do. */
const ABOUT_THE_HOURS = new Set([
  'outside-hours',
  'other-mode',
  'other-service',
  'notice',
  'window',
  'unlicensed',
  'new-patient',
])

/** Who matches, each with the first time that suits the patient too, the best first. */
async function candidatesFor(ctx: Ctx, wish: Wish): Promise<Candidate[]> {
  const now = ctx.now()
  const { patient, mode, by = 'soonest' } = wish
  const window = windowOf(now, wish, by === 'load' ? LOAD_DAYS : HORIZON_DAYS)
  const channel = channelSearched(ctx, wish.channel)
  const filter = {
    ...wish,
    ...window,
    now,
    channel,
    languages: wish.language,
    soon: new Date(soonest(now)),
    limit: CANDIDATES,
  }
  const found = await ctx.database.apart((db) => findLater(db, filter))
  const all = await Promise.all(
    found.map(async ({ card: { id: practitioner, service } }) => {
      const wanted = {
        practitioner,
        now,
        channel,
        ...window,
        patient,
        mode,
        limit: 1,
        service: wish.service && service?.id,
      }
      return (await freeSlots(ctx.db, wanted)).map((slot) => ({ practitioner, slot }))
    }),
  )
  const candidates = all.flat().sort((a, b) => a.slot.start_at.getTime() - b.slot.start_at.getTime())
  if (by === 'soonest') return candidates
  const visits = await visitsOf(
    ctx.db,
    candidates.map(({ practitioner }) => practitioner),
    window,
  )
  const load = ({ practitioner }: Candidate) => visits.get(practitioner) ?? 0
  return candidates.sort((a, b) => load(a) - load(b)) // a stable sort: the sooner of two who have as many
}
