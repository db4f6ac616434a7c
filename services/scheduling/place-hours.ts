import type { Static } from 'typebox'
import { practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import { addDays, dateIn } from '#platform/wall-clock.ts'
import { readPlaceCard, readPractitionerCard } from '../registry/contract.ts'
import type { NewSchedule, Schedule, ScheduleChange } from './contract/schedules.ts'
import {
  auditSchedule,
  checkKeeps,
  horizonOf,
  keeperOf,
  leaveOutside,
  practitionerOf,
  reexpand,
  toSchedule,
} from './own-calendar.ts'
import { projected } from './projection/projector.ts'
import { keepPlace, keepPractitioner, type PlaceCard, type PractitionerCard, refreshOffers } from './queries/mirror.ts'
import {
  deleteSchedule,
  insertSchedule,
  keptSchedule,
  lockCalendar,
  type NewScheduleRow,
  replaceShifts,
  resourcesNamed,
  updateSchedule,
} from './queries/schedules.ts'
import { countedElsewhere, foreignServices } from './queries/services.ts'
import { whyNoDayRule } from './recurrence/rule.ts'
import { twoZones } from './services.ts'
import { checkReserved } from './shares.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>
type Facts = Static<typeof ScheduleChange>
type View = Static<typeof Schedule>

/** Places weekly hours: the practitioner, or for one without an account the desk that registered them. */
export async function createSchedule(
  ctx: Ctx,
  { practitioner: named, ...facts }: Static<typeof NewSchedule>,
): Promise<View> {
  const practitioner = practitionerOf(ctx, named)
  await checkKeeps(ctx, practitioner)
  const cards = await askRegistry(ctx, practitioner, facts)
  return projected(ctx, async (ctx) => {
    const row = await rowOf(ctx, newId(), facts, cards)
    await checkKeeps(ctx, practitioner)
    await insertSchedule(ctx.db, row, ctx.now())
    await reexpand(ctx, row, false, 'hours')
    auditSchedule(ctx, 'C', row.id, row.practitioner_id)
    return toSchedule({ ...row, ...namesOf(facts), version: 1 })
  })
}

/** Changes hours; see `reexpand` for what happens to appointments. */
export async function changeSchedule(
  ctx: Ctx,
  id: string,
  facts: Facts,
  version: number,
  acceptAffected: boolean,
): Promise<View> {
  const practitioner = await practitionerWith(ctx, id)
  const cards = await askRegistry(ctx, practitioner, facts)
  return projected(ctx, async (ctx) => {
    const row = await rowOf(ctx, id, facts, cards)
    await practitionerWith(ctx, id)
    if (!(await updateSchedule(ctx.db, row, version))) throw changed()
    const affected = await reexpand(ctx, row, acceptAffected, 'hours')
    auditSchedule(ctx, 'U', id, practitioner)
    return toSchedule({ ...row, ...namesOf(facts), version: version + 1 }, affected)
  })
}

/** Withdraws a schedule: its hours end now, its appointments stay. */
export async function withdrawSchedule(ctx: Ctx, id: string, version: number, acceptAffected: boolean): Promise<void> {
  const practitioner = await practitionerWith(ctx, id)
  await projected(ctx, async (ctx) => {
    await lockCalendar(ctx.db, practitioner)
    const row = await keptSchedule(ctx.db, id, keeperOf(ctx))
    if (!row) throw notThere()
    if (!(await deleteSchedule(ctx.db, id, version, ctx.now()))) throw changed()
    await replaceShifts(ctx.db, row, ctx.now(), [])
    await refreshOffers(ctx.db, [practitioner], ctx.now())
    await leaveOutside(ctx, row, acceptAffected, 'withdrawn')
    auditSchedule(ctx, 'D', id, practitioner)
  })
}

export const notThere = () => new Problem('not-found', 'There is no such schedule, or it is not yours to place.')
const changed = () => new Problem('lock-error', 'The schedule has changed since you read it. Read it again.')

/** Whose hours these are, which never changes. Throws unless the caller may place them now. */
export async function practitionerWith(ctx: Pick<Ctx, 'db' | 'actor' | 'now'>, schedule: string): Promise<string> {
  const row = await keptSchedule(ctx.db, schedule, keeperOf(ctx))
  if (!row) throw notThere()
  return row.practitioner_id
}

interface Cards {
  practitioner: PractitionerCard
  place: PlaceCard | undefined
}

/** What registry knows of who and where; asked before the transaction. */
async function askRegistry(ctx: Ctx, whose: string, facts: Facts): Promise<Cards> {
  const { place, validFrom, validUntil, hours } = facts
  if (resourcesIn(facts).length > 0 && place === undefined)
    throw new Problem('business-rule', 'A room or a device is in a place: name the place.')
  if (validUntil !== undefined && validUntil < validFrom)
    throw new Problem('business-rule', 'validUntil lies before validFrom.')
  if (hours.some(({ from, until }) => until <= from))
    throw new Problem('business-rule', 'Hours end after they begin; split those that cross midnight.')
  checkRules(ctx, facts)
  checkReserved(facts.reserved ?? [])
  const [practitioner, known] = await Promise.all([
    ctx.call(readPractitionerCard, { params: { id: whose } }),
    place === undefined ? undefined : orNoPlace(ctx.call(readPlaceCard, { params: { id: place } })),
  ])
  if (practising(ctx) !== whose) checkDesk(practitioner, known)
  return { practitioner, place: known }
}

/** A rule is counted from the first day on. */
const RULE_DAYS = 3_653

/** Each on weekdays or by a rule, and each rule one of days. */
function checkRules(ctx: Ctx, { hours, validFrom }: Facts): void {
  if (hours.some(({ rule }) => rule !== undefined) && validFrom < addDays(dateIn('UTC', ctx.now()), -RULE_DAYS))
    throw new Problem('business-rule', 'Hours by a rule begin ten years ago at the earliest: give a later validFrom.')
  for (const [i, { day, rule }] of hours.entries()) {
    const detail = (day === undefined) === (rule === undefined) ? 'needs either day or rule' : whyNoDayRule(rule)
    if (detail === undefined) continue
    throw new Problem('invalid', 'Hours are on a day of the week, or by a recurrence rule of days (RFC 5545).', {
      errors: [{ pointer: `/body/hours/${i}/${rule === undefined ? 'day' : 'rule'}`, detail }],
    })
  }
}

/** Who signs in themselves needs a licence to come this far, and may work anywhere; a desk has one house. */
function checkDesk({ licensedUntil, organisation }: PractitionerCard, place: PlaceCard | undefined): void {
  if (licensedUntil === undefined)
    throw new Problem('business-rule', 'This practitioner has no verified licence; hours can be placed once it is.')
  if (place && place.organisation !== organisation)
    throw new Problem('business-rule', 'A desk places hours at places of its own organisation; see GET /v1/places.')
}

async function orNoPlace(answer: Promise<PlaceCard>): Promise<PlaceCard> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found')
      throw new Problem('business-rule', 'There is no such place; see GET /v1/places.', { cause: error })
    throw error
  }
}

async function checkServices(ctx: TransactionContext<SchedulingTables>, practitioner: string, services: string[]) {
  const foreign = await foreignServices(ctx.db, practitioner, services)
  if (foreign.length > 0)
    throw new Problem(
      'business-rule',
      `This practitioner does not offer: ${foreign.join(', ')}. See POST /v1/services.`,
    )
}

const namesOf = ({ room, devices = [] }: Facts) => ({ room: room ?? null, devices: devices.toSorted() })

/** What is taken with each visit, by name; with the id that it gets if it is new. */
const resourcesIn = ({ room, devices = [] }: Facts) => [
  ...(room === undefined ? [] : [{ id: newId(), kind: 'room' as const, name: room }]),
  ...devices.map((name) => ({ id: newId(), kind: 'device' as const, name })),
]

/** Locks the calendar, keeps the mirror and builds the row. */
async function rowOf(
  ctx: TransactionContext<SchedulingTables>,
  id: string,
  facts: Facts,
  { practitioner, place }: Cards,
): Promise<NewScheduleRow> {
  const specialities = facts.specialities ?? practitioner.specialities
  const foreign = specialities.filter((code) => !practitioner.specialities.includes(code))
  if (foreign.length > 0) throw new Problem('business-rule', `The profile does not list: ${foreign.join(', ')}.`)
  if (specialities.length === 0) throw new Problem('business-rule', 'Add a speciality to the profile first.')
  await checkServices(ctx, practitioner.id, facts.services ?? [])
  if (facts.modes.includes('in-person') && !place) throw new Problem('business-rule', 'Visits in person need a place.')
  const zone = facts.zone ?? place?.zone
  if (!zone) throw new Problem('business-rule', 'Without a place, name the zone of the hours.')
  if (await countedElsewhere(ctx.db, id, facts.services ?? [], zone)) throw twoZones()
  const wanted = resourcesIn(facts)
  const resources = place && wanted.length > 0 ? await resourcesNamed(ctx.db, place.id, wanted) : []
  await lockCalendar(ctx.db, practitioner.id, resources)
  await keepPractitioner(ctx.db, practitioner)
  if (place) await keepPlace(ctx.db, place)
  // What was asked before the lock may be old by now.
  addJob(ctx, 'mirror', { practitioner: practitioner.id })
  if (place) addJob(ctx, 'mirror-place', { place: place.id })
  return {
    id,
    practitioner_id: practitioner.id,
    place_id: place?.id ?? null,
    resources,
    modes: facts.modes,
    specialities,
    zone,
    minutes: facts.minutes,
    services: facts.services ?? [],
    new_patients: facts.newPatients ?? true,
    on_holidays: facts.onHolidays ?? false,
    reserved: facts.reserved?.length ? facts.reserved : null,
    hours: facts.hours,
    valid_from: facts.validFrom,
    valid_until: facts.validUntil ?? null,
    expanded_until: horizonOf(zone, ctx.now()),
  }
}
