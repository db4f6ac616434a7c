import { splitPrefix } from './prefix.ts'
import type { Value } from './query.ts'
import { wrong } from './reading.ts'

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+ -]\d\d:\d\d)?)?)?)?$/

const RIGHT =
  'must be a date that exists, such as ge2031-03 or lt2031-03-03T10:00:00Z, with eq, ne, gt, lt, ge, le, sa, eb or ap before it'

/**
 * hl7.org/fhir/R4/search.html#date: a date of some precision as the range that it stands for. A time without an offset is in UTC; parts of a second beyond
 * a thousandth are cut off. The sign of an offset may have become a space on its way through an address.
 */
export function parseDate(name: string, text: string): Extract<Value, { kind: 'date' }> {
  const { prefix, rest } = splitPrefix(text)
  const range = rangeOf(rest)
  if (range === undefined) throw wrong(name, RIGHT)
  return { kind: 'date', prefix, from: instant(range[0]), until: instant(range[1]) }
}

function rangeOf(text: string): [number, number] | undefined {
  const [, year, month, day, hour, minute, second, fraction, offset] = DATE.exec(text) ?? []
  if (year === undefined || year === '0000') return undefined
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)]
  if (!exists(y, m, d)) return undefined
  if (hour === undefined) return [utc(y, m, d), day ? utc(y, m, d + 1) : month ? utc(y, m + 1, 1) : utc(y + 1, 0, 1)]
  const shift = minutesOf(offset)
  // A leap second is the first of the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60 || shift === undefined) return undefined
  const thousandths = Number((fraction ?? '').slice(0, 3).padEnd(3, '0'))
  const start =
    utc(y, m, d) + ((Number(hour) * 60 + Number(minute) - shift) * 60 + Number(second ?? 0)) * 1_000 + thousandths
  return [start, start + (second === undefined ? 60_000 : fraction === undefined ? 1_000 : 1)]
}

/** Date.UTC takes the years 0 to 99 for those of the last century. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day)
}

/** A day too many, or none, is in another month. */
function exists(year: number, month: number, day: number): boolean {
  return new Date(utc(year, month, day)).getUTCMonth() === month
}

function minutesOf(offset = 'Z'): number | undefined {
  if (offset === 'Z') return 0
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4))]
  if (hours > 14 || minutes > 59) return undefined
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** What has no year of four digits is before or after all that can be written. */
function instant(time: number): string {
  const text = new Date(time).toISOString()
  return text.startsWith('-') || text.startsWith('0000') ? '-infinity' : text.startsWith('+') ? 'infinity' : text
}
