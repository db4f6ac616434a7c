import type { OperationSpec } from '#platform/operation.ts'

// Free texts that are compared with something, or looked for, and then forgotten. Every other must be kept to the letter.

/** Compared with what is kept: secrets, and what is signed. A user name has a form of its own (identifiers.ts). */
const compared = new Set('password current new code challenge deviceToken refreshToken userName passcode'.split(' '))

/** Searches: nothing of them is written down. */
const searches = new Set([
  'findInEmergency',
  'searchIdentifiers',
  'searchRegisteredPatients',
  'findPossibleDuplicates',
  'findDuplicatesAtDesk',
])

/** Names one of several that are there. */
const chosen = new Set(['recordConsent /textVersion'])

/** Written down in a form that nobody can read without the keys of the installation. */
const sealed = new Set(['createBusyCalendar /user'])

/** On the FHIR face a text goes into one of several places, by the name beside it: kept as on /v1, which services/scheduling/fhir tries. */
export const isKept = ({ id, fhir }: OperationSpec, pointer: string): boolean =>
  !fhir &&
  !compared.has(pointer.split('/').at(-1) ?? '') &&
  !searches.has(id) &&
  !chosen.has(`${id} ${pointer}`) &&
  !sealed.has(`${id} ${pointer}`)
