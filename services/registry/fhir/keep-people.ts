import { accountOf } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Keeping, KeptResource, Shown } from '#platform/keeper.ts'
import { telling } from '#platform/transaction.ts'
import { insertBroughtPatient, insertBroughtPractitioner, takeUpBrought } from '../bulk/brought.ts'
import { isUnkept } from '../bulk/queries.ts'
import { bringsIn, isAdministrator, notThere } from '../caller.ts'
import type { Tables } from '../database.ts'
import { memberships, workplace } from '../desk/queries.ts'
import { insertRegisteredPatient, insertRegisteredPractitioner } from '../desk/registrations.ts'
import { changePatient, insertOwnPatient, type Made, onlyOnePatient } from '../patients.ts'
import { changePractitioner, checkSpecialities, insertOwnPractitioner, onlyOnePractitioner } from '../practitioners.ts'
import { patientFrom, practitionerFrom } from '../projection/from-fhir.ts'
import { type Communication, type Extension, languageIn, specialitiesIn, zoneIn } from '../projection/heard.ts'
import { refused } from '../projection/said.ts'
import { zoneAround } from '../queries/held.ts'

type Tx = TransactionContext<Tables>

interface Reference {
  reference?: string
}
interface Person extends KeptResource {
  active?: boolean
  communication?: Communication[]
  extension?: Extension[]
  managingOrganization?: Reference
}
interface Role extends KeptResource {
  practitioner?: Reference
  organization?: Reference
  specialty?: object[]
}

const LOCAL = /^([A-Z][A-Za-z]+)\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/

function idIn(reference: Reference | undefined, wanted: 'Organization' | 'Practitioner'): string | undefined {
  const [, type, id] = LOCAL.exec(reference?.reference ?? '') ?? []
  return type === wanted ? id : undefined
}

/** Said only where it is to be another: a guardian, and a desk, may say the rest. */
export const activeIn = (is: boolean | undefined, was: boolean | undefined) =>
  is === undefined || is === was ? {} : { active: is }

export async function keepPatient(ctx: Tx, one: Keeping): Promise<unknown> {
  const [resource, before] = [one.resource as Person, one.before as Person | undefined]
  const { managingOrganization: at } = resource
  if (at && at.reference !== before?.managingOrganization?.reference)
    throw refused('/managingOrganization', 'stays the organisation at whose desk they were registered')
  const facts = patientFrom(resource, {
    language: languageIn(before?.communication).value ?? ctx.config.DEFAULT_LANGUAGE,
    zone: zoneIn(before?.extension).value,
  })
  const reach = { phone: facts.phone ?? null, email: facts.email ?? null }
  return changePatient(ctx, resource.id, { ...facts, ...reach, ...activeIn(resource.active, before?.active) })
}

/** Who works here would make a profile of their own of whom they meant to register, by what they forgot to say: that is for /v1. */
const WORKS_HERE = ['clerk', 'practitioner', 'administrator'] as const
const worksHere = ({ actor }: Tx) => WORKS_HERE.some((role) => actor.roles.includes(role))

const atDesk = () =>
  refused(
    '/managingOrganization',
    'must be Organization/… of one at whose desk you work; your own profile is made by POST /v1/patients',
  )

export function unableToMakePatient(ctx: Tx): Problem | undefined {
  if (bringsIn(ctx) || ctx.actor.roles.includes('clerk')) return undefined
  if (worksHere(ctx)) return atDesk()
  return ctx.actor.self.patient === undefined ? undefined : onlyOnePatient()
}

export async function makePatient(ctx: Tx, one: Keeping, said: string): Promise<Shown> {
  const made = await insertPatient(ctx, one.resource, said)
  return made.shown
}

async function insertPatient(ctx: Tx, resource: Person, said: string): Promise<Made> {
  const { managingOrganization: at, id } = resource
  const otherwise = { language: ctx.config.DEFAULT_LANGUAGE, zone: undefined }
  if (bringsIn(ctx)) {
    if (at) throw refused('/managingOrganization', 'is not taken: a desk looks after whom it registers')
    return insertBroughtPatient(ctx, { id, said }, patientFrom(resource, { ...otherwise, zone: 'UTC' }))
  }
  if (at === undefined) {
    if (worksHere(ctx)) throw atDesk()
    return insertOwnPatient(ctx, { id, said }, patientFrom(resource, otherwise))
  }
  const organisation = idIn(at, 'Organization')
  if (organisation === undefined) throw atDesk()
  const zone = zoneIn(resource.extension).value ?? (await zoneAround(ctx.db, organisation))
  const facts = patientFrom(resource, { ...otherwise, zone })
  const told = (error: unknown) => (error instanceof Problem && error.code === 'not-found' ? atDesk() : error)
  return telling(ctx, told, (ctx) => insertRegisteredPatient(ctx, { id, said, organisation }, facts))
}

const worksAt = async (ctx: Tx, organisation: string): Promise<boolean> =>
  (await workplace(ctx.db, organisation, { account: accountOf(ctx), functions: ['desk', 'manager'] })) !== undefined

export function unableToMakePractitioner(ctx: Tx): Problem | undefined {
  if (bringsIn(ctx) || ctx.actor.roles.includes('clerk')) return undefined
  if (isAdministrator(ctx))
    return new Problem('forbidden', 'Practitioners are registered at a desk, or make their own profile.')
  return ctx.actor.self.practitioner === undefined ? undefined : onlyOnePractitioner()
}

export async function keepPractitioner(ctx: Tx, one: Keeping, all: readonly Keeping[]): Promise<unknown> {
  const [resource, before] = [one.resource as Person, one.before as Person | undefined]
  if (before) {
    const { specialities: _, ...facts } = practitionerFrom(resource, {
      languages: spokenIn(ctx, before),
      specialities: [],
    })
    return changePractitioner(ctx, one.id, { ...facts, ...activeIn(resource.active, before.active) })
  }
  const role = all.find(({ type, id }) => type === 'PractitionerRole' && id === one.id)?.resource as Role | undefined
  const facts = practitionerFrom(resource, {
    languages: spokenIn(ctx, undefined),
    specialities: specialitiesOf(ctx, role),
  })
  await checkSpecialities(ctx, facts.specialities)
  if (bringsIn(ctx)) {
    return insertBroughtPractitioner(ctx, { id: one.id, organisation: organisationOf(role) }, facts)
  }
  if (ctx.actor.roles.includes('clerk'))
    return insertRegisteredPractitioner(ctx, { id: one.id, organisation: await deskFor(ctx, role) }, facts)
  if (role?.organization) throw ofDesk()
  return insertOwnPractitioner(ctx, one.id, facts)
}

const ofDesk = () => refused('/organization', 'stays the organisation at whose desk they were registered')

const spokenIn = ({ config }: Tx, before: Person | undefined): string[] => {
  const spoken = (before?.communication as { coding?: { code?: string }[] }[] | undefined) ?? []
  const codes = spoken.flatMap(({ coding = [] }) => coding[0]?.code ?? [])
  return codes.length > 0 ? codes : [config.DEFAULT_LANGUAGE]
}

const specialitiesOf = ({ config }: Tx, role: Role | undefined): string[] => [
  ...new Set(specialitiesIn(role?.specialty, `${config.PUBLIC_URL}/v1/specialities`)),
]

/** Where the role is; else the only one where the caller works. */
async function deskFor(ctx: Tx, role: Role | undefined): Promise<string> {
  if (role?.organization) {
    const organisation = idIn(role.organization, 'Organization')
    if (organisation !== undefined && (await worksAt(ctx, organisation))) return organisation
    throw refused('', 'has a PractitionerRole whose organization is none at whose desk you work')
  }
  const [one, other] = await memberships(ctx.db, { account: accountOf(ctx), before: undefined, limit: 2 })
  if (one && !other) return one.organisation_id
  throw refused(
    '',
    'needs a PractitionerRole in the same transaction, whose organization is the one at whose desk you work',
  )
}

/** A practitioner has one role here, under their own id; it is made with them. */
export async function keepRole(ctx: Tx, one: Keeping, all: readonly Keeping[]): Promise<unknown> {
  const [resource, before] = [one.resource as Role & Person, one.before as (Role & Person) | undefined]
  const ofWhom = idIn(resource.practitioner, 'Practitioner')
  const isMade = !before && all.some(({ type, id, before: was }) => type === 'Practitioner' && id === one.id && !was)
  if (!before && !isMade && one.named) throw notThere('resource')
  if (!before && !isMade)
    throw refused(
      '/practitioner',
      'must be a Practitioner of the same transaction; of one who is here, PUT PractitionerRole/{their id}',
    )
  if (ofWhom !== one.id) throw refused('/practitioner', 'must be the practitioner who has this id')
  if (isMade) return undefined
  if (resource.organization && resource.organization.reference !== before?.organization?.reference) throw ofDesk()
  const specialities = specialitiesOf(ctx, resource)
  await checkSpecialities(ctx, specialities)
  const change = { ...(specialities.length > 0 && { specialities }), ...activeIn(resource.active, before?.active) }
  return changePractitioner(ctx, one.id, change)
}

/** By an import: the role of a practitioner whom it brought before. */
export async function takeUpRole(ctx: Tx, { id, resource }: Keeping): Promise<void> {
  const role = resource as Role
  if (!(await isUnkept(ctx.db, id)))
    throw new Problem('conflict', 'Its practitioner is not here yet, or somebody looks after them already.')
  const specialities = specialitiesOf(ctx, role)
  await checkSpecialities(ctx, specialities)
  await takeUpBrought(ctx, { id, organisation: organisationOf(role) }, specialities)
}

const organisationOf = (role: Role | undefined) => role?.organization && idIn(role.organization, 'Organization')
