import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { isKnown } from '#platform/fhir-answer.ts'
import { parseQuery } from '../query/parse-query.ts'
import { searchParameter } from '../search-parameters.ts'
import { findResources } from '../store/find.ts'
import type { Stored } from '../store/read.ts'
import { readSeen } from '../store/read-seen.ts'
import { seerOf } from '../store/seer.ts'
import type { Interaction } from './asked.ts'
import { hasId, scoped } from './scoped.ts'
import { shown, versionHeaders } from './shown.ts'
import { partIn } from './shown-part.ts'

export const nowhere = () => new Problem('not-found', 'There is no such resource, or you may not see it.')

/** hl7.org/fhir/R4/http.html#read, with `If-None-Match` and `If-Modified-Since`, `_summary` and `_elements`; 410 for what was deleted. */
export const read: Interaction = async (ctx, { type, id, headers, query }, { base }) => {
  const part = partIn(type, query)
  if (ctx.actor.only && !(await isFound(ctx, { type, id }, base))) throw nowhere()
  const stored = await readSeen(ctx, { type, id })
  if (!stored) throw nowhere()
  if (!isThere(stored)) throw new Problem('deleted', 'This resource has been deleted. Its history shows what it was.')
  if (isFresh(headers, stored)) return { status: 304, headers: versionHeaders(stored) }
  return shown(stored, part)
}

/** Whether one of the searches finds it to which the token's scopes are narrowed. */
async function isFound(ctx: Context<unknown>, { type, id }: { type: string; id: string }, base: string) {
  const byId = parseQuery([type], new URLSearchParams({ _count: '1' }), {
    ...{ base, strict: true, parameters: searchParameter },
  })
  const { rows } = await findResources(ctx.db, scoped({ ...byId, criteria: [hasId(id)] }, ctx.actor, base), seerOf(ctx))
  return rows.length > 0
}

export const isThere = (stored: Stored): stored is Stored & { body: string } => stored.body !== null

/** RFC 9110 §13.2.2: the ETag decides where there is one. Dates have no more than seconds. */
function isFresh(headers: Readonly<Record<string, string | undefined>>, { version, changed_at }: Stored): boolean {
  const known = headers['if-none-match']
  if (known !== undefined) return isKnown(known, String(version))
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return Math.floor(changed_at.getTime() / 1_000) * 1_000 <= since
}
