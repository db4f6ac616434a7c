import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { weekdays } from '../contract/schedules.ts'
import { type listWaitlistEntries, priorities, type WaitlistEntry } from '../contract/waitlist.ts'
import type { readWaitlistOfferCard } from '../contract.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { type EntryRow, listEntries, type OfferSeen, visibleEntry } from './queries/entries.ts'
import { offerCard } from './queries/offers.ts'

type Ctx = Context<SchedulingTables>
type View = Static<typeof WaitlistEntry>

export const notThere = () => new Problem('not-found', 'There is no such entry, or you may not see it.')

/** Reads leave an audit row in the same transaction. */
export async function readEntry(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await visibleEntry(ctx.db, id, viewerOf(ctx))
    if (!row) throw notThere()
    const { patient_id: patient, via: relationship } = row
    audit(ctx, { action: 'R', entity: `WaitlistEntry/${id}`, subject: `Patient/${patient}`, relationship })
    return toEntry(row)
  })
}

export async function entriesPage(
  ctx: Ctx,
  { patient, practitioner, ended = false, limit = 20, cursor }: Static<typeof listWaitlistEntries.query>,
): Promise<Static<typeof listWaitlistEntries.response>> {
  const [after] = decodeCursor(cursor, ['uuid']) ?? []
  return transact(ctx, async (ctx) => {
    const rows = await listEntries(ctx.db, viewerOf(ctx), {
      patient: patient ?? null,
      practitioner: practitioner ?? null,
      ended,
      after: after as string | undefined,
      limit: limit + 1,
    })
    const page = pageOf(rows, limit, ({ id }) => [id], toEntry)
    for (const one of new Set(page.items.map((item) => item.patient)))
      audit(ctx, { action: 'R', entity: 'WaitlistEntry', subject: `Patient/${one}` })
    return page
  })
}

/** For other rooms; what they do with it, they audit. */
export async function offerCardOf(ctx: Ctx, id: string): Promise<Static<typeof readWaitlistOfferCard.response>> {
  const row = await offerCard(ctx.db, id)
  if (!row) throw new Problem('not-found', 'There is no such offer, or it has ended.')
  return {
    id,
    entry: row.entry_id,
    practitioner: row.practitioner_id,
    practitionerName: row.practitioner_name,
    patient: row.patient_id,
    ...(row.place_id && { place: row.place_id }),
    ...(row.place_name && { placeName: row.place_name }),
    mode: row.mode as Static<typeof readWaitlistOfferCard.response>['mode'],
    start: row.start_at.toISOString(),
    end: row.end_at.toISOString(),
    zone: row.zone,
    expiresAt: row.expires_at.toISOString(),
    bookedBy: row.made_by,
    category: row.category,
  }
}

/** Row → what the API shows. */
export function toEntry(row: EntryRow): View {
  return {
    id: row.id,
    status: row.status as View['status'],
    patient: row.patient_id,
    priority: priorities[row.rank] as View['priority'],
    ...(row.priority_reason && { priorityReason: row.priority_reason as NonNullable<View['priorityReason']> }),
    ...wishOf(row),
    ...(row.offer && { offer: offerOf(row.offer) }),
    version: row.version,
  }
}

const wishOf = (row: EntryRow) => ({
  ...(row.practitioner_id && { practitioner: row.practitioner_id }),
  ...(row.service && { service: row.service }),
  ...(row.speciality && { speciality: row.speciality }),
  ...(row.place_id && { place: row.place_id }),
  ...(row.latitude !== null &&
    row.longitude !== null &&
    row.within_km !== null && {
      near: { latitude: row.latitude, longitude: row.longitude, within: row.within_km },
    }),
  ...(row.mode && { mode: row.mode as NonNullable<View['mode']> }),
  from: row.from_at.toISOString(),
  until: row.until_at.toISOString(),
  ...(row.weekdays !== EVERY_DAY && { weekdays: weekdays.filter((_, day) => row.weekdays & (1 << day)) }),
  ...(row.from_minute > 0 && { timeFrom: clock(row.from_minute) }),
  ...(row.until_minute < WHOLE_DAY && { timeUntil: clock(row.until_minute) }),
  notice: row.notice_minutes,
})

export const EVERY_DAY = 0b111_1111
export const WHOLE_DAY = 24 * 60

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const offerOf = ({ place, service, mode, start, end, expiresAt, ...offer }: OfferSeen): NonNullable<View['offer']> => ({
  ...offer,
  ...(place && { place }),
  ...(service && { service }),
  mode: mode as NonNullable<View['mode']>,
  start: new Date(start).toISOString(),
  end: new Date(end).toISOString(),
  expiresAt: new Date(expiresAt).toISOString(),
})
