import { priorities } from '../contract/queues.ts'

// The order in which people are called; why, and from where, is in docs/decisions/0031-the-day.md. Three rules:
//
// 1. `immediate` and `very-urgent` come before everybody, in this order, and among themselves by arrival.
// 2. Everybody else has a time at which they are due, and who is due first is called first.
//      without a booking         arrival + what their priority lets them wait
//      booked, there in time     the start of the visit
//      booked, late              arrival: behind those whose visits began before, before those who come without a booking
//    A priority above `standard` makes nobody later: of two times the earlier one counts.
// 3. That time does not move by itself. So nobody starves: whoever comes later than somebody's due time is behind them, for ever.

/** Minutes until somebody should be seen, by priority: the Canadian Triage and Acuity Scale (CTAS), levels I to V. */
const WAIT_MINUTES = [0, 15, 30, 60, 120] as const

export const levelOf = (priority: (typeof priorities)[number]): number => priorities.indexOf(priority) + 1
export const priorityOf = (level: number): (typeof priorities)[number] => priorities[level - 1] ?? 'standard'
export const STANDARD = 4

const MINUTE = 60_000

interface Comer {
  arrived: Date
  level: number
  /** Start of the visit that they have booked. */
  start?: Date | undefined
}

export function dueAt({ arrived, level, start }: Comer, lateMinutes: number): Date {
  const byPriority = arrived.getTime() + (WAIT_MINUTES[level - 1] ?? 0) * MINUTE
  if (start === undefined) return new Date(byPriority)
  const late = arrived.getTime() > start.getTime() + lateMinutes * MINUTE
  const byBooking = late ? arrived.getTime() : start.getTime()
  return new Date(level < STANDARD ? Math.min(byBooking, byPriority) : byBooking)
}

/** Of somebody who was called and did not answer: others first, for as long as one may be late. */
export const dueAgain = (due: Date, now: Date, lateMinutes: number): Date =>
  new Date(Math.max(due.getTime(), now.getTime() + lateMinutes * MINUTE))
