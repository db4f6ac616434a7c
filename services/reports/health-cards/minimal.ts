import type { Resource } from '#fhir/resource.ts'

// What a health card says of each resource: the least that tells the fact, so that it fits into a QR code and shows no more than was meant. Elements are those of the
// profiles for data minimisation of hl7.org/fhir/uv/shc-vaccination, and what the International Patient Summary wants of allergies, medicines and problems; all that
// modify what a resource means are among them.

const WHOLE = true
/** Of a dose its words: what is left of its structure when words for codes go would say another dose. */
const DOSE = ['text']

/** Elements, and of some the members that are kept; what lacks the first of these is not told. */
type Kept = Readonly<Record<string, typeof WHOLE | readonly string[]>>

const PATIENT: Kept = { name: WHOLE, birthDate: WHOLE }

const KEPT: Readonly<Record<string, { elements: Kept; about: 'patient' | 'subject'; what: string }>> = {
  Immunization: {
    elements: {
      ...{ status: WHOLE, isSubpotent: WHOLE, vaccineCode: WHOLE, patient: WHOLE },
      ...{ occurrenceDateTime: WHOLE, occurrenceString: WHOLE, lotNumber: WHOLE, performer: ['actor'] },
    },
    about: 'patient',
    what: 'vaccineCode',
  },
  AllergyIntolerance: {
    elements: {
      ...{ clinicalStatus: WHOLE, verificationStatus: WHOLE, type: WHOLE, category: WHOLE, criticality: WHOLE },
      ...{ code: WHOLE, patient: WHOLE, reaction: ['manifestation', 'severity'] },
    },
    about: 'patient',
    what: 'code',
  },
  Condition: {
    elements: {
      ...{ clinicalStatus: WHOLE, verificationStatus: WHOLE, severity: WHOLE },
      ...{ code: WHOLE, bodySite: WHOLE, subject: WHOLE, onsetDateTime: WHOLE },
    },
    about: 'subject',
    what: 'code',
  },
  MedicationStatement: {
    elements: {
      ...{ status: WHOLE, medicationCodeableConcept: WHOLE, subject: WHOLE },
      ...{ effectiveDateTime: WHOLE, effectivePeriod: ['start', 'end'], dosage: DOSE },
    },
    about: 'subject',
    what: 'medicationCodeableConcept',
  },
  MedicationRequest: {
    elements: {
      ...{ status: WHOLE, intent: WHOLE, medicationCodeableConcept: WHOLE },
      ...{ subject: WHOLE, authoredOn: WHOLE, dosageInstruction: DOSE },
    },
    about: 'subject',
    what: 'medicationCodeableConcept',
  },
}

/** What takes a fact back, or says that it was none. */
const UNTRUE = new Set(['entered-in-error', 'refuted', 'not-done', 'not-taken', 'draft', 'cancelled'])

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !(value instanceof Number) && !Array.isArray(value)

/**
 * Whether a card can say it of this patient: it is of a kind that cards are for, is a fact about them, has a code for what it is about, since cards have no words for
 * codes, and nothing in it changes what it means beyond what a card shows. That something is not to be taken is for no card: whoever overlooks that word takes it.
 */
export function canBeSaid(resource: Resource, patient: Resource): boolean {
  const kept = KEPT[resource.resourceType]
  if (!kept || 'implicitRules' in resource || resource.doNotPerform === true || changesMeaning(resource)) return false
  if ([String(resource.status), ...codesOf(resource.verificationStatus)].some((code) => UNTRUE.has(code))) return false
  const about = resource[kept.about]
  return isObject(about) && about.reference === `Patient/${patient.id}` && codesOf(resource[kept.what]).length > 0
}

const changesMeaning = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.some(changesMeaning)
    : isObject(value) && ('modifierExtension' in value || Object.values(value).some(changesMeaning))

function codesOf(concept: unknown): string[] {
  const codings = isObject(concept) && Array.isArray(concept.coding) ? concept.coding : []
  return codings.flatMap((coding) => (isObject(coding) && typeof coding.code === 'string' ? [coding.code] : []))
}

export interface CardBundle {
  resourceType: 'Bundle'
  type: 'collection'
  entry: { fullUrl: string; resource: Json & { resourceType: string } }[]
}

/** The bundle of a card: the patient first, then what is said of them (spec.smarthealth.cards, Health Cards are Compact). */
export const cardBundle = (patient: Resource, facts: readonly Resource[]): CardBundle => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [patient, ...facts].map((resource, place) => ({ fullUrl: `resource:${place}`, resource: minimal(resource) })),
})

function minimal(resource: Resource): Json & { resourceType: string } {
  const { resourceType } = resource
  const elements = Object.entries(KEPT[resourceType]?.elements ?? PATIENT)
  return { resourceType, ...members(elements.map(([name, kept]) => [name, element(name, resource[name], kept)])) }
}

const members = (all: readonly (readonly [string, unknown])[]): Json =>
  Object.fromEntries(all.filter(([, value]) => value !== undefined))

function element(name: string, value: unknown, kept: Kept[string]): unknown {
  if (kept === WHOLE || value === undefined) return shortened(name, value)
  const [first = ''] = kept
  const parts = (Array.isArray(value) ? value : [value]).map((one: Json) =>
    members(kept.map((member) => [member, member === 'text' ? one.text : shortened(member, one[member])])),
  )
  const told = parts.filter((part) => part[first] !== undefined)
  return told.length === 0 ? undefined : Array.isArray(value) ? told : told[0]
}

const REFERENCES = new Set(['patient', 'subject', 'actor'])
/** What belongs to the server, or explains a code in words. */
const LEFT_OUT = new Set(['id', 'extension', 'userSelected', 'text'])

function shortened(name: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const list = value.map((one) => shortened(name, one)).filter((one) => one !== undefined)
    return list.length > 0 ? list : undefined
  }
  if (!isObject(value)) return value
  if (REFERENCES.has(name)) return reference(name, value)
  if (name === 'coding')
    return value.code === undefined
      ? undefined
      : members([
          ['system', value.system],
          ['code', value.code],
        ])
  // A name may be no more than its text.
  const isLeftOut = (member: string) =>
    member.startsWith('_') || (LEFT_OUT.has(member) && (name !== 'name' || member !== 'text'))
  const short = members(
    Object.entries(value).flatMap(([member, one]) =>
      isLeftOut(member) ? [] : [[member, shortened(member, one)] as const],
    ),
  )
  return Object.keys(short).length > 0 ? short : undefined
}

/** The patient is the first of the card; of others it says how they are called. */
function reference(name: string, { display }: Json): unknown {
  if (name !== 'actor') return { reference: 'resource:0' }
  return typeof display === 'string' ? { display } : undefined
}
