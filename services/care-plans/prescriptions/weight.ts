import { numberOf } from '#fhir/decimal.ts'
import { canonicalUnit } from '#fhir/indexing/ucum.ts'
import type { Resource } from '#fhir/resource.ts'
import { agesAt } from '#fhir/vital-signs/ask-back.ts'

const UCUM = 'http://unitsofmeasure.org'
const DAY_MS = 86_400_000
const YEAR = 365.25

/** LOINC: body weight, and body weight that was measured. */
export const WEIGHTS = 'http://loinc.org|29463-7,http://loinc.org|3141-9'
export const newestWeight = (patient: string) => ({
  ...{ patient, code: WEIGHTS, status: 'final,amended,corrected', _sort: '-date', _count: '1' },
})

/**
 * From which age in days a weight may be how many days old. No authority gives a number that these could be taken from: they are the house's own, so that a healthy child
 * has hardly grown by more than a tenth meanwhile. By the medians of WHO's Child Growth Standards (2006, boys) 3.3 kg at birth are 4.5 at one month, 6.4 at three, 7.9 at
 * six, 9.6 at twelve, 12.2 at two years and 18.3 at five.
 */
const LIMITS: readonly (readonly [from: number, days: number])[] = [
  [0, 7],
  [28, 14],
  [91, 28],
  [YEAR, 91],
  [5 * YEAR, 182],
  [18 * YEAR, 365],
]

export interface Weight {
  value: number
  /** UCUM */
  unit: string
  /** As far as whoever measured says. */
  measuredAt: string
  observation: string
}

/** Undefined where it has no number in a unit of mass: that is not guessed. */
export function weightIn(observation: Resource): Weight | undefined {
  const { valueQuantity, effectiveDateTime, effectiveInstant, effectivePeriod } = observation as {
    valueQuantity?: { value?: unknown; code?: string; system?: string; comparator?: string }
    effectiveDateTime?: string
    effectiveInstant?: string
    effectivePeriod?: { start?: string }
  }
  const value = numberOf(valueQuantity?.value)
  const measuredAt = effectiveDateTime ?? effectiveInstant ?? effectivePeriod?.start
  const { code: unit = '', system, comparator } = valueQuantity ?? {}
  const isOne = system === UCUM && comparator === undefined && canonicalUnit(unit)?.unit === 'g'
  if (value === undefined || value <= 0 || measuredAt === undefined || !isOne) return undefined
  return { value, unit, measuredAt, observation: String(observation.id) }
}

export const kilogramsOf = ({ value, unit }: Weight): number =>
  (canonicalUnit(unit)?.convert(value) ?? Number.NaN) / 1000

/** Where a day is not known, the earliest that it may be: it is at least so old. */
export const daysSince = (measuredAt: string, now: Date): number =>
  Math.floor((now.getTime() - Date.parse(measuredAt)) / DAY_MS)

/** Of whom the birthday is not known to the day, as of the youngest that they may be. */
export function limitAt(birthDate: unknown, now: Date): number {
  const age = agesAt(typeof birthDate === 'string' ? birthDate : undefined, now)?.youngest ?? 0
  return LIMITS.findLast(([from]) => from <= age)?.[1] ?? 0
}
