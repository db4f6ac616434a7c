import { newId } from '#platform/ids.ts'
import { writeAtOnce } from '../store/at-once.ts'
import type { Interaction } from './asked.ts'
import { changeOf, checked } from './checked.ts'
import { preferred } from './preferred.ts'

/** hl7.org/fhir/R4/http.html#create: the id is the house's, whatever the body says. */
export const create: Interaction = async (ctx, { type, body, headers }, face) => {
  const resource = checked(type, body)
  const written = { type, id: newId(), version: 1, at: ctx.now(), method: 'POST' as const }
  const change = changeOf(resource, written, face)
  await writeAtOnce(ctx, [change], face.writer)
  return preferred(change, 201, headers, face)
}
