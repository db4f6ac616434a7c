import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { addJob } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { claimTime } from './book-appointment.ts'
import { orConflict } from './conflict.ts'
import type { createHold, Hold } from './contract/appointments.ts'
import { deleteHold, lockClaimed } from './queries/booking.ts'
import { countVisits } from './service-limits.ts'
import type { SchedulingTables } from './tables.ts'
import { freed } from './waitlist/freed.ts'

/** Long enough to fill in a form and ask somebody; short enough that others do not give up. */
export const HOLD_MINUTES = 5

/** Keeps a time for the caller: the same claim as a booking, with an end. It frees itself (job `expire-hold`). */
export async function holdSlot(
  ctx: Context<SchedulingTables>,
  request: Static<typeof createHold.body>,
): Promise<Static<typeof Hold>> {
  const wish = { ...request, start: new Date(request.start), hold: true }
  const expiresAt = new Date(ctx.now().getTime() + HOLD_MINUTES * 60_000)
  return orConflict(ctx, { ...wish, fresh: true }, () =>
    transact(ctx, async (ctx) => {
      const row = await claimTime(ctx, wish, { status: 'pending', reason: null, held_until: expiresAt })
      addJob(ctx, 'expire-hold', { hold: row.id }, { runAt: expiresAt })
      audit(ctx, {
        action: 'C',
        entity: `Appointment/${row.id}`,
        subject: `Patient/${row.patient_id}`,
        relationship: row.relationship,
        reason: 'hold',
      })
      return {
        id: row.id,
        practitioner: row.practitioner_id,
        patient: row.patient_id,
        mode: row.mode as Static<typeof Hold>['mode'],
        start: row.start_at.toISOString(),
        end: row.end_at.toISOString(),
        expiresAt: expiresAt.toISOString(),
      }
    }),
  )
}

export async function giveBack(ctx: Context<SchedulingTables>, id: string): Promise<void> {
  await transact(ctx, async (ctx) => {
    await lockClaimed(ctx.db, id, null)
    const gone = await deleteHold(ctx.db, id, { account: accountOf(ctx) }, ctx.now())
    if (!gone) throw new Problem('not-found', 'There is no such hold of yours; it may have lapsed.')
    countVisits(ctx, gone)
    freed(ctx, gone)
    audit(ctx, { action: 'D', entity: `Appointment/${id}`, reason: 'hold given back' })
  })
}

/** What the job does when the time is up. A hold that was confirmed meanwhile is no hold any more, and stays. */
export async function expireHold(ctx: Context<SchedulingTables>, { hold }: { hold: string }): Promise<void> {
  await transact(ctx, async (ctx) => {
    await lockClaimed(ctx.db, hold, null)
    const gone = await deleteHold(ctx.db, hold, { lapsed: true }, ctx.now())
    if (!gone) return
    countVisits(ctx, gone)
    freed(ctx, gone)
  })
}
