import { isDeepStrictEqual } from 'node:util'
import type { Static } from 'typebox'
import { isUuid } from '#fhir/search.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { cancelAppointment } from '../cancel-appointment.ts'
import { CancelReason } from '../contract/appointments.ts'
import type { FhirAppointment } from '../contract/fhir/appointments.ts'
import type { createFhirAppointment, updateFhirAppointment } from '../contract/fhir/writes.ts'
import { readAppointment } from '../read-appointments.ts'
import type { SchedulingTables } from '../tables.ts'
import { appointmentInFhir } from './appointment.ts'
import { noResource } from './asked.ts'
import { bookWanted } from './take-time.ts'

type Ctx = Context<SchedulingTables>
type Shown = Static<typeof FhirAppointment>

/** POST Appointment: what $book does with an `appt-resource`. Its id is the server's to give. */
export async function createVisit(ctx: Ctx, body: Static<typeof createFhirAppointment.body>): Promise<Shown> {
  const { id: _id, description, comment, ...resource } = body
  const reason = comment ?? description
  const given = { 'appt-resource': resource, ...(reason !== undefined && { comment: reason }) }
  const visit = await bookWanted(ctx, { values: given, at: () => '/body' })
  return appointmentInFhir(visit, ctx.config.PUBLIC_URL)
}

/** PUT Appointment: nothing else of it may be another than it was, since nothing else would come of it. */
export async function updateVisit(
  ctx: Ctx,
  id: string,
  body: Static<typeof updateFhirAppointment.body>,
  version: number,
): Promise<Shown> {
  if (!isUuid(id)) throw noResource()
  const { PUBLIC_URL } = ctx.config
  const now = appointmentInFhir(await readAppointment(ctx, id), PUBLIC_URL)
  const other = Object.entries(body).find(
    ([name, value]) => !LEFT.has(name) && !isDeepStrictEqual(value, now[name as keyof Shown]),
  )
  if (other)
    throw new Problem(
      'business-rule',
      'An Appointment is cancelled here, and changed in nothing else; it is moved by POST /v1/appointments/{id}/reschedule.',
      {
        errors: [{ pointer: `/body/${other[0]}`, detail: 'must be as it was read' }],
      },
    )
  const reason = CancelReason.enum.find((one) => body.cancelationReason.coding.some(({ code }) => code === one))
  if (!reason)
    throw new Problem('invalid', `The reason is one of: ${CancelReason.enum.join(', ')}.`, {
      errors: [{ pointer: '/body/cancelationReason', detail: 'has none of these' }],
    })
  const { text } = body.cancelationReason
  const note = text === undefined ? {} : { note: text }
  return appointmentInFhir(await cancelAppointment(ctx, id, { reason, ...note }, version), PUBLIC_URL)
}

/** What is asked for, and what a server says of its own. */
const LEFT: ReadonlySet<string> = new Set(['status', 'cancelationReason', 'meta', 'text'])
