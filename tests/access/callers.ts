import { rolesFor } from '#platform/access.ts'
import type { Role } from '#platform/auth.ts'
import type { OperationSpec } from '#platform/operation.ts'
import { everything } from '#services.ts'
import { type Caller, callers } from './world.ts'

// Whom an operation lets in by role alone: the rows say who of them gets further.

const STREAM = 'text/event-stream' // see services/notifications/stream.test.ts

/** Every operation that people call. */
export const operations: readonly OperationSpec[] = everything
  .flatMap(({ routes }) => routes.map(({ operation }) => operation))
  .filter(({ access, download }) => access !== 'house' && download !== STREAM)

const roleOf: Record<Caller, Role | undefined> = {
  nobody: undefined,
  newcomer: undefined,
  self: 'patient',
  patient: 'patient',
  holder: 'practitioner',
  practitioner: 'practitioner',
  treating: 'practitioner',
  lapsed: undefined,
  suspended: undefined,
  caregiver: 'caregiver',
  proposed: 'caregiver',
  expired: 'caregiver',
  revoked: 'caregiver',
  paying: 'caregiver',
  booking: 'caregiver',
  seeing: 'caregiver',
  full: 'caregiver',
  guardian: 'caregiver',
  clerk: 'clerk',
  otherClerk: 'clerk',
  narrow: undefined,
  donor: 'donor',
  administrator: 'administrator',
}
export const all = Object.keys(callers) as Caller[]

export function roleLets(caller: Caller, { access, scope }: OperationSpec): boolean {
  if (access === 'public') return true
  if (caller === 'nobody') return false
  if (caller === 'narrow') return (scope ?? access) === 'Practitioner.s'
  const role = roleOf[caller]
  return access === 'signed-in' || (role !== undefined && rolesFor(access).includes(role))
}
