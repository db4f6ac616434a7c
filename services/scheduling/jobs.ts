import type { Context } from '#platform/context.ts'
import type { Job } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { expandHours } from './expand-hours.ts'
import { expireHold } from './hold-slot.ts'
import { exceptionsFor, horizonOf } from './own-calendar.ts'
import { divergence, dropPast, lockPractitioners, overdue, refreshNext, schedulesToExtend } from './queries/mirror.ts'
import { addShifts, lockCalendar, markExpanded, ownSchedule } from './queries/schedules.ts'
import { mirrorPractitioner } from './subscriptions.ts'
import type { SchedulingTables } from './tables.ts'
import { addDays } from './wall-clock.ts'

type Ctx = Context<SchedulingTables>

const BATCH = 200

/** Each night the hours of every schedule are expanded to the new horizon, and what is over goes. Where two schedules meet only there, the one expanded first has the time. */
async function extendHorizon(ctx: Ctx): Promise<void> {
  const horizon = horizonOf('UTC', ctx.now())
  for (let found = BATCH; found === BATCH; ) {
    const schedules = await schedulesToExtend(ctx.db, horizon, BATCH)
    for (const { id, practitioner_id } of schedules) await extend(ctx, id, practitioner_id)
    found = schedules.length
  }
  await transact(ctx, (ctx) => dropPast(ctx.db, ctx.now()))
}

async function extend(ctx: Ctx, id: string, practitioner: string): Promise<void> {
  await transact(ctx, async (ctx) => {
    await lockCalendar(ctx.db, practitioner, null)
    const row = await ownSchedule(ctx.db, id, practitioner)
    if (!row) return
    const until = horizonOf(row.zone, ctx.now())
    const rule = {
      ...row,
      hours: row.hours as never,
      validFrom: row.valid_from,
      validUntil: row.valid_until ?? undefined,
      exceptions: await exceptionsFor(ctx, id),
    }
    await addShifts(ctx.db, row, ctx.now(), expandHours(rule, addDays(row.expanded_until, 1), until), 'skip')
    await markExpanded(ctx.db, id, until)
  })
}

/**
 * Time passes: next slots that have gone by are looked up anew, under the lock that bookings take, so that none is written down that has
 * just been taken. Searches are right without this job, and slower: they look up what they find overdue.
 */
async function advance(ctx: Ctx): Promise<void> {
  for (let found = BATCH; found === BATCH; ) {
    found = await transact(ctx, async (ctx) => {
      const late = await overdue(ctx.db, ctx.now(), BATCH)
      await lockPractitioners(
        ctx.db,
        late.map(({ practitioner_id }) => practitioner_id),
      )
      await refreshNext(
        ctx.db,
        late.map(({ schedule_id }) => schedule_id),
        ctx.now(),
      )
      return late.length
    })
  }
}

/** The projection against its definition; a difference is a defect of ours, so it is loud. */
async function checkFreeRanges(ctx: Ctx): Promise<void> {
  const found = await divergence(ctx.db, ctx.now())
  if (found.length > 0)
    throw new Error(
      `free_range or next slots differ in ${found.length} places, first in schedule ${found[0]?.schedule_id}`,
    )
}

export const jobs: Job<SchedulingTables>[] = [
  { name: 'expire-hold', run: expireHold },
  { name: 'mirror', run: mirrorPractitioner },
  { name: 'extend-horizon', cron: '17 1 * * *', run: extendHorizon },
  { name: 'advance', cron: '* * * * *', run: advance },
  { name: 'check-free-ranges', cron: '47 2 * * *', run: checkFreeRanges },
]
