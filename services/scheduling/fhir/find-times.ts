import type { Static } from 'typebox'
import { searchset } from '#fhir/bundle.ts'
import { recordId, referenceOf } from '#fhir/search.ts'
import type { Context } from '#platform/context.ts'
import type { FhirAppointment } from '../contract/fhir/appointments.ts'
import type { findFhirAppointments } from '../contract/fhir/operations.ts'
import { findPractitioners } from '../find-practitioners.ts'
import { soonest } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import { minutesBetween } from './appointment.ts'
import { baseOf, countOf } from './asked.ts'
import { modesInFhir, serviceInFhir } from './coded.ts'
import { slotPage } from './search-slots.ts'
import { slotId } from './slot.ts'

type Ctx = Context<SchedulingTables>
export type Sought = Static<typeof findFhirAppointments.query>
type Found = Static<typeof findFhirAppointments.response>

interface Proposal {
  practitioner: string
  name?: string
  start: string
  end: string
  modes: readonly string[]
  place?: string
  service?: { id: string; code: string; name?: string }
}

/** Times that can be booked, each an Appointment that is proposed: of one practitioner all, else of each who matches the first. */
export async function findTimes(ctx: Ctx, sought: Sought, at: (name: string) => string): Promise<Found> {
  const base = baseOf(ctx)
  const one = (name: 'practitioner' | 'location-reference', type: string) => {
    const value = sought[name]
    const found = referenceOf(name, value === undefined ? undefined : [value], {
      types: [type],
      base,
      pointer: at(name),
    })
    return found && recordId(found.id)
  }
  const practitioner = one('practitioner', 'Practitioner')
  const place = one('location-reference', 'Location')
  const { items, next } = await (practitioner ? ofOne(ctx, sought, practitioner, place) : ofAny(ctx, sought, place))
  const used = new URLSearchParams(
    Object.entries(sought).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const shown = items.map((proposal) => proposed(proposal, ctx.config.PUBLIC_URL))
  return searchset({ base, path: 'Appointment/$find', used }, { items: shown, ...(next !== undefined && { next }) })
}

interface Page {
  items: Proposal[]
  next?: string
}

async function ofOne(ctx: Ctx, sought: Sought, practitioner: string, place: string | undefined): Promise<Page> {
  const { start, end, specialty: speciality, 'visit-type': code, mode, cursor } = sought
  const { items, ...rest } = await slotPage(
    ctx,
    {
      ...{ practitioner, place, code, speciality, mode },
      from: start === undefined ? null : new Date(start),
      until: end === undefined ? null : new Date(end),
    },
    { limit: countOf(sought), cursor },
  )
  const proposals = items.map(({ row }) => ({
    practitioner,
    start: row.start_at.toISOString(),
    end: row.end_at.toISOString(),
    modes: row.modes,
    ...(row.place_id && { place: row.place_id }),
    ...(row.service_id && { service: { id: row.service_id, code: row.service } }),
  }))
  return { items: proposals, ...rest }
}

async function ofAny(ctx: Ctx, sought: Sought, place: string | undefined): Promise<Page> {
  const { start: from, end: until, specialty: speciality, 'visit-type': service, mode, cursor } = sought
  const first = Math.max(soonest(ctx.now()), from === undefined ? 0 : Date.parse(from))
  if (until !== undefined && Date.parse(until) <= first) return { items: [] }
  const wanted = { speciality, service, place, mode, from, until, cursor, limit: countOf(sought) }
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
  const { items, ...rest } = await findPractitioners(ctx, given)
  const proposals = items.map((found) => ({
    practitioner: found.id,
    name: found.name,
    ...found.next,
    modes: found.modes,
    ...(found.place && { place: found.place.id }),
    ...(found.service && { service: found.service }),
  }))
  return { items: proposals, ...rest }
}

/** R4 Appointment that nobody has yet. Its id is that of its Slot, so $hold and $book know what is meant. */
function proposed({ practitioner, name, place, service, modes, start, end }: Proposal, publicUrl: string) {
  const id = slotId({ practitioner, start: new Date(start), service: service?.id ?? null })
  const status = 'needs-action' as const
  return {
    resourceType: 'Appointment',
    id,
    status: 'proposed',
    serviceCategory: modesInFhir(modes),
    ...(service && { serviceType: [serviceInFhir(publicUrl, service.code, service.name)] }),
    start,
    end,
    minutesDuration: minutesBetween(start, end),
    slot: [{ reference: `Slot/${id}` }],
    participant: [
      { actor: { reference: `Practitioner/${practitioner}`, ...(name && { display: name }) }, status },
      ...(place ? [{ actor: { reference: `Location/${place}` }, status }] : []),
    ],
  } satisfies Static<typeof FhirAppointment>
}
