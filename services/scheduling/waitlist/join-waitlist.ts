import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { checkJoining, checkLeaving, checkPrioritising } from '../booking-rules.ts'
import { weekdays } from '../contract/schedules.ts'
import {
  type NewWaitlistEntry,
  priorities,
  type prioritiseWaitlistEntry,
  type WaitlistEntry,
} from '../contract/waitlist.ts'
import { HORIZON_DAYS } from '../expand-hours.ts'
import { DAY } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { endEntry, insertEntry, joiningFacts, lockEntry, prioritise, type WishRow } from './queries/entries.ts'
import { EVERY_DAY, notThere, toEntry, WHOLE_DAY } from './read-waitlist.ts'

type Ctx = Context<SchedulingTables>
type View = Static<typeof WaitlistEntry>
type Request = Static<typeof NewWaitlistEntry>

/** Somebody waits from now on. The rules are in booking-rules.ts. */
export async function joinWaitlist(ctx: Ctx, { patient, ...wish }: Request): Promise<View> {
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    const account = accountOf(ctx)
    const row = rowOf(wish, now)
    const of = { account, patient, practitioner: row.practitioner_id, place: row.place_id, now }
    const facts = await joiningFacts(ctx.db, of)
    checkJoining(facts, row, now)
    const entry = { ...row, id: newId(), patient_id: patient, made_by: account, relationship: facts.relationship }
    await insertEntry(ctx.db, entry, now)
    const { relationship } = facts
    audit(ctx, { action: 'C', entity: `WaitlistEntry/${entry.id}`, subject: `Patient/${patient}`, relationship })
    return toEntry({ ...entry, status: 'waiting', rank: 3, priority_reason: null, version: 1, offer: null })
  })
}

/** What is not said is anything. */
function rowOf(wish: Omit<Request, 'patient'>, now: Date): WishRow {
  return {
    practitioner_id: wish.practitioner ?? null,
    service: wish.service ?? null,
    speciality: wish.speciality ?? null,
    place_id: wish.place ?? null,
    latitude: wish.near?.latitude ?? null,
    longitude: wish.near?.longitude ?? null,
    within_km: wish.near?.within ?? null,
    mode: wish.mode ?? null,
    from_at: wish.from === undefined ? now : new Date(Math.max(now.getTime(), Date.parse(wish.from))),
    until_at: wish.until === undefined ? new Date(now.getTime() + HORIZON_DAYS * DAY) : new Date(wish.until),
    weekdays: wish.weekdays?.reduce((days, day) => days | (1 << weekdays.indexOf(day)), 0) ?? EVERY_DAY,
    from_minute: minutes(wish.timeFrom) ?? 0,
    until_minute: minutes(wish.timeUntil) ?? WHOLE_DAY,
    notice_minutes: wish.notice ?? 120,
  }
}

function minutes(time: string | undefined): number | undefined {
  const [hour, minute] = time?.split(':').map(Number) ?? []
  return hour === undefined || minute === undefined ? undefined : hour * 60 + minute
}

/** How urgent it is: said by who knows, and never by who waits. */
export async function setPriority(
  ctx: Ctx,
  id: string,
  { priority, reason }: Static<typeof prioritiseWaitlistEntry.body>,
  version: number,
): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await lockEntry(ctx.db, id, viewerOf(ctx))
    if (!row) throw notThere()
    checkPrioritising(row, row.via)
    const rank = priorities.indexOf(priority)
    if (!(await prioritise(ctx.db, { id, rank, reason, version })))
      throw new Problem('lock-error', 'The entry has changed since you read it. Read it again.')
    const { patient_id: patient, via: relationship } = row
    audit(ctx, { action: 'U', entity: `WaitlistEntry/${id}`, subject: `Patient/${patient}`, relationship, reason })
    return toEntry({ ...row, rank, priority_reason: reason, version: version + 1 })
  })
}

/** Ends the waiting. What is offered goes to the next in line by the offer's job. */
export async function leaveWaitlist(ctx: Ctx, id: string): Promise<void> {
  await transact(ctx, async (ctx) => {
    const row = await lockEntry(ctx.db, id, viewerOf(ctx))
    if (!row) throw notThere()
    checkLeaving(row.via)
    await endEntry(ctx.db, id, 'left', ctx.now())
    if (row.offer) addJob(ctx, 'end-offer', { offer: row.offer.id })
    const { patient_id: patient, via: relationship } = row
    audit(ctx, { action: 'D', entity: `WaitlistEntry/${id}`, subject: `Patient/${patient}`, relationship })
  })
}
