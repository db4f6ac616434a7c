import type { Static } from 'typebox'
import { searchset } from '#fhir/bundle.ts'
import { parametersIn } from '#fhir/parameters.ts'
import { isUuid, recordId, referenceOf } from '#fhir/search.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { bookAppointment, bookHold } from '../book-appointment.ts'
import { cancelAppointment } from '../cancel-appointment.ts'
import { CancelReason, MAX_TOGETHER } from '../contract/appointments.ts'
import type { FhirAppointment } from '../contract/fhir/appointments.ts'
import { bookFhirAppointment, cancelFhirAppointment, holdFhirAppointment } from '../contract/fhir/operations.ts'
import { holdSlot } from '../hold-slot.ts'
import type { SchedulingTables } from '../tables.ts'
import { bookTogether } from '../together/book-together.ts'
import { appointmentInFhir, type Visit } from './appointment.ts'
import { baseOf, noResource } from './asked.ts'
import { slotId, slotKey } from './slot.ts'

type Ctx = Context<SchedulingTables>
type Taken = Static<typeof bookFhirAppointment.response>
type Mode = Parameters<typeof holdSlot>[1]['mode']

const wrong = (message: string, pointer: string) =>
  new Problem('invalid', message, { errors: [{ pointer, detail: 'is missing, or is not that' }] })
type Given = ReturnType<typeof parametersIn>

export async function holdTime(ctx: Ctx, body: Static<typeof holdFhirAppointment.body>): Promise<Taken> {
  const given = parametersIn(body, holdFhirAppointment.fhir.operation.parameters)
  const { wish, several } = wishIn(ctx, given)
  if (several)
    throw new Problem(
      'business-rule',
      'What several practitioners give is booked at once, by $book: it is not held before.',
    )
  if (!wish) throw wrong('Hold a time that $find proposed; what is held is booked by $book.', given.at('appt-id'))
  const { expiresAt, ...hold } = await orProposals(wish.service, () => holdSlot(ctx, wish))
  const outcome = {
    resourceType: 'OperationOutcome' as const,
    issue: [
      {
        severity: 'information' as const,
        code: 'informational' as const,
        diagnostics: `Held until ${expiresAt}. Book it before, or it is free again.`,
      },
    ],
  }
  return shown(ctx, '$hold', { ...hold, status: 'pending' }, outcome)
}

export async function bookTime(ctx: Ctx, body: Static<typeof bookFhirAppointment.body>): Promise<Taken> {
  return shown(ctx, '$book', await bookWanted(ctx, parametersIn(body, bookFhirAppointment.fhir.operation.parameters)))
}

/** By what a Parameters resource says, or what stands for it. */
export async function bookWanted(ctx: Ctx, given: Given): Promise<Visit> {
  const { wish, hold, patient, several } = wishIn(ctx, given)
  const { comment: reason, overbook, mode } = given.values as { comment?: string; overbook?: string; mode?: Mode }
  const more = { ...(reason !== undefined && { reason }), ...(overbook !== undefined && { overbook }) }
  if (several) return orProposals(undefined, () => bookTogether(ctx, { ...several, ...more }))
  if (hold !== undefined) {
    if (overbook !== undefined || mode !== undefined)
      throw new Problem('business-rule', 'What is held is booked as it is held: without a mode, and not overbooked.')
    return bookHold(ctx, { hold, patient, reason: reason ?? null })
  }
  const booking = { ...wish, ...more }
  return orProposals(wish?.service, () => bookAppointment(ctx, booking))
}

export async function cancelVisit(
  ctx: Ctx,
  id: string,
  body: Static<typeof cancelFhirAppointment.body>,
  version: number,
): Promise<Static<typeof FhirAppointment>> {
  const given = parametersIn(body, cancelFhirAppointment.fhir.operation.parameters)
  const reason = CancelReason.enum.find((one) => one === given.values.reason)
  if (!reason) throw wrong(`The reason is one of: ${CancelReason.enum.join(', ')}.`, given.at('reason'))
  if (!isUuid(id)) throw noResource()
  const note = given.values.note as string | undefined
  const visit = await cancelAppointment(ctx, id, { reason, ...(note !== undefined && { note }) }, version)
  return appointmentInFhir(visit, ctx.config.PUBLIC_URL)
}

function shown<O extends object>(ctx: Ctx, path: string, visit: Visit, outcome?: O) {
  const here = { base: baseOf(ctx), path: `Appointment/${path}`, used: new URLSearchParams() }
  return searchset(here, { items: [appointmentInFhir(visit, ctx.config.PUBLIC_URL)] }, outcome)
}

interface Resource {
  id?: string
  start?: string
  slot?: { reference: string }[]
  participant?: { actor?: { reference?: string } }[]
}

/** What is asked for: something that is held, or a time with somebody. */
function wishIn(ctx: Ctx, { values: given, at }: Given) {
  const base = baseOf(ctx)
  const resource = given['appt-resource'] as Resource | undefined
  const named = (name: string, value: unknown, type: string) =>
    typeof value === 'string' ? referenceOf(name, [value], { types: [type], base, pointer: at(name) })?.id : undefined
  const actor = (type: string) => {
    const whole = resource?.participant?.find(({ actor }) => actor?.reference?.includes(`${type}/`))
    return named('appt-resource', whole?.actor?.reference, type)
  }
  const id = named('appt-id', given['appt-id'], 'Appointment') ?? resource?.id
  const slot = named('appt-resource', resource?.slot?.[0]?.reference, 'Slot')
  const patient = patientOf(ctx, named('patient-id', given['patient-id'], 'Patient'), actor('Patient'))
  if (id !== undefined && isUuid(id)) return { hold: id, patient }
  const key = (id === undefined ? undefined : slotKey(id)) ?? (slot === undefined ? undefined : slotKey(slot))
  const several = severalIn(resource, (reference) => named('appt-resource', reference, 'Practitioner'))
  if (several) {
    if (patient === undefined || several.start === undefined)
      throw wrong('Name the patient and the start.', at('appt-resource'))
    if (several.participants.length > MAX_TOGETHER)
      throw wrong(`At most ${MAX_TOGETHER} practitioners give a visit together.`, at('appt-resource'))
    const mode = given.mode as Mode
    return { patient, several: { patient, ...several, start: several.start, ...(mode && { mode }) } }
  }
  const practitioner = key?.practitioner ?? actor('Practitioner')
  const start = key?.start.toISOString() ?? resource?.start
  if (given['appt-id'] !== undefined && !key)
    throw new Problem('not-found', 'There is no such proposal. Ask $find again.')
  if (practitioner === undefined || start === undefined)
    throw wrong(
      'Name what $find proposed, or an Appointment with its slot, or with start and practitioner.',
      at('appt-id'),
    )
  if (patient === undefined) throw wrong('Name the patient.', at('patient-id'))
  const mode = given.mode as Mode
  const service = key?.service ?? undefined
  return {
    patient,
    wish: { practitioner: recordId(practitioner), patient, start, ...(service && { service }), ...(mode && { mode }) },
  }
}

/** All practitioners who are participants, where there is more than one; each as the service of a slot of theirs, where one is named. */
function severalIn(resource: Resource | undefined, practitionerIn: (reference: string) => string | undefined) {
  const references = (resource?.participant ?? []).flatMap(({ actor }) => actor?.reference ?? [])
  const all = references.filter((one) => one.includes('Practitioner/')).flatMap((one) => practitionerIn(one) ?? [])
  if (all.length < 2) return undefined
  const slots = (resource?.slot ?? []).flatMap(({ reference }) => slotKey(reference.replace(/^.*Slot\//, '')) ?? [])
  const participants = all.map((id) => {
    const practitioner = recordId(id)
    const service = slots.find((slot) => slot.practitioner === practitioner)?.service ?? undefined
    return { practitioner, ...(service && { service }) }
  })
  return { participants, start: resource?.start ?? slots[0]?.start.toISOString() }
}

/** Named twice it must be one; a token that is bound to one patient need not name them, and can name nobody else. */
function patientOf({ actor: { within } }: Ctx, ...named: (string | undefined)[]): string | undefined {
  const all = new Set([...named, within].filter((one) => one !== undefined))
  if (all.size > 1) throw new Problem('not-found', 'There is no such patient, or you may not book for them.')
  const [patient] = all
  return patient === undefined ? undefined : recordId(patient)
}

interface Alternative {
  /** One, and not several. */
  practitioner?: string
  start: string
  end: string
}

/** A conflict with its other times as what $find would propose. */
async function orProposals<R>(service: string | undefined, attempt: () => Promise<R>): Promise<R> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof Problem) || error.details?.alternatives === undefined) throw error
    const { conflicts: conflict, alternatives } = error.details as { conflicts: object[]; alternatives: Alternative[] }
    const alternative = alternatives.map(({ practitioner, start, end }) => ({
      ...(practitioner !== undefined && {
        appointment: `Appointment/${slotId({ practitioner, start: new Date(start), service: service ?? null })}`,
      }),
      start,
      end,
    }))
    const { code, message, reason } = error
    throw new Problem(code, message, {
      cause: error.cause,
      ...(reason && { reason }),
      details: { conflict, alternative },
    })
  }
}
