import { Problem } from '#platform/errors.ts'
import type { PlanEntry } from '../bundle/plan.ts'
import { fhirpathPatch } from '../patch/fhirpath-patch.ts'
import { jsonPatch } from '../patch/json-patch.ts'
import type { Resource } from '../resource.ts'

/** By what came: Parameters (FHIRPath Patch), or a Binary with a JSON Patch (hl7.org/fhir/R4/http.html#patch). */
export function patched(
  resource: Resource,
  { resource: patch, index }: Pick<PlanEntry, 'resource' | 'index'>,
): Resource {
  if (patch?.resourceType === 'Parameters') return fhirpathPatch(resource, patch)
  if (patch?.resourceType === 'Binary' && patch.contentType === 'application/json-patch+json')
    return jsonPatch(resource, operationsIn(patch, index))
  throw new Problem('invalid', 'A patch is a Parameters resource, or a Binary of application/json-patch+json.', {
    errors: [{ pointer: `/body/entry/${index}/resource`, detail: 'is neither' }],
  })
}

function operationsIn({ data }: Resource, index: number): unknown {
  try {
    return JSON.parse(Buffer.from(String(data), 'base64').toString())
  } catch (cause) {
    throw new Problem('invalid', 'The JSON Patch in the Binary is not JSON.', {
      cause,
      errors: [{ pointer: `/body/entry/${index}/resource/data`, detail: 'is not JSON in base64' }],
    })
  }
}
