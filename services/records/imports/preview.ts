import { setImmediate } from 'node:timers/promises'
import type { Resource } from '#fhir/resource.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import { questionsOf } from '#fhir/vital-signs/observation.ts'
import { isRetracted } from '../entries/kinds.ts'
import { inWords } from '../story/in-words.ts'
import type { Brought, Item } from './bundle.ts'
import { type Difference, differencesOf, type Things, thingsByMarks } from './compare.ts'
import type { Files, TakenFile } from './files.ts'
import { type Candidate, takenOver } from './taken-over.ts'

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
  files?: readonly TakenFile[]
  /** First of its names in the file. */
  name?: string
  existing?: Kept
  /** It says what an earlier one of the file says. */
  sameAs?: number
}

/** Then others are served. */
const ENTRIES_OF_A_TURN = 10

interface Beside {
  patient: string
  /** Of the patient, as the record says. */
  bornOn: unknown
  now: Date
  record: readonly Kept[]
  files: Files
  /** The most that an entry may say, in characters of JSON. */
  longest: number
  mayWrite: (type: string) => boolean
}

/** What each entry of a file is beside what the record has. */
export async function previewOf(brought: Brought, beside: Beside): Promise<Planned[]> {
  const standing = thingsByMarks<Kept>()
  for (const one of beside.record) if (!isRetracted(one)) standing.add(one, one)
  const earlier = thingsByMarks<Planned & { resource: Resource }>()
  const planned: Planned[] = []
  for (const [at, item] of brought.items.entries()) {
    if (at % ENTRIES_OF_A_TURN === 0) await setImmediate()
    const { resourceType: type } = item.resource
    const taken = mayTake(item, brought, beside)
    const words = inWords(typeof taken === 'string' ? item.resource : taken.resource)
    const told = { entry: item.entry, type, ...(words !== undefined && { words }) }
    if (typeof taken === 'string') {
      planned.push({ shown: { ...told, outcome: 'not-taken', why: taken } })
      continue
    }
    const { resource, files, lost } = taken
    const name = item.names[0]
    const placed = placeOf(resource, standing, earlier)
    const why = [lost, doubtIn(resource, beside)].filter((one) => one !== undefined).join(' ')
    const shown = { ...told, ...(why !== '' && { why }), ...placed.shown }
    const one = { resource, files, ...(name !== undefined && { name }), ...placed, shown }
    planned.push(one)
    earlier.add(resource, one)
  }
  return planned
}

function mayTake(item: Item, brought: Brought, { patient, files, longest, mayWrite }: Beside): Candidate | string {
  const { resource } = item
  if (resource.resourceType !== 'Binary' && JSON.stringify(resource).length > longest)
    return 'It says more than is kept here.'
  const taken = takenOver(item, patient, { brought, files })
  return typeof taken === 'string' || mayWrite(resource.resourceType) ? taken : 'Your app may not write this.'
}

/** What was measured elsewhere and can hardly be so, or has no unit: nobody takes it unasked, and nothing is made of it. */
function doubtIn(resource: Resource, { bornOn, now }: Beside): string | undefined {
  const doubts = questionsOf(resource, { bornOn, now, pointer: '' })
  const said = doubts.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ')
  return said === '' ? undefined : `Look at it again: ${said}.`
}

type Placed = Pick<Planned, 'existing' | 'sameAs'> & { shown: Pick<PreviewEntry, 'outcome'> & Partial<PreviewEntry> }

/** One that says the same goes before one that differs. */
function placeOf(resource: Resource, record: Things<Kept>, before: Things<Planned & { resource: Resource }>): Placed {
  const ones = record.like(resource)
  const existing = ones.find((one) => differencesOf(one, resource).length === 0) ?? ones[0]
  if (existing) {
    const differences = differencesOf(existing, resource)
    const at = { existing: `${existing.resourceType}/${existing.id}`, existingVersion: Number(existing.meta.versionId) }
    if (differences.length === 0) return { existing, shown: { outcome: 'same', ...at } }
    return { existing, shown: { outcome: 'conflict', ...at, differences } }
  }
  const earlier = before.like(resource).find((one) => differencesOf(one.resource, resource).length === 0)
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
