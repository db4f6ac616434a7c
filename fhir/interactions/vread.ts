import { Problem } from '#platform/errors.ts'
import { readVersion } from '../store/read.ts'
import { readSeen } from '../store/read-seen.ts'
import { seerOf } from '../store/seer.ts'
import type { Interaction } from './asked.ts'
import { isThere, nowhere } from './read.ts'
import { shown } from './shown.ts'
import { partIn } from './shown-part.ts'

/** hl7.org/fhir/R4/http.html#vread. Who may see what it is now may see what it was. */
export const vread: Interaction = async (ctx, { type, id, version, query }) => {
  const part = partIn(type, query)
  const number = /^[1-9]\d{0,8}$/.test(version) ? Number(version) : 0
  const now = await readSeen(ctx, { type, id })
  const stored =
    now?.version === number ? now : now && (await readVersion(ctx.db, { type, id, version: number }, seerOf(ctx)))
  if (!stored) throw nowhere()
  if (!isThere(stored)) throw new Problem('deleted', 'In this version the resource had been deleted.')
  return shown(stored, part)
}
