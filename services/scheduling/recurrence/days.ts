import type { Rule } from './rule.ts'

// Which days of a year, month, week or day a rule means. Days are numbered from 1970-01-01.

const DAY = 86_400_000

export const dayNumber = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day) / DAY
/** 0 for Monday. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number) => (((day + 3) % 7) + 7) % 7

export interface Civil {
  year: number
  month: number
  day: number
}
export function civilOf(day: number): Civil {
  const date = new Date(day * DAY)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** The first day of week 1: the first week with at least four days in the year (RFC 5545 §3.3.10, ISO 8601 where weeks begin on Monday). */
export function firstWeekOf(year: number, weekStart: number): number {
  const newYear = dayNumber(year, 1, 1)
  const into = (weekdayOf(newYear) - weekStart + 7) % 7
  return newYear - into + (into > 3 ? 7 : 0)
}

/** The year that the week of a day belongs to. */
export function weekYearOf(day: number, weekStart: number): number {
  const { year } = civilOf(day)
  if (day >= firstWeekOf(year + 1, weekStart)) return year + 1
  return day < firstWeekOf(year, weekStart) ? year - 1 : year
}

type Days = readonly [first: number, past: number]

/** A period of `freq`, by its number from that of the start. Of a year that is counted in weeks: its weeks. */
export function periodOf(rule: Rule, start: number, nth: number): Days {
  const steps = nth * rule.interval
  const { year, month } = civilOf(start)
  if (rule.freq === 'YEARLY') {
    if (rule.byWeekNo.length === 0) return [dayNumber(year + steps, 1, 1), dayNumber(year + steps + 1, 1, 1)]
    const weekYear = firstWeekYear(rule, start) + steps
    return [firstWeekOf(weekYear, rule.weekStart), firstWeekOf(weekYear + 1, rule.weekStart)]
  }
  if (rule.freq === 'MONTHLY') return [dayNumber(year, month + steps, 1), dayNumber(year, month + steps + 1, 1)]
  if (rule.freq === 'WEEKLY') {
    const first = start - ((weekdayOf(start) - rule.weekStart + 7) % 7) + steps * 7
    return [first, first + 7]
  }
  return [start + steps, start + steps + 1]
}

/**
 * Years are counted from that of the start. In weeks the first days of January may belong to the year before: it counts where the start is meant by the rule,
 * and where every year is looked at anyway.
 */
const firstWeekYear = (rule: Rule, start: number) =>
  rule.interval === 1 || means(rule, start) ? weekYearOf(start, rule.weekStart) : civilOf(start).year

const signed = (list: readonly number[], position: number, length: number) =>
  list.length === 0 || list.includes(position) || list.includes(position - length - 1)

/** Whether a rule means this day, as far as its days go: what it leaves out comes from the start, as in {@link impliedBy}. */
export function means(rule: Rule, day: number): boolean {
  const { year, month, day: date } = civilOf(day)
  if (rule.byMonth.length > 0 && !rule.byMonth.includes(month)) return false
  if (rule.byMonthDay.length > 0) {
    const length = dayNumber(year, month + 1, 1) - dayNumber(year, month, 1)
    if (!signed(rule.byMonthDay, date, length)) return false
  }
  if (rule.byYearDay.length > 0) {
    const newYear = dayNumber(year, 1, 1)
    if (!signed(rule.byYearDay, day - newYear + 1, dayNumber(year + 1, 1, 1) - newYear)) return false
  }
  return meansWeek(rule, day) && meansWeekday(rule, day, year, month)
}

function meansWeek({ byWeekNo, weekStart }: Rule, day: number): boolean {
  if (byWeekNo.length === 0) return true
  const weekYear = weekYearOf(day, weekStart)
  const first = firstWeekOf(weekYear, weekStart)
  return signed(byWeekNo, Math.floor((day - first) / 7) + 1, (firstWeekOf(weekYear + 1, weekStart) - first) / 7)
}

/** A numbered weekday is of the month, and only in a year without months, of the year. */
function meansWeekday({ byDay, freq, byMonth }: Rule, day: number, year: number, month: number): boolean {
  if (byDay.length === 0) return true
  const weekday = weekdayOf(day)
  return byDay.some(({ day: wanted, nth }) => {
    if (wanted !== weekday) return false
    if (nth === undefined) return true
    const ofYear = freq === 'YEARLY' && byMonth.length === 0
    const first = ofYear ? dayNumber(year, 1, 1) : dayNumber(year, month, 1)
    const past = ofYear ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1)
    return nth > 0 ? Math.floor((day - first) / 7) + 1 === nth : Math.floor((past - 1 - day) / 7) + 1 === -nth
  })
}

/** The rule with what it leaves open taken from the start: the day of a rule that names none. */
export function impliedBy(rule: Rule, start: number): Rule {
  const { byDay, byMonthDay, byYearDay, byWeekNo, byMonth, freq } = rule
  const { month, day } = civilOf(start)
  // The 29th, each year: of the start's month. RFC 5545 leaves it open; libical reads it so.
  if (
    freq === 'YEARLY' &&
    byMonthDay.length > 0 &&
    byDay.length + byYearDay.length + byWeekNo.length + byMonth.length === 0
  )
    return { ...rule, byMonth: [month] }
  if (byDay.length + byMonthDay.length + byYearDay.length > 0) return rule
  if (freq === 'WEEKLY' || byWeekNo.length > 0) return { ...rule, byDay: [{ day: weekdayOf(start), nth: undefined }] }
  if (freq === 'MONTHLY') return { ...rule, byMonthDay: [day] }
  if (freq === 'YEARLY') return { ...rule, byMonthDay: [day], byMonth: byMonth.length > 0 ? byMonth : [month] }
  return rule
}
