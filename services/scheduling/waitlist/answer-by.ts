import { clockIn } from '#platform/wall-clock.ts'
import { MINUTE } from '../search-window.ts'

/** Long enough to see the message at work and to ask somebody; short enough that four people can be asked on one day. */
const ANSWER = 120 * MINUTE
/** A slot that is near would be gone before the third is asked: the answer may take a third of what is left. */
const SHARE = 3
/** In less nobody reads a message. What is that near is free for all at once. */
const LEAST = 10 * MINUTE
/** Nobody has to answer between nine in the evening and eight in the morning, on the clock of the place. */
const NIGHT_FROM = 21 * 60
const NIGHT_UNTIL = 8 * 60
/** Who answers in the morning must still get there. */
const AFTER_NIGHT = 60 * MINUTE

/** Until when an offer stands that is made now, or undefined where it is too late to ask anybody. The night does not count, unless the slot is the next morning's. */
export function answerBy(now: Date, start: Date, zone: string): Date | undefined {
  const span = Math.min(ANSWER, Math.floor((start.getTime() - now.getTime()) / SHARE / MINUTE) * MINUTE)
  if (span < LEAST) return undefined
  const awake = untilNight(now, zone)
  if (awake >= span) return new Date(now.getTime() + span)
  const morning = now.getTime() + awake + untilMorning(new Date(now.getTime() + awake), zone)
  const rested = morning + span - awake
  return new Date(rested <= start.getTime() - AFTER_NIGHT ? rested : now.getTime() + span)
}

/** Milliseconds; none where it is night already. Over a change of clocks it is an hour off, which harms nobody. */
function untilNight(at: Date, zone: string): number {
  const { minute } = clockIn(zone, at)
  return minute < NIGHT_UNTIL || minute >= NIGHT_FROM ? 0 : (NIGHT_FROM - minute) * MINUTE
}

function untilMorning(at: Date, zone: string): number {
  const { minute } = clockIn(zone, at)
  return (minute < NIGHT_UNTIL ? NIGHT_UNTIL - minute : 24 * 60 - minute + NIGHT_UNTIL) * MINUTE
}
