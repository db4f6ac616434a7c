import { Problem } from '#platform/errors.ts'
import type { Interaction } from './asked.ts'
import { checked } from './checked.ts'
import { headersFor } from './permitted.ts'
import { preferred, present } from './preferred.ts'
import { single } from './single.ts'

/**
 * hl7.org/fhir/R4/http.html#update: an id that is not there yet is the client's own, and the resource is created under it. Without an id in the address, that which the
 * condition finds.
 */
export const update: Interaction = async (ctx, asked, face) => {
  const resource = checked(asked.type, asked.body, face)
  if (asked.id !== '' && resource.id !== asked.id)
    throw new Problem('invalid', 'The id of the resource is not the one in the address.', {
      errors: [{ pointer: '/body/id', detail: 'must be the id in the address' }],
    })
  return single(ctx, asked, { write: { method: 'PUT', interaction: 'update' }, face }, ({ change, before }) =>
    change
      ? preferred(change, before?.body ? 200 : 201, asked.headers, face)
      : present(before, headersFor(asked), face),
  )
}
