import type { Resource } from '#fhir/resource.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import { expectSees } from '#fhir/rooms/relationship.ts'
import { timelineOf } from '#fhir/rooms/timeline.ts'
import { careTypes } from '#fhir/store/care-dates.ts'
import { clinicalTypes, mayCall } from '#platform/access.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Context } from '#platform/context.ts'
import { isRetracted, kindOf } from '../entries/kinds.ts'
import type { RecordsTables } from '../tables.ts'
import { inWords } from './in-words.ts'

/** What /v1 calls those that have a name of their own there. */
const NAMED: Readonly<Record<string, string>> = {
  Condition: 'problem',
  AllergyIntolerance: 'allergy',
  MedicationStatement: 'medicine',
  Immunization: 'immunisation',
  Observation: 'result',
  DiagnosticReport: 'report',
  Procedure: 'procedure',
  DocumentReference: 'document',
  Encounter: 'visit',
  MedicationRequest: 'prescription',
  CarePlan: 'plan',
}
const types: readonly string[] = clinicalTypes.filter((type) => careTypes.includes(type))

interface Asked {
  from?: string
  until?: string
  kind?: string
  cursor?: string
  limit?: number
}

/** As far as whoever asks may see the record, and their token names its types. */
export async function readTimeline(
  ctx: Context<RecordsTables>,
  patient: string,
  { kind, limit = 20, ...asked }: Asked,
): Promise<{ items: object[]; next?: string }> {
  await expectSees(ctx, patient)
  const wanted = types.filter(
    (type) =>
      (kind === undefined || kindNamed(type) === kind) &&
      mayCall(ctx.actor, { access: `${type as 'Flag'}.s`, patient: '/params/id' }),
  )
  const { events, next } = await timelineOf(ctx, { patient, types: wanted, limit, ...asked })
  return {
    items: events.map(({ at, resource }) => ({ at, ...lineOf(patient, resource) })),
    ...(next !== undefined && { next }),
  }
}

const kindNamed = (type: string): string => NAMED[type] ?? 'other'

function lineOf(patient: string, resource: Kept): object {
  const words = inWords(resource)
  const status = statusOf(resource)
  return {
    kind: kindNamed(resource.resourceType),
    ...(words !== undefined && { words }),
    ...(status !== undefined && { status }),
    link: linkTo(patient, resource),
  }
}

function statusOf(resource: Resource): string | undefined {
  if (isRetracted(resource)) return 'entered-in-error'
  const { status, clinicalStatus } = resource
  const [coding] = (clinicalStatus as { coding?: { code?: string }[] } | undefined)?.coding ?? []
  return typeof status === 'string' ? status : coding?.code
}

export function linkTo(patient: string, { resourceType, id }: Kept): string {
  const kind = kindOf(resourceType)
  return kind ? `/v1/patients/${patient}/${kind.name}/${id}` : `${FHIR_BASE}/${resourceType}/${id}`
}
