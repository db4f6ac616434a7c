import { isObject } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import { validate } from '#fhir/validate.ts'
import { conceptOf } from '../entries/fields.ts'
import { isRetracted } from '../entries/kinds.ts'
import type { Brought, Item } from './bundle.ts'

/** What is known of a patient; what elsewhere was planned, ordered or written is theirs. */
export const TAKEN = [
  'AllergyIntolerance',
  'Condition',
  'DiagnosticReport',
  'DocumentReference',
  'Immunization',
  'MedicationStatement',
  'Observation',
  'Procedure',
] as const

export const isTaken = (type: string): boolean => (TAKEN as readonly string[]).includes(type)

/** Of patients by `patient`, and not `subject`. */
const OF_PATIENT = new Set(['AllergyIntolerance', 'Immunization'])
/** hl7.org/fhir/uv/ips: what stands where nothing is known, or nothing is. */
const ABSENT = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips'
/** Who and where of elsewhere: names stay, and what leads there does not. */
const NOT_HERE = /^[A-Z]\w+\/|^urn:|^https?:/

export interface Candidate {
  resource: Resource
  /** Names in the file of others that it refers to. */
  refersTo: readonly string[]
}

/** An entry as a resource of this patient, or why it is not taken. References to what else is taken stay as the file has them, until they have a name here. */
export function takenOver(item: Item, patient: string, brought: Brought): Candidate | string {
  const { resource } = item
  const { resourceType: type } = resource
  if (!isTaken(type)) return type === 'Patient' ? 'It is who this is about.' : 'Things of this type are not taken over.'
  const subject = resource[OF_PATIENT.has(type) ? 'patient' : 'subject'] as { reference?: unknown } | undefined
  if (subject && !isAbout(subject.reference, brought)) return 'It is about somebody else, or does not say about whom.'
  if (isRetracted(resource)) return 'It was entered in error there.'
  if (saysNothing(resource)) return 'It says that nothing is known, or that there is nothing.'
  const refersTo: string[] = []
  const {
    id: _id,
    meta,
    text: _text,
    patient: _patient,
    subject: _subject,
    encounter: _encounter,
    context: _context,
    ...rest
  } = resource
  const whole = {
    ...(rewritten(withMedicine(rest, brought), brought, refersTo) as object),
    ...(labelsOf(meta) && { meta: labelsOf(meta) }),
    [OF_PATIENT.has(type) ? 'patient' : 'subject']: { reference: `Patient/${patient}` },
  } as Resource
  const [issue] = validate(whole)
  return issue ? `It is no valid ${type}: ${issue.diagnostics}` : { resource: whole, refersTo }
}

/** Without the patient themselves the file is about the one whom all of it names. */
const isAbout = (reference: unknown, { patient }: Brought): boolean =>
  patient
    ? patient.names.some((name) => isName(name, reference))
    : typeof reference === 'string' && (/(^|\/)Patient\/[^/]+$/.test(reference) || reference.startsWith('urn:'))

const isName = (name: string, reference: unknown): boolean =>
  reference === name || (typeof reference === 'string' && reference.endsWith(`/${name}`))

/** What is sensitive there is here too. */
const labelsOf = (meta: unknown): { security: unknown } | undefined =>
  isObject(meta) && meta.security !== undefined ? { security: meta.security } : undefined

function saysNothing(resource: Resource): boolean {
  const concept = conceptOf(resource.code ?? resource.vaccineCode ?? resource.medicationCodeableConcept)
  return (concept?.coding ?? []).some(({ system }) => system === ABSENT)
}

/** A medicine of its own in the file is what it is called. */
function withMedicine(resource: Record<string, unknown>, { items }: Brought): Record<string, unknown> {
  const { medicationReference, ...rest } = resource
  const reference = (medicationReference as { reference?: string; display?: string } | undefined)?.reference
  if (medicationReference === undefined || reference?.startsWith('#')) return resource
  const medicine = items.find(({ names }) => reference !== undefined && names.includes(reference))?.resource
  const text = (medicationReference as { display?: string }).display
  const concept = medicine?.code ?? (text === undefined ? undefined : { text })
  return concept === undefined ? rest : { ...rest, medicationCodeableConcept: concept }
}

/** Without what leads out of the file, or to what is not taken: its name stays. */
function rewritten(value: unknown, brought: Brought, refersTo: string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => rewritten(one, brought, refersTo))
  if (!isObject(value) || value instanceof Number) return value
  const { reference } = value
  if (typeof reference === 'string' && NOT_HERE.test(reference)) {
    const target = brought.items.find(({ names }) => names.some((name) => isName(name, reference)))
    if (target && isTaken(target.resource.resourceType)) {
      refersTo.push(target.names[0] as string)
      return { ...value, reference: target.names[0] }
    }
    const { reference: _reference, ...named } = value
    const type = target?.resource.resourceType ?? /^([A-Z]\w+)\//.exec(reference)?.[1] ?? 'Elsewhere'
    return Object.keys(named).some((name) => name === 'display' || name === 'identifier')
      ? named
      : { ...named, display: nameOf(target?.resource) ?? type }
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, rewritten(one, brought, refersTo)]))
}

function nameOf(resource: Resource | undefined): string | undefined {
  const [name] = Array.isArray(resource?.name) ? resource.name : [resource?.name]
  if (typeof name === 'string') return name
  const { text, family, given } = (isObject(name) ? name : {}) as { text?: string; family?: string; given?: string[] }
  return text ?? ([...(given ?? []), family].filter((one) => one !== undefined).join(' ') || undefined)
}
