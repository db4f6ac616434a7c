import type { Resource } from '#fhir/resource.ts'
import { goesToOthers, type Kind } from './codes.ts'

/**
 * A document as it leaves the house. Of what goes to others the row that is kept has the labels by which it is hidden, and the document has none: they would tell an employer why somebody
 * is ill. A signature is of all but the `meta` of the Bundle, so it stands.
 */
export function givenAway<R extends Resource>(document: R, kind: Kind): R {
  if (!goesToOthers(kind) || document.meta === undefined) return document
  const { security: _, ...meta } = document.meta
  return { ...document, meta }
}
