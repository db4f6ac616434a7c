import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { channelSearched } from './channel.ts'
import type { findPractitioners as contract } from './contract/finding.ts'
import { HORIZON_DAYS } from './expand-hours.ts'
import { findLater } from './queries/find-later.ts'
import { findNext } from './queries/find-next.ts'
import type { FoundRow } from './queries/find-parts.ts'
import { dayHours, MINUTE, soonest, windowOf } from './search-window.ts'
import type { SchedulingTables } from './tables.ts'

type Query = Static<typeof contract.query>
type Found = Static<typeof contract.response>

const DEFAULT_KM = 25
/** A window that begins later than this is searched by free ranges: next slots say nothing of it. */
const SOON_MINUTES = 10

/** Practitioners by any mix of criteria, ordered by their next free slot: one statement, no personal data of patients. */
export async function findPractitioners(ctx: Context<SchedulingTables>, query: Query): Promise<Found> {
  const limit = query.limit ?? 20
  const rows = await search(ctx, query)
  return pageOf(rows, limit, (row) => [row.slot.toISOString(), row.card.id], toFound)
}

/**
 * The rows of a page and one more. Who looks from now on is answered by next slots; who looks at a later window, or at some hours of
 * the day, by free ranges.
 */
function search(ctx: Context<SchedulingTables>, query: Query): Promise<FoundRow[]> {
  const now = ctx.now()
  const window = windowOf(now, query, HORIZON_DAYS)
  const soon = window.from.getTime() <= now.getTime() + SOON_MINUTES * MINUTE
  const filter = {
    ...query,
    ...window,
    now,
    between: dayHours(query.between),
    channel: channelSearched(ctx, query.channel),
    soon: new Date(soonest(now)),
    languages: query.language,
    near: circleOf(query),
    after: decodeCursor(query.cursor, ['instant', 'uuid']),
    limit: (query.limit ?? 20) + 1,
  }
  return soon && query.between === undefined
    ? findNext(ctx.db, filter)
    : ctx.database.apart((db) => findLater(db, filter))
}

/** The card is this row's own, so it is completed and not copied. */
function toFound({ card, minutes, slot, km }: FoundRow): Found['items'][number] {
  if (card.place && km !== null) Object.assign(card.place, { distanceKm: Math.round(km * 10) / 10 })
  const end = new Date(slot.getTime() + minutes * MINUTE)
  return Object.assign(card, { next: { start: slot.toISOString(), end: end.toISOString() } }) as Found['items'][number]
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
