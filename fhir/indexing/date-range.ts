import { isObject, listOf, textOf } from './json-object.ts'

/** `[from, until)`, RFC 3339 in UTC. */
export interface DateRange {
  from: string
  until: string
}

export const EVER = '-infinity'
export const NEVER = 'infinity'

const DATE =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,30}))?)?(?:Z|([+-])(\d\d):(\d\d))?)?)?)?$/
const DAY = 86_400_000
const MINUTE = 60_000
const YEAR_1 = Date.UTC(2000, 0, 1) - 730_119 * DAY
const YEAR_10000 = Date.UTC(10_000, 0, 1)

/**
 * A date, dateTime or instant as the time that its precision covers (hl7.org/fhir/R4/search.html#date): `2031-03` is the whole of March. Without an offset in UTC.
 * Fractions of a second count to the microsecond. Undefined where there is no such date.
 */
export function dateRange(text: string): DateRange | undefined {
  if (text.length > 64) return undefined
  const parts = DATE.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] = parts
  if (!isOfCalendar(Number(year), Number(month ?? 1), Number(day ?? 1))) return undefined
  const [y, m] = [Number(year), Number(month ?? 1) - 1]
  if (day === undefined) return rangeOf(utc(y, m, 1), month === undefined ? utc(y + 1, 0, 1) : utc(y, m + 1, 1))
  const midnight = utc(y, m, Number(day))
  if (hour === undefined) return rangeOf(midnight, midnight + DAY)
  // A second of 60 is a leap second, and stands for the first of the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) return undefined
  const east = (sign === '-' ? -1 : 1) * (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0))
  const start = midnight + (Number(hour) * 60 + Number(minute) - east) * MINUTE + Number(second ?? 0) * 1000
  if (fraction !== undefined) return fractionRange(start, fraction)
  return rangeOf(start, start + (second === undefined ? MINUTE : 1000))
}

/** Date.UTC takes the years 0 to 99 for those of the last century. */
function utc(year: number, month: number, day: number): number {
  return year >= 100 ? Date.UTC(year, month, day) : new Date(0).setUTCFullYear(year, month, day)
}

function isOfCalendar(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  return day <= 28 || day <= new Date(utc(year, month, 0)).getUTCDate()
}

/** PostgreSQL counts microseconds. */
function fractionRange(second: number, fraction: string): DateRange {
  const digits = Math.min(fraction.length, 6)
  const low = Number(fraction.slice(0, digits).padEnd(6, '0'))
  const high = low + 10 ** (6 - digits)
  return { from: withMicroseconds(second, low), until: withMicroseconds(second, high) }
}

function withMicroseconds(second: number, micro: number): string {
  if (micro >= 1_000_000) return written(second + 1000)
  if (micro % 1000 === 0) return written(second + micro / 1000)
  return written(second).replace('.000Z', `.${String(micro).padStart(6, '0')}Z`)
}

const rangeOf = (from: number, until: number): DateRange => ({ from: written(from), until: written(until) })

/** Beyond what can be written with four digits lies no time that anybody means. */
function written(time: number): string {
  if (time < YEAR_1) return EVER
  if (time >= YEAR_10000) return NEVER
  const day = Math.floor(time / DAY)
  const rest = time - day * DAY
  return rest === 0 ? `${dayText(day)}T00:00:00.000Z` : `${dayText(day)}T${timeOfDay(rest)}Z`
}

/** Most records are of few days. */
const days = new Map<number, string>()
const KEPT_DAYS = 10_000

function dayText(day: number): string {
  const before = days.get(day)
  if (before !== undefined) return before
  const text = new Date(day * DAY).toISOString().slice(0, 10)
  if (days.size < KEPT_DAYS) days.set(day, text)
  return text
}

function timeOfDay(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return `${two(hour)}:${two(minute)}:${two(seconds % 60)}.${String(1000 + (milliseconds % 1000)).slice(1)}`
}

const two = (number: number) => (number < 10 ? `0${number}` : String(number))

/** From the beginning of its start to the end of its end; open where one is missing. Undefined where it has neither, or ends before it starts. */
export function periodRange(period: unknown): DateRange | undefined {
  if (!isObject(period)) return undefined
  const [start, end] = [textOf(period.start), textOf(period.end)]
  if (start === undefined && end === undefined) return undefined
  const from = start === undefined ? EVER : dateRange(start)?.from
  const until = end === undefined ? NEVER : dateRange(end)?.until
  return from !== undefined && until !== undefined && isBefore(from, until) ? { from, until } : undefined
}

/** The outer limits of its events and bounds, whatever lies between (hl7.org/fhir/R4/search.html#date). */
export function timingRange(timing: unknown): DateRange | undefined {
  if (!isObject(timing)) return undefined
  const bounds = periodRange(isObject(timing.repeat) ? timing.repeat.boundsPeriod : undefined)
  let hull = bounds
  for (const event of listOf(timing.event)) {
    const range = dateRange(textOf(event) ?? '')
    if (range) hull = hull ? around(hull, range) : range
  }
  return hull
}

const around = (a: DateRange, b: DateRange): DateRange => ({
  from: isBefore(b.from, a.from) ? b.from : a.from,
  until: isBefore(a.until, b.until) ? b.until : a.until,
})

/** Both as written here. Without the Z, `10:00:00.000` stands before `10:00:00.000001`. */
export function isBefore(a: string, b: string): boolean {
  if (a === b || a === NEVER || b === EVER) return false
  return a === EVER || b === NEVER || a.slice(0, -1) < b.slice(0, -1)
}
