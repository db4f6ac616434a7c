import { keep, numberedChange } from '#fhir/store/project.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { TransactionContext } from '#platform/context.ts'
import type { AppointmentRow } from '../queries/booking.ts'
import type { SchedulingTables } from '../tables.ts'
import { visitProjections } from './visit.ts'

/**
 * What the FHIR store shows of visits that this transaction books or changes, as their rows are now to the instant of the change: one statement, that travels with COMMIT. The rows are locked or
 * new, so nobody else writes the same; nothing is read first.
 */
export function showVisits(ctx: TransactionContext<SchedulingTables>, rows: readonly AppointmentRow[]): void {
  const { PUBLIC_URL } = ctx.config
  const projections = rows.flatMap((row) => visitProjections(row, PUBLIC_URL))
  ctx.atCommit(keep(projections.map((one) => numberedChange(one, `${PUBLIC_URL}${FHIR_BASE}`))))
}
