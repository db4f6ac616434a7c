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
export function differencesOf(here: Resource, there: Resource): Difference[] {
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

const whatOf = ({ code, vaccineCode, medicationCodeableConcept, type }: Resource) =>
  keysOf(code ?? vaccineCode ?? medicationCodeableConcept ?? type)

const whenOf = (resource: Resource): string | undefined =>
  [
    resource.effectiveDateTime ??
      resource.performedDateTime ??
      resource.occurrenceDateTime ??
      resource.onsetDateTime ??
      resource.date,
    (resource.effectivePeriod as { start?: string } | undefined)?.start ??
      (resource.performedPeriod as { start?: string } | undefined)?.start,
    resource.effectiveInstant,
  ].find((one): one is string => typeof one === 'string')

/** To the moment where both say it, whatever zone they write it in. */
const isSameTime = (a: string, b: string): boolean =>
  a === b || (a.includes('T') && b.includes('T') && Date.parse(a) === Date.parse(b))

/**
 * Whether two may be one thing: they have an identifier in common, or what they say and when. What lasts has one entry, and when it began is a thing to differ
 * about: an allergy, a problem or a medicine of which one of the two does not say since when.
 */
export function areOne(here: Resource, there: Resource): boolean {
  if (here.resourceType !== there.resourceType) return false
  if (haveInCommon(identifiersOf(here), identifiersOf(there))) return true
  if (!haveInCommon(whatOf(here), whatOf(there))) return false
  if (here.resourceType === 'AllergyIntolerance') return true
  const [a, b] = [whenOf(here), whenOf(there)]
  if (a !== undefined && b !== undefined) return isSameTime(a, b)
  return a === b || here.resourceType === 'Condition' || here.resourceType === 'MedicationStatement'
}
