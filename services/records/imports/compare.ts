import { isObject, isSame } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import { conceptOf } from '../entries/fields.ts'

/** Who wrote it down, and what it belongs to, differ from house to house, and are not what is known. */
export const APART = new Set([
  ...[
    'resourceType',
    'id',
    'meta',
    'text',
    'contained',
    'subject',
    'patient',
    'identifier',
    'implicitRules',
    'language',
  ],
  ...['recorder', 'asserter', 'performer', 'author', 'custodian', 'authenticator', 'informationSource', 'location'],
  ...[
    'encounter',
    'context',
    'recordedDate',
    'dateAsserted',
    'issued',
    'recorded',
    'extension',
    'primarySource',
    'basedOn',
  ],
  ...[
    'partOf',
    'derivedFrom',
    'hasMember',
    'result',
    'specimen',
    'device',
    'resultsInterpreter',
    'reasonReference',
    'manufacturer',
  ],
])

export interface Difference {
  field: string
  here?: string
  there?: string
}

const LONGEST = 2_000
const shown = (value: unknown): string => JSON.stringify(value).slice(0, LONGEST)

/** Element by element, what two of one type say of the patient. */
export function differencesOf(one: Resource, other: Resource): Difference[] {
  const [here, there] = [said(one), said(other)]
  const names = new Set([...Object.keys(here), ...Object.keys(there)])
  return [...names]
    .filter((name) => !APART.has(name) && !name.startsWith('_') && !isAlike(here[name], there[name]))
    .sort()
    .map((field) => ({
      field,
      ...(here[field] !== undefined && { here: shown(here[field]) }),
      ...(there[field] !== undefined && { there: shown(there[field]) }),
    }))
}

/** A medicine within as what it is called and made of, and a file of ours without its address: under which name somebody keeps either is nothing that is known of the patient. */
function said(resource: Resource): Resource {
  const medicine = containedMedicine(resource)
  const { resourceType: _type, id: _id, meta: _meta, text: _text, code, ...made } = medicine ?? {}
  const isMade = Object.keys(made).length > 0
  return {
    ...resource,
    ...(medicine && {
      medicationReference: undefined,
      medicationCodeableConcept: code,
      ...(isMade && { medication: made }),
    }),
    ...(Array.isArray(resource.content) && { content: resource.content.map(withoutFile) }),
  }
}

/** The Medication that a resource has in itself and says that it is of. */
export function containedMedicine({ medicationReference, contained }: Resource): Record<string, unknown> | undefined {
  const { reference } = (medicationReference ?? {}) as { reference?: unknown }
  return (Array.isArray(contained) ? contained : []).find((one) => isObject(one) && reference === `#${one.id}`)
}

function withoutFile(content: unknown): unknown {
  if (!isObject(content) || !isObject(content.attachment)) return content
  const { url, ...attachment } = content.attachment
  return String(url).startsWith('Binary/') ? { ...content, attachment } : content
}

/** A concept is the same where the two have a code in common, whatever each calls it. */
function isAlike(a: unknown, b: unknown): boolean {
  if (isSame(a, b)) return true
  if (a === undefined || b === undefined) return false
  if (!isConcept(a) || !isConcept(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => isAlike(one, b[at]))
  return haveInCommon(keysOf(a), keysOf(b))
}

const isConcept = (value: unknown): boolean =>
  isObject(value) &&
  (Array.isArray(value.coding) || typeof value.text === 'string') &&
  Object.keys(value).every((name) => name === 'coding' || name === 'text')

const haveInCommon = (a: readonly string[], b: readonly string[]): boolean => a.some((one) => b.includes(one))

/** Codes, or where there is none the words. */
function keysOf(value: unknown): string[] {
  const { text, coding = [] } = conceptOf(value) ?? {}
  const codes = coding.map(({ system, code }) => `${system}|${code}`)
  return codes.length > 0 ? codes : text === undefined ? [] : [`text|${text.trim().toLowerCase().replace(/\s+/g, ' ')}`]
}

const identifiersOf = ({ identifier }: Resource): string[] =>
  (Array.isArray(identifier) ? identifier : []).flatMap((one: { system?: string; value?: string }) =>
    typeof one?.value === 'string' ? [`${one.system ?? ''}|${one.value}`] : [],
  )

const whatOf = (resource: Resource): string[] => {
  const { code, vaccineCode, medicationCodeableConcept, type } = resource
  return keysOf(code ?? vaccineCode ?? medicationCodeableConcept ?? containedMedicine(resource)?.code ?? type)
}

/** To the moment, whatever zone it is written in. */
const whenOf = (resource: Resource): string | undefined => {
  const when = [
    resource.effectiveDateTime ??
      resource.performedDateTime ??
      resource.occurrenceDateTime ??
      resource.onsetDateTime ??
      resource.date,
    (resource.effectivePeriod as { start?: string } | undefined)?.start ??
      (resource.performedPeriod as { start?: string } | undefined)?.start,
    resource.effectiveInstant,
  ].find((one): one is string => typeof one === 'string')
  const at = when?.includes('T') ? Date.parse(when) : Number.NaN
  return Number.isNaN(at) ? when : new Date(at).toISOString()
}

/** What tells whether two may be one thing. */
interface Marks {
  type: string
  identifiers: ReadonlySet<string>
  what: ReadonlySet<string>
  when: string | undefined
}

const marksOf = (resource: Resource): Marks => ({
  type: resource.resourceType,
  identifiers: new Set(identifiersOf(resource)),
  what: new Set(whatOf(resource)),
  when: whenOf(resource),
})

const meet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => !a.isDisjointFrom(b)

/**
 * Whether two may be one thing: they have an identifier in common, or what they say and when. What lasts has one entry, and when it began is a thing to differ
 * about: an allergy, a problem or a medicine of which one of the two does not say since when.
 */
function areOne(here: Marks, there: Marks): boolean {
  if (here.type !== there.type) return false
  if (meet(here.identifiers, there.identifiers)) return true
  if (!meet(here.what, there.what)) return false
  if (here.type === 'AllergyIntolerance' || here.when === there.when) return true
  const isOpen = here.when === undefined || there.when === undefined
  return isOpen && (here.type === 'Condition' || here.type === 'MedicationStatement')
}

/** So many that may be one thing with another are looked at. */
const MOST_ALIKE = 100

export interface Things<T> {
  add(resource: Resource, one: T): void
  /** Those that may be one thing with this, as they came. */
  like(resource: Resource): T[]
}

/** Things by their marks, so that what a file brings is not held against each that a record has. */
export function thingsByMarks<T>(): Things<T> {
  const all = new Map<string, { marks: Marks; one: T }[]>()
  const keysOf = ({ type, identifiers, what }: Marks) => [...identifiers, ...what].map((mark) => `${type} ${mark}`)
  return {
    add(resource, one) {
      const marks = marksOf(resource)
      for (const key of keysOf(marks)) {
        const those = all.get(key)
        if (those) those.push({ marks, one })
        else all.set(key, [{ marks, one }])
      }
    },
    like(resource) {
      const marks = marksOf(resource)
      const found = new Set<T>()
      for (const key of keysOf(marks))
        for (const known of all.get(key) ?? []) {
          if (found.size === MOST_ALIKE) return [...found]
          if (areOne(known.marks, marks)) found.add(known.one)
        }
      return [...found]
    },
  }
}
