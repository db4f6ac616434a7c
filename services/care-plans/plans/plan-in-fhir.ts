import type { Static } from 'typebox'
import type { Resource } from '#fhir/resource.ts'
import { categoryOf, labelled } from '#fhir/rooms/labels.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import type { CarePlanSummary, PlanVersion } from '../contract.ts'
import { goalOf } from './goal-in-fhir.ts'
import type { Activity, Plan } from './plan.ts'
import { scheduleInFhir, scheduleOf, type Timing } from './schedule-in-fhir.ts'

// A plan as CarePlan. Its goals are named in the versions that it means, so that what a version of it said is known for ever; `contributor` and `note` say who wrote this
// version, and why.

const ZONE = 'http://hl7.org/fhir/StructureDefinition/timezone'
/** R4 has no element for these: when the plan is to be looked at again, and which prescription says the dose of an activity. */
const REVIEW = 'StructureDefinition/care-plan-review'
const PRESCRIPTION = 'StructureDefinition/care-plan-prescription'
const KIND = '/v1/activity-kinds'

interface Reference {
  reference: string
}
interface Extension {
  url: string
  valueDate?: string
  valueCode?: string
  valueReference?: Reference
}
interface KeptActivity {
  id: string
  extension?: Extension[]
  detail: {
    code: { coding: { code: string }[] }
    scheduledTiming?: Timing
    performer: Reference[]
    description: string
  }
}
interface KeptPlan {
  extension: Extension[]
  instantiatesCanonical?: string[]
  status: Plan['status']
  title: string
  description?: string
  subject: Reference
  period: { start: string; end?: string }
  author: Reference
  contributor: Reference[]
  addresses?: Reference[]
  goal?: Reference[]
  activity?: KeptActivity[]
  note?: { text: string }[]
}

/** What an activity is while its plan is in this state. */
const ACTIVITY: Readonly<Record<Plan['status'], string>> = {
  draft: 'not-started',
  active: 'in-progress',
  'on-hold': 'on-hold',
  revoked: 'stopped',
  completed: 'completed',
  'entered-in-error': 'entered-in-error',
}

const to = (type: string, id: string): Reference => ({ reference: `${type}/${id}` })
const idIn = ({ reference }: Reference): string => reference.split('/')[1] ?? ''
const filled = <T>(list: readonly T[]) => (list.length > 0 ? list : undefined)

/** `goals`: references to the versions of its goals. `base`: address of the FHIR face. */
export function planInFhir(plan: Plan, goals: readonly string[], publicUrl: string): Resource & { id: string } {
  const { id, patient, status, title, description, category, problems = [], from, to: until, reviewOn, zone } = plan
  const base = `${publicUrl}/fhir/R4`
  const { template, practitioner, changed, activities } = plan
  const resource = {
    ...{ resourceType: 'CarePlan', id, ...labelled([category]) },
    extension: [
      { url: ZONE, valueCode: zone },
      ...(reviewOn === undefined ? [] : [{ url: `${base}/${REVIEW}`, valueDate: reviewOn }]),
    ],
    instantiatesCanonical: template && [`${base}/PlanDefinition/${template.id}|${template.version}`],
    ...{ status, intent: 'plan', title, description },
    subject: to('Patient', patient),
    period: { start: from, ...(until !== undefined && { end: until }) },
    author: to('Practitioner', practitioner),
    contributor: [to('Practitioner', changed.by)],
    addresses: filled(problems.map((problem) => to('Condition', problem))),
    goal: filled(goals.map((reference) => ({ reference }))),
    activity: filled(activities.map((activity) => activityInFhir(plan, activity, publicUrl))),
    note:
      changed.reason === undefined
        ? undefined
        : [{ authorReference: to('Practitioner', changed.by), time: changed.at, text: changed.reason }],
  }
  return Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== undefined)) as typeof resource
}

function activityInFhir({ status, patient }: Plan, activity: Activity, publicUrl: string) {
  const { id, instruction, kind, performer, schedule, prescription } = activity
  return {
    id,
    ...(prescription !== undefined && {
      extension: [
        { url: `${publicUrl}/fhir/R4/${PRESCRIPTION}`, valueReference: to('MedicationRequest', prescription) },
      ],
    }),
    detail: {
      ...(prescription !== undefined && { kind: 'MedicationRequest' }),
      code: { coding: [{ system: `${publicUrl}${KIND}`, code: kind }] },
      status: ACTIVITY[status],
      ...(schedule && { scheduledTiming: scheduleInFhir(schedule) }),
      performer: [performerInFhir(performer, patient)],
      description: instruction,
    },
  }
}

function performerInFhir({ role, mandate = '', practitioner = '' }: Activity['performer'], patient: string): Reference {
  if (role === 'caregiver') return to('RelatedPerson', mandate)
  return role === 'practitioner' ? to('Practitioner', practitioner) : to('Patient', patient)
}

function performerOf(reference: Reference): Activity['performer'] {
  const id = idIn(reference)
  if (reference.reference.startsWith('RelatedPerson/')) return { role: 'caregiver', mandate: id }
  return reference.reference.startsWith('Practitioner/')
    ? { role: 'practitioner', practitioner: id }
    : { role: 'patient' }
}

function activityOf({ id, extension = [], detail }: KeptActivity): Activity {
  const { code, scheduledTiming, performer, description } = detail
  const prescription = valueAt(extension, PRESCRIPTION)?.valueReference
  return {
    id,
    instruction: description,
    kind: (code.coding[0]?.code ?? 'other') as Activity['kind'],
    performer: performerOf(performer[0] ?? to('Patient', '')),
    ...(scheduledTiming && { schedule: scheduleOf(scheduledTiming) }),
    ...(prescription && { prescription: idIn(prescription) }),
  }
}

const valueAt = (extension: readonly Extension[], name: string) => extension.find(({ url }) => url.endsWith(name))

export function summaryOf(resource: Kept): Static<typeof CarePlanSummary> {
  const { status, title, subject, period, author, extension } = resource as unknown as KeptPlan
  const reviewOn = valueAt(extension, REVIEW)?.valueDate
  return {
    ...{ id: resource.id, patient: idIn(subject), status, title },
    category: categoryOf(resource) as Plan['category'],
    from: period.start,
    ...(period.end !== undefined && { to: period.end }),
    ...(reviewOn !== undefined && { reviewOn }),
    practitioner: idIn(author),
    version: Number(resource.meta.versionId),
  }
}

/** References to its goals, each in a version. */
export const goalsNamedIn = (resource: Resource): string[] =>
  ((resource as unknown as KeptPlan).goal ?? []).map(({ reference }) => reference)

/** `goals`: by the references of goalsNamedIn. */
export function planOf(resource: Kept, goals: ReadonlyMap<string, Kept>): Plan {
  const { description, addresses, extension, instantiatesCanonical, activity = [] } = resource as unknown as KeptPlan
  const [, id, version] = /([^/]+)\|(\d+)$/.exec(instantiatesCanonical?.[0] ?? '') ?? []
  return {
    ...summaryOf(resource),
    ...(description !== undefined && { description }),
    ...(addresses && { problems: addresses.map(idIn) }),
    zone: valueAt(extension, ZONE)?.valueCode ?? '',
    ...(id !== undefined && { template: { id, version: Number(version) } }),
    goals: goalsNamedIn(resource).flatMap((name) => {
      const goal = goals.get(name)
      return goal ? [goalOf(goal)] : []
    }),
    activities: activity.map(activityOf),
    changed: changeIn(resource),
  }
}

const changeIn = (resource: Kept): Plan['changed'] => {
  const { contributor, note } = resource as unknown as KeptPlan
  return {
    at: resource.meta.lastUpdated,
    by: idIn(contributor[0] ?? { reference: '' }),
    ...(note?.[0] && { reason: note[0].text }),
  }
}

export const versionIn = (resource: Kept): Static<typeof PlanVersion> => ({
  version: Number(resource.meta.versionId),
  status: (resource as unknown as KeptPlan).status,
  ...changeIn(resource),
})
