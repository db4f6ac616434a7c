import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { deleteHold, lockClaimed } from '../queries/booking.ts'
import { countVisits } from '../service-limits.ts'
import type { SchedulingTables } from '../tables.ts'
import { freed } from './freed.ts'
import { endEntry } from './queries/entries.ts'
import { lockOffer, type OfferRow, settleOffer, THE_HOUSE, waitOn } from './queries/offers.ts'

type Tx = TransactionContext<SchedulingTables>

/** Who has not answered so often is not there any more, and others wait for the answer. */
export const UNANSWERED = 3

/** What the job does when the time to answer is up, or when who was asked waits no more. One that was answered meanwhile has ended already. */
export async function endOffer(ctx: Context<SchedulingTables>, { offer }: { offer: string }): Promise<void> {
  await transact(ctx, async (ctx) => {
    await lockClaimed(ctx.db, offer, null)
    const row = await lockOffer(ctx.db, offer)
    if (row?.status !== 'open') return
    if (row.entry_status !== 'offered') await giveUp(ctx, row, 'withdrawn')
    else if (row.expires_at <= ctx.now()) await giveUp(ctx, row, 'lapsed')
  })
}

/** Who is asked does not lose their turn by it. */
export async function withdrawOffer(ctx: Tx, id: string): Promise<void> {
  await lockClaimed(ctx.db, id, null)
  const row = await lockOffer(ctx.db, id)
  if (row?.status === 'open') await giveUp(ctx, row, 'withdrawn')
}

/** The time is free again, and goes to the next in line; whoever was asked waits on in their turn. Calendars and offer are locked. */
export async function giveUp(ctx: Tx, row: OfferRow, as: 'declined' | 'lapsed' | 'withdrawn'): Promise<void> {
  const now = ctx.now()
  const held = await deleteHold(ctx.db, row.id, { account: THE_HOUSE }, now)
  if (held) countVisits(ctx, held)
  await settleOffer(ctx.db, row.id, as, now)
  if (row.entry_status === 'offered') await backInLine(ctx, row, as)
  audit(ctx, { action: 'D', entity: `WaitlistOffer/${row.id}`, subject: `Patient/${row.patient_id}`, reason: as })
  freed(ctx, { ...row, resources: held?.resources ?? [] })
}

async function backInLine(ctx: Tx, row: OfferRow, as: string): Promise<void> {
  const over = row.until_at <= ctx.now() || (as === 'lapsed' && row.unanswered + 1 >= UNANSWERED)
  if (over) await endEntry(ctx.db, row.entry_id, 'expired', ctx.now())
  else await waitOn(ctx.db, row.entry_id)
}
