import type { Static } from 'typebox'
import type { Context, TransactionContext } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import { type readQueueEntryCard, unbookedCalled, unbookedReturned } from '../contract.ts'
import type { SchedulingTables } from '../tables.ts'
import { noEntry } from './entries.ts'
import { cardOfEntry, type SeenEntry } from './queries/entries.ts'

type Entry = Pick<SeenEntry, 'id' | 'subject' | 'called_by' | 'booked_with'>

/**
 * Who is called by somebody with whom they have no booking is treated by them all the same: registry makes the treatment relationship of it, and ends it
 * when they go back to the waiting room.
 */
export function tellUnbooked(ctx: TransactionContext<SchedulingTables>, before: Entry, after: Entry): void {
  if (before.called_by === after.called_by) return
  const { id: entry, subject: patient, booked_with: booked } = after
  const { account: by } = ctx.actor
  const tell = (event: typeof unbookedCalled, practitioner: string | null) => {
    if (patient === null || practitioner === null || practitioner === booked) return
    publish(ctx, event, { entry, patient, practitioner, ...(by !== undefined && { by }) })
  }
  tell(unbookedReturned, before.called_by)
  tell(unbookedCalled, after.called_by)
}

export async function entryCard(
  { db }: Context<SchedulingTables>,
  id: string,
): Promise<Static<typeof readQueueEntryCard.response>> {
  const row = await cardOfEntry(db, id)
  if (!row) throw noEntry()
  return {
    ...(row.subject && { patient: row.subject }),
    ...(row.called_by && { practitioner: row.called_by }),
    ...(row.called_at && { calledAt: row.called_at.toISOString() }),
  }
}
