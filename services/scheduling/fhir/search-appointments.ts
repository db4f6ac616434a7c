import type { Static } from 'typebox'
import { searchset } from '#fhir/bundle.ts'
import { boundsOf, codesOf, isUuid, recordId, referenceOf, usedOf } from '#fhir/search.ts'
import type { Context } from '#platform/context.ts'
import { type FhirAppointment, searchFhirAppointments } from '../contract/fhir/appointments.ts'
import { pageOfVisible, readAppointment } from '../read-appointments.ts'
import type { SchedulingTables } from '../tables.ts'
import { appointmentInFhir } from './appointment.ts'
import { type Asked, baseOf, countOf, noResource } from './asked.ts'

type Ctx = Context<SchedulingTables>
type Query = Static<typeof searchFhirAppointments.query>
type Page = Static<typeof searchFhirAppointments.response>

/** As /v1 reads it, by the same conditions and with the same note in the audit. */
export async function readVisit(ctx: Ctx, id: string): Promise<Static<typeof FhirAppointment>> {
  if (!isUuid(id)) throw noResource()
  return appointmentInFhir(await readAppointment(ctx, id), ctx.config.PUBLIC_URL)
}

export async function searchVisits(ctx: Ctx, query: Query, asked: Asked): Promise<Page> {
  const used = usedOf(searchFhirAppointments, query, asked.prefer)
  const base = baseOf(ctx)
  const { from, until } = boundsOf('date', query.date)
  const patient = referenceOf('patient', query.patient, { types: ['Patient'], base })
  const practitioner = referenceOf('practitioner', query.practitioner, { types: ['Practitioner'], base })
  const actor = referenceOf('actor', query.actor, { types: ['Patient', 'Practitioner'], base })
  const both = { Patient: patient, Practitioner: practitioner }
  const here = { base, path: 'Appointment', used }
  const named = actor && both[actor.type as keyof typeof both]
  if (named && named.id !== actor.id) return searchset(here, { items: [] }) // two people in one place: nobody is both
  const idOf = (type: keyof typeof both) => both[type]?.id ?? (actor?.type === type ? actor.id : undefined)
  const [whom, who] = [idOf('Patient'), idOf('Practitioner')]
  const { items, next } = await pageOfVisible(
    ctx,
    {
      patient: whom === undefined ? null : recordId(whom),
      practitioner: who === undefined ? null : recordId(who),
      ids: idsOf(query.identifier),
      status: codesOf('status', query.status) ?? null,
      from: null,
      until: null,
      startFrom: from,
      startUntil: until,
    },
    { limit: countOf(query), cursor: query.cursor },
  )
  const shown = items.map((visit) => appointmentInFhir(visit, ctx.config.PUBLIC_URL))
  return searchset(here, { items: shown, ...(next !== undefined && { next }) })
}

const idsOf = (values: readonly string[] | undefined): string[] | null =>
  codesOf('identifier', values)?.map((one) => recordId(one.replace(/^urn:uuid:/, ''))) ?? null
