import { Type } from 'typebox'
import { CalendarDate, Closed, Id, Prose } from '#platform/operation.ts'
import { Concept } from '../../records/contract/concept.ts'

/** Where a measured value is to lie. */
export const Within = Closed(
  {
    low: Type.Optional(Type.Number({ examples: [60] })),
    high: Type.Optional(Type.Number({ examples: [140] })),
    unit: Type.String({
      minLength: 1,
      maxLength: 50,
      pattern: '^[!-~]+$',
      examples: ['mm[Hg]'],
      description: 'UCUM; never guessed: `1` where there is none',
    }),
  },
  { title: 'TargetRange', minProperties: 2, description: 'From `low` to `high`, both included; one of them or both' },
)

export const achievements = [
  'in-progress',
  'improving',
  'worsening',
  'no-change',
  'achieved',
  'sustaining',
  'not-achieved',
  'no-progress',
  'not-attainable',
] as const

const Target = Closed(
  {
    measure: Concept,
    within: Type.Optional(Within),
    on: Type.Optional(Type.String({ ...CalendarDate, description: 'By when' })),
  },
  { title: 'GoalTarget' },
)

const goalFacts = {
  what: Concept,
  targets: Type.Optional(Type.Array(Target, { minItems: 1, maxItems: 5 })),
  achievement: Type.Optional(
    Type.Enum([...achievements], { examples: ['improving'], description: 'Left out: `in-progress`' }),
  ),
  note: Type.Optional({ ...Prose(2_000, 'Measured at home'), minLength: 1 }),
}

export const Goal = Closed({ id: Id, ...goalFacts }, { title: 'PlanGoal' })
/** One that is new has no id yet. */
export const GivenGoal = Closed({ id: Type.Optional(Id), ...goalFacts }, { title: 'GivenGoal' })
