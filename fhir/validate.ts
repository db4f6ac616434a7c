import { ownedTypes, passingTypes } from './types/resource-types.ts'
import { checkResource } from './validation/check-element.ts'
import { type CompiledType, resourceTypeOf } from './validation/compiled-type.ts'
import { type Issue, Trail } from './validation/issue.ts'

export interface ValidateOptions {
  /** Of which types it may be: those that are kept here or pass by, unless said otherwise. What it contains may be of any type of R4. */
  types?: ReadonlySet<string>
  /** At most so many are told: 50. */
  most?: number
  /** Address of the service base, without a slash at its end: what is below it is of a type that is known. */
  base?: string | undefined
}

const known: ReadonlySet<string> = new Set([...ownedTypes, ...passingTypes])

/**
 * Whether it is a resource of R4 (4.0.1), as hl7.org/fhir/R4/validation.html means by structure, cardinality, value domains, required bindings and invariants;
 * of these last those that `validation/invariants.ts` names; and whether references lead to types that R4 permits there. Profiles, and whether what a reference leads to is
 * there, are not looked at.
 * @returns nothing where it is; else what is wrong, in the order in which it was met, up to `most`.
 */
export function validate(resource: unknown, { types = known, most = 50, base }: ValidateOptions = {}): Issue[] {
  const trail = new Trail(most, base)
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) {
    trail.found('structure', 'A resource is a JSON object.')
    return trail.issues
  }
  const { resourceType } = resource as { resourceType?: unknown }
  const type = resourceTypeOf(resourceType)
  if (resourceType === undefined) trail.found('required', 'A resource must say its resourceType.')
  else if (!type || !types.has(type.name)) trail.found('not-supported', 'No resource of this type is known here.')
  else checkRoot(resource, type, trail)
  return trail.issues
}

function checkRoot(resource: object, type: CompiledType, trail: Trail): void {
  if (!trail.enter(type.name, -1)) return
  checkResource(resource, type, trail)
  trail.leave()
}
