import type { GatheredValues } from './gathered-values.ts'
import { isObject, listOf, textOf } from './json-object.ts'
import type { Place } from './place.ts'

/** What a token parameter may find (hl7.org/fhir/R4/search.html#token): a code with or without its system, or a system alone. */
export interface Coded {
  system: string | undefined
  code: string | undefined
}

const CONCEPT: Place = { path: [], type: 'CodeableConcept' }
const BOOLEANS = 'http://terminology.hl7.org/CodeSystem/special-values'

/**
 * The codes of an element. A `code` and a boolean have no system in JSON, and one by definition: they are found with it and without. A ContactPoint is found by its
 * value, and with what kind it is (`phone|…`).
 */
export function codedIn(value: unknown, place: Place): readonly Coded[] {
  if (typeof value === 'string') return value === '' ? [] : implied(value, place.system)
  if (typeof value === 'boolean') return implied(String(value), BOOLEANS)
  if (!isObject(value)) return []
  const found: Coded[] = []
  if (place.type === 'CodeableConcept') for (const coding of listOf(value.coding)) addCoded(found, coding, 'code')
  else if (place.type === 'Coding') addCoded(found, value, 'code')
  else if (place.type === 'Identifier') addCoded(found, value, 'value')
  else if (place.type === 'ContactPoint') {
    addCoded(found, value, 'value')
    addCoded(found, { value: value.value }, 'value')
  }
  return found
}

function implied(code: string, system: string | undefined): Coded[] {
  const bare = { system: undefined, code }
  return system === undefined ? [bare] : [bare, { system, code }]
}

function addCoded(found: Coded[], value: unknown, element: 'code' | 'value'): void {
  if (!isObject(value)) return
  const [system, code] = [textOf(value.system), textOf(value[element])]
  if (system !== undefined || code !== undefined) found.push({ system, code })
}

/** In all ways that it may be asked for. */
export function gatherToken(gathered: GatheredValues, parameter: string, { system, code }: Coded): void {
  if (system !== undefined) gathered.token(`${parameter}=${system}|`)
  if (code === undefined) return
  gathered.token(`${parameter}=${system ?? ''}|${code}`)
  gathered.token(`${parameter}=${code}`)
}

/** As a part of a composite: `system|code` (`|code` where it has none), and `code`. */
export function tokenForms(value: unknown, place: Place): string[] {
  return codedIn(value, place).flatMap(({ system, code }) =>
    code === undefined ? [] : [`${system ?? ''}|${code}`, code],
  )
}

/** `identifier:of-type=system|code|value`. */
export function gatherTypesOfIdentifier(gathered: GatheredValues, parameter: string, identifier: unknown): void {
  if (!isObject(identifier) || !isObject(identifier.type)) return
  const value = textOf(identifier.value)
  if (value === undefined) return
  for (const { system, code } of codedIn(identifier.type, CONCEPT))
    if (code !== undefined) gathered.token(`${parameter}:of-type=${system ?? ''}|${code}|${value}`)
}

/** What `:text` looks in: the text of a concept, the displays of its codes, the text of an identifier's type. */
export function gatherTextOfToken(gathered: GatheredValues, parameter: string, value: unknown, { type }: Place): void {
  if (!isObject(value)) return
  const say = (text: unknown) => {
    if (typeof text === 'string') gathered.string(parameter, text)
  }
  if (type === 'CodeableConcept') {
    say(value.text)
    for (const coding of listOf(value.coding)) if (isObject(coding)) say(coding.display)
  } else if (type === 'Coding') say(value.display)
  else if (type === 'Identifier' && isObject(value.type)) say(value.type.text)
}
