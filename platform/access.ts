import { type Actor, type Role, roles } from './auth.ts'
import { Problem } from './errors.ts'
import type { Access, OperationSpec } from './operation.ts'

/** What a mandate can permit; `self` has all of them. Data of consultations and records adds its own. */
export const powers = ['book', 'see-record', 'see-sensitive', 'receive-messages', 'pay'] as const

/** Types of FHIR resources that are always about a patient: what records keeps. */
export const clinicalTypes = [
  'AllergyIntolerance',
  'CarePlan',
  'CareTeam',
  'Claim',
  'ClinicalImpression',
  'Communication',
  'Composition',
  'Condition',
  'Coverage',
  'DetectedIssue',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'ExplanationOfBenefit',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'ImagingStudy',
  'Immunization',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Procedure',
  'QuestionnaireResponse',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
  'SupplyDelivery',
] as const

/** Types of FHIR resources that are about patients or about nobody: what is about nobody, an administrator writes, for all who read the type. */
export const sharedTypes = ['Bundle', 'Device', 'Group', 'List', 'Provenance', 'Task'] as const

/** All that may be about a patient. A Binary without a context is its author's alone. */
export const recordTypes = [...clinicalTypes, ...sharedTypes, 'Binary'] as const

/** Types of FHIR resources that are about nobody: what records keeps beside those. Everybody who has a role reads them. */
export const definitionTypes = [
  'CodeSystem',
  'Library',
  'Medication',
  'OperationDefinition',
  'PlanDefinition',
  'Questionnaire',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
] as const

/** Types of FHIR resources that say who and what there is to be found: of registry, and what is booked, of scheduling. Who is in no directory of /v1 is in none of these. */
export const directoryTypes = [
  'HealthcareService',
  'Location',
  'Organization',
  'Practitioner',
  'PractitionerRole',
] as const

/** Types of FHIR resources about a patient and those who act for them: of registry, which is asked to change them by /v1. */
export const personTypes = ['Patient', 'RelatedPerson'] as const
/** Types of FHIR resources about visits: of scheduling. Who knows of a visit is not only decided by the patient. */
export const visitTypes = ['Appointment', 'AppointmentResponse'] as const
/** What records keeps for whoever asks for it: nobody else sees it. Over the scope, what it is about must be permitted too. */
export const ownTypes = ['Subscription'] as const

const allClinical = (letters: string): string[] => clinicalTypes.map((type) => `${type}.${letters}`)
const allOwn = (letters: string): string[] => ownTypes.map((type) => `${type}.${letters}`)
const allShared = (letters: string): string[] => sharedTypes.map((type) => `${type}.${letters}`)
const allDefinitions = (letters: string): string[] => definitionTypes.map((type) => `${type}.${letters}`)
/** As /v1, which shows organisations and places to everybody, and whoever looks for a visit finds practitioners. */
const directory = directoryTypes.map((type) => `${type}.rs`)

/**
 * The table of who does what, as data: the scopes of each role. c create, r read, u update, d delete, s search, a accept.
 * Over the role stands the relationship: a scope lets one call, and a condition in SQL says on whose data.
 */
const scopesOfRole: Record<Role, readonly string[]> = {
  practitioner: [
    'Schedule.cruds',
    'Appointment.crus',
    'AppointmentResponse.rs',
    'Queue.cruds',
    ...directory,
    'Patient.rs',
    'RelatedPerson.rs',
    'BreakGlass.c',
    'Identifier.r',
    'AccessReport.r',
    'Message.crus',
    'Thread.cs',
    'HealthLink.cusd',
    'CareTask.su',
    'Broadcast.u',
    'CarePlanTemplate.crsu',
    ...allClinical('cruds'),
    ...allShared('cruds'),
    'Binary.cruds',
    'Medication.c', // what is prescribed; whoever keeps what is for all changes it
    ...allDefinitions('rs'),
    ...allOwn('cruds'),
  ],
  caregiver: [
    ...directory,
    'Appointment.crus',
    'AppointmentResponse.rs',
    'Patient.rus',
    'RelatedPerson.rs',
    'Mandate.crsda',
    'Guardianship.c',
    'Identifier.r',
    'ClaimCode.c',
    'Thread.cs',
    'HealthLink.cusd',
    'CareTask.su',
    ...allClinical('rs'),
    ...allShared('rs'),
    'Binary.rs',
    ...allDefinitions('rs'),
    ...allOwn('cruds'),
  ],
  patient: [
    ...directory,
    'Appointment.crus',
    'AppointmentResponse.rs',
    'Patient.rus',
    'RelatedPerson.rs',
    'Mandate.crsd',
    'Identifier.crd',
    'Thread.cs',
    'HealthLink.cusd',
    'CareTask.su',
    ...allClinical('rs'),
    ...allShared('rs'),
    'Binary.rs',
    ...allDefinitions('rs'),
    ...allOwn('cruds'),
  ],
  donor: ['Location.rs', 'Organization.rs', ...allDefinitions('rs')],
  administrator: [
    ...directory,
    'Practitioner.u',
    'Licence.su',
    'Place.cu',
    'Holiday.cd',
    'Speciality.cu',
    'Role.crd',
    'Account.su',
    'Mandate.crsud',
    'BreakGlass.su',
    'Identifier.cruds',
    'OAuthClient.cuds',
    'Duplicate.su',
    'Merge.cru',
    'Organisation.cu',
    'Membership.csd',
    'Patient.ru',
    'Caregiver.s',
    'Donor.s',
    'Import.crs',
    'BulkImport.cr',
    'Administrator.crus',
    'ClaimCode.c',
    'Delivery.su',
    'MessageTemplate.rs',
    'AccessReport.r',
    'ActivityReport.r',
    'Webhook.cruds',
    'Message.crus',
    'Broadcast.u',
    'CarePlanTemplate.crsu',
    ...allShared('cruds'),
    'Binary.cruds',
    ...allDefinitions('cruds'),
  ],
  // Only of the organisations where they work, and of whom those look after: see platform.may and works_at.
  clerk: [
    ...directory,
    'Appointment.crus',
    'AppointmentResponse.rs',
    'Schedule.cruds',
    'Holiday.cd',
    'Queue.cruds',
    'Patient.rus',
    'Registration.crus',
    'ClaimCode.c',
    'Mandate.crd',
    'Import.crs',
    'Organisation.u',
    'ActivityReport.r',
    'Membership.csd',
    ...allDefinitions('rs'),
  ],
}

const granted: Record<Role, ReadonlySet<string>> = Object.fromEntries(
  roles.map((role) => [role, new Set(scopesOfRole[role].flatMap(singly))]),
) as Record<Role, Set<string>>

function singly(scope: string): string[] {
  const [resource, letters = ''] = scope.split('.')
  return [...letters].map((letter) => `${resource}.${letter}`)
}

/** What an app may call for itself, without a person: nothing of one person's record, to which a client has no relationship anyway. */
const grantedToClients: ReadonlySet<string> = new Set(['Practitioner.s'])

/** And of many: for which it must hold a scope of some type, with this letter. Of whom it is then given what, its grant says (platform.client_may_see). */
const bulkOfClients: ReadonlyMap<string, string> = new Map([
  ['BulkExport.c', 'r'],
  ['BulkExport.r', 'r'],
  ['BulkExport.d', 'r'],
  ['BulkImport.c', 'c'],
  ['BulkImport.r', 'c'],
])

export type Asked = Pick<OperationSpec, 'access' | 'scope' | 'patient'>

/** Whether this actor may call an operation at all; deny by default. Operations for the house have no public door. */
export function mayCall(actor: Actor, operation: Asked): boolean {
  const { access } = operation
  if (access === 'public' || access === 'house' || actor.kind === 'system') return true
  if (actor.kind === 'nobody') return false
  const bulk = actor.kind === 'client' ? bulkOfClients.get(access) : undefined
  if (bulk !== undefined) return clientTypes(actor, bulk).length > 0
  if (actor.scopes && !reachOf(actor, operation)) return false
  if (actor.kind === 'client') return grantedToClients.has(access)
  if (access === 'signed-in') return true
  return actor.roles.some((role) => granted[role].has(access))
}

/** The types that an app may have for itself by its scopes, as they name them: `*` is all. A scope that is narrowed to a search opens nothing. */
export const clientTypes = ({ kind, scopes = [] }: Actor, letter: string): string[] =>
  scopes.flatMap((text) => {
    const held = parseScope(text)
    const fits = kind === 'client' && held?.context === 'system' && !held.filter && held.letters.includes(letter)
    return fits ? [held.resource] : []
  })

/** What an import takes: a Subscription is for whoever asks to be told, and what else follows from a room's rows, that room writes. */
export const importedTypes = [
  ...['Patient', 'Organization', 'Location', 'Practitioner', 'PractitionerRole'],
  ...recordTypes,
  ...definitionTypes,
] as const

const forAll: ReadonlySet<string> = new Set(definitionTypes.filter((type) => type !== 'Medication'))

/** Of those what an app brings in by its scopes, where its grant lets it: nothing that is for all, but medicines, which whoever prescribes makes. */
export function importedBy(actor: Actor): string[] {
  const held = new Set(clientTypes(actor, 'c'))
  return importedTypes.filter((type) => (held.has('*') || held.has(type)) && !forAll.has(type))
}

/** Which roles may call: for the documents and for the matrix test. */
export const rolesFor = (access: Access): Role[] => roles.filter((role) => granted[role].has(access))

// Tokens with scopes. A scope narrows what roles permit and never adds to it. An operation for everybody who is signed in is closed to
// such tokens, unless it names the scope that opens it: no key can change a password or make another key.

export interface Scope {
  context: 'patient' | 'user' | 'system'
  /** `*`: any. */
  resource: string
  /** Of c r u d s, in this order. */
  letters: string
  /** What the scope is narrowed to, as a FHIR search: `category=vital-signs`. */
  filter?: string
}

const SCOPE =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,39})\.(?:(read|write|\*)|(c?r?u?d?s?)(?:\?([\w.:|/=&%-]{1,200}))?)$/

/** What SMART 1 calls it: hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources */
const OF_VERSION_1: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' }

/** A scope of SMART 2 or 1 for resources, or undefined where this is none. */
export function parseScope(text: string): Scope | undefined {
  const [, context, resource, word = '', letters = OF_VERSION_1[word], filter] = SCOPE.exec(text) ?? []
  if (!context || !resource || !letters) return undefined
  return { context: context as Scope['context'], resource, letters, ...(filter && { filter }) }
}

/** Who is what here, which apps there are, who is one person, and what everybody, or another system, is told: a person who has signed in decides that, and no token with scopes, however wide. */
const forPersons: ReadonlySet<string> = new Set([
  'Role',
  'Administrator',
  'Membership',
  'OAuthClient',
  'ApiKey',
  'Merge',
  'Broadcast',
  'Webhook',
  'BulkImport',
  'HealthLink', // it gives away what outlives the token
])

/**
 * How far the token's scopes let it go in an operation: to whatever the person may touch, to the patient in context only, or not at all. A
 * scope with a filter opens nothing here, since less must not be taken for all: what looks at filters asks narrowedToSearch().
 */
function reachOf(actor: Actor, { access, scope, patient }: Asked): 'all' | 'patient' | undefined {
  const [resource = '', letter = ''] = (scope ?? access).split('.')
  if (forPersons.has(resource)) return undefined
  const contexts = (actor.scopes ?? []).flatMap((text) => {
    const held = parseScope(text)
    const fits = held && !held.filter && ['*', resource].includes(held.resource) && held.letters.includes(letter)
    return letter && fits ? [held.context] : []
  })
  if (contexts.includes(actor.kind === 'client' ? 'system' : 'user')) return 'all'
  return contexts.includes('patient') && actor.patient && patient ? 'patient' : undefined
}

/** The actor as an operation shall see it: bound to the patient in context where nothing wider lets it call. */
export function narrowed(actor: Actor, operation: Asked): Actor {
  if (!actor.scopes || !actor.patient || actor.within) return actor
  return reachOf(actor, operation) === 'patient' ? { ...actor, within: actor.patient } : actor
}

/**
 * The actor as what understands searches shall see it, where scopes with one are all that permits the call: `only` has them. Undefined where more permits it, or
 * nothing does.
 */
export function narrowedToSearch(actor: Actor, operation: Asked): Actor | undefined {
  const { scopes, ...person } = actor
  const [resource = '', letter = ''] = (operation.scope ?? operation.access).split('.')
  if (!scopes || actor.kind !== 'account' || mayCall(actor, operation) || !mayCall(person, operation)) return undefined
  const fitting = scopes.flatMap((text) => {
    const held = parseScope(text)
    return held?.filter && held.resource === resource && letter && held.letters.includes(letter) ? [held] : []
  })
  const only = (context: Scope['context']) =>
    fitting.flatMap((held) => (held.context === context && held.filter ? [held.filter] : []))
  const ofAll = only('user')
  if (ofAll.length > 0) return { ...actor, only: ofAll }
  const ofOne = only('patient')
  return ofOne.length > 0 && actor.patient ? { ...actor, within: actor.patient, only: ofOne } : undefined
}

/** Refuses what an actor who is bound to one patient asks about another; alike to asking for one who does not exist. */
export function keepWithin({ within }: Actor, { patient }: Asked, input: object): void {
  if (within === undefined || !patient?.startsWith('/')) return
  const [, part = '', name = ''] = patient.split('/')
  const given = (input as Record<string, Record<string, unknown> | undefined>)[part]?.[name]
  if (given !== within) throw new Problem('not-found', 'There is no such patient, or you may not see it.')
}
