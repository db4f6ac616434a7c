import { asOf, linesOf, NDJSON, pagesOf, sendPublic } from '#fhir/publish.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Exchange } from '#platform/service.ts'
import { weekdayOf } from '#platform/wall-clock.ts'
import { freeSlots } from '../queries/slots.ts'
import { DAY, soonest } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import { baseOf } from './asked.ts'
import { type OfferedScheduleRow, publishedMark, publishedSchedules, publishedSlotsMark } from './queries.ts'
import { scheduleInFhir } from './schedule.ts'
import { slotInFhir } from './slot.ts'

type Ctx = Context<SchedulingTables>

/** This week and those after it. */
const WEEKS = 4
const PAGE = 100
/** Of one schedule in a week: one every five minutes, day and night. */
const MOST_SLOTS = 2_016

const files = (ctx: Ctx) => `${baseOf(ctx)}/bulk-publish`
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

function mondays(now: Date): string[] {
  const today = dayOf(now.getTime())
  const first = Date.parse(`${today}T00:00:00Z`) - weekdayOf(today) * DAY
  return Array.from({ length: WEEKS }, (_, week) => dayOf(first + 7 * week * DAY))
}

function checkPublished({ config }: Ctx): void {
  if (!config.PUBLISH_FREE_TIMES) throw nothing()
}
const nothing = () => new Problem('not-found', 'Nothing is published here.')

export async function manifest(ctx: Ctx, exchange: Exchange): Promise<void> {
  checkPublished(ctx)
  const slots = mondays(ctx.now()).map((monday) => ({ type: 'Slot', url: `${files(ctx)}/slots/${monday}` }))
  const text = JSON.stringify({
    transactionTime: asOf(ctx.now()).toISOString(),
    request: `${baseOf(ctx)}/$bulk-publish`,
    output: [
      { type: 'Location', url: `${files(ctx)}/locations.ndjson` },
      { type: 'Schedule', url: `${files(ctx)}/schedules.ndjson` },
      ...slots,
    ],
    error: [],
  })
  return sendPublic(exchange, 'application/json', text, () => text)
}

const published = (ctx: Ctx) => pagesOf((after, limit) => publishedSchedules(ctx.db, ctx.now(), after, limit), PAGE)

export async function publicSchedules(ctx: Ctx, exchange: Exchange): Promise<void> {
  checkPublished(ctx)
  const now = asOf(ctx.now())
  const mark = await ctx.database.apart((db) => publishedMark(db, ctx.now()))
  return sendPublic(exchange, NDJSON, `${dayOf(now.getTime())} ${mark}`, () =>
    linesOf(published(ctx), (row) => atPlace(row, ctx.config.PUBLIC_URL, now)),
  )
}

/** One actor, the place, as the specification has it; so no practitioner is named. Where no service is, the specialities say what is offered. */
function atPlace(row: OfferedScheduleRow, publicUrl: string, now: Date): object {
  const { actor, specialty, serviceType = specialty, ...schedule } = scheduleInFhir(row, publicUrl, now)
  const place = actor.filter(({ reference }) => reference.startsWith('Location/'))
  return { ...schedule, serviceType, specialty, actor: place }
}

/** Of one schedule after the other: a few short statements a moment, however long the file. */
export async function publicSlots(ctx: Ctx, monday: string, exchange: Exchange): Promise<void> {
  checkPublished(ctx)
  if (!mondays(ctx.now()).includes(monday)) throw nothing()
  const begins = Date.parse(`${monday}T00:00:00Z`)
  const [from, until] = [new Date(Math.max(begins, soonest(ctx.now()))), new Date(begins + 7 * DAY)]
  const mark = await ctx.database.apart((db) => publishedSlotsMark(db, ctx.now(), from, until))
  return sendPublic(exchange, NDJSON, `${monday} ${asOf(ctx.now()).toISOString()} ${mark}`, () =>
    linesOf(slotsOf(ctx, from, until), ({ practitioner, row }) => slotInFhir(practitioner, row, ctx.config.PUBLIC_URL)),
  )
}

async function* slotsOf(ctx: Ctx, from: Date, until: Date) {
  if (until <= from) return
  for await (const schedules of published(ctx))
    for (const { id: schedule, practitioner_id: practitioner } of schedules) {
      const wanted = { practitioner, schedule, channel: 'web', from, until, now: ctx.now(), limit: MOST_SLOTS } as const
      const rows = await freeSlots(ctx.db, wanted)
      if (rows.length > 0) yield rows.map((row) => ({ practitioner, row }))
    }
}
