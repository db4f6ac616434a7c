import { findWithin, type Kept } from '#fhir/rooms/read.ts'
import type { TransactionContext } from '#platform/context.ts'
import type { FieldError } from '#platform/errors.ts'
import { lockPrescriptions } from '../prescriptions/queries.ts'
import { licensedOf, validMandates } from '../queries.ts'
import type { CarePlansTables } from '../tables.ts'
import { expectNothing } from './expect-sound.ts'
import type { Activity, Plan } from './plan.ts'

type Tx = TransactionContext<CarePlansTables>

/**
 * Whether what a plan names is there, of this patient, and may do what the plan gives it. What it named before it still names: that a mandate has ended since, or that not all
 * who treat the patient may see a problem, is no fault of who changes something else.
 * Tells which of what is named anew is active, and nobody changes that meanwhile.
 */
export async function expectFits(ctx: Tx, plan: Plan, before?: Plan): Promise<ReadonlySet<string>> {
  const { patient, problems = [], activities } = plan
  const was = new Set([...(before?.problems ?? []), ...prescriptionsOf(before)])
  const isNew = (id: string) => !was.has(id)
  const prescriptions = prescriptionsOf(plan).filter(isNew)
  if (prescriptionsOf(plan).length > 0) await lockPrescriptions(ctx.db, patient)
  const [conditions, requests] = [
    await foundOf(ctx, 'Condition', patient, problems.filter(isNew)),
    await foundOf(ctx, 'MedicationRequest', patient, prescriptions),
  ]
  expectNothing([
    ...problems.flatMap((id, n) =>
      isNew(id) && !conditions.has(id)
        ? [{ pointer: `/body/problems/${n}`, detail: 'is no problem of this patient' }]
        : [],
    ),
    ...activities.flatMap(({ prescription }, n) =>
      prescription !== undefined && isNew(prescription) && !requests.has(prescription)
        ? [{ pointer: `/body/activities/${n}/prescription`, detail: 'is no prescription of this patient' }]
        : [],
    ),
    ...(await wrongPerformers(ctx, plan, before)),
  ])
  return new Set([...requests.values()].filter(({ status }) => status === 'active').map(({ id }) => id))
}

const prescriptionsOf = (plan?: Plan): string[] =>
  (plan?.activities ?? []).flatMap(({ prescription }) => prescription ?? [])

async function foundOf(ctx: Tx, type: string, patient: string, ids: readonly string[]): Promise<Map<string, Kept>> {
  if (ids.length === 0) return new Map()
  const { resources } = await findWithin(ctx, type, { patient, _id: ids.join(','), _count: '1000' })
  return new Map(resources.map((one) => [one.id, one]))
}

async function wrongPerformers(ctx: Tx, { patient, category, activities }: Plan, before?: Plan): Promise<FieldError[]> {
  const was = new Map(before?.activities.map(({ id, performer }) => [id, JSON.stringify(performer)]))
  const isNew = ({ id, performer }: Activity) => was.get(id) !== JSON.stringify(performer)
  const named = activities.map((activity) => (isNew(activity) ? activity.performer : { role: 'patient' as const }))
  const mandates = named.flatMap(({ mandate }) => mandate ?? [])
  const practitioners = named.flatMap(({ practitioner }) => practitioner ?? [])
  const now = ctx.now()
  const valid = mandates.length === 0 ? new Set() : await validMandates(ctx.db, { patient, mandates, category }, now)
  const licensed = practitioners.length === 0 ? new Set() : await licensedOf(ctx.db, practitioners, now)
  return named.flatMap(({ mandate, practitioner }, n) => {
    const pointer = `/body/activities/${n}/performer`
    if (mandate !== undefined && !valid.has(mandate))
      return [
        {
          pointer: `${pointer}/mandate`,
          detail: 'is no mandate by which a caregiver sees this of the patient now: ask the patient for one',
        },
      ]
    return practitioner !== undefined && !licensed.has(practitioner)
      ? [{ pointer: `${pointer}/practitioner`, detail: 'is no practitioner with a licence' }]
      : []
  })
}
