// RFC 5545 §3.3.10 (with the errata on which part limits and which expands): a recurrence rule as text and as data.

export const frequencies = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'] as const
export type Frequency = (typeof frequencies)[number]

/** 0 for Monday to 6 for Sunday; `nth` of the month or year, from its end where negative. */
export interface NthDay {
  day: number
  nth: number | undefined
}

export interface Rule {
  freq: Frequency
  interval: number
  count: number | undefined
  /** Wall-clock milliseconds; of a date without a time, the last of that day. */
  until: number | undefined
  /** The text of UNTIL ended in Z: it is an instant, which the caller brings into the zone of the start. */
  untilIsUtc: boolean
  weekStart: number
  bySecond: readonly number[]
  byMinute: readonly number[]
  byHour: readonly number[]
  byDay: readonly NthDay[]
  byMonthDay: readonly number[]
  byYearDay: readonly number[]
  byWeekNo: readonly number[]
  byMonth: readonly number[]
  bySetPos: readonly number[]
}

/** Why a text is no rule, in words for whoever wrote it. */
export class RuleError extends Error {}

const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const known = new Set(
  'FREQ INTERVAL COUNT UNTIL WKST BYSECOND BYMINUTE BYHOUR BYDAY BYMONTHDAY BYYEARDAY BYWEEKNO BYMONTH BYSETPOS'.split(
    ' ',
  ),
)
/** A text longer than this is no rule that a person wrote. */
const MAX_LENGTH = 1_000

/** Reads `FREQ=WEEKLY;BYDAY=MO,TH`, with or without `RRULE:`. Throws RuleError. */
export function parseRule(text: string): Rule {
  if (text.length > MAX_LENGTH) throw new RuleError(`is longer than ${MAX_LENGTH} characters`)
  const parts = partsOf(text)
  const freq = frequencies.find((one) => one === parts.get('FREQ'))
  if (!freq) throw new RuleError(`needs FREQ, one of ${frequencies.join(', ')}`)
  const numbers = (name: string, max: number, min = 0, signed = false) =>
    (parts.get(name)?.split(',') ?? []).map((one) => whole(name, one, min, max, signed))
  const rule: Rule = {
    freq,
    interval: whole('INTERVAL', parts.get('INTERVAL') ?? '1', 1, 10_000),
    count: parts.has('COUNT') ? whole('COUNT', parts.get('COUNT') as string, 1, 100_000) : undefined,
    ...untilOf(parts.get('UNTIL')),
    weekStart: dayOf(parts.get('WKST') ?? 'MO'),
    bySecond: numbers('BYSECOND', 60).map((second) => Math.min(second, 59)), // a leap second is none on our clocks
    byMinute: numbers('BYMINUTE', 59),
    byHour: numbers('BYHOUR', 23),
    byDay: (parts.get('BYDAY')?.split(',') ?? []).map(nthDayOf),
    byMonthDay: numbers('BYMONTHDAY', 31, 1, true),
    byYearDay: numbers('BYYEARDAY', 366, 1, true),
    byWeekNo: numbers('BYWEEKNO', 53, 1, true),
    byMonth: numbers('BYMONTH', 12, 1),
    bySetPos: numbers('BYSETPOS', 366, 1, true),
  }
  refuse(rule, parts)
  return rule
}

/** Why a text cannot say on which days hours are; undefined when it can. */
export function whyNoDayRule(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    const { freq, bySecond, byMinute, byHour } = parseRule(text)
    if (!['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(freq)) return `has FREQ=${freq}; DAILY or longer`
    if (bySecond.length + byMinute.length + byHour.length > 0) return 'has times; `from` and `until` say them'
    return undefined
  } catch (error) {
    if (error instanceof RuleError) return error.message
    throw error
  }
}

function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>()
  for (const part of text
    .replace(/^RRULE:/i, '')
    .toUpperCase()
    .split(';')) {
    if (part === '') continue // a trailing semicolon, as some calendars write it
    const [name = '', value = ''] = part.split('=')
    if (!known.has(name)) throw new RuleError(`has ${name}, which is no part of a rule`)
    if (parts.has(name)) throw new RuleError(`has ${name} twice`)
    parts.set(name, value)
  }
  return parts
}

/** What RFC 5545 says must not be together. */
function refuse({ freq, byDay, byWeekNo, byYearDay, byMonthDay, bySetPos }: Rule, parts: Map<string, string>): void {
  const only = (name: string, ...allowed: Frequency[]) => {
    if (!allowed.includes(freq)) throw new RuleError(`has ${name}, which is for FREQ=${allowed.join(' or ')} only`)
  }
  if (parts.has('COUNT') && parts.has('UNTIL')) throw new RuleError('has both COUNT and UNTIL')
  if (byWeekNo.length > 0) only('BYWEEKNO', 'YEARLY')
  if (byDay.some(({ nth }) => nth !== undefined)) {
    only('a number before a day in BYDAY', 'MONTHLY', 'YEARLY')
    if (byWeekNo.length > 0) throw new RuleError('has both BYWEEKNO and a number before a day in BYDAY')
  }
  if (byYearDay.length > 0 && ['DAILY', 'WEEKLY', 'MONTHLY'].includes(freq))
    throw new RuleError(`has BYYEARDAY, which is not for FREQ=${freq}`)
  if (byMonthDay.length > 0 && freq === 'WEEKLY') throw new RuleError('has BYMONTHDAY, which is not for FREQ=WEEKLY')
  if (bySetPos.length > 0 && [...parts.keys()].filter((name) => name.startsWith('BY')).length === 1)
    throw new RuleError('has BYSETPOS, but no other BY… to take from')
}

function whole(name: string, text: string, min: number, max: number, signed = false): number {
  const number = Number(text)
  const size = signed ? Math.abs(number) : number
  if (!/^[+-]?\d{1,6}$/.test(text) || size < min || size > max)
    throw new RuleError(`has ${name}=${text.slice(0, 20)}; from ${min} to ${max}${signed ? ', also below zero' : ''}`)
  return number
}

function dayOf(text: string): number {
  const day = days.indexOf(text)
  if (day < 0) throw new RuleError(`has the day ${text.slice(0, 20)}; one of ${days.join(', ')}`)
  return day
}

function nthDayOf(text: string): NthDay {
  const day = dayOf(text.slice(-2))
  return { day, nth: text.length > 2 ? whole('BYDAY', text.slice(0, -2), 1, 53, true) : undefined }
}

function untilOf(text: string | undefined): Pick<Rule, 'until' | 'untilIsUtc'> {
  if (text === undefined) return { until: undefined, untilIsUtc: false }
  const [, y, m, d, time, hh, mm, ss, z] = /^(\d{4})(\d\d)(\d\d)(T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(text) ?? []
  const until = Date.UTC(
    Number(y),
    Number(m) - 1,
    Number(d),
    ...([hh ?? 23, mm ?? 59, ss ?? 59].map(Number) as [number]),
  )
  if (Number.isNaN(until)) throw new RuleError('has UNTIL, which is neither a date nor a date with its time')
  return { until, untilIsUtc: time !== undefined && z === 'Z' }
}
