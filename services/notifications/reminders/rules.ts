import type { Card } from '../appointment-card.ts'
import { clockAt, dayOf } from '../preferences/wall-clock.ts'

export type Rule = 'week' | 'eve' | 'hours'

export interface Planned {
  rule: Rule
  /** Visits of one patient on one day are reminded of together. */
  group: string
  due: Date
}

/** When on the clock of the place: by day, and before people go to bed. */
const WEEK_AT = '10:00'
const EVE_AT = '18:00'
const HOURS_MS = 2 * 3_600_000

/** A week before and on the eve; two hours before what is booked later than that; of what is nearer still, not at all. */
export function remindersOf({ id, patient, start, zone }: Card, now: Date): Planned[] {
  const day = dayOf(new Date(start), zone)
  const together = (rule: Rule) => `${rule}:${patient}:${day}`
  const planned: Planned[] = [
    { rule: 'week', group: together('week'), due: clockAt(day.subtract({ days: 7 }), zone, WEEK_AT) },
    { rule: 'eve', group: together('eve'), due: clockAt(day.subtract({ days: 1 }), zone, EVE_AT) },
  ]
  const ahead = planned.filter(({ due }) => due > now)
  if (ahead.length > 0) return ahead
  const due = new Date(Date.parse(start) - HOURS_MS)
  return due > now ? [{ rule: 'hours', group: `hours:${id}`, due }] : []
}
