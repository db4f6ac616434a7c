import { indexOf } from '../indexing/index-of.ts'
import type { Resource } from '../resource.ts'
import { writeAtOnce } from '../store/at-once.ts'
import { readResource } from '../store/read.ts'
import { seerOf } from '../store/seer.ts'
import type { Interaction } from './asked.ts'
import { isThere, nowhere } from './read.ts'
import { versionHeaders } from './shown.ts'
import { expectVersion } from './update.ts'

/** hl7.org/fhir/R4/http.html#delete: its history stays. Once deleted, deleting does nothing more. */
export const deleteResource: Interaction = async (ctx, asked, face) => {
  const { type, id } = asked
  const before = await readResource(ctx.db, type, id, seerOf(ctx))
  if (!before) throw nowhere()
  expectVersion(asked, before)
  if (!isThere(before)) return { status: 204, headers: versionHeaders(before) }
  const written = { type, id, version: before.version + 1, at: ctx.now(), method: 'DELETE' as const }
  const index = indexOf(JSON.parse(before.body) as Resource, { base: face.base })
  await writeAtOnce(ctx, [{ ...written, resource: undefined, index }], face.writer)
  return { status: 204, headers: versionHeaders({ version: written.version, changed_at: written.at }) }
}
