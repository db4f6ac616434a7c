import type { Static } from 'typebox'
import { type Dose, isSayable } from '#fhir/dosage/dose.ts'
import { moreThanMost } from '#fhir/dosage/most.ts'
import { findOf, findWithin, type Kept, readResource, readWithin } from '#fhir/rooms/read.ts'
import { type Ages, agesAt, type Question, questionsAbout } from '#fhir/vital-signs/ask-back.ts'
import { CONFIRMED } from '#fhir/vital-signs/observation.ts'
import { mayCall } from '#platform/access.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { type FieldError, Problem } from '#platform/errors.ts'
import type { NewDose, Prescription as Shown } from '../contract/prescriptions.ts'
import type { CarePlansTables } from '../tables.ts'
import { timesWeight } from './prescription.ts'
import { daysSince, limitAt, newestWeight, type Weight, weightIn } from './weight.ts'

type Tx = TransactionContext<CarePlansTables>
type Asked = Static<typeof NewDose>

/** Whoever rounds by more is asked back. */
const MOST_ROUNDED = 0.1

/** Doses for each kilogram as amounts, of the newest weight that whoever prescribes may see. Throws where there is none, or it is too old: nothing is worked out of that. */
export async function workedOut(
  ctx: Tx,
  patient: string,
  doses: readonly Asked[],
): Promise<{ doses: Dose[]; weight?: Weight }> {
  if (doses.every(({ perKilogram }) => perKilogram === undefined)) return { doses: [...doses] as Dose[] }
  const weight = await usableWeight(ctx, patient, doses)
  const errors: FieldError[] = []
  const worked = doses.map((dose, n) => {
    const { value, fault } = amountOf(dose, weight)
    if (fault !== undefined) errors.push({ pointer: `/body/doses/${n}/perKilogram`, detail: fault })
    return value
  })
  if (errors.length > 0)
    throw new Problem('business-rule', 'A dose by weight cannot be prescribed like this; see errors.', { errors })
  return { doses: worked, weight }
}

function amountOf({ perKilogram, ...dose }: Asked, weight: Weight): { value: Dose; fault?: string } {
  if (!perKilogram) return { value: dose as Dose }
  const { roundTo, ...each } = perKilogram
  const exactly = timesWeight(each.value, weight)
  const value = roundTo === undefined ? exactly : Number((Math.round(exactly / roundTo) * roundTo).toPrecision(12))
  const fault = !isSayable(value)
    ? `is ${exactly} ${each.unit}: say in \`roundTo\` to what it is rounded`
    : Math.abs(value - exactly) > exactly * MOST_ROUNDED
      ? `is ${exactly} ${each.unit}, and rounded would be off by more than a tenth`
      : moreThanMost({ ...dose, amount: { value, unit: each.unit } })
        ? `is ${value} ${each.unit}, more than \`most\` lets be`
        : undefined
  return {
    value: { ...dose, amount: { value, unit: each.unit }, perKilogram: each } as Dose,
    ...(fault !== undefined && { fault }),
  }
}

/** The newest one, or nothing: an older one beside it is not taken because it is easier to read. */
async function usableWeight(ctx: Tx, patient: string, doses: readonly Asked[]): Promise<Weight> {
  const now = ctx.now()
  const newest = await newestWithin(ctx, patient)
  const [person] = (await readWithin(ctx, [{ type: 'Patient', id: patient }])).values()
  const refuse = (detail: string, details?: object) => {
    const places = doses.flatMap(({ perKilogram }, n) => (perKilogram ? [`/body/doses/${n}/perKilogram`] : []))
    return new Problem('business-rule', `${detail} Measure anew and record that, or state the dose in \`amount\`.`, {
      errors: places.map((pointer) => ({ pointer, detail: 'cannot be worked out' })),
      ...(details && { details: { ...details } }),
    })
  }
  if (!newest) throw refuse(NONE_SEEN)
  const weight = weightIn(newest)
  if (!weight) throw refuse('The newest weight has no number, no unit of mass, or no day.', { observation: newest.id })
  const limitDays = limitAt(person?.birthDate, now)
  const daysOld = daysSince(weight.measuredAt, now)
  const says = { weight: { ...weight, daysOld }, limitDays }
  if (daysOld < -1) throw refuse('The newest weight is of a day that is still to come.', says)
  if (daysOld > limitDays) throw refuse('The newest weight is too old for this age.', says)
  const [doubt] = doubtsAbout(newest, weight, agesAt(person?.birthDate as string | undefined, now))
  if (doubt) throw refuse(`The newest weight ${doubt.detail}.`, says)
  return weight
}

const NONE_SEEN = 'There is no weight in the record that you may see.'

const maySeeWeights = ({ actor }: Pick<Context, 'actor'>): boolean =>
  mayCall(actor, { access: 'Observation.s', patient: '/params/id' })

const newestWithin = async (ctx: Tx, patient: string): Promise<Kept | undefined> =>
  maySeeWeights(ctx) ? (await findWithin(ctx, 'Observation', newestWeight(patient))).resources[0] : undefined

/** A dose that was worked out goes on only where its weight is still what would be taken, and not too old. */
export async function expectFresh(ctx: Tx, patient: string, weight: Weight): Promise<void> {
  const found = await newestWithin(ctx, patient)
  if (!found) throw new Problem('business-rule', `${NONE_SEEN} Renew it.`)
  const [person] = (await readWithin(ctx, [{ type: 'Patient', id: patient }])).values()
  const newest = weightIn(found)
  const isOld = daysSince(weight.measuredAt, ctx.now()) > limitAt(person?.birthDate, ctx.now())
  if (isOld || !newest || !isSameWeight(newest, weight))
    throw new Problem(
      'business-rule',
      'The weight that it is dosed by is too old, or another was measured since. Renew it.',
    )
}

/** What came by another door was not asked back there. Who has looked again says so of what is hardly plausible, and of nothing that cannot be. */
function doubtsAbout({ note }: Kept, { value, unit }: Weight, ages: Ages | undefined): Question[] {
  const confirmed = ((note ?? []) as { text?: string }[]).some(({ text }) => text === CONFIRMED)
  return questionsAbout({ kind: 'weight', value, unit, confirmed }, ages, '')
}

/** How the weight of a prescription stands by now: it does not change with the record, and says so. */
export async function byWeight(
  ctx: Context<CarePlansTables>,
  patient: string,
  weights: readonly (Weight | undefined)[],
): Promise<Static<typeof Shown>['byWeight'][]> {
  if (weights.every((one) => one === undefined)) return weights.map(() => undefined)
  const now = ctx.now()
  const person = await readResource(ctx, 'Patient', patient)
  const maySee = maySeeWeights(ctx)
  const found = maySee ? (await findOf(ctx, 'Observation', newestWeight(patient))).resources[0] : undefined
  const newest = found && weightIn(found)
  const limitDays = limitAt(person?.birthDate, now)
  const told = (weight: Weight) => ({ ...weight, daysOld: daysSince(weight.measuredAt, now) })
  return weights.map((weight) => {
    if (!weight) return undefined
    const isNewest = newest !== undefined && isSameWeight(newest, weight)
    return {
      ...{ ...told(weight), limitDays, isOld: told(weight).daysOld > limitDays },
      ...(maySee && { isNewest }),
      ...(newest && !isNewest && { newest: told(newest) }),
    }
  })
}

const isSameWeight = (one: Weight, other: Weight): boolean =>
  one.observation === other.observation && one.value === other.value && one.unit === other.unit
