import type { Resource } from '../resource.ts'
import { prescribedCourse } from './prescribed-course.ts'
import { type Concept, type Match, matchOf, type Substance, substanceOf } from './substance.ts'

// What is asked back before a medicine is prescribed. Codes say what they say and no more: without one in common two are compared by their words, and the answer says so.

export interface Finding {
  kind: 'allergy' | 'duplicate-therapy'
  /** As DetectedIssue has it. */
  severity: 'high' | 'moderate'
  by: Match
  /** `AllergyIntolerance/…`, `MedicationRequest/…` */
  with: string
  /** The last day of a prescription that has run out and may still be taken: by who began late, or has some left. */
  ranOut?: string
}

/** No code of one says anything of a code of the other: that nothing was found means little. */
export interface Unchecked {
  kind: Finding['kind']
  with: string
}

type Known = Resource & { id: string }

/** What a prescription is compared with; of what is refuted, resolved or (long) over nothing is said. `except`: what it takes the place of. */
export function checkPrescription(
  prescribed: { whole: Concept; ingredients?: readonly Concept[] },
  record: { allergies: readonly Known[]; medicines: readonly Known[] },
  { now, except = new Set() }: { now: Date; except?: ReadonlySet<string> },
): { findings: Finding[]; unchecked: Unchecked[] } {
  const own = substanceOf([prescribed.whole], prescribed.ingredients)
  const results = [
    ...record.allergies.filter(isAllergic).map((one) => againstAllergy(own, one)),
    ...record.medicines
      .filter((one) => isTaken(one) && !except.has(`${one.resourceType}/${one.id}`))
      .flatMap((one) => againstMedicine(own, one, now)),
  ]
  return {
    findings: results.flatMap(({ finding }) => finding ?? []),
    unchecked: results.flatMap(({ unchecked }) => unchecked ?? []),
  }
}

interface Result {
  finding?: Finding
  unchecked?: Unchecked
}

interface Allergy {
  code?: Concept
  criticality?: string
  clinicalStatus?: Concept
  verificationStatus?: Concept
  reaction?: { substance?: Concept }[]
}

function againstAllergy(own: Substance, allergy: Known): Result {
  const { code, criticality, reaction = [] } = allergy as Allergy
  const other = substanceOf([...(code ? [code] : []), ...reaction.flatMap(({ substance }) => substance ?? [])])
  const by = matchOf(own, other, 'pharmacological')
  return resultOf({ kind: 'allergy', with: `AllergyIntolerance/${allergy.id}` }, by, {
    own,
    other,
    isGrave: criticality === 'high',
  })
}

interface Taken {
  status?: string
  medicationCodeableConcept?: Concept
  medicationReference?: { reference?: string; display?: string }
  contained?: { id?: string; code?: Concept; ingredient?: { itemCodeableConcept?: Concept }[] }[]
}

function againstMedicine(own: Substance, medicine: Known, now: Date): Result[] {
  const course = prescribedCourse(medicine, now)
  if (course?.isLongOver) return []
  const { medicationCodeableConcept: concept, medicationReference: named, contained = [] } = medicine as Taken
  const medication = contained.find(({ id }) => named?.reference === `#${id}`)
  const whole = [concept, medication?.code, named?.display && { text: named.display }].filter((one) => !!one)
  const ingredients = medication?.ingredient?.flatMap(({ itemCodeableConcept }) => itemCodeableConcept ?? [])
  const other = substanceOf(whole, ingredients)
  // Two of one pharmacological subgroup are often given together (A10B, C09): only chemical kin is a second time the same.
  const by = matchOf(own, other, 'chemical')
  const about = { kind: 'duplicate-therapy', with: `${medicine.resourceType}/${medicine.id}` } as const
  const { finding, ...result } = resultOf(about, by, { own, other, isGrave: false })
  if (!finding || !course?.hasRunOut) return [{ ...result, ...(finding && { finding }) }]
  return [{ finding: { ...finding, severity: 'moderate', ranOut: course.lastDay } }]
}

function resultOf(
  about: Unchecked,
  by: Match | undefined,
  { own, other, isGrave }: { own: Substance; other: Substance; isGrave: boolean },
): Result {
  if (by !== undefined)
    return {
      finding: { ...about, by, severity: isGrave || by === 'code' || by === 'ingredient' ? 'high' : 'moderate' },
    }
  return own.systems.isDisjointFrom(other.systems) ? { unchecked: about } : {}
}

const says = (concept: Concept | undefined, ...codes: string[]): boolean =>
  concept?.coding?.some(({ code }) => code !== undefined && codes.includes(code)) ?? false

/** An inactive one may come back; what was said to be none, or is over, is none. */
const isAllergic = (allergy: Known): boolean => {
  const { clinicalStatus, verificationStatus } = allergy as Allergy
  return !says(clinicalStatus, 'resolved') && !says(verificationStatus, 'refuted', 'entered-in-error')
}

const OVER = ['cancelled', 'completed', 'entered-in-error', 'stopped', 'draft', 'not-taken']

/** What nobody knows the status of may be taken. */
const isTaken = ({ status }: Known): boolean => !OVER.includes(String(status))
