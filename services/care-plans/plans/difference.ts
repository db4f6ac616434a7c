import type { Static } from 'typebox'
import { isSame } from '#fhir/json-value.ts'
import { directionOf, type Language } from '#platform/language.ts'
import type { PlanDifference } from '../contract.ts'
import { anotherIn, fieldIn, nameOf, type Speech, speechIn } from './in-words.ts'
import type { Activity, Goal, Plan } from './plan.ts'
import { activityFields, type Field, goalFields, planFields } from './words/words.ts'

type Difference = Static<typeof PlanDifference>
type Part = Difference['part']
type Of = Plan | Goal | Activity

/** What is different between two versions of a plan, for people to read. */
export function difference(was: Plan, is: Plan, language: Language): Difference[] {
  const say = speechIn(language)
  const arrow = directionOf(language) === 'rtl' ? '←' : '→'
  return [
    ...changesOf({ part: 'plan', name: '', fields: planFields }, was, is, { say, arrow }),
    ...partsOf('goal', was.goals, is.goals, { say, arrow }),
    ...partsOf('activity', was.activities, is.activities, { say, arrow }),
  ]
}

interface Manner {
  say: Speech
  arrow: string
}

const FIELDS = { goal: goalFields, activity: activityFields }

function partsOf<T extends Goal | Activity>(
  part: 'goal' | 'activity',
  was: readonly T[],
  is: readonly T[],
  manner: Manner,
): Difference[] {
  const { words } = manner.say
  const named = (one: T) => ` “${nameOf(one, manner.say)}”`
  const whole = (one: T, change: 'added' | 'left-out'): Difference => ({
    ...{ part, id: one.id, change },
    text: `${words.parts[part]}${named(one)}: ${change === 'added' ? words.added : words.leftOut}`,
  })
  return [
    ...is.flatMap((one) => {
      const before = was.find(({ id }) => id === one.id)
      if (!before) return [whole(one, 'added')]
      return changesOf({ part, name: named(before), id: one.id, fields: FIELDS[part] }, before, one, manner)
    }),
    ...was.filter(({ id }) => !is.some((one) => one.id === id)).map((one) => whole(one, 'left-out')),
  ]
}

/** Field by field. */
function changesOf(
  { part, name, id, fields }: { part: Part; name: string; id?: string; fields: readonly Field[] },
  was: Of,
  is: Of,
  { say, arrow }: Manner,
): Difference[] {
  const { words } = say
  const valueAt = (of: Of, field: Field) => (of as unknown as Record<Field, unknown>)[field]
  return fields.flatMap((field) => {
    if (isSame(valueAt(was, field), valueAt(is, field))) return []
    const before = fieldIn(field, was, say)
    const now = field === 'performer' ? performerSince(was as Activity, is as Activity, say) : fieldIn(field, is, say)
    const what = before === undefined && now === undefined ? words.changed : `${before ?? '–'} ${arrow} ${now ?? '–'}`
    return {
      ...{ part, ...(id !== undefined && { id }), change: 'changed' as const, field },
      ...(before !== undefined && { before }),
      ...(now !== undefined && { now }),
      text: `${words.parts[part]}${name}: ${words.fields[field]}: ${what}`,
    }
  })
}

/** Of two caregivers nothing but that is said: who they are, their mandates say. */
const performerSince = (was: Activity, is: Activity, say: Speech): string | undefined =>
  was.performer.role === is.performer.role ? anotherIn(is, say) : fieldIn('performer', is, say)
