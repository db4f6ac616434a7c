import type { Value } from '#fhir/query/query.ts'
import type { Coding } from '#fhir/resource.ts'
import type { Element } from './elements.ts'

interface Concept {
  coding?: Coding[]
  text?: string
}

export interface Identifier {
  type?: Concept
  system?: string
  value?: string
}

/** hl7.org/fhir/R4/search.html#token: the codes of an element, each with its system where it has one. */
export function codingsOf({ type, value }: Element): Coding[] {
  if (type === 'CodeableConcept') return (value as Concept).coding ?? []
  if (type === 'Coding') return [value as Coding]
  if (type === 'Identifier') return [fromIdentifier(value as Identifier)]
  if (type === 'ContactPoint') return [{ ...withCode((value as Identifier).value) }]
  return [{ code: String(value) }]
}

export const fromIdentifier = ({ system, value }: Identifier): Coding => ({
  ...(system !== undefined && { system }),
  ...withCode(value),
})

const withCode = (code: string | undefined): Coding => (code === undefined ? {} : { code })

export const isCoding = ({ system, code }: Coding, asked: Extract<Value, { kind: 'token' }>): boolean =>
  (asked.code === undefined ? system !== undefined : code === asked.code) &&
  (asked.system === undefined || (system ?? '') === asked.system)

/** `:of-type`. */
export function isIdentifier({ value }: Element, asked: Extract<Value, { kind: 'of-type' }>): boolean {
  const { type, value: own } = value as Identifier
  return (
    own === asked.value &&
    (type?.coding ?? []).some(({ system, code }) => system === asked.system && code === asked.code)
  )
}

/** `:text`: what is written for people beside a code. */
export function textsOf({ type, value }: Element): string[] {
  if (type === 'CodeableConcept') {
    const { text, coding = [] } = value as Concept
    return [text, ...coding.map(({ display }) => display)].filter((one) => typeof one === 'string')
  }
  if (type === 'Coding') return [(value as Coding).display].filter((one) => typeof one === 'string')
  const text = type === 'Identifier' ? (value as Identifier).type?.text : undefined
  return text === undefined ? [] : [text]
}

const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
}

/** hl7.org/fhir/R4/search.html#string: any of the texts of a name or an address. */
export function stringsOf({ type, value }: Element): string[] {
  const parts = PARTS[type]
  if (parts === undefined) return [String(value)]
  const whole = value as Record<string, string | string[] | undefined>
  return parts.flatMap((part) => whole[part] ?? [])
}

/** A name in one text is also found from any of its words on: of a parameter of names, servers decide themselves what they look at. */
export function tailsOf({ type, value }: Element): string[] {
  const { text = '' } = type === 'HumanName' ? (value as { text?: string }) : {}
  return [...text.matchAll(/(?<=\s)\S/g)].map(({ index }) => text.slice(index))
}

/** Neither case nor accents tell texts apart, nor how wide a space is. */
export const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim()

export function matchesText(text: string, asked: string, modifier: string | undefined): boolean {
  if (modifier === 'exact') return text === asked
  if (modifier === 'ends') return fold(text).endsWith(fold(asked))
  return modifier === 'contains' ? fold(text).includes(fold(asked)) : fold(text).startsWith(fold(asked))
}

/** Above or below in an address goes by its parts between slashes. */
export function matchesUri(there: string, asked: string, modifier: string | undefined): boolean {
  if (modifier === 'below') return isBelow(there, asked)
  return modifier === 'above' ? isBelow(asked, there) : there === asked
}

const isBelow = (address: string, above: string): boolean =>
  address === above || address.startsWith(above.endsWith('/') ? above : `${above}/`)
