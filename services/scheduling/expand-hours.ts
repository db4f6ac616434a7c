import type { Static } from 'typebox'
import { addDays, dateIn, instantOf, weekdayOf } from '#platform/wall-clock.ts'
import { type ScheduleException, type WeeklyHours, weekdays } from './contract/schedules.ts'
import { occurrences } from './recurrence/occurrences.ts'
import { parseRule } from './recurrence/rule.ts'

/** How far ahead hours are expanded, and so how far ahead one may book. A job moves the horizon each night. */
export const HORIZON_DAYS = 90

export interface HoursRule {
  zone: string
  hours: readonly Static<typeof WeeklyHours>[]
  validFrom: string
  validUntil?: string | undefined
  exceptions: readonly Pick<Static<typeof ScheduleException>, 'kind' | 'date' | 'from' | 'until'>[]
}

/** From (inclusive) and until (exclusive) in milliseconds since 1970. */
export type Interval = readonly [from: number, until: number]

/** The intervals in which a schedule is open, from one date through another: weekly hours in their validity, less what is withdrawn, plus what is added. */
export function expandHours(rule: HoursRule, from: string, through: string): Interval[] {
  const first = from > rule.validFrom ? from : rule.validFrom
  const last = rule.validUntil !== undefined && rule.validUntil < through ? rule.validUntil : through
  const byDay = weekdays.map((day) => rule.hours.filter((one) => one.day === day))
  const open: Interval[] = []
  for (let date = first; date <= last; date = addDays(date, 1))
    for (const { from, until } of byDay[weekdayOf(date)] ?? [])
      open.push([instantOf(date, from, rule.zone), instantOf(date, until, rule.zone)])
  for (const { rule: text, from, until } of rule.hours)
    if (text !== undefined)
      for (const date of datesOf(text, rule, first, last))
        open.push([instantOf(date, from, rule.zone), instantOf(date, until, rule.zone)])
  const within = rule.exceptions.filter(({ date }) => date >= from && date <= through)
  const times = (kind: 'add' | 'withdraw') =>
    within.filter((one) => one.kind === kind).map((one) => intervalOf(one, rule.zone))
  return merge([...subtract(merge(open), merge(times('withdraw'))), ...times('add')])
}

/** On which a rule falls. It begins on the first day of the schedule, which counts only where the rule means it. */
function datesOf(text: string, { zone, validFrom }: HoursRule, first: string, last: string): string[] {
  const parsed = parseRule(text)
  const until = parsed.untilIsUtc && parsed.until !== undefined ? dateIn(zone, new Date(parsed.until)) : undefined
  const through = until !== undefined && until < last ? until : last
  const dates = occurrences(
    { ...parsed, ...(until && { until: undefined }) },
    midnight(validFrom),
    midnight(through),
    true,
  )
  return [...dates].map((at) => new Date(at).toISOString().slice(0, 10)).filter((date) => date >= first)
}

const midnight = (date: string) => Date.parse(`${date}T00:00:00Z`)

const intervalOf = ({ date, from, until }: HoursRule['exceptions'][number], zone: string): Interval => [
  instantOf(date, from ?? '00:00', zone),
  instantOf(date, until ?? '24:00', zone),
]

/** Sorted and disjoint; intervals that touch become one. Empty ones (hours inside a DST gap) vanish. */
export function merge(intervals: readonly Interval[]): Interval[] {
  const merged: [number, number][] = []
  for (const [from, until] of [...intervals].filter(([from, until]) => from < until).sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], until)
    else merged.push([from, until])
  }
  return merged
}

/** Both sorted and disjoint. */
export function subtract(intervals: readonly Interval[], taken: readonly Interval[]): Interval[] {
  return intervals.flatMap(([from, until]) => {
    const left: Interval[] = []
    let start = from
    for (const [takenFrom, takenUntil] of taken) {
      if (takenUntil <= start || takenFrom >= until) continue
      if (takenFrom > start) left.push([start, takenFrom])
      start = takenUntil
    }
    return start < until ? [...left, [start, until] as const] : left
  })
}
