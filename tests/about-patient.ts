import { definitionOf } from '#fhir/types/definitions.ts'
import { type LeastResource, leastResource } from './least-resource.ts'

type Reference = { reference: string }

/** Where a type says whom it is about, other than as its patient or subject. */
const places: Readonly<Record<string, (whose: Reference) => object>> = {
  Binary: (whose) => ({ securityContext: whose }),
  Bundle: (whose) => ({ entry: [{ resource: { ...leastResource('Flag'), subject: whose } }] }),
  Coverage: (whose) => ({ beneficiary: whose }),
  Group: (whose) => ({ type: 'person', actual: true, member: [{ entity: whose }] }),
  Provenance: (whose) => ({ target: [whose] }),
  Task: (whose) => ({ for: whose }),
}

/** The elements by which a resource of this type is about a patient. */
export function wordsAbout(type: string, patient: string): object {
  const whose = { reference: `Patient/${patient}` }
  const special = places[type]
  if (special) return special(whose)
  const names = definitionOf(type)?.elements.map(({ name }) => name) ?? []
  return names.includes('patient') ? { patient: whose } : { subject: whose }
}

/** The least valid resource of a type that is about this patient. */
export const aboutPatient = (type: string, patient: string, more: object = {}): LeastResource => ({
  ...leastResource(type),
  ...wordsAbout(type, patient),
  ...more,
})
