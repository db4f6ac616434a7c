import type { Resource } from '../resource.ts'
import type { Gathered } from '../store/gather.ts'
import type { Section } from './sections.ts'

// What of the rows that were found a summary shows, and how: what the index does not tell.

export type Row = Pick<Gathered, 'section' | 'total' | 'categories' | 'hidden' | 'refs'> & { resource: Resource }

export interface Shown {
  entries: readonly Row[]
  /** Somebody has asked that it is not taken: told in words, and no entry that a program could count as taken. */
  notToTake: readonly Row[]
  /** There is more of it that this reader may not see. Nothing says so: there is only nobody who says that there is nothing. */
  isPart: boolean
}

export function shownIn(name: Section, rows: readonly Row[]): Shown {
  const mine = rows.filter(({ section }) => section === name)
  const isPart = rows[0]?.hidden?.includes(name) ?? false
  const told = mine.filter(({ resource }) => resource.doNotPerform !== true)
  const facts = told.filter(({ resource }) => !isOneOf(resource, NOTHING_AT_ALL))
  const entries = isPart ? facts.filter(({ resource }) => !isOneOf(resource, NOTHING_OF_A_KIND)) : facts
  return {
    entries: entries.length > 0 || isPart ? entries : told,
    notToTake: mine.filter(({ resource }) => resource.doNotPerform === true),
    isPart,
  }
}

export const ABSENT = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips'
const SNOMED = 'http://snomed.info/sct'
/** That nothing is known, or that there is nothing: hl7.org/fhir/uv/ips/STU1.1, and hl7.org/fhir/R4/valueset-allergyintolerance-code.html. */
const NOTHING_AT_ALL = new Set([
  ...['no-allergy-info', 'no-known-allergies', 'no-problem-info', 'no-known-problems'].map((one) => `${ABSENT}|${one}`),
  ...['no-medication-info', 'no-known-medications'].map((one) => `${ABSENT}|${one}`),
  `${SNOMED}|716186003`,
])
/** The same of medicines, food, or what is around. */
const NOTHING_OF_A_KIND = new Set([
  ...['medication', 'food', 'environmental'].map((one) => `${ABSENT}|no-known-${one}-allergies`),
  ...['409137002', '429625007', '428607008'].map((one) => `${SNOMED}|${one}`),
])

function isOneOf({ code, medicationCodeableConcept }: Resource, codes: ReadonlySet<string>): boolean {
  const { coding = [] } = (code ?? medicationCodeableConcept ?? {}) as { coding?: { system?: string; code?: string }[] }
  return coding.some((one) => codes.has(`${one.system}|${one.code}`))
}

const LABELS = /v3-Confidentiality\b|^urn:oid:2\.16\.840\.1\.113883\.5\.25$/

/** As much as what is most so in it: very restricted, restricted, normal. What people may refuse to show is restricted. */
export function confidentialityOf(rows: readonly Row[], others: readonly Resource[]): 'V' | 'R' | 'N' {
  const labels = [...rows.map(({ resource }) => resource), ...others].flatMap(({ meta }) =>
    (meta?.security ?? []).flatMap(({ system, code }) =>
      system === undefined || LABELS.test(system) ? [code?.toUpperCase()] : [],
    ),
  )
  if (labels.includes('V')) return 'V'
  const isSensitive = rows.some(({ categories }) => categories.some((one) => one !== 'general'))
  return isSensitive || labels.includes('R') ? 'R' : 'N'
}
