import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { readPractitionerCard } from '../registry/contract.ts'
import type { listServices, NewService, Service, ServiceChange } from './contract/services.ts'
import { HORIZON_DAYS } from './expand-hours.ts'
import { auditedBy, checkKeeps, practitionerOf } from './own-calendar.ts'
import { projected } from './projection/projector.ts'
import { keepPractitioner, refreshOffers } from './queries/mirror.ts'
import { lockCalendar } from './queries/schedules.ts'
import {
  deleteService,
  forgetFull,
  insertService,
  liveService,
  type ServiceRow,
  servicesOf,
  updateService,
  zonesOffering,
} from './queries/services.ts'
import { DAY } from './search-window.ts'
import { countVisits } from './service-limits.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type View = Static<typeof Service>

/** Describes what can be booked. Nothing offers it before a schedule lists it. */
export async function createService(
  ctx: Ctx,
  { practitioner: named, ...facts }: Static<typeof NewService>,
): Promise<View> {
  const practitioner = practitionerOf(ctx, named)
  await checkKeeps(ctx, practitioner)
  const card = await ctx.call(readPractitionerCard, { params: { id: practitioner } })
  checkSpeciality(card.specialities, facts.speciality)
  return orSameCode(() =>
    projected(ctx, async (ctx) => {
      await lockCalendar(ctx.db, practitioner)
      await checkKeeps(ctx, practitioner)
      await keepPractitioner(ctx.db, card)
      const row = rowOf(newId(), practitioner, facts)
      await insertService(ctx.db, row, ctx.now())
      auditService(ctx, 'C', row)
      return toService({ ...row, version: 1 })
    }),
  )
}

/** Changes it for what is booked from now on. */
export async function changeService(
  ctx: Ctx,
  id: string,
  facts: Static<typeof ServiceChange>,
  version: number,
): Promise<View> {
  const { practitioner_id: practitioner } = await keptService(ctx, id)
  const card = await ctx.call(readPractitionerCard, { params: { id: practitioner } })
  checkSpeciality(card.specialities, facts.speciality)
  return orSameCode(() =>
    projected(ctx, async (ctx) => {
      await lockCalendar(ctx.db, practitioner)
      await keptService(ctx, id)
      const row = rowOf(id, practitioner, facts)
      if (!(await updateService(ctx.db, row, version))) throw changed()
      await recount(ctx, row)
      await refreshOffers(ctx.db, [practitioner], ctx.now())
      auditService(ctx, 'U', row)
      return toService({ ...row, version: version + 1 })
    }),
  )
}

export const twoZones = () =>
  new Problem(
    'business-rule',
    'Days and weeks of a service with limits begin at one midnight, and this one is offered in two zones. Describe another service for the other zone.',
  )

/** Limits may have changed: every week that can be booked is counted anew. */
async function recount(ctx: Tx, { id, per_day, per_week }: ServiceRow): Promise<void> {
  await forgetFull(ctx.db, id)
  const [zone, other] = await zonesOffering(ctx.db, id)
  if (zone === undefined) return
  if (other !== undefined && (per_day ?? per_week) !== null) throw twoZones()
  for (let day = 0; day <= HORIZON_DAYS + 7; day += 7)
    countVisits(ctx, { service_id: id, zone, start_at: new Date(ctx.now().getTime() + day * DAY) })
}

export async function withdrawService(ctx: Ctx, id: string, version: number): Promise<void> {
  const { practitioner_id: practitioner } = await keptService(ctx, id)
  await projected(ctx, async (ctx) => {
    await lockCalendar(ctx.db, practitioner)
    const row = await keptService(ctx, id)
    if ((await zonesOffering(ctx.db, id)).length > 0)
      throw new Problem('conflict', 'A schedule offers this service. Take it out of the schedule first.')
    if (!(await deleteService(ctx.db, id, version, ctx.now()))) throw changed()
    auditService(ctx, 'D', row)
  })
}

export async function readService(ctx: Ctx, id: string): Promise<View> {
  const row = await liveService(ctx.db, id)
  if (!row) throw notThere()
  return toService(row)
}

export async function servicesPage(
  ctx: Ctx,
  practitioner: string,
  { limit = 20, cursor }: Static<typeof listServices.query>,
): Promise<Static<typeof listServices.response>> {
  const [after] = decodeCursor(cursor, ['text']) ?? []
  const rows = await servicesOf(ctx.db, practitioner, String(after ?? ''), limit + 1)
  return pageOf(rows, limit, ({ code }) => [code], toService)
}

const notThere = () => new Problem('not-found', 'There is no such service, or it is not yours to change.')
const changed = () => new Problem('lock-error', 'The service has changed since you read it. Read it again.')

/** One that the caller may change now. */
async function keptService(
  ctx: Pick<Ctx, 'db' | 'actor' | 'now'>,
  id: string,
): Promise<ServiceRow & { version: number }> {
  const row = await liveService(ctx.db, id)
  if (!row) throw notThere()
  await checkKeeps(ctx, row.practitioner_id)
  return row
}

function checkSpeciality(listed: readonly string[], speciality: string): void {
  if (!listed.includes(speciality)) throw new Problem('business-rule', `The profile does not list: ${speciality}.`)
}

async function orSameCode<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    if ((error as { constraint?: string }).constraint !== 'service_code') throw error
    throw new Problem('duplicate', 'This practitioner has a service of that code already.', { cause: error })
  }
}

const rowOf = (id: string, practitioner: string, facts: Static<typeof ServiceChange>): ServiceRow => ({
  id,
  practitioner_id: practitioner,
  code: facts.code,
  name: facts.name,
  speciality: facts.speciality,
  minutes: facts.minutes,
  before_minutes: facts.before ?? 0,
  after_minutes: facts.after ?? 0,
  notice_minutes: facts.notice ?? 0,
  window_days: facts.window ?? HORIZON_DAYS,
  per_day: facts.perDay ?? null,
  per_week: facts.perWeek ?? null,
  seats: facts.seats ?? 1,
})

const toService = (row: ServiceRow & { version: number }): View => ({
  id: row.id,
  practitioner: row.practitioner_id,
  code: row.code,
  name: row.name,
  speciality: row.speciality,
  minutes: row.minutes,
  before: row.before_minutes,
  after: row.after_minutes,
  notice: row.notice_minutes,
  window: row.window_days,
  ...(row.per_day !== null && { perDay: row.per_day }),
  ...(row.per_week !== null && { perWeek: row.per_week }),
  ...(row.seats > 1 && { seats: row.seats }),
  version: row.version,
})

function auditService(ctx: Tx, action: 'C' | 'U' | 'D', { id, practitioner_id }: ServiceRow): void {
  audit(ctx, { action, entity: `HealthcareService/${id}`, ...auditedBy(ctx, practitioner_id) })
}
