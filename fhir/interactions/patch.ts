import { Problem } from '#platform/errors.ts'
import { isTooDeep } from '../json-value.ts'
import type { Interaction } from './asked.ts'
import { headersFor } from './permitted.ts'
import { preferred, present } from './preferred.ts'
import { single } from './single.ts'

const JSON_PATCH = 'application/json-patch+json'

/** hl7.org/fhir/R4/http.html#patch: JSON Patch by its media type, FHIRPath Patch as Parameters. */
export const patch: Interaction = async (ctx, asked, face) => {
  const write = { method: 'PATCH', interaction: 'patch', resource: patchIn(asked) } as const
  return single(ctx, asked, { write, face }, ({ change, before }) =>
    change ? preferred(change, 200, headersFor(asked), face) : present(before, headersFor(asked), face),
  )
}

/** As a Bundle has it. */
function patchIn({ body, headers }: Parameters<Interaction>[1]) {
  if (isTooDeep(body)) throw new Problem('invalid', 'The patch is nested too deeply.')
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() === JSON_PATCH)
    return {
      resourceType: 'Binary',
      contentType: JSON_PATCH,
      data: Buffer.from(JSON.stringify(body) ?? '').toString('base64'),
    }
  if ((body as { resourceType?: unknown } | undefined)?.resourceType === 'Parameters')
    return body as { resourceType: string }
  throw new Problem(
    'invalid',
    'Send a JSON Patch as application/json-patch+json, or a FHIRPath Patch as a Parameters resource.',
    {
      errors: [{ pointer: '/body', detail: 'is neither' }],
    },
  )
}
