import type { Static } from 'typebox'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { addDays } from '#platform/wall-clock.ts'
import type { Template } from '../contract/templates.ts'
import type { createCarePlan } from '../contract.ts'
import type { Activity, Plan } from './plan.ts'

export type Wish = Static<typeof createCarePlan.body>
type Parts = Pick<Plan, 'title' | 'description' | 'to' | 'reviewOn' | 'goals' | 'activities' | 'template'>

const since = (from: string, days: number | undefined): string | undefined =>
  days === undefined ? undefined : addDays(from, days)

/** What a template makes of a plan that begins on this day. */
export function partsOf(template: Static<typeof Template>, { from, mandate }: Wish): Parts {
  const { id, version, title, description, lastsDays, reviewAfterDays, goals, activities } = template
  return {
    ...{ title, template: { id, version } },
    ...(description !== undefined && { description }),
    ...dated('to', since(from, lastsDays)),
    ...dated('reviewOn', since(from, reviewAfterDays)),
    goals: goals.map(({ what, targets }) => ({
      ...{ id: newId(), what },
      ...(targets && {
        targets: targets.map(({ afterDays, ...target }) => ({ ...target, ...dated('on', since(from, afterDays)) })),
      }),
      achievement: 'in-progress' as const,
    })),
    activities: activities.map(({ instruction, kind, role, schedule }) => ({
      ...{ id: newId(), instruction, kind, performer: performerOf(role, mandate) },
      ...(schedule && { schedule: scheduleFrom(schedule, from) }),
    })),
  }
}

const dated = <N extends string>(name: N, date: string | undefined) =>
  (date === undefined ? {} : { [name]: date }) as { [name in N]?: string }

function scheduleFrom(
  { forDays, ...rhythm }: NonNullable<Static<typeof Template>['activities'][number]['schedule']>,
  from: string,
): NonNullable<Activity['schedule']> {
  return { ...rhythm, from, ...dated('to', since(from, forDays && forDays - 1)) }
}

function performerOf(role: Activity['performer']['role'], mandate: string | undefined): Activity['performer'] {
  if (role !== 'caregiver') return { role }
  if (mandate === undefined)
    throw new Problem('business-rule', 'The template gives something to a caregiver. Say which, by their mandate.', {
      errors: [{ pointer: '/body/mandate', detail: 'is missing' }],
    })
  return { role, mandate }
}
