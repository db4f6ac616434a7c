import { audit } from '#platform/audit.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import type { EventSpec } from '#platform/operation.ts'
import { dateIn } from '#platform/wall-clock.ts'
import { appointmentArrived, appointmentFulfilled, appointmentMissed } from '../contract.ts'
import { showVisits } from '../projection/show-visits.ts'
import type { AppointmentRow } from '../queries/booking.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { lockVisit, setStatus, type WholeVisit } from './queries/visits.ts'
import type { By } from './states.ts'

// What the steps of an appointment's day have in common.

type Tx = TransactionContext<SchedulingTables>
export type Visit = WholeVisit & { via: string }

/** The appointment in whose day the caller has a part, locked, in the version that the caller has seen. */
export async function lockDay(ctx: Tx, id: string, version: number): Promise<Visit> {
  const row = await lockVisit(ctx.db, id, viewerOf(ctx))
  if (!row) throw new Problem('not-found', 'There is no such appointment, or you have no part in its day.')
  if (row.version !== version)
    throw new Problem('lock-error', 'The appointment has changed since you read it. Read it again.')
  return row
}

export const byOf = ({ via }: Pick<Visit, 'via'>): By => (via === 'practitioner' || via === 'desk' ? 'staff' : 'self')

export async function lockAsStaff(ctx: Tx, id: string, version: number): Promise<Visit> {
  const row = await lockDay(ctx, id, version)
  if (byOf(row) === 'self') throw new Problem('forbidden', 'The practitioner or the desk says that.')
  return row
}

/** The day of a visit is that of its start where it is; one that goes on over midnight goes on. */
export const isToday = ({ zone, start_at, end_at }: Pick<Visit, 'zone' | 'start_at' | 'end_at'>, now: Date): boolean =>
  dateIn(zone, start_at) === dateIn(zone, now) || (start_at <= now && now < end_at)

const announced: Partial<Record<string, EventSpec>> = {
  arrived: appointmentArrived,
  fulfilled: appointmentFulfilled,
  noshow: appointmentMissed,
}

/** The one that stands for a visit which several give: its number in a queue is that of the visit. */
export const standsFor = <V extends WholeVisit>(row: V): V => ({ ...row, ...row.parts[0] })

/**
 * Sets the status, writes it into the audit and tells other rooms; of a visit that several give, for each of them. What is taken back is told of by what it
 * becomes.
 */
export async function become(
  ctx: Tx,
  row: WholeVisit & { via?: string },
  status: string,
  reason?: string,
): Promise<AppointmentRow> {
  const { via: relationship, parts, ...own } = row
  const all: AppointmentRow[] = parts.length > 0 ? parts : [own]
  const told = announced[status]
  for (const { id, patient_id: patient, practitioner_id: practitioner } of all) {
    if (status !== row.status && told)
      publish(ctx, told, {
        appointment: id,
        patient,
        practitioner,
        ...(ctx.actor.account && { by: ctx.actor.account }),
      })
    audit(ctx, {
      action: 'U',
      entity: `Appointment/${id}`,
      subject: `Patient/${patient}`,
      relationship,
      reason: reason ?? status,
    })
  }
  const ids = all.map(({ id }) => id)
  const now = ctx.now()
  await setStatus(ctx.db, ids, status, now)
  showVisits(
    ctx,
    all.map((one) => ({ ...one, status, version: one.version + 1, updated_at: now })),
  )
  return { ...own, status, version: row.version + 1 }
}
