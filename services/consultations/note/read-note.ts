import { numberOf } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import { isMassIndex, measuredOf } from '#fhir/vital-signs/observation.ts'
import { entriesOf, textsOf } from './composition.ts'
import { conceptOf } from './concept.ts'
import type { NotedOrder, NotedProblem, NotedVital, NoteSections } from './note.ts'
import { versionOf } from './write-note.ts'

// A note as the record has it, in plain words again.

export interface ReadNote {
  sections: NoteSections
  bodyMassIndex?: number
  attachments: { id: string; title: string; contentType: string; bytes: number; addedAt: string }[]
}

/** `found`: what its sections consist of, by how they name it. */
export function readNote(composition: Resource, found: ReadonlyMap<string, Kept>): ReadNote {
  const list = (name: 'vitals' | 'problems' | 'orders' | 'attachments') =>
    entriesOf(composition, name).flatMap((reference) => found.get(reference) ?? [])
  const observations = list('vitals')
  const vitals = observations.flatMap(vitalOf)
  const index = observations.find(isMassIndex)?.valueQuantity as { value?: unknown } | undefined
  const bodyMassIndex = numberOf(index?.value)
  const [problems, orders] = [list('problems').map(problemOf), list('orders').map(orderOf)]
  return {
    sections: {
      ...textsOf(composition),
      ...(vitals.length > 0 && { vitals }),
      ...(problems.length > 0 && { problems }),
      ...(orders.length > 0 && { orders }),
    },
    ...(bodyMassIndex !== undefined && { bodyMassIndex }),
    attachments: list('attachments').map(attachmentOf),
  }
}

function vitalOf(observation: Kept): NotedVital[] {
  const measured = measuredOf(observation)
  if (measured === undefined) return []
  return [{ id: observation.id, ...measured, at: String(observation.effectiveDateTime) }]
}

const codeIn = (concept: unknown) => (concept as { coding?: { code?: string }[] } | undefined)?.coding?.[0]?.code
const noteIn = ({ note }: Resource) => (note as { text?: string }[] | undefined)?.at(-1)?.text

export function problemOf(condition: Kept): NotedProblem {
  const { id, code, clinicalStatus, verificationStatus, onsetDateTime } = condition
  const [clinical, verification, note] = [codeIn(clinicalStatus), codeIn(verificationStatus), noteIn(condition)]
  return {
    id,
    version: versionOf(condition),
    ...conceptOf(code),
    ...(clinical !== undefined && { clinicalStatus: clinical as NonNullable<NotedProblem['clinicalStatus']> }),
    ...(verification !== undefined && {
      verificationStatus: verification as NonNullable<NotedProblem['verificationStatus']>,
    }),
    ...(typeof onsetDateTime === 'string' && onsetDateTime.length === 10 && { onset: onsetDateTime }),
    ...(note !== undefined && { note }),
  }
}

export function orderOf(request: Kept): NotedOrder {
  const note = noteIn(request)
  return {
    id: request.id,
    version: versionOf(request),
    ...conceptOf(request.code),
    ...(typeof request.priority === 'string' && { priority: request.priority as NonNullable<NotedOrder['priority']> }),
    ...(note !== undefined && { note }),
  }
}

function attachmentOf({ id, description, date, content }: Kept): ReadNote['attachments'][number] {
  const [first] = content as { attachment?: { contentType?: string; size?: number } }[]
  const { contentType = '', size = 0 } = first?.attachment ?? {}
  return { id, title: String(description), contentType, bytes: size, addedAt: String(date) }
}
