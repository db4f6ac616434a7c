import type { Static } from 'typebox'
import { addDays, dateIn, instantOf, weekdayOf } from '#platform/wall-clock.ts'
import { type ActivitySchedule, weekdays } from '../contract/schedule.ts'

const DAY = 86_400_000

/**
 * The instants from `from` on and before `until` that a schedule means, in their order, each once. Times that a clock skips are its time after the gap, of those that come
 * twice it is the first: so two times of one night may be one.
 */
export function expandSchedule(
  schedule: Static<typeof ActivitySchedule>,
  zone: string,
  { from, until }: { from: Date; until: Date },
): Date[] {
  // A day more on either side: an instant may lie in another date than its clock shows, where a day is skipped.
  const begin = addDays(dateIn(zone, from), -1)
  const end = addDays(dateIn(zone, until), 1)
  const instants = new Set<number>()
  for (let date = begin; date <= end; date = addDays(date, 1))
    if (fallsOn(schedule, date)) for (const time of schedule.timesOfDay) instants.add(instantOf(date, time, zone))
  return [...instants]
    .filter((at) => at >= from.getTime() && at < until.getTime())
    .sort((a, b) => a - b)
    .map((at) => new Date(at))
}

function fallsOn({ days, everyDays, from, to }: Static<typeof ActivitySchedule>, date: string): boolean {
  if (date < from || (to !== undefined && date > to)) return false
  if (everyDays !== undefined) return ((Date.parse(date) - Date.parse(from)) / DAY) % everyDays === 0
  return days === undefined || days.includes(weekdays[weekdayOf(date)] as (typeof weekdays)[number])
}
