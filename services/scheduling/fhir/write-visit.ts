import { isDeepStrictEqual } from 'node:util'
import type { Static } from 'typebox'
import { Value } from 'typebox/value'
import { isUuid } from '#fhir/search.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { type Cancellation, cancelAppointment } from '../cancel-appointment.ts'
import { CancelReason } from '../contract/appointments.ts'
import type { FhirAppointment } from '../contract/fhir/appointments.ts'
import { updateFhirAppointment as contract, type createFhirAppointment } from '../contract/fhir/writes.ts'
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

/** PUT Appointment. */
export async function updateVisit(
  ctx: Ctx,
  id: string,
  body: Static<typeof contract.body>,
  version: number,
): Promise<Shown> {
  if (!isUuid(id)) throw noResource()
  const { PUBLIC_URL } = ctx.config
  const cancellation = cancellationIn(body, appointmentInFhir(await readAppointment(ctx, id), PUBLIC_URL))
  return appointmentInFhir(await cancelAppointment(ctx, id, cancellation, version), PUBLIC_URL)
}

/**
 * What an Appointment says that is sent as cancelled. Nothing else of it may be another than it was, since nothing else would come of it.
 * @throws Problem business-rule, invalid; with pointers into `/body`
 */
export function cancellationIn(sent: object, was: object): Cancellation {
  const before = new Map(Object.entries(was))
  const after = new Map(Object.entries(sent))
  const names = [...new Set([...before.keys(), ...after.keys()])]
  const other = names.find((name) => !LEFT.has(name) && !isDeepStrictEqual(after.get(name), before.get(name)))
  if (other !== undefined)
    throw new Problem(
      'business-rule',
      'An Appointment is cancelled here, and changed in nothing else; it is moved by POST /v1/appointments/{id}/reschedule.',
      { errors: [{ pointer: `/body/${other}`, detail: 'must be as it was read' }] },
    )
  const [fault] = Value.Errors(contract.body, sent)
  if (fault)
    throw new Problem('invalid', 'An Appointment that is cancelled says so by its status, and why.', {
      errors: [{ pointer: `/body${fault.instancePath}`, detail: fault.message }],
    })
  const { coding, text } = (sent as Static<typeof contract.body>).cancelationReason
  const reason = CancelReason.enum.find((one) => coding.some(({ code }) => code === one))
  if (!reason)
    throw new Problem('invalid', `The reason is one of: ${CancelReason.enum.join(', ')}.`, {
      errors: [{ pointer: '/body/cancelationReason', detail: 'has none of these' }],
    })
  return { reason, ...(text !== undefined && { note: text }) }
}

/** What is asked for, and what a server says of its own. */
const LEFT: ReadonlySet<string> = new Set(['status', 'cancelationReason', 'meta', 'text'])
