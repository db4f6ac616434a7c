import { parseExact } from '#fhir/decimal.ts'
import { isObject, isTooDeep } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import { Problem } from '#platform/errors.ts'
import { MOST_ENTRIES, MOST_REFERENCES } from '../contract/record-imports.ts'

export interface Item {
  /** Its place in the file. */
  entry: number
  /** By which others in the file refer to it. */
  names: readonly string[]
  resource: Resource
}

export interface Brought {
  source: string
  /** Names of the one patient whom it is about. */
  patient: { names: readonly string[]; resource: Resource } | undefined
  items: readonly Item[]
  /** The one to which a reference in the file leads: by its fullUrl, or by `Type/id`, whatever stands before that. */
  at(reference: unknown): Item | undefined
}

const TYPES = new Set(['collection', 'document', 'searchset', 'transaction', 'batch'])

const refused = (detail: string, pointer = '/body') =>
  new Problem('business-rule', 'This file cannot be taken over; see errors.', { errors: [{ pointer, detail }] })

/** What is in the file, of one patient. Nothing of it is believed yet. */
export function readBundle(text: string): Brought {
  const bundle = parsed(text)
  const entries = Array.isArray(bundle.entry) ? bundle.entry : []
  if (entries.length > MOST_ENTRIES)
    throw refused(`has more than ${MOST_ENTRIES} entries: send it in parts`, '/body/entry')
  if (referencesIn(bundle) > MOST_REFERENCES)
    throw refused(`has more than ${MOST_REFERENCES} references: send it in parts`, '/body/entry')
  const items = entries.flatMap((one: unknown, entry): Item[] => {
    const { fullUrl, resource } = (isObject(one) ? one : {}) as { fullUrl?: unknown; resource?: unknown }
    if (!isObject(resource) || typeof resource.resourceType !== 'string') return []
    return [{ entry, names: namesOf(fullUrl, resource as Resource), resource: resource as Resource }]
  })
  const patients = items.filter(({ resource }) => resource.resourceType === 'Patient')
  const subjects = new Set(
    items
      .flatMap(({ resource: { subject, patient } }) => (patients.length === 0 ? (subject ?? patient ?? []) : []))
      .map((one) => JSON.stringify(isObject(one) ? (one.reference ?? one) : one)),
  )
  if (patients.length > 1 || subjects.size > 1)
    throw refused('is about several patients: send one at a time', '/body/entry')
  const composition = items.find(({ resource }) => resource.resourceType === 'Composition')?.resource
  if (composition?.status === 'entered-in-error') throw refused('was entered in error there')
  if (composition?.modifierExtension !== undefined) throw refused('is changed by an extension that is not known here')
  const at = byName(items)
  return { source: sourceOf(bundle, items, at), patient: patients[0], items, at }
}

function byName(items: readonly Item[]): Brought['at'] {
  const byNames = new Map<string, Item>()
  for (const item of items) for (const name of item.names) if (!byNames.has(name)) byNames.set(name, item)
  return (reference) =>
    typeof reference === 'string'
      ? (byNames.get(reference) ?? byNames.get(reference.split('/').slice(-2).join('/')))
      : undefined
}

/** How much there is to look up. */
function referencesIn(bundle: unknown): number {
  let count = 0
  const left: unknown[] = [bundle]
  for (let value = left.pop(); value !== undefined; value = left.pop())
    if (typeof value === 'object' && value !== null) {
      if (isObject(value) && typeof value.reference === 'string') count++
      for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) left.push(inner)
    }
  return count
}

function parsed(text: string): Resource {
  let bundle: unknown
  try {
    bundle = parseExact(text)
  } catch (cause) {
    throw new Problem('invalid', 'The body is not JSON.', { cause })
  }
  if (!isObject(bundle) || bundle.resourceType !== 'Bundle') throw refused('must be a Bundle of FHIR R4')
  if (isTooDeep(bundle)) throw refused('is nested too deeply')
  // What these say changes what all of it means, and is not known here.
  if (bundle.implicitRules !== undefined) throw refused('follows rules that are not known here', '/body/implicitRules')
  if (!TYPES.has(String(bundle.type)))
    throw refused('must be a collection, a document, a searchset or a transaction', '/body/type')
  return bundle as unknown as Resource
}

const namesOf = (fullUrl: unknown, { resourceType, id }: Resource): string[] => [
  ...(typeof fullUrl === 'string' ? [fullUrl] : []),
  ...(typeof id === 'string' ? [`${resourceType}/${id}`] : []),
]

const LONGEST = 200

/** Who keeps it there, or what the document is called; else under which number it came. */
function sourceOf({ identifier, id }: Resource, items: readonly Item[], at: Brought['at']): string {
  const composition = items.find(({ resource }) => resource.resourceType === 'Composition')?.resource
  const custodian = at((composition?.custodian as { reference?: string } | undefined)?.reference)?.resource
  const { value } = (isObject(identifier) ? identifier : {}) as { value?: unknown }
  const candidates = [
    custodian?.name,
    (composition?.custodian as { display?: unknown } | undefined)?.display,
    composition?.title,
    value,
    id,
  ]
  const text = candidates.find((one): one is string => typeof one === 'string' && one.trim() !== '')
  return (text ?? 'A file without a name').replace(/\p{C}/gu, '').slice(0, LONGEST)
}
