// How long somebody will probably wait, reckoned from what the day has shown so far. It is a small simulation of what is to come: everybody before them is
// seen in the order of the queue, each by whoever is free first among those who may, for as long as a visit takes today. What it is worth is measured in
// wait.test.ts on simulated days, and written down in docs/decisions/0031-the-day.md.

const MINUTE = 60_000
/** The planned length counts as much as so many visits of the day: one long first visit does not promise a long day. */
const PRIOR_VISITS = 3
/** A visit that nobody ended on the screen, or that was ended at once, says little: lengths count between these parts of what is planned. */
const SHORTEST = 1 / 4
const LONGEST = 3
/** How far lengths of consultations scatter, as a part of their mean. */
const SCATTER = 0.65
/** Of ten people, eight are called within what they were told: this many standard deviations to each side. */
const DEVIATIONS = 1.28
const ROUND_MINUTES = 5

/** What a visit takes today: lengths in minutes, and what is planned. */
export function visitMinutes(seen: readonly number[], planned: number): number {
  const kept = seen.map((length) => Math.min(Math.max(length, planned * SHORTEST), planned * LONGEST))
  const sum = kept.reduce((all, length) => all + length, planned * PRIOR_VISITS)
  return sum / (kept.length + PRIOR_VISITS)
}

export interface Seer {
  practitioner: string
  /** Minutes since they called those whom they are seeing. */
  busy: readonly number[]
}

export interface Waiting {
  /** With whom; null: whoever is free first. */
  practitioner: string | null
  /** Of somebody who is booked and has not come yet: in so many minutes. */
  comesIn?: number
}

export interface Range {
  /** Minutes, multiples of five. */
  from: number
  until: number
}

/**
 * For each who waits, in the order of the queue; undefined for those who have not come yet, and for whom nobody is there. Of two who may be called by the
 * same, the later one is never told less.
 */
export function waits(order: readonly Waiting[], seers: readonly Seer[], minutes: number): (Range | undefined)[] {
  const free = new Map(seers.map(({ practitioner, busy }) => [practitioner, freeIn(busy, minutes)]))
  const turns = new Map(seers.map(({ practitioner, busy }) => [practitioner, busy.length]))
  const told = new Map<string | null, Range>()
  return order.map(({ practitioner, comesIn }) => {
    const who = practitioner ?? soonest(free)
    const at = who === undefined ? undefined : free.get(who)
    if (who === undefined || at === undefined) return undefined
    // Whoever has not come by then is not waited for: others go before.
    if (comesIn !== undefined && comesIn > at) return undefined
    const before = turns.get(who) ?? 0
    free.set(who, at + minutes)
    turns.set(who, before + 1)
    if (comesIn !== undefined) return undefined
    const range = noLess(rangeOf(at, minutes, before), told.get(practitioner))
    told.set(practitioner, range)
    return range
  })
}

const noLess = (range: Range, last: Range = range): Range => ({
  from: Math.max(range.from, last.from),
  until: Math.max(range.until, last.until),
})

/** Of several who were called at once each takes a visit; the one who was called last has most of it before them. */
const freeIn = (busy: readonly number[], minutes: number): number =>
  busy.reduce((sum, since) => sum + Math.max(minutes - since, minutes * SHORTEST), 0)

function soonest(free: ReadonlyMap<string, number>): string | undefined {
  let first: string | undefined
  for (const [who, at] of free) if (first === undefined || at < (free.get(first) ?? 0)) first = who
  return first
}

/** Deviations of visits that follow one another add up as squares. */
function rangeOf(at: number, minutes: number, visits: number): Range {
  const spread = DEVIATIONS * SCATTER * minutes * Math.sqrt(visits)
  return {
    from: Math.floor(Math.max(at - spread, 0) / ROUND_MINUTES) * ROUND_MINUTES,
    until: Math.ceil((at + spread) / ROUND_MINUTES) * ROUND_MINUTES,
  }
}

export const minutesBetween = (from: Date, until: Date): number => (until.getTime() - from.getTime()) / MINUTE
