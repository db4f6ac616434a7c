import { Problem } from '#platform/errors.ts'
import type { Channel } from './channel.ts'
import { HORIZON_DAYS } from './expand-hours.ts'
import { DAY, MINUTE } from './search-window.ts'

// Every reason for which a booking, a hold or a move is refused, in one place. Two rules are not here, since they must hold in a race:
// that nothing overlaps (claim_no_overlap in migrations/0001_scheduling.sql) and that a hold still stands when it is confirmed: not lapsed, not
// begun, its patient still theirs to book for and in use, the licence valid (confirmHold in queries/booking.ts). What is missing from a request is said
// where it is taken apart (book-appointment.ts).

/** Starts lie on these minutes of the hour, so that what is left between visits stays usable. */
export const GRID_MINUTES = 5

/** So that nobody keeps a whole morning from others without booking any of it. */
export const MAX_HOLDS = 3

/** What the database knows about a wish, read under the lock of the practitioner. */
export interface BookingFacts {
  /** By which the caller may book for the patient: self, mandate…; null: not at all. */
  relationship: string | null
  /** Taken out of use in registry: nothing new is taken on for them. */
  patient_out_of_use: boolean
  practitioner_known: boolean
  licensed_from: Date | null
  licensed_until: Date | null
  /** Of the caller, not lapsed. */
  open_holds: number
  /** The hours around the start, where there are any. */
  schedule_id: string | null
  shift_from: Date | null
  shift_until: Date | null
  modes: string[] | null
  /** How many services these hours offer; with none, visits of one length. */
  services: number | null
  /** The one that is wanted, or the only one. */
  service_id: string | null
  minutes: number | null
  before_minutes: number
  after_minutes: number
  notice_minutes: number
  window_days: number
  /** Who may come at the same time. */
  seats: number
  /** Whether these hours take the patient: anybody, or those whom the practitioner has seen, or is to see. */
  patient_known: boolean | null
}

export interface Wish {
  start: Date
  mode?: string | undefined
  /** Kept for a while, not booked. */
  hold?: boolean
  service?: string | null | undefined
  /** Why it goes into time that may be taken: said by who keeps the hours. */
  overbook?: string | undefined
  /** Said by staff. */
  channel?: Channel | undefined
}

type Known = 'relationship' | 'schedule_id' | 'shift_until' | 'minutes' | 'modes'
export type Bookable = BookingFacts & { [K in Known]: NonNullable<BookingFacts[K]> }

/** `reason` is how refusals are counted: see docs/runbooks/bookings-refused.md. */
const refusal = (reason: string, message: string, code: 'business-rule' | 'not-found' = 'business-rule') =>
  new Problem(code, message, { reason })

/** Whether the wish may be booked, if nobody else is faster. Throws the Problem that says what to do. */
export function checkBooking(facts: BookingFacts, wish: Wish, now: Date): asserts facts is Bookable {
  const { start, mode, hold = false } = wish
  if (facts.relationship === null)
    throw refusal('not-theirs-to-book', 'There is no such patient, or you may not book for them.', 'not-found')
  if (facts.patient_out_of_use)
    throw refusal('patient-out-of-use', 'This patient’s record is out of use, so nothing is booked for it.')
  if (!facts.practitioner_known)
    throw refusal('unknown-practitioner', 'There is no such practitioner who takes appointments.', 'not-found')
  if (hold && facts.open_holds >= MAX_HOLDS)
    throw refusal('too-many-holds', `You hold ${MAX_HOLDS} slots already. Book one, or give one back.`)
  if (start <= now) throw refusal('past', 'Appointments can only be booked in the future.')
  if (start.getTime() > now.getTime() + HORIZON_DAYS * DAY)
    throw refusal('beyond-horizon', `Appointments can be booked ${HORIZON_DAYS} days ahead at most.`)
  if (start.getTime() % (GRID_MINUTES * MINUTE) !== 0)
    throw refusal('off-grid', `Appointments start on multiples of ${GRID_MINUTES} minutes.`)
  const { licensed_from, licensed_until, modes } = facts
  if (!licensed_from || !licensed_until || licensed_from > start || licensed_until <= start)
    throw refusal('unlicensed', 'This practitioner has no valid licence at that time, so takes no appointments.')
  if (!facts.schedule_id || !modes) throw outsideHours()
  if (!facts.patient_known && wish.overbook === undefined)
    throw refusal(
      'new-patient',
      'These hours are for patients whom the practitioner knows. Choose a slot that takes new patients.',
    )
  checkService(facts, wish, now)
  if (mode !== undefined && !modes.includes(mode))
    throw refusal('other-mode', `At that time visits are only ${modes.join(' or ')}.`)
}

const outsideHours = () =>
  refusal('outside-hours', 'The practitioner offers no hours at that time. Choose one of the free slots.')

/** Whether these hours offer what is wanted, and the visit fits with its time before and after. How many a day may have is counted in refresh_full. */
function checkService(facts: BookingFacts, { start, service }: Wish, now: Date): void {
  const { services, service_id, minutes, before_minutes, after_minutes, notice_minutes, window_days } = facts
  if (service && !service_id) throw refusal('other-service', 'This service is not offered at that time.')
  if (services && !service_id) throw refusal('which-service', 'Several services are offered at that time: name one.')
  const from = start.getTime() - before_minutes * MINUTE
  const until = start.getTime() + ((minutes ?? 0) + after_minutes) * MINUTE
  if (
    !facts.shift_from ||
    !facts.shift_until ||
    from < facts.shift_from.getTime() ||
    until > facts.shift_until.getTime()
  )
    throw outsideHours()
  if (start.getTime() < now.getTime() + notice_minutes * MINUTE)
    throw refusal('notice', `This service is booked at least ${notice_minutes} minutes before.`)
  if (start.getTime() > now.getTime() + window_days * DAY)
    throw refusal('window', `This service is booked ${window_days} days ahead at most.`)
}

interface Part<F> {
  practitioner: string
  service?: string | null | undefined
  facts: F
}

/**
 * Whether a visit that several give may be booked with each of them, for as long as the longest needs: nobody leaves before it is over. Throws the Problem
 * that says at whom it fails. How they meet is what is wanted, or the first way that they have in common.
 */
export function checkTogether<F extends BookingFacts & { place_id: string | null }>(
  parts: readonly Part<F>[],
  wish: Pick<Wish, 'start' | 'mode'>,
  now: Date,
): { facts: (F & Bookable)[]; mode: string } {
  const minutes = Math.max(...parts.map(({ facts }) => facts.minutes ?? 0))
  const facts = parts.map(({ practitioner, service, facts }) =>
    naming(practitioner, () => {
      const one: F = { ...facts, minutes: facts.minutes === null ? null : minutes }
      checkBooking(one, { ...wish, service }, now)
      if (one.seats > 1)
        throw refusal(
          'group',
          'This practitioner gives that to groups, in which one books a seat alone. Name another service of theirs.',
        )
      return one
    }),
  )
  const [mode] = wish.mode === undefined ? waysInCommon(facts) : [wish.mode]
  if (mode === undefined)
    throw refusal('other-mode', 'At that time they do not all meet patients in the same way. Choose a common slot.')
  if (mode === 'in-person' && new Set(facts.map(({ place_id }) => place_id)).size > 1)
    throw refusal('other-place', 'At that time they are not all at one place. Choose a common slot, or another mode.')
  return { facts, mode }
}

const waysInCommon = ([first, ...others]: readonly Bookable[]): string[] =>
  first?.modes.filter((mode) => others.every(({ modes }) => modes.includes(mode))) ?? []

/** A refusal that is about one of several says about whom. */
function naming<R>(practitioner: string, check: () => R): R {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { code, message, reason } = error
    throw new Problem(code, message, { ...(reason && { reason }), details: { practitioner } })
  }
}

/** Until when who comes may change a visit by themselves; see PUT /v1/…/booking-policy. */
export interface Policy {
  cancel: number
  move: number
  moves: number | null
  contact: string
}

/** Whether somebody changes a visit as who comes to it, or books for them, and not as who gives it. */
export const isOwn = (via: string): boolean => via !== 'practitioner' && via !== 'desk'

interface Changing {
  via: string
  policy: Policy | null
  start_at: Date
  moves: number
  /** Left outside of the hours by a change of those: then it is no whim of the patient’s. */
  outside_hours: boolean
}

/** Whoever comes changes a visit in time and not over and over; who gives it, and a desk, may until it begins. */
export function checkOwnChange(row: Changing, change: 'cancel' | 'move', now: Date): void {
  const { via, policy, start_at, moves } = row
  if (!policy || !isOwn(via) || row.outside_hours) return
  const instead = policy.contact || 'Call where it takes place.'
  const refuse = (reason: string, message: string) =>
    new Problem('business-rule', `${message} ${instead}`, {
      reason,
      ...(policy.contact && { details: { contact: policy.contact } }),
    })
  if (start_at.getTime() - now.getTime() < policy[change] * MINUTE)
    throw refuse('too-late', `One ${change}s this visit by oneself until ${lengthOf(policy[change])} before it.`)
  if (change === 'move' && policy.moves !== null && moves >= policy.moves)
    throw refuse('moved-enough', `One moves this visit by oneself ${policy.moves} times at most.`)
}

const lengthOf = (minutes: number): string =>
  minutes % 60 === 0 ? `${minutes / 60} hours` : `${Math.floor(minutes / 60)} hours and ${minutes % 60} minutes`

/** So that nobody stands in every line of the house. */
export const MAX_ENTRIES = 10

/** What the database knows of somebody who wants to wait, read under a lock of the patient's. */
export interface JoiningFacts {
  relationship: string
  patient_out_of_use: boolean
  practitioner_known: boolean
  place_known: boolean
  /** Of this patient, that wait or are offered something. */
  entries: number
}

interface Waiting {
  practitioner_id: string | null
  service: string | null
  speciality: string | null
  place_id: string | null
  within_km: number | null
  from_at: Date
  until_at: Date
  from_minute: number
  until_minute: number
}

/** Whether somebody may wait for this. */
export function checkJoining(facts: JoiningFacts | NoRight, wish: Waiting, now: Date): asserts facts is JoiningFacts {
  if (facts.relationship === null)
    throw refusal('not-theirs-to-book', 'There is no such patient, or you may not book for them.', 'not-found')
  if (facts.patient_out_of_use)
    throw refusal('patient-out-of-use', 'This patient’s record is out of use, so nothing is booked for it.')
  if (!facts.practitioner_known)
    throw refusal('unknown-practitioner', 'There is no such practitioner who takes appointments.', 'not-found')
  if (!facts.place_known) throw refusal('unknown-place', 'There is no such place with appointments.', 'not-found')
  if (wish.practitioner_id === null && wish.service === null && wish.speciality === null)
    throw refusal('nothing-wanted', 'Name a practitioner, a service or a speciality to wait for.')
  if (wish.place_id !== null && wish.within_km !== null)
    throw refusal('two-places', 'Name either a place or a circle; not both.')
  if (wish.until_at <= wish.from_at || wish.until_at.getTime() > now.getTime() + HORIZON_DAYS * DAY)
    throw refusal(
      'no-days',
      `Wait for days from now on, ${HORIZON_DAYS} days ahead at most, that end after they begin.`,
    )
  if (wish.until_minute <= wish.from_minute)
    throw refusal('no-times', 'Times of the day end after they begin; wait twice for those that cross midnight.')
  if (facts.entries >= MAX_ENTRIES)
    throw refusal(
      'too-many-entries',
      `This patient waits for ${MAX_ENTRIES} things already. Leave one of the lists first.`,
    )
}

type NoRight = Omit<JoiningFacts, 'relationship'> & { relationship: null }

/** Whoever speaks for the patient cannot put them before others. */
const OWN: readonly string[] = ['self', 'mandate', 'consent']

export function checkPrioritising({ status }: { status: string }, via: string): void {
  if (OWN.includes(via))
    throw new Problem('forbidden', 'How urgent it is says a practitioner or a desk. Ask them.', {
      reason: 'own-priority',
    })
  if (status !== 'waiting' && status !== 'offered') throw refusal('waits-no-more', 'This entry has ended.')
}

/** Who treats somebody says how urgent it is; that they wait is not theirs to end. */
export function checkLeaving(via: string): void {
  if (via === 'treatment')
    throw new Problem('forbidden', 'The patient leaves the list, or whoever books for them.', { reason: 'not-theirs' })
}

/** Answering an offer: by who may book for the patient, while it stands. */
export function checkOffer<O extends { status: string; entry_status: string; expires_at: Date }>(
  offer: O | undefined,
  via: string | undefined,
  now: Date,
): asserts offer is O {
  if (!offer || via === undefined || via === 'treatment' || via === 'practitioner') throw noSuchOffer()
  if (offer.status !== 'open' || offer.entry_status !== 'offered' || offer.expires_at <= now) throw noOffer()
}

const noSuchOffer = () => refusal('no-offer', 'There is no such offer to you or to whom you book for.', 'not-found')
/** It has ended, or what is offered cannot be any more: the licence, or the patient’s record, is out of use. */
export const noOffer = () =>
  new Problem('conflict', 'This offer stands no more. If you were not too late to answer often, you keep your turn.', {
    reason: 'offer-ended',
  })

/** Who cannot come to a visit that others give too says so; whoever comes, and who is alone with them, changes it instead. */
export function checkDeclines({ via, together }: { via: string; together: string | null }): void {
  if (together === null) throw refusal('alone', 'Nobody else gives this visit: move it, or cancel it.')
  if (isOwn(via))
    throw new Problem('forbidden', 'Those who give a visit decline it. Move it, or cancel it.', {
      reason: 'not-theirs',
    })
}

/** One of several who cannot come does not send the others home. */
export function checkCancels({ id, together }: { id: string; together: string | null }): void {
  if (together !== null && together !== id)
    throw refusal(
      'together',
      'Others give this visit too. Decline it (POST …/decline): then it waits to be moved or cancelled as a whole.',
    )
}

/** What may still be done with an appointment: only one that is booked and has not begun can be moved or cancelled. */
export function checkOpen({ status, start_at }: { status: string; start_at: Date }, now: Date): void {
  if (status === 'cancelled') throw refusal('cancelled', 'This appointment has been cancelled.')
  if (status !== 'booked') throw refusal('not-booked', 'Only an appointment that is booked can be changed.')
  if (start_at <= now) throw refusal('begun', 'This appointment has begun or is over; it cannot be changed any more.')
}
