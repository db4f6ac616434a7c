import type { Static } from 'typebox'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { transact } from '#platform/transaction.ts'
import { checkOpen, checkOwnChange } from '../booking-rules.ts'
import { cancelLocked } from '../cancel-appointment.ts'
import type { cancelFollowing as cancelContract, rescheduleFollowing as moveContract } from '../contract/series.ts'
import { seriesChanged } from '../contract.ts'
import { lockOwn } from '../lock-own.ts'
import { visibleAppointment } from '../queries/appointments.ts'
import { lockAppointment, lockClaimed } from '../queries/booking.ts'
import { lockAllClaimed, type MemberRow, membersOf } from '../queries/series.ts'
import { moveLocked } from '../reschedule-appointment.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { checkTaken, type Outcome, outcomeOf } from './outcomes.ts'
import { movedAlike } from './starts.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type Result = Static<typeof cancelContract.response>

/** Whatever may still be cancelled is. */
export function cancelFollowing(
  ctx: Ctx,
  id: string,
  { reason, note }: Static<typeof cancelContract.body>,
  version: number,
): Promise<Result> {
  return transact(ctx, async (ctx) => {
    const { series, members } = await followingOf(ctx, id)
    await lockAllClaimed(
      ctx.db,
      members.map((member) => ({ id: member.id, to: null })),
    )
    await lockOwn(ctx, id, version)
    const items: Outcome[] = []
    for (const member of members)
      items.push(
        await outcomeOf(ctx, { number: member.series_number, start: member.start_at }, async (ctx) => {
          const row = await lockOpen(ctx, member, null, 'cancel')
          return cancelLocked(ctx, row, reason, note ?? null, series).id
        }),
      )
    return tellOf(ctx, series, 'cancelled', items)
  })
}

/** Each as far as the named one, and each gives its old time up before the next needs it: the last first where they go forward. */
export function rescheduleFollowing(
  ctx: Ctx,
  id: string,
  { start, mode, reason, take = 'all' }: Static<typeof moveContract.body>,
  version: number,
): Promise<Result> {
  return transact(ctx, async (ctx) => {
    const { series, named, members } = await followingOf(ctx, id)
    const alike = movedAlike(named.zone, named.start_at, new Date(start))
    const to = new Map(members.map((member) => [member.id, alike(member.start_at, member.zone)]))
    await lockAllClaimed(
      ctx.db,
      [...to].map(([id, to]) => ({ id, to })),
    )
    await lockOwn(ctx, id, version)
    const items: Outcome[] = []
    for (const member of new Date(start) > named.start_at ? members.toReversed() : members) {
      const start = to.get(member.id) as Date
      const wanted = {
        ...{ practitioner: member.practitioner_id, patient: member.patient_id, service: member.service_id },
        ...{ start, mode },
      }
      items.push(
        await outcomeOf(ctx, { number: member.series_number, start, wanted, before: items }, async (ctx) => {
          const row = await lockOpen(ctx, member, start, 'move')
          return (await moveLocked(ctx, row, { start, mode, reason, series })).id
        }),
      )
    }
    items.sort((a, b) => a.number - b.number)
    checkTaken(items, take)
    return tellOf(ctx, series, 'rescheduled', items)
  })
}

/** The named visit, and those of its series that lie ahead from it on. */
async function followingOf(ctx: Tx, id: string) {
  const named = await visibleAppointment(ctx.db, id, viewerOf(ctx))
  if (!named) throw new Problem('not-found', 'There is no such appointment, or you may not see it.')
  const { series_id: series, series_number: from } = named
  if (series === null || from === null)
    throw new Problem('business-rule', 'This appointment is not one of a series: change it by itself.', {
      reason: 'no-series',
    })
  const members = await membersOf(ctx.db, { series, from, ahead: true }, viewerOf(ctx))
  if (members.length === 0)
    throw new Problem('business-rule', 'Nothing of this series lies ahead from that visit on.', { reason: 'begun' })
  return { series, named, members }
}

async function lockOpen(ctx: Tx, { id, start_at }: MemberRow, to: Date | null, change: 'cancel' | 'move') {
  await lockClaimed(ctx.db, id, to)
  const row = await lockAppointment(ctx.db, id, viewerOf(ctx))
  if (!row) throw new Problem('not-found', 'There is no such appointment, or you may not see it.')
  // It goes as far as it was found from where it is to be, and was found before it was locked.
  if (change === 'move' && row.start_at.getTime() !== start_at.getTime())
    throw new Problem('conflict', 'This visit has just been moved. Look at the series again.')
  checkOpen(row, ctx.now())
  checkOwnChange(row, change, ctx.now())
  return row
}

function tellOf(ctx: Tx, series: string, change: 'rescheduled' | 'cancelled', items: Outcome[]): Result {
  const appointments = items.flatMap(({ appointment }) => appointment ?? [])
  if (appointments.length > 0) publish(ctx, seriesChanged, { series, change, appointments })
  return { series, items }
}
