import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { channelSearched } from './channel.ts'
import type { listSlots as contract } from './contract/finding.ts'
import { freeSlots } from './queries/slots.ts'
import { dayHours, slotWindow } from './search-window.ts'
import type { SchedulingTables } from './tables.ts'

/** Free slots of one practitioner, by start. */
export async function listSlots(
  ctx: Context<SchedulingTables>,
  practitioner: string,
  query: Static<typeof contract.query>,
): Promise<Static<typeof contract.response>> {
  const limit = query.limit ?? 20
  const [after, service] = decodeCursor(query.cursor, ['instant', 'text']) ?? []
  const rows = await freeSlots(ctx.db, {
    practitioner,
    between: dayHours(query.between),
    channel: channelSearched(ctx, query.channel),
    now: ctx.now(),
    service: query.service,
    ...slotWindow(ctx.now(), query),
    mode: query.mode,
    limit: limit + 1,
    after: after === undefined ? undefined : { start: new Date(after), service: String(service) },
  })
  return pageOf(
    rows,
    limit,
    (row) => [row.start_at.toISOString(), row.service],
    (row) => ({
      start: row.start_at.toISOString(),
      end: row.end_at.toISOString(),
      zone: row.zone,
      modes: row.modes as Static<typeof contract.response>['items'][number]['modes'],
      ...(row.place_id && { place: row.place_id }),
      schedule: row.schedule_id,
      ...(row.service_id && { service: row.service_id }),
      ...(row.seats !== null && { seats: row.seats }),
    }),
  )
}
