import type { Static } from 'typebox'
import { numberOf } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import { labelled } from '#fhir/rooms/labels.ts'
import type { Concept } from '../../records/contract/concept.ts'
import type { Goal, Within } from '../contract/goals.ts'
import type { Plan } from './plan.ts'

const UCUM = 'http://unitsofmeasure.org'
const ACHIEVEMENT = 'http://terminology.hl7.org/CodeSystem/goal-achievement'

/** What a goal is while its plan is in this state. */
const LIFECYCLE: Readonly<Record<Plan['status'], string>> = {
  draft: 'proposed',
  active: 'active',
  'on-hold': 'on-hold',
  revoked: 'cancelled',
  completed: 'completed',
  'entered-in-error': 'entered-in-error',
}

interface Quantity {
  value: unknown
  code: string
}
export interface Range {
  low?: Quantity
  high?: Quantity
}
interface KeptGoal {
  id: string
  description: Static<typeof Concept>
  achievementStatus: { coding: { code: string }[] }
  target?: { measure: Static<typeof Concept>; detailRange?: Range; dueDate?: string }[]
  note?: { text: string }[]
}

export const rangeInFhir = ({ low, high, unit }: Static<typeof Within>) => {
  const quantity = (value: number) => ({ value, unit, system: UCUM, code: unit })
  return { ...(low !== undefined && { low: quantity(low) }), ...(high !== undefined && { high: quantity(high) }) }
}

export function rangeOf({ low, high }: Range): Static<typeof Within> {
  const [from, to] = [numberOf(low?.value), numberOf(high?.value)]
  return {
    ...(from !== undefined && { low: from }),
    ...(to !== undefined && { high: to }),
    unit: low?.code ?? high?.code ?? '',
  }
}

/** One that the plan no longer has is `cancelled`. */
export const goalInFhir = (
  { patient, category, status }: Pick<Plan, 'patient' | 'category' | 'status'>,
  { id, what, targets = [], achievement = 'in-progress', note }: Static<typeof Goal>,
  lifecycle = LIFECYCLE[status],
): Resource & { id: string } => ({
  ...{ resourceType: 'Goal', id, ...labelled([category]), lifecycleStatus: lifecycle },
  achievementStatus: { coding: [{ system: ACHIEVEMENT, code: achievement }] },
  description: what,
  subject: { reference: `Patient/${patient}` },
  ...(targets.length > 0 && {
    target: targets.map(({ measure, within, on }) => ({
      measure,
      ...(within && { detailRange: rangeInFhir(within) }),
      ...(on !== undefined && { dueDate: on }),
    })),
  }),
  ...(note !== undefined && { note: [{ text: note }] }),
})

export function goalOf(resource: Resource): Static<typeof Goal> {
  const { id, description, achievementStatus, target, note } = resource as unknown as KeptGoal
  return {
    id,
    what: description,
    ...(target && {
      targets: target.map(({ measure, detailRange, dueDate }) => ({
        measure,
        ...(detailRange && { within: rangeOf(detailRange) }),
        ...(dueDate !== undefined && { on: dueDate }),
      })),
    }),
    achievement: (achievementStatus.coding[0]?.code ?? 'in-progress') as NonNullable<
      Static<typeof Goal>['achievement']
    >,
    ...(note?.[0] && { note: note[0].text }),
  }
}
