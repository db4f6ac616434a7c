import { type Dose, isSayable } from './dose.ts'
import { regimenOf } from './in-fhir.ts'
import { sayRegimen } from './say.ts'

const DAY = /^\d{4}-\d\d-\d\d$/

/** FHIR Dosages that anybody wrote, in the language of this tag (BCP 47): all that they say, or undefined where there are no words for all of it. */
export function sayDosages(dosages: unknown, tag: string): string | undefined {
  const regimen = regimenOf(dosages)
  return regimen?.doses.every(isSaidWhole) ? sayRegimen(regimen, tag) : undefined
}

/** FHIR has years and instants where there are words for days, and more digits than are said. */
const isSaidWhole = (dose: Dose): boolean =>
  [dose.from, dose.until].every((date) => date === undefined || DAY.test(date)) && areSayable(dose)

const areSayable = (value: unknown): boolean =>
  typeof value === 'number'
    ? isSayable(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(areSayable)
