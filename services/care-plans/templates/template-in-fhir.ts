import type { Static } from 'typebox'
import { numberOf } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import type { Concept } from '../../records/contract/concept.ts'
import type { Template, TemplateFacts } from '../contract/templates.ts'
import { type Range, rangeInFhir, rangeOf } from '../plans/goal-in-fhir.ts'
import { rhythmInFhir, rhythmOf, type Timing } from '../plans/schedule-in-fhir.ts'

// A template as PlanDefinition: its `version` is that of its history, so that the canonical address of a version is one that this server answers.

export type Facts = Static<typeof TemplateFacts>
type Activity = Facts['activities'][number]

/** R4 has no element for these. */
const EXTENSION = 'StructureDefinition/care-plan-template'
const AUTHOR = `${EXTENSION}-author`
const LASTS = `${EXTENSION}-lasts`
const REVIEW = `${EXTENSION}-review`
const PARTICIPANT: Readonly<Record<Activity['role'], string>> = {
  patient: 'patient',
  caregiver: 'related-person',
  practitioner: 'practitioner',
}

interface Extension {
  url: string
  valueDuration?: { value: unknown }
  valueReference?: { reference: string }
}
interface KeptTemplate {
  extension?: Extension[]
  status: Static<typeof Template>['status']
  title: string
  description?: string
  useContext: { valueCodeableConcept: Static<typeof Concept> }[]
  goal?: {
    description: Static<typeof Concept>
    target?: { measure: Static<typeof Concept>; detailRange?: Range; due?: { value: unknown } }[]
  }[]
  action?: {
    description: string
    code: { coding: { code: Activity['kind'] }[] }[]
    timingTiming?: Timing
    participant: { type: string }[]
  }[]
}

const inDays = (value: number) => ({ value, unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' })
const filled = <T>(list: readonly T[]) => (list.length > 0 ? list : undefined)

interface Of {
  id: string
  version: number
  status: KeptTemplate['status']
  practitioner?: string | undefined
  publicUrl: string
}

export function templateInFhir(
  facts: Facts,
  { id, version, status, practitioner, publicUrl }: Of,
): Resource & { id: string } {
  const { title, description, condition, lastsDays, reviewAfterDays, goals, activities } = facts
  const base = `${publicUrl}/fhir/R4`
  const extension = [
    ...(practitioner === undefined
      ? []
      : [{ url: `${base}/${AUTHOR}`, valueReference: { reference: `Practitioner/${practitioner}` } }]),
    ...(lastsDays === undefined ? [] : [{ url: `${base}/${LASTS}`, valueDuration: inDays(lastsDays) }]),
    ...(reviewAfterDays === undefined ? [] : [{ url: `${base}/${REVIEW}`, valueDuration: inDays(reviewAfterDays) }]),
  ]
  const resource = {
    ...{ resourceType: 'PlanDefinition', id, extension: filled(extension) },
    ...{ url: `${base}/PlanDefinition/${id}`, version: String(version), title, status, description },
    useContext: [
      {
        code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'focus' },
        valueCodeableConcept: condition,
      },
    ],
    goal: filled(goals.map(goalInFhir)),
    action: filled(activities.map((activity) => actionInFhir(activity, publicUrl))),
  }
  return Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== undefined)) as typeof resource
}

const goalInFhir = ({ what, targets = [] }: Facts['goals'][number]) => ({
  description: what,
  ...(targets.length > 0 && {
    target: targets.map(({ measure, within, afterDays }) => ({
      measure,
      ...(within && { detailRange: rangeInFhir(within) }),
      ...(afterDays !== undefined && { due: inDays(afterDays) }),
    })),
  }),
})

function actionInFhir({ instruction, kind, role, schedule }: Activity, publicUrl: string) {
  const { forDays, ...rhythm } = schedule ?? { timesOfDay: [] }
  return {
    description: instruction,
    code: [{ coding: [{ system: `${publicUrl}/v1/activity-kinds`, code: kind }] }],
    ...(schedule && {
      timingTiming: {
        repeat: { ...(forDays !== undefined && { boundsDuration: inDays(forDays) }), ...rhythmInFhir(rhythm) },
      },
    }),
    participant: [{ type: PARTICIPANT[role] }],
  }
}

export function templateOf(resource: Kept): Static<typeof Template> {
  const {
    extension = [],
    status,
    title,
    description,
    useContext,
    goal = [],
    action = [],
  } = resource as unknown as KeptTemplate
  const valueAt = (name: string) => extension.find(({ url }) => url.endsWith(name))
  const author = valueAt(AUTHOR)?.valueReference?.reference.split('/')[1]
  return {
    ...{ id: resource.id, status, title },
    ...(description !== undefined && { description }),
    condition: useContext[0]?.valueCodeableConcept ?? {},
    ...days('lastsDays', valueAt(LASTS)?.valueDuration),
    ...days('reviewAfterDays', valueAt(REVIEW)?.valueDuration),
    goals: goal.map(({ description: what, target }) => ({
      what,
      ...(target && {
        targets: target.map(({ measure, detailRange, due }) => ({
          measure,
          ...(detailRange && { within: rangeOf(detailRange) }),
          ...days('afterDays', due),
        })),
      }),
    })),
    activities: action.map(({ description: instruction, code, timingTiming, participant }) => ({
      ...{ instruction, kind: code[0]?.coding[0]?.code ?? 'other', role: roleOf(participant[0]?.type) },
      ...(timingTiming && {
        schedule: { ...rhythmOf(timingTiming), ...days('forDays', timingTiming.repeat.boundsDuration) },
      }),
    })),
    ...(author !== undefined && { practitioner: author }),
    version: Number(resource.meta.versionId),
  }
}

const days = <N extends string>(name: N, duration: { value: unknown } | undefined) =>
  (duration === undefined ? {} : { [name]: numberOf(duration.value) }) as { [name in N]?: number }

const roleOf = (type: string | undefined): Activity['role'] =>
  (Object.keys(PARTICIPANT) as Activity['role'][]).find((role) => PARTICIPANT[role] === type) ?? 'patient'
