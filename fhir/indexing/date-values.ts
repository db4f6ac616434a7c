import { type DateRange, dateRange, periodRange, timingRange } from './date-range.ts'
import { textOf } from './json-object.ts'

/** The time that an element covers; undefined where it says none. */
export function dateIn(value: unknown, type: string): DateRange | undefined {
  if (type === 'Period') return periodRange(value)
  if (type === 'Timing') return timingRange(value)
  const text = textOf(value)
  return text === undefined ? undefined : dateRange(text)
}
