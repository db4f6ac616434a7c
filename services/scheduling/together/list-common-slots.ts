import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { channelSearched } from '../channel.ts'
import type { listCommonSlots as contract } from '../contract/finding.ts'
import { commonSlots } from '../queries/common-slots.ts'
import { ownersOf } from '../queries/together.ts'
import { dayHours, slotWindow } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'

type Ctx = Context<SchedulingTables>
type Page = Static<typeof contract.response>

/** Times at which all of them are free, by start. */
export async function listCommonSlots(ctx: Ctx, query: Static<typeof contract.query>): Promise<Page> {
  const limit = query.limit ?? 20
  const [after] = decodeCursor(query.cursor, ['instant']) ?? []
  const rows = await commonSlots(ctx.db, {
    participants: await participantsIn(ctx, query),
    channel: channelSearched(ctx, query.channel),
    now: ctx.now(),
    ...slotWindow(ctx.now(), query),
    mode: query.mode,
    between: dayHours(query.between),
    after: after === undefined ? undefined : new Date(after),
    limit: limit + 1,
  })
  return pageOf(
    rows,
    limit,
    ({ start_at }) => [start_at.toISOString()],
    ({ start_at, end_at, modes, place_id }) => ({
      start: start_at.toISOString(),
      end: end_at.toISOString(),
      modes: modes as Page['items'][number]['modes'],
      ...(place_id && { place: place_id }),
    }),
  )
}

/** Each service is one of theirs, and of nobody two. */
async function participantsIn(ctx: Ctx, { practitioner, service = [] }: Static<typeof contract.query>) {
  const owners = service.length === 0 ? new Map<string, string>() : await ownersOf(ctx.db, service)
  const whose = service.map((one) => owners.get(one))
  if (new Set(whose).size < service.length || whose.some((one) => one === undefined || !practitioner.includes(one)))
    throw new Problem('invalid', 'Name services of these practitioners, one of each at most.', {
      errors: [{ pointer: '/query/service', detail: 'is of nobody here, or there are two of one' }],
    })
  return practitioner.map((one) => ({ practitioner: one, service: service[whose.indexOf(one)] }))
}
