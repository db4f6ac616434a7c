import { isObject } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import { validate } from '#fhir/validate.ts'
import { conceptOf } from '../entries/fields.ts'
import { isRetracted } from '../entries/kinds.ts'
import type { Brought, Item } from './bundle.ts'
import { containedMedicine } from './compare.ts'
import { type Files, type TakenFile, withFiles } from './files.ts'

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

export interface FileWithFiles {
  brought: Brought
  files: Files
}

export interface Candidate {
  resource: Resource
  files: readonly TakenFile[]
  /** What of it is not taken. */
  lost?: string
}

/** An entry as a resource of this patient, or why it is not taken. References to what else is taken stay as the file has them, until they have a name here. */
export function takenOver(item: Item, patient: string, { brought, files }: FileWithFiles): Candidate | string {
  const { resource } = item
  const { resourceType: type } = resource
  if (!isTaken(type)) return NOT_TAKEN[type] ?? 'Things of this type are not taken over.'
  const subject = resource[OF_PATIENT.has(type) ? 'patient' : 'subject'] as { reference?: unknown } | undefined
  if (subject && !isAbout(subject.reference, brought)) return 'It is about somebody else, or does not say about whom.'
  if (isRetracted(resource)) return 'It was entered in error there.'
  if (saysNothing(resource)) return 'It says that nothing is known, or that there is nothing.'
  const medicine = brought.at((resource.medicationReference as { reference?: unknown } | undefined)?.reference)
  if (saysOtherwise(resource) || (medicine && saysOtherwise(medicine.resource)))
    return 'An extension changes what it says, and is not known here: read it, and write down what it means.'
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
    ...(rewritten(withMedicine(rest as Resource, medicine), brought) as object),
    ...(labelsOf(meta) && { meta: labelsOf(meta) }),
    [OF_PATIENT.has(type) ? 'patient' : 'subject']: { reference: `Patient/${patient}` },
  } as Resource
  const filed = withFiles(whole, files)
  const [issue] = validate(filed.resource)
  return issue ? `It is no valid ${type}: ${issue.diagnostics}` : filed
}

const NOT_TAKEN: Readonly<Record<string, string>> = {
  Patient: 'It is who this is about.',
  Binary: 'A file comes with the document that names it.',
}

/** By something that must be understood (hl7.org/fhir/R4/extensibility.html#modifierExtension), here or within. */
function saysOtherwise(resource: Resource): boolean {
  const left: unknown[] = [resource]
  for (let value = left.pop(); value !== undefined; value = left.pop())
    if (typeof value === 'object' && value !== null) {
      const { modifierExtension, implicitRules } = value as Record<string, unknown>
      if (modifierExtension !== undefined || implicitRules !== undefined) return true
      for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) left.push(inner)
    }
  return false
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

/** A medicine of its own in the file is what it is called; one within stays, and says what it is called. */
function withMedicine(resource: Resource, medicine: Item | undefined): Resource {
  const { medicationReference, ...rest } = resource
  if (!isObject(medicationReference)) return resource
  const within = conceptOf(containedMedicine(resource)?.code)
  const { display = within?.text ?? within?.coding?.[0]?.display } = medicationReference
  if (String(medicationReference.reference).startsWith('#'))
    return { ...resource, medicationReference: { ...medicationReference, ...(display !== undefined && { display }) } }
  const concept = medicine?.resource.code ?? (display === undefined ? undefined : { text: display })
  return (concept === undefined ? rest : { ...rest, medicationCodeableConcept: concept }) as Resource
}

/** Without what leads out of the file, or to what is not taken: its name stays. */
function rewritten(value: unknown, brought: Brought): unknown {
  if (Array.isArray(value)) return value.map((one) => rewritten(one, brought))
  if (!isObject(value) || value instanceof Number) return value
  const { reference } = value
  if (typeof reference === 'string' && NOT_HERE.test(reference)) {
    const target = brought.at(reference)
    if (target && isTaken(target.resource.resourceType)) return { ...value, reference: target.names[0] }
    const { reference: _reference, ...named } = value
    const type = target?.resource.resourceType ?? /^([A-Z]\w+)\//.exec(reference)?.[1] ?? 'Elsewhere'
    return Object.keys(named).some((name) => name === 'display' || name === 'identifier')
      ? named
      : { ...named, display: nameOf(target?.resource) ?? type }
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, rewritten(one, brought)]))
}

function nameOf(resource: Resource | undefined): string | undefined {
  const [name] = Array.isArray(resource?.name) ? resource.name : [resource?.name]
  if (typeof name === 'string') return name
  const { text, family, given } = (isObject(name) ? name : {}) as { text?: string; family?: string; given?: string[] }
  return text ?? ([...(given ?? []), family].filter((one) => one !== undefined).join(' ') || undefined)
}
