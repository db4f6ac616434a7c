import { type Course, courseOf, isPast } from '../dosage/course.ts'
import { regimenOf } from '../dosage/in-fhir.ts'
import { isObject, listOf } from '../indexing/json-object.ts'
import type { Resource } from '../resource.ts'

/**
 * Of a prescription that goes on by its status, which no time changes (docs/decisions/0064): when its doses end. Counted from when it was written last, since a change or a pause
 * begins it anew; undefined where it has no end, may be dispensed again, or says more of its doses than is read here.
 */
export function prescribedCourse(resource: Resource, now: Date): Course | undefined {
  const { status, dosageInstruction, dispenseRequest } = resource as {
    status?: string
    dosageInstruction?: unknown
    dispenseRequest?: { numberOfRepeatsAllowed?: unknown }
  }
  const written = resource.meta?.lastUpdated
  if (resource.resourceType !== 'MedicationRequest' || status !== 'active' || written === undefined) return undefined
  if (dispenseRequest?.numberOfRepeatsAllowed !== undefined) return undefined
  const regimen = regimenOf(dosageInstruction)
  return regimen && courseOf(regimen, new Date(written), now)
}

/**
 * The last day of a medicine that goes on by its status, where that is past everywhere: of its course; of doses that are not read here, where each says until when; of what is only told of,
 * where that says so.
 */
export function ranOutOn(resource: Resource, now: Date): string | undefined {
  const course = prescribedCourse(resource, now)
  if (course) return course.hasRunOut ? course.lastDay : undefined
  const { status, effectivePeriod, dosageInstruction, dispenseRequest } = resource
  const isTold = resource.resourceType === 'MedicationStatement'
  if (status !== 'active' || (isObject(dispenseRequest) && dispenseRequest.numberOfRepeatsAllowed !== undefined))
    return undefined
  const days = isTold ? [endOf(effectivePeriod)] : listOf(dosageInstruction).map(boundOf)
  const last = days.includes(undefined) ? undefined : days.toSorted().at(-1)
  return last !== undefined && isPast(Date.parse(last), now) ? last : undefined
}

/** A whole date. */
const endOf = (period: unknown): string | undefined =>
  isObject(period) && typeof period.end === 'string' ? /^\d{4}-\d\d-\d\d/.exec(period.end)?.[0] : undefined

function boundOf(dosage: unknown): string | undefined {
  const timing = isObject(dosage) ? dosage.timing : undefined
  const repeat = isObject(timing) ? timing.repeat : undefined
  return isObject(repeat) ? endOf(repeat.boundsPeriod) : undefined
}
