import type { Context } from '#platform/context.ts'
import type { Trace } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import type { SchedulingTables } from '../tables.ts'
import { endOffer } from './end-offer.ts'
import { deleteEntriesOf, endEntry, openEntriesOf } from './queries/entries.ts'
import { openOfferOf } from './queries/offers.ts'

type Ctx = Context<SchedulingTables>

/** Of a patient who leaves, and of those who wait for a practitioner who does. What was offered goes to the next in line. */
export async function endWaiting(ctx: Ctx, patient: string | null, practitioner: string | null): Promise<void> {
  for (const id of await openEntriesOf(ctx.db, patient, practitioner)) {
    await transact(ctx, (ctx) => endEntry(ctx.db, id, practitioner === null ? 'left' : 'expired', ctx.now()))
    const offer = await openOfferOf(ctx.db, id)
    if (offer !== undefined) await endOffer(ctx, { offer })
  }
}

export const eraseWaiting = (ctx: Ctx, patient: string): Promise<Trace> =>
  transact(ctx, async (ctx) => ({
    what: 'places on waiting lists, and what was offered there',
    outcome: 'erased',
    count: await deleteEntriesOf(ctx.db, patient),
  }))
