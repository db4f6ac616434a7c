import { Temporal } from 'temporal-polyfill'

/** A time of day on somebody's clock: `21:00`. */
type Time = string

const local = (now: Date, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone)

/** A time that the clock skips is the moment at which it skips; of one that comes twice the first. */
export const clockAt = (date: Temporal.PlainDate, zone: string, time: Time): Date =>
  new Date(date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds)

/** The first moment after `now` at which that clock shows `time`. */
export function nextAt(now: Date, zone: string, time: Time): Date {
  let date = local(now, zone).toPlainDate()
  // A day may be skipped altogether (Apia, 2011), so one step forward may not be enough.
  for (;;) {
    const moment = clockAt(date, zone, time)
    if (moment > now) return moment
    date = date.add({ days: 1 })
  }
}

/** When the quiet hours that it is now end; undefined outside of them. Hours that begin and end at the same time are none. */
export function quietUntil(
  now: Date,
  { zone, from, until }: { zone: string; from: Time; until: Time },
): Date | undefined {
  const [time, begin, end] = [
    local(now, zone).toPlainTime(),
    Temporal.PlainTime.from(from),
    Temporal.PlainTime.from(until),
  ]
  const compare = Temporal.PlainTime.compare
  const [begun, over] = [compare(time, begin) >= 0, compare(time, end) >= 0]
  const isQuiet = compare(begin, end) < 0 ? begun && !over : compare(begin, end) > 0 && (begun || !over)
  return isQuiet ? nextAt(now, zone, until) : undefined
}

/** The day that it is there. */
export const dayOf = (moment: Date, zone: string): Temporal.PlainDate => local(moment, zone).toPlainDate()
