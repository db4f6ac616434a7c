import type { Plan } from '../plan.ts'

export const planFields = ['status', 'title', 'description', 'problems', 'from', 'to', 'reviewOn', 'zone'] as const
export const goalFields = ['what', 'targets', 'achievement', 'note'] as const
export const activityFields = ['instruction', 'kind', 'performer', 'schedule', 'prescription'] as const
export type Field = (typeof planFields)[number] | (typeof goalFields)[number] | (typeof activityFields)[number]

type Kind = Plan['activities'][number]['kind']
type Role = Plan['activities'][number]['performer']['role']
type Achievement = NonNullable<Plan['goals'][number]['achievement']>

/** What is said of a plan that is not in its own words; some are in ICU MessageFormat. */
export interface Words {
  parts: Readonly<Record<'plan' | 'goal' | 'activity', string>>
  added: string
  leftOut: string
  /** Of a field of which what it says is no words. */
  changed: string
  fields: Readonly<Record<Field, string>>
  statuses: Readonly<Record<Plan['status'], string>>
  achievements: Readonly<Record<Achievement, string>>
  kinds: Readonly<Record<Kind, string>>
  roles: Readonly<Record<Role, string>>
  /** {role}: somebody else who is one. */
  another: string
  eachDay: string
  /** {count}, which is two or more. */
  everyDays: string
  /** {date} */
  from: string
  to: string
  by: string
  /** {low}, {high}, {unit} */
  between: string
  atLeast: string
  atMost: string
}
