import { canonicalUnit } from '../indexing/ucum.ts'
import { type Amount, type Dose, type Span, weekdays } from './dose.ts'

// Whether a dose is more than the most that it says itself, as far as that is certain.

/** `one`: a single dose is more; `all`: what it comes to in that time is. Of what is taken when needed the most itself is the limit. */
export function moreThanMost({
  amount,
  most,
  asNeeded,
  ...rhythm
}: Omit<Dose, 'amount'> & { amount?: Amount }): 'one' | 'all' | undefined {
  if (!amount || most?.amount.value === undefined) return undefined
  const limit = inBase(most.amount.value, most.amount)
  const isMore = (value: number | undefined, times = 1) => {
    const given = inBase(value ?? 0, amount)
    return given.of === limit.of && given.value * times > limit.value * A_LITTLE_MORE
  }
  if (isMore(amount.high ?? amount.value)) return 'one'
  return !asNeeded && isMore(amount.low ?? amount.value, timesWithin(rhythm, most.in)) ? 'all' : undefined
}

/** What arithmetic does: three times 0.1 g must not be above 300 mg. */
const A_LITTLE_MORE = 1 + 1e-9

function inBase(value: number, { unit, form }: Amount): { value: number; of: string | undefined } {
  const base = unit && canonicalUnit(unit)
  return base ? { value: base.convert(value), of: base.unit } : { value, of: form }
}

const [DAY, WEEK] = [24, 7]
/** In hours; a month as thirty days. */
const lengths = { hour: 1, day: DAY, week: WEEK * DAY, month: 30 * DAY } as const
const lengthOf = ({ count, unit }: Span): number => count * lengths[unit]

/** How often it is taken in the fullest span of that length; of what is said to be so often in some time, at the least. */
function timesWithin(dose: Omit<Dose, 'amount'>, span: Span): number {
  const { once, times, at, when, days } = dose
  const length = Math.min(lengthOf(span), courseOf(dose))
  const { count, every } = times ?? { count: at?.length ?? when?.length ?? 1, every: { count: 1, unit: 'day' } }
  if (once) return 1
  if (at && length < DAY) return closest(at.map(hourOf), length)
  if (!days || length < DAY) return Math.ceil((count * length) / lengthOf(every))
  return count * mostDays(days, Math.floor(length / DAY))
}

/** Of what begins nobody knows when, one day is certain. */
function courseOf({ for: span, from, until }: Omit<Dose, 'amount'>): number {
  if (span) return lengthOf(span)
  if (until === undefined) return Number.POSITIVE_INFINITY
  return from === undefined ? DAY : (Date.parse(until) - Date.parse(from)) / 3_600_000 + DAY
}

const hourOf = (time: string): number => Number(time.slice(0, 2)) + Number(time.slice(3, 5)) / 60

/** How many of these hours of each day are within so many. */
const closest = (hours: readonly number[], length: number): number =>
  Math.max(...hours.map((first) => hours.filter((hour) => (hour - first + DAY) % DAY < length).length))

/** How many of these weekdays are among so many days, where most of them are. */
function mostDays(days: NonNullable<Dose['days']>, length: number): number {
  const among = (first: number) =>
    days.filter((day) => (weekdays.indexOf(day) - first + WEEK) % WEEK < length % WEEK).length
  return Math.floor(length / WEEK) * days.length + Math.max(...weekdays.keys().map(among))
}
