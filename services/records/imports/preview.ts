import type { Resource } from '#fhir/resource.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import { isRetracted } from '../entries/kinds.ts'
import { inWords } from '../story/in-words.ts'
import type { Brought } from './bundle.ts'
import { areOne, type Difference, differencesOf } from './compare.ts'
import { takenOver } from './taken-over.ts'

export interface PreviewEntry {
  entry: number
  type: string
  words?: string
  outcome: 'new' | 'same' | 'conflict' | 'not-taken'
  /** `Condition/1`, as it was when this was shown. */
  existing?: string
  existingVersion?: number
  differences?: Difference[]
  why?: string
}

/** An entry with what would be written of it. */
export interface Planned {
  shown: PreviewEntry
  /** None: it is not taken. */
  resource?: Resource
  /** First of its names in the file. */
  name?: string
  existing?: Kept
  /** It says what an earlier one of the file says. */
  sameAs?: number
}

/** What each entry of a file is beside what the record has. */
export function previewOf(
  brought: Brought,
  { patient, record, mayWrite }: { patient: string; record: readonly Kept[]; mayWrite: (type: string) => boolean },
): Planned[] {
  const standing = Map.groupBy(
    record.filter((one) => !isRetracted(one)),
    ({ resourceType }) => resourceType,
  )
  const planned: Planned[] = []
  for (const item of brought.items) {
    const { resourceType: type } = item.resource
    const taken = takenOver(item, patient, brought)
    const words = inWords(typeof taken === 'string' ? item.resource : taken.resource)
    const told = { entry: item.entry, type, ...(words !== undefined && { words }) }
    if (typeof taken === 'string') planned.push({ shown: { ...told, outcome: 'not-taken', why: taken } })
    else if (!mayWrite(type))
      planned.push({ shown: { ...told, outcome: 'not-taken', why: 'Your app may not write this.' } })
    else {
      const { resource } = taken
      const name = item.names[0]
      const placed = placeOf(resource, standing.get(type) ?? [], planned)
      planned.push({ resource, ...(name !== undefined && { name }), ...placed, shown: { ...told, ...placed.shown } })
    }
  }
  return planned
}

type Placed = Pick<Planned, 'existing' | 'sameAs'> & { shown: Pick<PreviewEntry, 'outcome'> & Partial<PreviewEntry> }

/** One that says the same goes before one that differs. */
function placeOf(resource: Resource, record: readonly Kept[], before: readonly Planned[]): Placed {
  const ones = record.filter((one) => areOne(one, resource))
  const told = ones.map((existing) => ({ existing, differences: differencesOf(existing, resource) }))
  const best = told.find(({ differences }) => differences.length === 0) ?? told[0]
  if (best) {
    const { existing, differences } = best
    const at = { existing: `${existing.resourceType}/${existing.id}`, existingVersion: Number(existing.meta.versionId) }
    if (differences.length === 0) return { existing, shown: { outcome: 'same', ...at } }
    return { existing, shown: { outcome: 'conflict', ...at, differences } }
  }
  const earlier = before.find(
    (one) => one.resource && areOne(one.resource, resource) && differencesOf(one.resource, resource).length === 0,
  )
  if (earlier)
    return { sameAs: earlier.shown.entry, shown: { outcome: 'same', why: 'An earlier entry of the file says it.' } }
  return { shown: { outcome: 'new' } }
}

const PERSONAL = ['name', 'birthDate', 'gender'] as const

/** Where the file says otherwise who the patient is. */
export function whoDiffers(here: Resource | undefined, there: Resource | undefined): Difference[] {
  if (!here || !there) return []
  return PERSONAL.flatMap((field) => {
    const [a, b] = [personal(here, field), personal(there, field)]
    if (b === undefined || a?.toLowerCase() === b.toLowerCase()) return []
    return [{ field, ...(a !== undefined && { here: JSON.stringify(a) }), there: JSON.stringify(b) }]
  })
}

function personal(patient: Resource, field: (typeof PERSONAL)[number]): string | undefined {
  const value = patient[field]
  if (field !== 'name') return typeof value === 'string' ? value : undefined
  const [name = {}] = (value ?? []) as { text?: string; given?: string[]; family?: string }[]
  return name.text ?? ([...(name.given ?? []), name.family].filter((one) => one !== undefined).join(' ') || undefined)
}
