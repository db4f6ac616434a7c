import { Problem } from '#platform/errors.ts'
import { parseExact } from '../decimal.ts'
import { fhirpathPatch } from '../patch/fhirpath-patch.ts'
import { jsonPatch } from '../patch/json-patch.ts'
import type { Resource } from '../resource.ts'
import type { PlanEntry } from './plan.ts'

const JSON_PATCH = 'application/json-patch+json'

/**
 * What the PATCH of an entry makes of a resource: a FHIRPath Patch as Parameters, or a JSON Patch in a Binary (hl7.org/fhir/R4/http.html#patch).
 * @throws Problem as jsonPatch() and fhirpathPatch() do, with pointers into the Bundle
 */
export function entryPatch({ index, resource }: PlanEntry, before: Resource): Resource {
  const at = `/body/entry/${index}/resource`
  try {
    if (resource?.resourceType === 'Parameters') return fhirpathPatch(before, resource)
    return jsonPatch(before, operationsIn(resource))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    // Operations in a Binary have no place of their own in the Bundle.
    const place = (pointer: string) =>
      resource?.resourceType === 'Parameters' ? pointer.replace('/body', at) : `${at}/data`
    const errors = (error.errors ?? []).map(({ pointer, detail }) => ({ pointer: place(pointer), detail }))
    throw new Problem(error.code, error.message, { cause: error, ...(errors.length > 0 && { errors }) })
  }
}

function operationsIn(resource: Resource | undefined): unknown {
  const { contentType, data } = resource ?? { resourceType: '' }
  if (contentType !== JSON_PATCH || typeof data !== 'string')
    throw new Problem('invalid', 'A Binary that patches has the contentType application/json-patch+json, and data.', {
      errors: [{ pointer: '/body', detail: 'is no JSON Patch' }],
    })
  try {
    return parseExact(Buffer.from(data, 'base64').toString('utf8'))
  } catch (cause) {
    throw new Problem('invalid', 'The data of the Binary is no JSON.', {
      cause,
      errors: [{ pointer: '/body', detail: 'is no JSON' }],
    })
  }
}
