import type { Static } from 'typebox'
import { expectTreats } from '#fhir/rooms/relationship.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import type { Language } from '#platform/language.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientCard } from '../../registry/contract.ts'
import type { changeCarePlan, changeCarePlanStatus } from '../contract.ts'
import { insertPlan } from '../queries.ts'
import type { CarePlansTables } from '../tables.ts'
import { templateWithin } from '../templates/templates.ts'
import { practitionerOf } from '../viewer.ts'
import { expectVersion } from './changes-since.ts'
import { expectFits } from './expect-fits.ts'
import { expectSound } from './expect-sound.ts'
import { partsOf, type Wish } from './from-template.ts'
import type { Activity, Goal, Plan } from './plan.ts'
import { type Held, heldWithin } from './read-plan.ts'
import { savePlan } from './save-plan.ts'

type Ctx = Context<CarePlansTables>
type Tx = TransactionContext<CarePlansTables>
type Change = Static<typeof changeCarePlan.body>

const withId = <T extends { id?: string }>(one: T): T & { id: string } => ({ ...one, id: one.id ?? newId() })

const goalOf = (goal: Change['goals'][number]): Goal => ({ achievement: 'in-progress', ...withId(goal) })

/** What a practitioner does and nobody is named for, does whoever writes the plan. */
const activityOf = (activity: Change['activities'][number], by: string): Activity => ({
  ...withId(activity),
  ...(activity.performer.role === 'practitioner' && {
    performer: { ...activity.performer, practitioner: activity.performer.practitioner ?? by },
  }),
})

export async function create(ctx: Ctx, patient: string, wish: Wish): Promise<Plan> {
  const by = practitionerOf(ctx)
  await expectTreats(ctx, patient)
  const zone = wish.zone ?? (await ctx.call(readPatientCard, { params: { id: patient } })).zone
  return transact(ctx, async (ctx) => {
    const plan = newPlan(await withTemplate(ctx, wish), { patient, by, zone, now: ctx.now() })
    expectSound(plan)
    const active = await expectFits(ctx, plan)
    await insertPlan(ctx.db, { id: plan.id, patient_id: patient, practitioner_id: by })
    return savePlan(ctx, plan, { active })
  })
}

/** What is asked for, with what the template has. */
type Made = Omit<Wish, 'template' | 'mandate'> & Pick<Plan, 'template'>

/** What was given takes the place of what the template has. */
async function withTemplate(ctx: Tx, wish: Wish): Promise<Made> {
  const { template: id, mandate: _mandate, ...given } = wish
  if (id === undefined) return given
  const template = await templateWithin(ctx, id)
  if (template?.status !== 'active')
    throw new Problem('business-rule', 'There is no such template in use. Choose another.', {
      errors: [{ pointer: '/body/template', detail: 'is no template in use' }],
    })
  return { ...partsOf(template, wish), ...given }
}

function newPlan(
  wish: Made,
  { patient, by, zone, now }: { patient: string; by: string; zone: string; now: Date },
): Plan {
  const { title, status = 'active', category = 'general', goals = [], activities = [], ...facts } = wish
  if (title === undefined)
    throw new Problem('business-rule', 'A plan has a title.', {
      errors: [{ pointer: '/body/title', detail: 'is missing, and no template says it' }],
    })
  return {
    ...facts,
    ...{ id: newId(), patient, status, title, category, zone, practitioner: by, version: 1 },
    goals: goals.map(goalOf),
    activities: activities.map((activity) => activityOf(activity, by)),
    changed: { at: now.toISOString(), by },
  }
}

/** Whoever changes it, and in which words they are told what others changed. */
interface Of {
  id: string
  version: number
  language: Language
}

export const change = (ctx: Ctx, of: Of, { reason, ...facts }: Change): Promise<Plan> =>
  changed(ctx, of, reason, ({ plan }, by) => {
    if (!GOES_ON.has(plan.status))
      throw new Problem('business-rule', 'This plan has ended, and stays as it is. Make another.')
    const { id, patient, status, category, template, practitioner, version, changed } = plan
    const goals = facts.goals.map(goalOf)
    const activities = facts.activities.map((activity) => activityOf(activity, by))
    const next: Plan = {
      ...{ id, patient, status, category, practitioner, version, changed },
      ...(template && { template }),
      ...{ ...facts, goals, activities },
    }
    const given = (named: readonly { id?: string }[], all: readonly { id: string }[]) =>
      all.filter((_, n) => named[n]?.id === undefined)
    expectSound(next, {
      goals: [...plan.goals, ...(given(facts.goals, goals) as Goal[])],
      activities: [...plan.activities, ...(given(facts.activities, activities) as Activity[])],
    })
    return next
  })

const GOES_ON: ReadonlySet<Plan['status']> = new Set(['draft', 'active', 'on-hold'])

const NEXT: Readonly<Record<Plan['status'], readonly Plan['status'][]>> = {
  draft: ['active', 'revoked', 'entered-in-error'],
  active: ['on-hold', 'completed', 'revoked', 'entered-in-error'],
  'on-hold': ['active', 'completed', 'revoked', 'entered-in-error'],
  completed: ['entered-in-error'],
  revoked: ['entered-in-error'],
  'entered-in-error': [],
}

export const changeStatus = (
  ctx: Ctx,
  of: Of,
  { status, reason }: Static<typeof changeCarePlanStatus.body>,
): Promise<Plan> =>
  changed(ctx, of, reason, ({ plan }) => {
    if (!NEXT[plan.status].includes(status))
      throw new Problem('business-rule', 'From what it is now, the plan cannot become this.', {
        errors: [
          {
            pointer: '/body/status',
            detail: `must be one of ${NEXT[plan.status].join(', ') || 'none: it stays as it is'}`,
          },
        ],
      })
    return { ...plan, status }
  })

/** Whoever is overtaken between the look and the write is told the same as who comes later. */
function changed(
  ctx: Ctx,
  { id, version, language }: Of,
  reason: string | undefined,
  next: (held: Held, by: string) => Plan,
): Promise<Plan> {
  return transact(ctx, async (ctx) => {
    const by = practitionerOf(ctx)
    const held = await heldWithin(ctx, id)
    await expectTreats(ctx, held.plan.patient)
    await expectVersion(ctx, held.plan, { version, language })
    const plan = next(held, by)
    const active = await expectFits(ctx, plan, held.plan)
    const why = { at: ctx.now().toISOString(), by, ...(reason !== undefined && { reason }) }
    try {
      return await savePlan(ctx, { ...plan, changed: why }, { active, before: held })
    } catch (error) {
      if (error instanceof Problem && error.code === 'lock-error')
        await expectVersion(ctx, (await heldWithin(ctx, id)).plan, { version, language })
      throw error
    }
  })
}
