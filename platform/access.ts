import { type Actor, type Role, roles } from './auth.ts'
import type { Access } from './operation.ts'

/** What a mandate can permit; `self` has all of them. Data of consultations and records adds its own. */
export const powers = ['book', 'see-record', 'see-sensitive', 'receive-messages', 'pay'] as const
export type Power = (typeof powers)[number]

/**
 * The table of who does what, as data: the scopes of each role. c create, r read, u update, d delete, s search.
 * Over the role stands the relationship: a scope lets one call, and a condition in SQL says on whose data.
 */
const scopesOfRole: Record<Role, readonly string[]> = {
  practitioner: ['Schedule.cruds', 'Appointment.rus', 'Practitioner.s', 'Patient.r'],
  caregiver: ['Practitioner.s', 'Appointment.crus', 'Patient.rs', 'Mandate.rsd'],
  patient: ['Practitioner.s', 'Appointment.crus', 'Patient.ru', 'Mandate.crsd'],
  donor: [],
  administrator: [
    'Practitioner.su',
    'Licence.su',
    'Place.cu',
    'Speciality.cu',
    'Role.crd',
    'Account.su',
    'Duplicate.su',
    'Merge.cru',
  ],
}

const granted: Record<Role, ReadonlySet<string>> = Object.fromEntries(
  roles.map((role) => [role, new Set(scopesOfRole[role].flatMap(singly))]),
) as Record<Role, Set<string>>

function singly(scope: string): string[] {
  const [resource, letters = ''] = scope.split('.')
  return [...letters].map((letter) => `${resource}.${letter}`)
}

/** Whether this actor may call an operation at all; deny by default. Operations for the house have no public door. */
export function mayCall(actor: Actor, access: Access): boolean {
  if (access === 'public' || access === 'house' || actor.kind === 'system') return true
  if (actor.kind === 'nobody') return false
  if (access === 'signed-in') return true
  return actor.roles.some((role) => granted[role].has(access))
}

/** Which roles may call: for the documents and for the matrix test. */
export const rolesFor = (access: Access): Role[] => roles.filter((role) => granted[role].has(access))
