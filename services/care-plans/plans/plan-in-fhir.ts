import type { Static } from 'typebox'
import { categoryOf } from '#fhir/rooms/labels.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import type { CarePlanSummary } from '../contract.ts'

export type Summary = Static<typeof CarePlanSummary>

/** Where the day is on which it is to be looked at again: CarePlan has no element for it. */
const REVIEW = '/StructureDefinition/care-plan-review'

interface CarePlan {
  status: Summary['status']
  title: string
  subject: { reference: string }
  period: { start: string; end?: string }
  extension?: { url: string; valueDate?: string; valueCode?: string }[]
}

export function summaryOf(resource: Kept): Summary {
  const { status, title, subject, period, extension = [] } = resource as unknown as CarePlan
  const reviewOn = extension.find(({ url }) => url.endsWith(REVIEW))?.valueDate
  return {
    id: resource.id,
    patient: subject.reference.split('/')[1] ?? '',
    ...{ status, title, category: categoryOf(resource) as Summary['category'], from: period.start },
    ...(period.end !== undefined && { to: period.end }),
    ...(reviewOn !== undefined && { reviewOn }),
    version: Number(resource.meta.versionId),
  }
}
