import type { Interaction } from './asked.ts'
import { checked } from './checked.ts'
import { headersFor } from './permitted.ts'
import { preferred, present } from './preferred.ts'
import { single } from './single.ts'

/** hl7.org/fhir/R4/http.html#create: the id is the house's, whatever the body says. With `If-None-Exist` what is there already is the answer. */
export const create: Interaction = async (ctx, asked, face) => {
  checked(asked.type, asked.body, face)
  return single(ctx, asked, { write: { method: 'POST', interaction: 'create' }, face }, ({ change, before }) =>
    change ? preferred(change, 201, asked.headers, face) : present(before, headersFor(asked), face),
  )
}
