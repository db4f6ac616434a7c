import type { Static } from 'typebox'
import { searchset } from '#fhir/bundle.ts'
import { boundsOf, isUuid, recordId, referenceOf, usedOf } from '#fhir/search.ts'
import { practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { type Schedule, searchFhirSchedules } from '../contract/fhir/slots.ts'
import { keeperOf } from '../own-calendar.ts'
import type { SchedulingTables } from '../tables.ts'
import { type Asked, baseOf, countOf, noResource } from './asked.ts'
import { offeredSchedules } from './queries.ts'
import { scheduleInFhir } from './schedule.ts'

type Ctx = Context<SchedulingTables>
type Query = Static<typeof searchFhirSchedules.query>
type Page = Static<typeof searchFhirSchedules.response>

export async function readSchedule(ctx: Ctx, id: string): Promise<Static<typeof Schedule>> {
  const [row] = isUuid(id) ? await offeredSchedules(ctx.db, { id, limit: 1 }, keeperOf(ctx)) : []
  if (!row) throw noResource()
  return scheduleInFhir(row, ctx.config.PUBLIC_URL, ctx.now())
}

/** Of one practitioner, or at one place; without either, one's own. */
export async function searchSchedules(ctx: Ctx, query: Query, asked: Asked): Promise<Page> {
  const used = usedOf(searchFhirSchedules, query, asked.prefer)
  const base = baseOf(ctx)
  const actor = referenceOf('actor', query.actor, { types: ['Practitioner', 'Location'], base })
  const whose = actor ?? own(ctx)
  const limit = countOf(query)
  const [after] = decodeCursor(query.cursor, ['uuid']) ?? []
  const wanted = {
    ...(whose.type === 'Location' ? { place: recordId(whose.id) } : { practitioner: recordId(whose.id) }),
    ...boundsOf('date', query.date),
    after: after as string | undefined,
    limit: limit + 1,
  }
  const rows = await offeredSchedules(ctx.db, wanted, keeperOf(ctx))
  const page = pageOf(
    rows,
    limit,
    ({ id }) => [id],
    (row) => scheduleInFhir(row, ctx.config.PUBLIC_URL, ctx.now()),
  )
  return searchset({ base, path: 'Schedule', used }, page)
}

function own(ctx: Ctx) {
  const id = practising(ctx)
  if (id !== undefined) return { type: 'Practitioner', id }
  throw new Problem('invalid', 'Say whose schedules: actor=Practitioner/… or actor=Location/….', {
    errors: [{ pointer: '/query/actor', detail: 'is missing' }],
  })
}
