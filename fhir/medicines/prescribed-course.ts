import { type Course, courseOf } from '../dosage/course.ts'
import { regimenOf } from '../dosage/in-fhir.ts'
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
