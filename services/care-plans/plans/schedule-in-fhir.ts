import type { Static } from 'typebox'
import { numberOf } from '#fhir/decimal.ts'
import type { ActivitySchedule, weekdays } from '../contract/schedule.ts'

// A schedule as FHIR's Timing: `timeOfDay` and `dayOfWeek` are by the clock and the calendar where the patient is.

type Schedule = Static<typeof ActivitySchedule>
type Rhythm = Pick<Schedule, 'timesOfDay' | 'days' | 'everyDays'>

interface Repeat {
  timeOfDay: string[]
  dayOfWeek?: (typeof weekdays)[number][]
  period: unknown
  boundsPeriod?: { start: string; end?: string }
  boundsDuration?: { value: unknown }
}
export interface Timing {
  repeat: Repeat
}

export const rhythmInFhir = ({ timesOfDay, days, everyDays = 1 }: Rhythm) => ({
  timeOfDay: timesOfDay.map((time) => `${time}:00`),
  ...(days ? { dayOfWeek: days, period: 1, periodUnit: 'wk' } : { period: everyDays, periodUnit: 'd' }),
})

export function rhythmOf({ repeat: { timeOfDay, dayOfWeek, period } }: Timing): Rhythm {
  const every = numberOf(period) ?? 1
  return {
    timesOfDay: timeOfDay.map((time) => time.slice(0, 5)),
    ...(dayOfWeek && { days: dayOfWeek }),
    ...(!dayOfWeek && every > 1 && { everyDays: every }),
  }
}

export const scheduleInFhir = ({ from, to, ...rhythm }: Schedule) => ({
  repeat: { boundsPeriod: { start: from, ...(to !== undefined && { end: to }) }, ...rhythmInFhir(rhythm) },
})

export function scheduleOf(timing: Timing): Schedule {
  const { start = '', end } = timing.repeat.boundsPeriod ?? {}
  return { ...rhythmOf(timing), from: start, ...(end !== undefined && { to: end }) }
}
