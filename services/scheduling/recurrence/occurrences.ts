import { impliedBy, means, periodOf } from './days.ts'
import type { Rule } from './rule.ts'

// What a rule means on a clock without a zone. Instants are made elsewhere and once (platform/wall-clock.ts): whoever computes both at a time gets the
// days of a change of the clocks wrong.

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
const units = { HOURLY: HOUR, MINUTELY: MINUTE, SECONDLY: SECOND } as const

/**
 * The times that a rule means from `start` through `through`, in order, each once. All are wall-clock times, in milliseconds as if the clock
 * showed UTC. The start counts only where the rule means it. With `dateOnly` the rule's hours, minutes and seconds are passed over (RFC 5545 §3.3.10).
 */
export function* occurrences(rule: Rule, start: number, through: number, dateOnly = false): Generator<number> {
  const last = Math.min(through, rule.until ?? through)
  let left = rule.count ?? Number.POSITIVE_INFINITY
  let previous = Number.NEGATIVE_INFINITY
  for (const set of periods(impliedBy(rule, Math.floor(start / DAY)), start, last, dateOnly))
    for (const time of chosen(set, rule.bySetPos)) {
      if (time > last || left === 0) return
      if (time < start || time === previous) continue
      previous = time
      left--
      yield time
    }
}

/** By BYSETPOS, of one period. */
function chosen(times: readonly number[], positions: readonly number[]): readonly number[] {
  if (positions.length === 0) return times
  const picked = positions.map((position) => times.at(position > 0 ? position - 1 : position))
  return [...new Set(picked)].filter((time) => time !== undefined).sort((a, b) => a - b)
}

function* periods(rule: Rule, start: number, last: number, dateOnly: boolean): Generator<number[]> {
  if (rule.freq === 'HOURLY' || rule.freq === 'MINUTELY' || rule.freq === 'SECONDLY') {
    yield* shortPeriods(rule, start, last)
    return
  }
  const clock = dateOnly ? [start % DAY] : clockTimes(rule, start)
  const firstDay = Math.floor(start / DAY)
  for (let nth = 0; ; nth++) {
    const [first, past] = periodOf(rule, firstDay, nth)
    if (first * DAY > last) return
    const set: number[] = []
    for (let day = first; day < past; day++) if (means(rule, day)) for (const time of clock) set.push(day * DAY + time)
    if (set.length > 0) yield set
  }
}

const sorted = (list: readonly number[]) => [...new Set(list)].sort((a, b) => a - b)
const or = (list: readonly number[], implied: number) => (list.length > 0 ? sorted(list) : [implied])

/** Times of day, in milliseconds, in order. */
function clockTimes(rule: Rule, start: number): number[] {
  const time = ((start % DAY) + DAY) % DAY
  const seconds = or(rule.bySecond, Math.floor(time / SECOND) % 60)
  const minutes = or(rule.byMinute, Math.floor(time / MINUTE) % 60)
  return or(rule.byHour, Math.floor(time / HOUR)).flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * HOUR + minute * MINUTE + second * SECOND)),
  )
}

/** Periods shorter than a day. Days and hours that the rule does not mean are leapt over, so that a rule for one hour a year costs no year of seconds. */
function* shortPeriods(rule: Rule, start: number, last: number): Generator<number[]> {
  const freq = rule.freq as keyof typeof units
  const unit = units[freq]
  const step = unit * rule.interval
  const origin = Math.floor(start / unit) * unit
  for (let at = origin; at <= last; ) {
    const past = unmeant(rule, freq, at)
    if (past === undefined) {
      yield within(rule, freq, at, start)
      at += step
    } else at = origin + Math.ceil((past - origin) / step) * step
  }
}

/** The end of the day, hour or minute around `at` that the rule does not mean; undefined when it means all of them. */
function unmeant(rule: Rule, freq: keyof typeof units, at: number): number | undefined {
  const day = Math.floor(at / DAY)
  if (!means(rule, day)) return (day + 1) * DAY
  const lacks = (list: readonly number[], unit: number, of: number) =>
    list.length > 0 && !list.includes(Math.floor(at / unit) % of)
  if (lacks(rule.byHour, HOUR, 24)) return (Math.floor(at / HOUR) + 1) * HOUR
  if (freq !== 'HOURLY' && lacks(rule.byMinute, MINUTE, 60)) return (Math.floor(at / MINUTE) + 1) * MINUTE
  if (freq === 'SECONDLY' && lacks(rule.bySecond, SECOND, 60)) return at + SECOND
  return undefined
}

function within(rule: Rule, freq: keyof typeof units, at: number, start: number): number[] {
  if (freq === 'SECONDLY') return [at]
  const seconds = or(rule.bySecond, Math.floor(start / SECOND) % 60)
  if (freq === 'MINUTELY') return seconds.map((second) => at + second * SECOND)
  const minutes = or(rule.byMinute, Math.floor(start / MINUTE) % 60)
  return minutes.flatMap((minute) => seconds.map((second) => at + minute * MINUTE + second * SECOND))
}
