import { toE164 } from '#platform/phone.ts'
import { ZONE } from './zone.ts'

// Where a resource says what a column holds. The columns are filled by it, and later compared with it: see from-fhir.ts and to-fhir.ts.

export interface HumanName {
  use?: string
  text?: string
  given?: string[]
  family?: string
}
export interface ContactPoint {
  system?: string
  value?: string
  use?: string
}
export interface CodeableConcept {
  text?: string
  coding?: { system?: string; code?: string }[]
}
export interface Communication {
  language?: CodeableConcept
  preferred?: boolean
}
export interface Extension {
  url?: string
  valueCode?: string
  valueString?: string
}

/** What was found, and which entry of its list says it; -1: none does. */
interface Found {
  value: string | undefined
  at: number
}

const NOTHING: Found = { value: undefined, at: -1 }

/** The official one, else the first. */
export function nameIn(names: readonly HumanName[] = []): Found {
  const official = names.findIndex(({ use }) => use === 'official')
  const at = official >= 0 ? official : names.length > 0 ? 0 : -1
  const { text, given = [], family } = names[at] ?? {}
  return { value: text ?? [...given, family].filter(Boolean).join(' '), at }
}

/** The first that is a number of some country: others cannot be reached from elsewhere, and stay in the resource. */
export const phoneIn = (telecom: readonly ContactPoint[] | undefined): Found => reachedBy(telecom, 'phone', asPhone)
export const emailIn = (telecom: readonly ContactPoint[] | undefined): Found =>
  reachedBy(telecom, 'email', (text) => (EMAIL.test(text) && text.length <= LONGEST_EMAIL ? text : undefined))

const EMAIL =
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/i
const LONGEST_EMAIL = 254
/** As /v1 takes it. */
const PHONE = /^\+[0-9 ().-]{5,31}$/

function asPhone(text: string): string | undefined {
  if (!PHONE.test(text)) return undefined
  try {
    return toE164(text, '')
  } catch {
    return undefined
  }
}

function reachedBy(
  telecom: readonly ContactPoint[] = [],
  system: string,
  as: (text: string) => string | undefined,
): Found {
  for (const [at, one] of telecom.entries()) {
    const value = one.system === system && one.use !== 'old' && one.value !== undefined ? as(one.value) : undefined
    if (value !== undefined) return { value, at }
  }
  return NOTHING
}

const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/

export const languageOf = (concept: CodeableConcept = {}): string | undefined =>
  concept.coding?.flatMap(({ code }) => (code !== undefined && LANGUAGE.test(code) ? [code] : []))[0]

/** The preferred one, else the first. */
export function languageIn(communication: readonly Communication[] = []): Found {
  const known = communication.map(({ language, preferred }) => ({ code: languageOf(language), preferred }))
  const preferred = known.findIndex((one) => one.preferred === true && one.code !== undefined)
  const at = preferred >= 0 ? preferred : known.findIndex(({ code }) => code !== undefined)
  return { value: known[at]?.code, at }
}

export function zoneIn(extension: readonly Extension[] = []): Found {
  const at = extension.findIndex(({ url }) => url === ZONE)
  return { value: extension[at]?.valueCode, at }
}

/** The codes of the house's own list. */
export const specialitiesIn = (specialty: readonly CodeableConcept[] = [], system: string): string[] =>
  specialty.flatMap(({ coding = [] }) =>
    coding.flatMap((one) => (one.system === system && one.code !== undefined ? [one.code] : [])),
  )
