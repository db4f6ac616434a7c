import type { Static } from 'typebox'
import { searchset } from '#fhir/bundle.ts'
import { codesOf, isUuid, recordId, referenceOf, usedOf } from '#fhir/search.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { type AppointmentResponse, searchFhirResponses } from '../contract/fhir/responses.ts'
import { pageOfVisible, readAppointment } from '../read-appointments.ts'
import type { SchedulingTables } from '../tables.ts'
import { answersOf, type Visit } from './appointment.ts'
import { type Asked, baseOf, countOf, noResource } from './asked.ts'

type Ctx = Context<SchedulingTables>
type Query = Static<typeof searchFhirResponses.query>
type Shown = Static<typeof AppointmentResponse>

const SAID = ['patient', 'practitioner'] as const
type By = (typeof SAID)[number]
const TYPES = { patient: 'Patient', practitioner: 'Practitioner' } as const

/** R4 AppointmentResponse of one participant. It is no record of its own: the visit says it. */
function responseInFhir(visit: Visit, by: By): Shown | undefined {
  const participantStatus = answersOf(visit)[by]
  if (participantStatus !== 'accepted' && participantStatus !== 'declined') return undefined
  const { id, start, end, confirmedAt, cancelNote } = visit
  return {
    resourceType: 'AppointmentResponse',
    id: `${id}.${by}`,
    ...(by === 'patient' && participantStatus === 'accepted' && confirmedAt && { meta: { lastUpdated: confirmedAt } }),
    appointment: { reference: `Appointment/${id}` },
    start,
    end,
    actor: { reference: `${TYPES[by]}/${visit[by]}` },
    participantStatus,
    ...(participantStatus === 'declined' && cancelNote && { comment: cancelNote }),
  }
}

export async function readResponse(ctx: Ctx, id: string): Promise<Shown> {
  const [visit = '', said, ...more] = id.split('.')
  const by = SAID.find((one) => one === said)
  if (!by || more.length > 0 || !isUuid(visit)) throw noResource()
  const response = responseInFhir(await readAppointment(ctx, visit), by)
  if (!response) throw noResource()
  return response
}

/** To one visit, or by one participant to all of theirs that one may see. */
export async function searchResponses(
  ctx: Ctx,
  query: Query,
  asked: Asked,
): Promise<Static<typeof searchFhirResponses.response>> {
  const used = usedOf(searchFhirResponses, query, asked.prefer)
  const base = baseOf(ctx)
  const visit = referenceOf('appointment', query.appointment, { types: ['Appointment'], base })
  const actor = referenceOf('actor', query.actor, { types: ['Patient', 'Practitioner'], base })
  const codes = codesOf('part-status', query['part-status'])
  const by = SAID.find((one) => TYPES[one] === actor?.type)
  if (!visit && !by)
    throw new Problem('invalid', 'Say to which, or by whom: appointment=Appointment/… or actor=Patient/….', {
      errors: [{ pointer: '/query/appointment', detail: 'is missing' }],
    })
  const wanted = {
    ...{ patient: null, practitioner: null, status: null, from: null, until: null },
    ...(by && actor && { [by]: recordId(actor.id) }),
    ids: visit ? [recordId(visit.id)] : null,
  }
  const { items, next } = await (by ? saidTo(ctx, wanted, by, query) : toOne(ctx, wanted, query))
  const kept = items.filter(({ participantStatus }) => codes?.includes(participantStatus) ?? true)
  return searchset({ base, path: 'AppointmentResponse', used }, { items: kept, ...(next !== undefined && { next }) })
}

type Wanted = Parameters<typeof pageOfVisible>[1]
interface Page {
  items: Shown[]
  next?: string
}

async function saidTo(ctx: Ctx, wanted: Wanted, by: By, { cursor, ...query }: Query): Promise<Page> {
  const { items, ...rest } = await pageOfVisible(ctx, wanted, { limit: countOf(query), cursor })
  return { items: items.flatMap((one) => responseInFhir(one, by) ?? []), ...rest }
}

/** Of one visit there are two at most, and a page may have one. */
async function toOne(ctx: Ctx, wanted: Wanted, { cursor, ...query }: Query): Promise<Page> {
  const [after = -1] = (decodeCursor(cursor, ['number']) ?? []) as number[]
  const { items } = await pageOfVisible(ctx, wanted, { limit: 1, cursor: undefined })
  const both = items.flatMap((one) => SAID.flatMap((by) => responseInFhir(one, by) ?? []))
  const left = both.map((response, i) => ({ response, i })).filter(({ i }) => i > after)
  return pageOf(
    left,
    countOf(query),
    ({ i }) => [i],
    ({ response }) => response,
  )
}
