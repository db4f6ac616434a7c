import { directionOf, languageOf } from '#platform/language.ts'
import { dayIn, isolated } from '#platform/message-format.ts'
import { escapeXml } from '#platform/xml.ts'
import { Decimal } from '../decimal.ts'
import { sayDosages } from '../dosage/say-dosages.ts'
import { isObject, listOf } from '../indexing/json-object.ts'
import { ranOutOn } from '../medicines/prescribed-course.ts'
import type { Resource } from '../resource.ts'
import type { State, Words } from './words.ts'

// What a document says for people, from what its resources say: names, values and days, and few words of its own.

export interface Saying {
  /** BCP 47. */
  language: string
  words: Words
  /** As of when it is told: a course may have run out by then. */
  at: Date
}

export interface Telling extends Saying {
  /** What resources refer to, by its fullUrl. */
  of(reference: string): Resource | undefined
}

export const narrative = (language: string, inner: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml" lang="${language}" xml:lang="${language}" dir="${directionOf(languageOf(language) ?? 'en')}">${inner}</div>`,
})

export const paragraph = (text: string) => `<p>${escapeXml(text)}</p>`

/** Signs that turn the direction of what comes behind them. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g

/** What somebody wrote, within what is said here. */
export const quoted = (text: string, language: string): string =>
  escapeXml(isolated(text.replace(TURNING, '').trim(), language))

export const listed = (resources: readonly Resource[], telling: Telling): string =>
  `<ul>${resources.map((one) => `<li>${lineOf(one, telling)}</li>`).join('')}</ul>`

function lineOf(resource: Resource, telling: Telling): string {
  const [name, ...details] = [nameOf(resource, telling), ...detailsOf(resource, telling)].filter((one) => one !== '')
  const say = (one: string) => quoted(one, telling.language)
  return [`<b>${say(name ?? resource.resourceType)}</b>`, ...dosesOf(resource, telling), ...details.map(say)].join(
    ' · ',
  )
}

function nameOf(resource: Resource, { of }: Telling): string {
  const { code, vaccineCode, type, title, medicationCodeableConcept, medicationReference, category } = resource
  const medicine = isObject(medicationReference) ? of(String(medicationReference.reference))?.code : undefined
  const [name] = [code, vaccineCode, medicationCodeableConcept, medicine].map(textOf).filter((one) => one !== '')
  return (
    name ??
    [
      displayOf(medicationReference),
      typeof title === 'string' ? title : '',
      textOf(type),
      ...listOf(category).map(textOf),
    ].find((one) => one !== '') ??
    ''
  )
}

const detailsOf = (resource: Resource, telling: Telling): string[] => [
  ...valuesOf(resource),
  ...marksOf(resource, telling),
  dayOf(resource, telling.language),
]

/** How it stands, in words. */
export const marksOf = (resource: Resource, { words, language, at }: Saying): string[] => [
  ...statesOf(resource).flatMap((state) => {
    const word = Object.hasOwn(STATES, state) ? STATES[state] : undefined
    return word === undefined ? [] : [words[word]]
  }),
  ...(resource.criticality === 'high' ? [words.highRisk] : []),
  // It is active until somebody ends it (docs/decisions/0064): without this it would read as though somebody had said that it is taken.
  ...[ranOutOn(resource, at)].flatMap((day) =>
    day === undefined ? [] : words.ranOut.replace('{day}', dayWritten(day, language)),
  ),
]

/** How it stands, where that is not simply so. */
export const STATES: Readonly<Record<string, State>> = {
  ...{
    amended: 'amended',
    corrected: 'amended',
    appended: 'amended',
    preliminary: 'preliminary',
    partial: 'preliminary',
  },
  ...{ 'on-hold': 'onHold', intended: 'planned', plan: 'planned', draft: 'planned', 'in-progress': 'inProgress' },
  ...{ unknown: 'notKnown', unconfirmed: 'unconfirmed', provisional: 'suspected', differential: 'suspected' },
  ...{ recurrence: 'recurring', relapse: 'recurring', remission: 'inRemission', subpotent: 'subpotent' },
}

const statesOf = ({ status, intent, clinicalStatus, verificationStatus, isSubpotent }: Resource): string[] => [
  ...(isSubpotent === true ? ['subpotent'] : []),
  ...[status, intent].filter((one) => typeof one === 'string'),
  ...[clinicalStatus, verificationStatus].flatMap((one) =>
    isObject(one) ? listOf(one.coding).map((coding) => (isObject(coding) ? String(coding.code) : '')) : [],
  ),
]

function valuesOf(resource: Resource): string[] {
  const { severity, reaction, component, conclusion, lotNumber } = resource
  return [
    textOf(severity),
    ...listOf(reaction).flatMap((one) => (isObject(one) ? listOf(one.manifestation).map(textOf) : [])),
    valueIn(resource),
    ...listOf(component).map((one) => (isObject(one) ? `${textOf(one.code)} ${valueIn(one)}` : '')),
    typeof conclusion === 'string' ? conclusion : '',
    typeof lotNumber === 'string' ? lotNumber : '',
  ]
}

/** In the reader's words where the structure is said whole by them; else as somebody put it; else where it is told: a part of a dose is another dose. */
function dosesOf({ dosage, dosageInstruction = dosage }: Resource, { words, language }: Telling): string[] {
  const doses = listOf(dosageInstruction)
  if (doses.length === 0) return []
  const said = sayDosages(doses, language)
  if (said !== undefined) return [escapeXml(isolated(said, language))]
  const texts = doses.map((dose) => (isObject(dose) && typeof dose.text === 'string' ? dose.text.trim() : ''))
  return (texts.includes('') ? [words.doseElsewhere] : texts).map((text) => quoted(text, language))
}

function valueIn(holder: Readonly<Record<string, unknown>>): string {
  const { valueQuantity, valueCodeableConcept, valueString, valueInteger, valueBoolean, valueDateTime } = holder
  if (valueQuantity !== undefined) return quantityOf(valueQuantity)
  if (valueCodeableConcept !== undefined) return textOf(valueCodeableConcept)
  const plain = valueString ?? valueInteger ?? valueBoolean ?? valueDateTime
  return plain === undefined ? '' : String(plain)
}

function quantityOf(quantity: unknown): string {
  if (!isObject(quantity)) return ''
  const { comparator = '', value, unit, code = '' } = quantity
  return value === undefined ? '' : `${comparator}${numberIn(value)} ${unit ?? code}`.trim()
}

/** With all the digits that it was written with. */
const numberIn = (value: unknown): string => (value instanceof Decimal ? value.text : String(value))

/** Of a concept: what somebody called it, else what its first code is called, else the code. */
export function textOf(concept: unknown): string {
  if (!isObject(concept)) return ''
  if (typeof concept.text === 'string' && concept.text !== '') return concept.text
  const codings = listOf(concept.coding).filter(isObject)
  const named = codings.find(({ display }) => typeof display === 'string') ?? codings[0]
  return String(named?.display ?? named?.code ?? '')
}

const displayOf = (reference: unknown): string =>
  isObject(reference) && typeof reference.display === 'string' ? reference.display : ''

const DATES = [
  ...['onsetDateTime', 'effectiveDateTime', 'occurrenceDateTime', 'performedDateTime', 'authoredOn', 'recordedDate'],
  'onsetString',
]
const PERIODS = ['onsetPeriod', 'effectivePeriod', 'performedPeriod', 'period']

/** The day of care, as far as it is known, and until when where that is said: on the clock of whoever wrote it. */
function dayOf(resource: Resource, language: string): string {
  const [date] = DATES.flatMap((name) => (typeof resource[name] === 'string' ? [resource[name]] : []))
  const [period] = PERIODS.flatMap((name) => (isObject(resource[name]) ? [resource[name]] : []))
  const said = [date ?? period?.start, date === undefined ? period?.end : undefined].map((one) =>
    typeof one === 'string' ? dayWritten(one, language) : '',
  )
  return said[1] === '' ? (said[0] ?? '') : said.join(' – ').trim()
}

export function dayWritten(written: string, language: string): string {
  const day = /^\d{4}-\d\d-\d\d/.exec(written)?.[0]
  const at = new Date(`${day}T00:00:00Z`)
  return Number.isNaN(at.getTime()) ? written : dayIn(language, 'UTC', at)
}
