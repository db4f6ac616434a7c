import type { Static } from 'typebox'
import type { Dose } from '#fhir/dosage/dose.ts'
import { dosagesOf, regimenOf } from '#fhir/dosage/in-fhir.ts'
import { sayDose, sayRegimen } from '#fhir/dosage/say.ts'
import type { Resource } from '#fhir/resource.ts'
import { categoryOf, labelled } from '#fhir/rooms/labels.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import type { NewPrescription, Prescription as Shown } from '../contract/prescriptions.ts'
import { kilogramsOf, type Weight, weightIn } from './weight.ts'

// A prescription as the MedicationRequest that it is (hl7.org/fhir/R4/medicationrequest.html), and as /v1 shows it.

export type Prescription = Omit<Static<typeof Shown>, 'byWeight' | 'course'>
export type Asked = Omit<Static<typeof NewPrescription>, 'overrides'>

/** What is written, with all that was worked out. */
export interface Written extends Omit<Asked, 'doses'> {
  id: string
  patient: string
  status: Prescription['status']
  statusReason?: string
  doses: readonly Dose[]
  /** As it stands where it says more than `doses` can, which then are none: it is kept, and not renewed by itself. */
  dosage?: unknown
  weight?: Weight
  prescribedBy: string
  /** Who says so in this version. */
  by: string
  prescribedAt: string
  renews?: string
  issues: readonly string[]
}

type Concept = Asked['what']

const reference = (to: string) => ({ reference: to })

/** `tag`: the language of the words that go with each dose, for readers that make none. */
export function inFhir(of: Written, tag: string): Resource & { id: string } {
  const { ingredients, weight, note, issues } = of
  const contained = [...(ingredients ? [medicationOf(of.what, ingredients)] : []), ...(weight ? [copyOf(weight)] : [])]
  const name = of.what.text ?? of.what.coding?.find(({ display }) => display !== undefined)?.display
  return {
    ...{ resourceType: 'MedicationRequest', id: of.id, ...labelled([of.category ?? 'general']) },
    ...(contained.length > 0 && { contained }),
    status: of.status,
    ...(of.statusReason !== undefined && { statusReason: { text: of.statusReason } }),
    intent: 'order',
    ...(ingredients
      ? { medicationReference: { ...reference('#medicine'), ...(name !== undefined && { display: name }) } }
      : { medicationCodeableConcept: of.what }),
    subject: reference(`Patient/${of.patient}`),
    ...(weight && { supportingInformation: [reference('#weight')] }),
    ...{ authoredOn: of.prescribedAt, requester: reference(of.prescribedBy), recorder: reference(of.by) },
    ...(of.reason && { reasonCode: [of.reason] }),
    ...(note !== undefined && { note: [{ text: note }] }),
    dosageInstruction: of.dosage ?? dosagesOf(of, (dose) => sayDose(dose, tag)),
    ...(of.renews !== undefined && { priorPrescription: reference(`MedicationRequest/${of.renews}`) }),
    ...(issues.length > 0 && { detectedIssue: issues.map((id) => reference(`DetectedIssue/${id}`)) }),
  }
}

const medicationOf = (code: Concept, ingredients: readonly Concept[]) => ({
  ...{ resourceType: 'Medication', id: 'medicine', code },
  ingredient: ingredients.map((itemCodeableConcept) => ({ itemCodeableConcept })),
})

/** As it was when the dose was worked out of it, whatever becomes of the measurement. */
const copyOf = ({ value, unit, measuredAt, observation }: Weight) => ({
  ...{ resourceType: 'Observation', id: 'weight', status: 'final' },
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }] },
  ...{ effectiveDateTime: measuredAt, derivedFrom: [reference(`Observation/${observation}`)] },
  valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
})

interface Stored {
  status: Prescription['status']
  statusReason?: { text?: string }
  medicationCodeableConcept?: Concept
  subject: { reference: string }
  authoredOn: string
  requester: { reference: string }
  recorder: { reference: string }
  reasonCode?: Concept[]
  note?: { text: string }[]
  dosageInstruction: unknown
  contained?: (Resource & { code?: Concept; ingredient?: { itemCodeableConcept: Concept }[] })[]
  priorPrescription?: { reference: string }
  detectedIssue?: { reference: string }[]
}

const idIn = (one: { reference?: string } | undefined): string | undefined => one?.reference?.split('/')[1]

/** The same back. */
export function readFhir(resource: Kept): Omit<Written, 'by'> & { version: number } {
  const stored = resource as unknown as Stored
  const medication = stored.contained?.find(({ id }) => id === 'medicine')
  const regimen = regimenOf(stored.dosageInstruction)
  const { statusReason, reasonCode: [reason] = [], note: [note] = [], priorPrescription: prior } = stored
  const weight = copiedWeight(stored)
  return {
    id: resource.id,
    patient: idIn(stored.subject) ?? '',
    status: stored.status,
    ...(statusReason?.text !== undefined && { statusReason: statusReason.text }),
    what: (medication?.code ?? stored.medicationCodeableConcept) as Concept,
    ...(medication && {
      ingredients: (medication.ingredient ?? []).map(({ itemCodeableConcept }) => itemCodeableConcept),
    }),
    ...(regimen ?? { doses: [], dosage: stored.dosageInstruction }),
    ...{ category: categoryOf(resource) as NonNullable<Asked['category']> },
    ...(reason && { reason }),
    ...(note && { note: note.text }),
    ...(weight && { weight }),
    ...{ prescribedBy: stored.requester.reference, prescribedAt: stored.authoredOn },
    ...(prior && { renews: idIn(prior) as string }),
    issues: (stored.detectedIssue ?? []).flatMap((one) => idIn(one) ?? []),
    version: Number(resource.meta.versionId),
  }
}

function copiedWeight({ contained }: Stored): Weight | undefined {
  const copy = contained?.find(({ id }) => id === 'weight')
  const weight = copy && weightIn(copy)
  const observation = idIn((copy as { derivedFrom?: { reference: string }[] } | undefined)?.derivedFrom?.[0])
  return weight && observation !== undefined ? { ...weight, observation } : undefined
}

/** As /v1 shows it, in words of this language. */
export function shownOf(resource: Kept, tag: string): Prescription {
  const { weight, issues: _issues, category = 'general', doses, dosage, ...read } = readFhir(resource)
  return {
    ...read,
    category,
    changed: { by: (resource as unknown as Stored).recorder.reference, at: resource.meta.lastUpdated },
    doses: doses.map((dose) => withExact(dose, weight)) as Prescription['doses'],
    words: dosage === undefined ? sayRegimen({ doses, ...(read.inTurn && { inTurn: true }) }, tag) : textOf(dosage),
  }
}

const textOf = (dosage: unknown): string =>
  (dosage as readonly { text?: string }[]).flatMap(({ text }) => text ?? []).join('; ')

/** What it was before it was rounded. */
function withExact(dose: Dose, weight: Weight | undefined): object {
  if (!dose.perKilogram || !weight) return dose
  const exactly = timesWeight(dose.perKilogram.value, weight)
  return exactly === dose.amount.value ? dose : { ...dose, perKilogram: { ...dose.perKilogram, exactly } }
}

/** To twelve digits: 0.1 × 3.3 is 0.33, which no double is. */
export const timesWeight = (perKilogram: number, weight: Weight): number =>
  Number((perKilogram * kilogramsOf(weight)).toPrecision(12))
