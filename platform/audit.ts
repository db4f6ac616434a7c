import type { TransactionContext } from './context.ts'

/** FHIR's AuditEvent.action: create, read, update, delete, execute. */
export type AuditAction = 'C' | 'R' | 'U' | 'D' | 'E'

/** What happened to whose data. References and codes only: the audit names records and never repeats them. */
export interface AuditEntry {
  action: AuditAction
  /** `Appointment/<id>` */
  entity: string
  /** The person concerned, `Patient/<id>` or `Practitioner/<id>`; what "who saw my record" is searched by. */
  subject?: string | undefined
  /** Relationship under which a caregiver or practitioner acted: `mandate`, `treatment`… */
  relationship?: string | undefined
  reason?: string | undefined
}

/** Records a read or a write of a person's data, in the transaction that does it. */
export function audit(ctx: Omit<TransactionContext, 'db'>, entry: AuditEntry): void {
  const { account, kind } = ctx.actor
  ctx.pending.audit.push({
    at: ctx.now(),
    account_id: account ?? null,
    actor: kind,
    room: ctx.room,
    operation: ctx.doing,
    trace_id: ctx.traceId,
    ...entry,
  })
}
