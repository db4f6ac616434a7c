import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { listRebookings, Rebooking } from '../contract/rebookings.ts'
import { openRebookingsOf, type RebookingRow } from '../queries/rebookings.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>

/** The tasks of a practitioner that the caller may see: their own, or at a desk those of patients for whom it books. */
export function rebookingsPage(
  ctx: Ctx,
  { practitioner, limit = 20, cursor }: Static<typeof listRebookings.query>,
): Promise<Static<typeof listRebookings.response>> {
  const whose = whoseTasks(ctx, practitioner)
  const after = decodeCursor(cursor, ['instant', 'uuid'])
  return transact(ctx, async (ctx) => {
    const rows = await readTasks(ctx, whose, { after, limit: limit + 1 })
    return pageOf(rows, limit, (row) => [row.start_at.toISOString(), row.id], toRebooking)
  })
}

export function whoseTasks(ctx: Pick<Ctx, 'actor'>, named: string | undefined): string {
  const practitioner = named ?? practising(ctx)
  if (practitioner === undefined)
    throw new Problem('business-rule', 'Name the practitioner whose visits are to be moved.')
  return practitioner
}

/** Each patient whose visit is shown has it in the log of who saw what. */
export async function readTasks(
  ctx: Tx,
  practitioner: string,
  page: { after?: readonly (string | number)[] | undefined; limit: number },
): Promise<RebookingRow[]> {
  const who = viewerOf(ctx)
  const rows = await openRebookingsOf(ctx.db, { practitioner, who, ...page })
  for (const patient of new Set(rows.map(({ patient_id }) => patient_id)))
    audit(ctx, { action: 'R', entity: 'Appointment', subject: `Patient/${patient}` })
  return rows
}

const toRebooking = (row: RebookingRow): Static<typeof Rebooking> => ({
  appointment: row.id,
  practitioner: row.practitioner_id,
  patient: row.patient_id,
  start: row.start_at.toISOString(),
  end: row.end_at.toISOString(),
  zone: row.zone,
  cause: row.cause,
  since: row.opened_at.toISOString(),
  version: row.version,
})
