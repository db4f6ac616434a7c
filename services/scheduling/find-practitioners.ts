import type { Kysely } from 'kysely'
import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import type { findPractitioners as contract, listSlots } from './contract/finding.ts'
import { HORIZON_DAYS } from './expand-hours.ts'
import { type FoundRow, findLater } from './queries/find-later.ts'
import { findNext } from './queries/find-next.ts'
import { freeSlots } from './queries/slots.ts'
import type { SchedulingTables } from './tables.ts'

type Query = Static<typeof contract.query>
type Found = Static<typeof contract.response>
type Mode = Found['items'][number]['modes'][number]

const DAY = 86_400_000
const DEFAULT_KM = 25
const SLOT_DAYS = 31
const MINUTE = 60_000
/** Search offers nothing that begins sooner: nobody gets there. A minute before `soonest` in migrations/0001_scheduling.sql, which says why. */
const soonest = (now: Date) => Math.floor(now.getTime() / MINUTE) * MINUTE + 6 * MINUTE
/** From when on a window lies in the future, where next slots do not help. */
const SOON_MINUTES = 10

/** Practitioners by any mix of criteria, ordered by their next free slot: one statement, no personal data of patients. */
export async function findPractitioners(ctx: Context<SchedulingTables>, query: Query): Promise<Found> {
  const limit = query.limit ?? 20
  const rows = await search(ctx.db, query, ctx.now())
  return pageOf(rows, limit, (row) => [row.slot.toISOString(), row.card.id], toFound)
}

/** The rows of a page and one more. Who looks from now on is answered by next slots; who looks at a later window, by free ranges. */
function search(db: Kysely<SchedulingTables>, query: Query, now: Date): Promise<FoundRow[]> {
  const window = windowOf(now, query, HORIZON_DAYS)
  const soon = window.from.getTime() <= now.getTime() + SOON_MINUTES * MINUTE
  return (soon ? findNext : findLater)(db, {
    ...query,
    ...window,
    languages: query.language,
    near: circleOf(query),
    after: decodeCursor(query.cursor, ['instant', 'uuid']),
    limit: (query.limit ?? 20) + 1,
  })
}

/** The card is this row's own, so it is completed and not copied. */
function toFound({ card, minutes, slot, km }: FoundRow): Found['items'][number] {
  if (card.place && km !== null) Object.assign(card.place, { distanceKm: Math.round(km * 10) / 10 })
  const end = new Date(slot.getTime() + minutes * MINUTE)
  return Object.assign(card, { next: { start: slot.toISOString(), end: end.toISOString() } }) as Found['items'][number]
}

/** Never before now: a free time that has passed, or is about to, is no offer. */
function windowOf(now: Date, { from, until }: { from?: string | undefined; until?: string | undefined }, days: number) {
  const start = new Date(Math.max(soonest(now), from === undefined ? 0 : Date.parse(from)))
  const end = until === undefined ? new Date(start.getTime() + days * DAY) : new Date(until)
  if (until !== undefined && end <= start)
    throw new Problem('invalid', '`until` must lie after `from` and in the future.', {
      errors: [{ pointer: '/query/until', detail: 'must be later' }],
    })
  return { from: start, until: end }
}

function circleOf({ near, within }: Query) {
  if (near === undefined && within !== undefined)
    throw new Problem('invalid', '`within` needs `near`.', {
      errors: [{ pointer: '/query/near', detail: 'is missing' }],
    })
  if (near === undefined) return undefined
  const [latitude = 0, longitude = 0] = near.split(',').map(Number)
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
    throw new Problem('invalid', '`near` is not on Earth.', {
      errors: [{ pointer: '/query/near', detail: 'must be latitude,longitude in degrees' }],
    })
  return { latitude, longitude, withinKm: within ?? DEFAULT_KM }
}

/** Free slots of one practitioner, by start. */
export async function freeSlotsOf(
  ctx: Context<SchedulingTables>,
  practitioner: string,
  query: Static<typeof listSlots.query>,
): Promise<Static<typeof listSlots.response>> {
  const limit = query.limit ?? 20
  const { from, until } = windowOf(ctx.now(), query, SLOT_DAYS)
  if (until.getTime() - from.getTime() > SLOT_DAYS * DAY)
    throw new Problem('invalid', `At most ${SLOT_DAYS} days at a time.`, {
      errors: [{ pointer: '/query/until', detail: 'is too far from `from`' }],
    })
  const [after] = decodeCursor(query.cursor, ['instant']) ?? []
  const rows = await freeSlots(ctx.db, {
    practitioner,
    from,
    until,
    mode: query.mode,
    limit: limit + 1,
    after: after === undefined ? undefined : new Date(after),
  })
  return pageOf(
    rows,
    limit,
    (row) => [row.start_at.toISOString()],
    (row) => ({
      start: row.start_at.toISOString(),
      end: row.end_at.toISOString(),
      zone: row.zone,
      modes: row.modes as Mode[],
      ...(row.place_id && { place: row.place_id }),
      schedule: row.schedule_id,
    }),
  )
}
