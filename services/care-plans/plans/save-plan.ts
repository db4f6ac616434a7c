import { isSame } from '#fhir/json-value.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import { type Write, writeResources } from '#fhir/rooms/write.ts'
import type { TransactionContext } from '#platform/context.ts'
import { instantOf } from '#platform/wall-clock.ts'
import { planActivities } from '../occurrences/plan-activities.ts'
import { planReview } from '../queries.ts'
import type { CarePlansTables } from '../tables.ts'
import { goalInFhir } from './goal-in-fhir.ts'
import type { Plan } from './plan.ts'
import { planInFhir } from './plan-in-fhir.ts'
import type { Held } from './read-plan.ts'

type Tx = TransactionContext<CarePlansTables>

/** When people are told that a plan is to be looked at again, where the patient is: their day has begun. */
const MORNING = '08:00'

/** Writes a plan, and its goals as far as they changed, as versions of their own. `active`: those of its prescriptions by which something is taken now. */
export async function savePlan(
  ctx: Tx,
  plan: Plan,
  { active, before }: { active: ReadonlySet<string>; before?: Held },
): Promise<Plan> {
  const { writes, references } = goalsOf(plan, before)
  const resource = planInFhir(plan, references, ctx.config.PUBLIC_URL)
  const version = before?.plan.version
  const written = await writeResources(ctx, [...writes, { resource, version, isHeld: true }])
  const { meta } = written.at(-1) as Kept
  const saved = { ...plan, version: Number(meta.versionId), changed: { ...plan.changed, at: meta.lastUpdated } }
  const review = reviewOf(saved)
  if (review?.getTime() !== (before && reviewOf(before.plan))?.getTime())
    await planReview(ctx.db, plan.id, review ?? null)
  await planActivities(ctx, saved, active)
  return saved
}

/** What has not changed is named as before; what the plan has no more is cancelled, and was in it. */
function goalsOf(plan: Plan, before: Held | undefined): { writes: Write[]; references: string[] } {
  const writes: Write[] = []
  const references = plan.goals.map((goal) => {
    const was = before?.plan.goals.find(({ id }) => id === goal.id)
    const version = before?.goals.get(goal.id)
    const resource = goalInFhir(plan, goal)
    if (before && was && isSame(asJson(resource), asJson(goalInFhir(before.plan, was))))
      return `Goal/${goal.id}/_history/${version}`
    writes.push({ resource, version, isHeld: true })
    return `Goal/${goal.id}/_history/${(version ?? 0) + 1}`
  })
  for (const goal of before?.plan.goals ?? [])
    if (!plan.goals.some(({ id }) => id === goal.id))
      writes.push({ resource: goalInFhir(plan, goal, 'cancelled'), version: before?.goals.get(goal.id), isHeld: true })
  return { writes, references }
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const GOES_ON: ReadonlySet<Plan['status']> = new Set(['draft', 'active', 'on-hold'])

const reviewOf = ({ status, reviewOn, zone }: Plan): Date | undefined =>
  reviewOn !== undefined && GOES_ON.has(status) ? new Date(instantOf(reviewOn, MORNING, zone)) : undefined
