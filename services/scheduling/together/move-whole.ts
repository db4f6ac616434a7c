import { accountOf } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import { checkTogether, isOwn } from '../booking-rules.ts'
import { type Channel, channelOf } from '../channel.ts'
import { showVisits } from '../projection/show-visits.ts'
import { type AppointmentRow, type FactsRow, type LockedAppointment, whole } from '../queries/booking.ts'
import { factsOfAll, moveTogether } from '../queries/together.ts'
import { MINUTE } from '../search-window.ts'
import { countVisits } from '../service-limits.ts'
import type { SchedulingTables } from '../tables.ts'
import { type Moved, tellMoved } from '../tell-moved.ts'
import { freed } from '../waitlist/freed.ts'
import { roomsOf, shareCategory, takenBy } from './taken.ts'

interface Move extends Moved {
  start: Date
  mode?: string | undefined
  channel?: Channel | undefined
}

/** All who give a visit go to its new time, or none. It is locked, and may be moved: by whom it may be with one of them, it may be with all. */
export async function moveWhole(
  ctx: TransactionContext<SchedulingTables>,
  row: LockedAppointment,
  { start, mode = row.mode, channel, reason }: Move,
): Promise<AppointmentRow> {
  const now = ctx.now()
  const { via } = row
  const was = inOrder(row)
  const participants = was.map((one) => ({ practitioner: one.practitioner_id, service: one.service_id }))
  const of = { account: accountOf(ctx), patient: row.patient_id, participants, start, now }
  const known = await factsOfAll(ctx.db, of)
  const parts = participants.map((one, i) => ({ ...one, facts: { ...(known[i] as FactsRow), relationship: via } }))
  const { facts } = checkTogether(parts, { start, mode }, now)
  const end_at = new Date(start.getTime() + (facts[0]?.minutes ?? 0) * MINUTE)
  const to = was.map((one, i) => {
    const { schedule_id, place_id, service_id, zone, category } = facts[i] as (typeof facts)[number]
    const there = { schedule_id, place_id, service_id, zone: zone as string, category, mode, start_at: start, end_at }
    const resources = i === 0 ? roomsOf(facts) : []
    const moves = one.moves + (isOwn(via) ? 1 : 0)
    return { ...one, ...there, resources, moves, overbooked: null, channel: channelOf(via, channel) }
  })
  const practitioners = participants.map(({ practitioner }) => practitioner)
  const taken = takenBy(practitioners, facts, { patient: row.patient_id, start, end: end_at })
  for (const statement of moveTogether(to, taken, now)) ctx.atCommit(statement)
  for (const [i, one] of was.entries()) {
    countVisits(ctx, one)
    freed(ctx, one)
    countVisits(ctx, to[i] ?? one, true)
    tellMoved(ctx, one, { reason })
  }
  const moved = shareCategory(to).map((one) => ({
    ...one,
    ...{ confirmed_at: null, sequence: one.sequence + 1, version: one.version + 1, updated_at: now },
  }))
  showVisits(ctx, moved)
  return moved.find(({ id }) => id === row.id) ?? row
}

/** The one that stands for the visit first. */
const inOrder = (row: LockedAppointment): LockedAppointment[] => {
  const all = whole(row)
  return row.parts.flatMap(({ id }) => all.find((one) => one.id === id) ?? [])
}
