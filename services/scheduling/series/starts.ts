import { Problem } from '#platform/errors.ts'
import { clockIn, dateIn, instantOf } from '#platform/wall-clock.ts'
import { HORIZON_DAYS } from '../expand-hours.ts'
import { occurrences } from '../recurrence/occurrences.ts'
import { parseRule, whyNoDayRule } from '../recurrence/rule.ts'

const MINUTE = 60_000
const DAY = 86_400_000

const invalid = (detail: string) =>
  new Problem('invalid', 'The rule must say on which days the visits are (RFC 5545), and when they end.', {
    errors: [{ pointer: '/body/rule', detail }],
  })

/** Refuses a text that is no rule of days with an end. */
function endedRule(text: string) {
  const why = whyNoDayRule(text)
  if (why !== undefined) throw invalid(why)
  const rule = parseRule(text)
  if (rule.count === undefined && rule.until === undefined) throw invalid('needs COUNT or UNTIL')
  return rule
}

/** What a clock in the zone shows, as if it were UTC. */
const shown = (zone: string, at: Date): number =>
  Date.parse(`${dateIn(zone, at)}T00:00:00Z`) + clockIn(zone, at).minute * MINUTE

const onClock = (zone: string, wall: number): Date => {
  const date = new Date(wall)
  return new Date(instantOf(date.toISOString().slice(0, 10), date.toISOString().slice(11, 16), zone))
}

/**
 * When the visits of a rule begin: at the time of the first on the clocks of the zone, on each day that the rule means. One more than `most` is enough to know that there are too
 * many, and days far beyond the horizon are not gone through.
 */
export function startsOf(text: string, zone: string, first: Date, most: number): Date[] {
  const rule = endedRule(text)
  const start = shown(zone, first)
  const until = rule.untilIsUtc && rule.until !== undefined ? shown(zone, new Date(rule.until)) : rule.until
  const starts: Date[] = []
  for (const wall of occurrences({ ...rule, until }, start, start + 2 * HORIZON_DAYS * DAY)) {
    if (starts.length === 0 && wall !== start) break
    // The first is named, also where its time comes twice on that day.
    if (starts.push(wall === start ? first : onClock(zone, wall)) > most)
      throw invalid(`means more than ${most} visits`)
  }
  if (starts.length === 0) throw invalid('does not mean the day of the first visit: begin on one that it does')
  return starts
}

/** As far from `from` as `to` is, in days and minutes on the clock of the zone. */
export function movedAlike(zone: string, from: Date, to: Date): (at: Date, on: string) => Date {
  const difference = shown(zone, to) - shown(zone, from)
  return (at, on) => (at.getTime() === from.getTime() ? to : onClock(on, shown(on, at) + difference))
}
