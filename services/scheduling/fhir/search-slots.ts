import type { Static } from 'typebox'
import { searchset } from '#fhir/bundle.ts'
import { boundsOf, codesOf, recordId, referenceOf, usedOf } from '#fhir/search.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { channelSearched } from '../channel.ts'
import { type Slot, searchFhirSlots } from '../contract/fhir/slots.ts'
import { HORIZON_DAYS } from '../expand-hours.ts'
import { keeperOf } from '../own-calendar.ts'
import { freeSlots, type SlotRow } from '../queries/slots.ts'
import { DAY, soonest } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import { type Asked, baseOf, countOf, noResource } from './asked.ts'
import { offeredSchedules } from './queries.ts'
import { slotInFhir, slotKey } from './slot.ts'

type Ctx = Context<SchedulingTables>
type Query = Static<typeof searchFhirSlots.query>
type Page = Static<typeof searchFhirSlots.response>

export async function readSlot(ctx: Ctx, id: string): Promise<Static<typeof Slot>> {
  const key = slotKey(id)
  const row = key && (await slotAt(ctx, key))
  if (!row) throw noResource()
  return slotInFhir(key.practitioner, row, ctx.config.PUBLIC_URL)
}

/** The one that begins then, while it is free and can still be booked. */
export async function slotAt(
  ctx: Ctx,
  { practitioner, start, service }: { practitioner: string; start: Date; service: string | null },
): Promise<SlotRow | undefined> {
  const now = ctx.now()
  if (start.getTime() < soonest(now) || start.getTime() > now.getTime() + HORIZON_DAYS * DAY) return undefined
  const rows = await freeSlots(ctx.db, {
    practitioner,
    channel: channelSearched(ctx, undefined),
    service,
    now,
    from: start,
    until: new Date(start.getTime() + 1),
    limit: 20,
  })
  return rows.find(({ service_id }) => service_id === service)
}

export interface SlotPage {
  items: { practitioner: string; row: SlotRow }[]
  next?: string
}

interface Wanted {
  practitioner: string
  schedule?: string | undefined
  code?: string | undefined
  speciality?: string | undefined
  place?: string | undefined
  mode?: string | undefined
  from: Date | null
  until: Date | null
}

/** A page of what one practitioner has free, by start. */
export async function slotPage(
  ctx: Ctx,
  { from, until, ...wanted }: Wanted,
  { limit, cursor }: { limit: number; cursor: string | undefined },
): Promise<SlotPage> {
  const now = ctx.now()
  const [after, service] = decodeCursor(cursor, ['instant', 'text']) ?? []
  const start = after === undefined ? undefined : new Date(after)
  const first = Math.max(soonest(now), from?.getTime() ?? 0, start?.getTime() ?? 0)
  const last = Math.min(now.getTime() + HORIZON_DAYS * DAY, until?.getTime() ?? Number.POSITIVE_INFINITY)
  if (last <= first) return { items: [] }
  const rows = await freeSlots(ctx.db, {
    ...wanted,
    channel: channelSearched(ctx, undefined),
    now,
    from: new Date(first),
    until: new Date(last),
    limit: limit + 1,
    after: start && { start, service: String(service) },
  })
  return pageOf(
    rows,
    limit,
    (row) => [row.start_at.toISOString(), row.service],
    (row) => ({ practitioner: wanted.practitioner, row }),
  )
}

/** Of one schedule, or of one practitioner. */
export async function searchSlots(ctx: Ctx, query: Query, asked: Asked): Promise<Page> {
  const used = usedOf(searchFhirSlots, query, asked.prefer)
  const base = baseOf(ctx)
  const codes = codesOf('status', query.status)
  const bounds = boundsOf('start', query.start)
  const whose = await whoseOf(ctx, query, base)
  const here = { base, path: 'Slot', used }
  if (!whose || (codes && !codes.includes('free'))) return searchset(here, { items: [] })
  const { items, next } = await slotPage(ctx, { ...whose, ...bounds }, { limit: countOf(query), cursor: query.cursor })
  const shown = items.map(({ practitioner, row }) => slotInFhir(practitioner, row, ctx.config.PUBLIC_URL))
  return searchset(here, { items: shown, ...(next !== undefined && { next }) })
}

/** Undefined where there is no such schedule, or the caller may not see it. */
async function whoseOf(ctx: Ctx, query: Query, base: string) {
  const schedule = referenceOf('schedule', query.schedule, { types: ['Schedule'], base })
  const actor = referenceOf('schedule.actor', query['schedule.actor'], { types: ['Practitioner'], base })
  if (!schedule && !actor)
    throw new Problem('invalid', 'Say whose: schedule=Schedule/… or schedule.actor=Practitioner/….', {
      errors: [{ pointer: '/query/schedule', detail: 'is missing' }],
    })
  if (!schedule) return { practitioner: recordId(actor?.id ?? '') }
  const wanted = { id: recordId(schedule.id), limit: 1, ...(actor && { practitioner: recordId(actor.id) }) }
  const [row] = await offeredSchedules(ctx.db, wanted, keeperOf(ctx))
  return row && { practitioner: row.practitioner_id, schedule: row.id }
}
