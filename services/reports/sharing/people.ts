import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import type { Trace } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import type { ReportsTables } from '../tables.ts'
import { dropExpired, eraseLinks, lockReport, revokeLinksOf } from './queries.ts'

type Ctx = Context<ReportsTables>

/** What was shared was a copy; who opened it is a stranger. */
export const erase = (ctx: Ctx, patient: string): Promise<Trace> =>
  transact(ctx, async (ctx) => {
    const count = await eraseLinks(ctx.db, patient)
    audit(ctx, { action: 'D', entity: `Patient/${patient}`, subject: `Patient/${patient}`, reason: 'erasure' })
    return { what: 'links by which something was shared, with who opened them', outcome: 'erased', count }
  })

/** A report was an error: nobody opens it any more by what was handed out of it. */
export async function endSharing(ctx: TransactionContext<ReportsTables>, report: string): Promise<void> {
  await lockReport(ctx.db, report)
  for (const { id, patient_id } of await revokeLinksOf(ctx.db, report, ctx.now()))
    audit(ctx, {
      action: 'D',
      entity: `HealthLink/${id}`,
      subject: `Patient/${patient_id}`,
      reason: `Report/${report}`,
    })
}

export async function dropContent(ctx: Ctx): Promise<void> {
  const count = await transact(ctx, (ctx) => dropExpired(ctx.db, ctx.now()))
  if (count > 0) ctx.log.info({ count }, 'what expired links shared was deleted')
}
