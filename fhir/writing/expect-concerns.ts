import type { Actor } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import type { Face } from '../interactions/asked.ts'
import type { Resource } from '../resource.ts'
import type { Change } from '../store/change.ts'
import { type Concerns, concernsIn, entriesOf, leadsTo } from '../store/concerns.ts'

/** Whether this actor may write something of its type that is about these; what is about patients, the store decides (fhir_store). */
export function expectConcerns(
  { type, resource, index, concerns }: Change,
  { actor, face, of }: { actor: Actor; face: Face; of: ReadonlyMap<string, Concerns> },
): void {
  if (resource) expectKnown(leadsTo(resource, index), of)
  if (type === 'Bundle' && resource) expectEntries(resource, face)
  if (concerns.about.length > 0) return
  const isForAll = face.shared.has(type) && (actor.kind === 'system' || actor.roles.includes('administrator'))
  if (face.clinical.has(type) || type === 'Binary' || (face.shared.has(type) && !isForAll))
    throw ofWhom('/body/subject')
}

/** What one may not see is as if it were not there, and nothing is said to be about whom it is about. */
function expectKnown(names: readonly string[], of: ReadonlyMap<string, Concerns>): void {
  if (names.some((name) => !name.startsWith('Patient/') && !of.has(name)))
    throw new Problem('business-rule', 'It refers to something that is not here, or that you may not see.', {
      errors: [{ pointer: '/body', detail: 'must refer to what is here, by its target or securityContext' }],
    })
}

/** Of what a Bundle holds, nothing of a record goes by without saying whose it is. */
function expectEntries(bundle: Resource, { base, clinical }: Face): void {
  for (const [index, entry] of entriesOf(bundle).entries()) {
    if (entry.resourceType === 'Bundle') expectEntries(entry, { base, clinical } as Face)
    const isOfSomebody = entry.resourceType === 'Patient' || clinical.has(entry.resourceType)
    if (isOfSomebody && concernsIn(entry, base).about.length === 0) throw ofWhom(`/body/entry/${index}/resource`)
  }
}

const ofWhom = (pointer: string) =>
  new Problem('business-rule', 'Say which patient this is about: Patient/… as its subject or patient.', {
    errors: [{ pointer, detail: 'must refer to a patient here' }],
  })
