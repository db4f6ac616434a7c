import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { toAppointment } from './appointment-view.ts'
import type { Appointment, listAppointments } from './contract/appointments.ts'
import type { readAppointmentCards } from './contract.ts'
import { appointmentCards, listVisible, visibleAppointment } from './queries/appointments.ts'
import type { SchedulingTables } from './tables.ts'
import { viewerOf } from './viewer.ts'

type Ctx = Context<SchedulingTables>

const notThere = () => new Problem('not-found', 'There is no such appointment, or you may not see it.')

/** Reads leave an audit row in the same transaction. */
export async function readAppointment(ctx: Ctx, id: string): Promise<Static<typeof Appointment>> {
  return transact(ctx, async (ctx) => {
    const row = await visibleAppointment(ctx.db, id, viewerOf(ctx))
    if (!row) throw notThere()
    audit(ctx, {
      action: 'R',
      entity: `Appointment/${id}`,
      subject: `Patient/${row.patient_id}`,
      relationship: row.via,
    })
    return toAppointment(row)
  })
}

/** Of what the caller may see; noted for each patient of whom something is shown. */
export async function listAppointmentsOf(
  ctx: Ctx,
  { limit = 20, cursor, ...query }: Static<typeof listAppointments.query>,
): Promise<Static<typeof listAppointments.response>> {
  const filter = {
    patient: query.patient ?? null,
    practitioner: query.practitioner ?? null,
    status: query.status ?? null,
    from: query.from === undefined ? null : new Date(query.from),
    until: query.until === undefined ? null : new Date(query.until),
    ...{ after: decodeCursor(cursor, ['instant', 'uuid']), limit: limit + 1 },
  }
  return transact(ctx, async (ctx) => {
    const rows = await listVisible(ctx.db, viewerOf(ctx), filter)
    const page = pageOf(rows, limit, (row) => [row.start_at.toISOString(), row.id], toAppointment)
    for (const patient of new Set(page.items.map((item) => item.patient)))
      audit(ctx, { action: 'R', entity: 'Appointment', subject: `Patient/${patient}` })
    return page
  })
}

/** For other rooms; what they do with it, they audit. */
export async function cardsOf(ctx: Ctx, ids: readonly string[]): Promise<Static<typeof readAppointmentCards.response>> {
  const rows = await appointmentCards(ctx.db, ids)
  const items = rows.map((row) => {
    const { reason: _reason, cancelNote: _note, version: _version, ...shown } = toAppointment(row)
    return {
      ...shown,
      practitionerName: row.practitioner_name,
      ...(row.place_name && { placeName: row.place_name }),
      bookedBy: row.made_by,
      category: row.category,
    }
  })
  return { items }
}
