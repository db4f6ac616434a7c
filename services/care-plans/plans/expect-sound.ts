import type { Static } from 'typebox'
import { canonicalUnit } from '#fhir/indexing/ucum.ts'
import { type FieldError, Problem } from '#platform/errors.ts'
import type { Within } from '../contract/goals.ts'
import type { ActivitySchedule } from '../contract/schedule.ts'
import type { Activity, Goal, Plan } from './plan.ts'

// What can be said of a plan by itself: that its days follow one another, that its units are units.

/** Of UCUM, and of a scale that cannot be converted. */
const SCALES: ReadonlySet<string> = new Set(['[pH]'])

type Days = Pick<Static<typeof ActivitySchedule>, 'days' | 'everyDays'>
type Said = Pick<Plan, 'from' | 'to' | 'reviewOn' | 'goals' | 'activities'>

/** `before`: what it was; an id is of what was there. */
export function expectSound(plan: Said, before?: Pick<Plan, 'goals' | 'activities'>): void {
  const { from, to, reviewOn, goals, activities } = plan
  const wrong: FieldError[] = [
    ...(to !== undefined && to < from ? [{ pointer: '/body/to', detail: 'is before it begins' }] : []),
    ...(reviewOn !== undefined && reviewOn < from
      ? [{ pointer: '/body/reviewOn', detail: 'is before the plan begins' }]
      : []),
    ...goals.flatMap((goal, n) => wrongIn(goal, `/body/goals/${n}`)),
    ...activities.flatMap((activity, n) => wrongWith(activity, from, `/body/activities/${n}`)),
    ...strangers(goals, before?.goals, '/body/goals'),
    ...strangers(activities, before?.activities, '/body/activities'),
  ]
  expectNothing(wrong)
}

export function expectNothing(errors: FieldError[]): void {
  if (errors.length > 0)
    throw new Problem('business-rule', 'The plan does not hold together. Correct what is named.', { errors })
}

const wrongIn = ({ targets = [] }: Pick<Goal, 'targets'>, pointer: string): FieldError[] =>
  targets.flatMap(({ within }, n) => (within ? wrongRange(within, `${pointer}/targets/${n}/within`) : []))

export function wrongRange({ low, high, unit }: Static<typeof Within>, pointer: string): FieldError[] {
  const isUnit = canonicalUnit(unit) !== undefined || SCALES.has(unit)
  return [
    ...(low !== undefined && high !== undefined && low > high
      ? [{ pointer: `${pointer}/high`, detail: 'is less than `low`' }]
      : []),
    ...(isUnit ? [] : [{ pointer: `${pointer}/unit`, detail: 'is no unit of UCUM, such as kg, mm[Hg] or mmol/L' }]),
  ]
}

function wrongWith(
  { kind, performer, schedule, prescription }: Activity,
  begins: string,
  pointer: string,
): FieldError[] {
  const { role, mandate, practitioner } = performer
  return [
    ...(schedule ? wrongSchedule(schedule, begins, `${pointer}/schedule`) : []),
    ...((role === 'caregiver') === (mandate !== undefined)
      ? []
      : [{ pointer: `${pointer}/performer/mandate`, detail: 'is named for a caregiver, and for nobody else' }]),
    ...(practitioner !== undefined && role !== 'practitioner'
      ? [{ pointer: `${pointer}/performer/practitioner`, detail: 'is named for a practitioner alone' }]
      : []),
    ...(prescription !== undefined && kind !== 'medicine'
      ? [{ pointer: `${pointer}/prescription`, detail: 'is of a `medicine` alone' }]
      : []),
  ]
}

function wrongSchedule(schedule: Static<typeof ActivitySchedule>, begins: string, pointer: string): FieldError[] {
  const { from, to } = schedule
  return [
    ...wrongDays(schedule, pointer),
    ...(from < begins ? [{ pointer: `${pointer}/from`, detail: 'is before the plan begins' }] : []),
    ...(to !== undefined && to < from ? [{ pointer: `${pointer}/to`, detail: 'is before it begins' }] : []),
  ]
}

export const wrongDays = ({ days, everyDays }: Days, pointer: string): FieldError[] =>
  days && everyDays !== undefined ? [{ pointer: `${pointer}/everyDays`, detail: 'cannot be together with `days`' }] : []

function strangers(
  all: readonly { id: string }[],
  before: readonly { id: string }[] | undefined,
  pointer: string,
): FieldError[] {
  const known = new Set(before?.map(({ id }) => id))
  return all.flatMap(({ id }, n) => {
    const twice = all.findIndex((one) => one.id === id) < n
    const strange = before !== undefined && !known.has(id)
    if (twice) return [{ pointer: `${pointer}/${n}/id`, detail: 'is there twice' }]
    return strange ? [{ pointer: `${pointer}/${n}/id`, detail: 'is not of this plan; what is new has no id' }] : []
  })
}
