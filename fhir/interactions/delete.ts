import type { Interaction } from './asked.ts'
import { versionHeaders } from './shown.ts'
import { single } from './single.ts'

/** hl7.org/fhir/R4/http.html#delete: its history stays. What is deleted already, or what a condition does not find, is as it was to be. */
export const deleteResource: Interaction = async (ctx, asked, face) => {
  return single(ctx, asked, { write: { method: 'DELETE', interaction: 'delete' }, face }, ({ change, before }) => {
    if (change) return { status: 204, headers: versionHeaders({ version: change.version, changed_at: change.at }) }
    return { status: 204, ...(before && { headers: versionHeaders(before) }) }
  })
}
