import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { addDays, dateIn, instantOf } from '#platform/wall-clock.ts'
import { channelSearched } from './channel.ts'
import type { listDays as contract } from './contract/finding.ts'
import { freeDays, zoneOf } from './queries/slots.ts'
import { dayHours, soonest } from './search-window.ts'
import type { SchedulingTables } from './tables.ts'

const MAX_DAYS = 42 // a month's page of a calendar, with the weeks around it

/** The month of one practitioner: the days that have something free, on the calendar of a zone. */
export async function listDays(
  ctx: Context<SchedulingTables>,
  practitioner: string,
  { zone: wished, from, until, service, mode, channel: named, between }: Static<typeof contract.query>,
): Promise<Static<typeof contract.response>> {
  const zone = wished ?? (await zoneOf(ctx.db, practitioner)) ?? 'UTC'
  const first = from ?? dateIn(zone, ctx.now())
  const past = addDays(until ?? addDays(first, 30), 1)
  const dates: string[] = []
  for (let date = first; date < past && dates.length <= MAX_DAYS; date = addDays(date, 1)) dates.push(date)
  if (dates.length === 0 || dates.length > MAX_DAYS)
    throw new Problem('invalid', `From one to ${MAX_DAYS} days at a time.`, {
      errors: [{ pointer: '/query/until', detail: 'lies before `from`, or too far from it' }],
    })
  const bounds = [...dates, past].map((date) => new Date(instantOf(date, '00:00', zone)))
  const soon = new Date(Math.max(soonest(ctx.now()), (bounds[0] as Date).getTime()))
  const channel = channelSearched(ctx, named)
  const days = await freeDays(ctx.db, {
    practitioner,
    channel,
    now: ctx.now(),
    from: soon,
    bounds,
    service,
    mode,
    between: dayHours(between),
  })
  return {
    zone,
    items: days.map(({ day, free, first }) => ({
      date: dates[day - 1] as string,
      free,
      first: first.toISOString(),
    })),
  }
}
