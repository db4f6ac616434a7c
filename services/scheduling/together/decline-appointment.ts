import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { checkDeclines, checkOpen } from '../booking-rules.ts'
import { lockAppointment } from '../queries/booking.ts'
import { openRebookings } from '../queries/rebookings.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'

/** Who gives a visit with others, and cannot come, leaves it a task: theirs, and of who stands for it. Nobody else is sent home by that. */
export async function declineAppointment(ctx: Context<SchedulingTables>, id: string): Promise<void> {
  await transact(ctx, async (ctx) => {
    const row = await lockAppointment(ctx.db, id, viewerOf(ctx))
    if (!row) throw new Problem('not-found', 'There is no such appointment, or you may not see it.')
    checkDeclines(row)
    checkOpen(row, ctx.now())
    await openRebookings(ctx.db, [row.together ?? id, id], 'declined', ctx.now())
    const { patient_id, via: relationship } = row
    const subject = `Patient/${patient_id}`
    audit(ctx, { action: 'U', entity: `Appointment/${id}`, subject, relationship, reason: 'declined' })
  })
}
