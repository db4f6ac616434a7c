import type { Kysely } from 'kysely'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Identity, PlanEntry } from '../bundle/plan.ts'
import type { Asked, Face } from '../interactions/asked.ts'
import { permitted } from '../interactions/permitted.ts'
import { parseQuery } from '../query/parse-query.ts'
import { searchParameter } from '../search-parameters.ts'
import { findResources } from '../store/find.ts'
import { type Seer, seerOf } from '../store/seer.ts'
import { resolveQuery } from '../terminology/resolve-query.ts'
import { terminologyIn } from '../terminology/terminology.ts'

/** A search that stands for one resource: `identifier=a|1` of Patients. */
export interface Condition {
  type: string
  query: string
  /** Where it stood, for who asked: `/body/entry/3/request/url`. */
  pointer: string
}

/** The condition of an entry that has one. */
export function conditionOf({
  index,
  interaction,
  type = '',
  id,
  query,
  ifNoneExist,
}: PlanEntry): Condition | undefined {
  const entry = `/body/entry/${index}/request`
  if (ifNoneExist !== undefined) return { type, query: ifNoneExist, pointer: `${entry}/ifNoneExist` }
  const conditional = interaction === 'update' || interaction === 'patch' || interaction === 'delete'
  return conditional && id === undefined ? { type, query: query ?? '', pointer: `${entry}/url` } : undefined
}

export const textOf = ({ type, query }: Condition): string => `${type}?${query}`

interface Looker {
  ctx: Pick<Context<unknown>, 'actor' | 'now'>
  face: Face
  asked: Pick<Asked, 'admit'>
}

/**
 * What each condition finds, by its text; none where nothing does. Throws `lock-error` (412) where one finds several: hl7.org/fhir/R4/http.html#ccreate.
 */
export async function resolve(
  db: Kysely<unknown>,
  conditions: readonly Condition[],
  { ctx, face: { base }, asked }: Looker,
): Promise<Map<string, Identity>> {
  const found = new Map<string, Identity>()
  const terminology = terminologyIn(db)
  const once = new Map(conditions.map((one) => [textOf(one), one]))
  for (const [key, { type, query: text, pointer }] of once) {
    const query = parseQuery([type], new URLSearchParams(text), { base, strict: true, parameters: searchParameter })
    if (query.criteria.length === 0 && !query.filter)
      throw refused('invalid', pointer, 'asks for nothing: any resource of the type would do')
    // A condition tells whether something is there: it is a search, and goes no further than one.
    const one = permitted(query, asked.admit(type, 's'), asked)
    const { rows } = await findResources(
      db,
      {
        ...(await resolveQuery(one.query, terminology)),
        count: 2,
        total: 'none',
        summary: undefined,
        cursor: undefined,
        sort: [],
      },
      whoFinds(
        type,
        seerOf({ ...ctx, actor: { ...one.actor, ...(ctx.actor.within && { within: ctx.actor.within }) } }),
      ),
    )
    const [first, ...more] = rows
    if (more.length > 0) throw refused('lock-error', pointer, 'finds more than one')
    if (first) found.set(key, { type, id: first.id })
  }
  return found
}

/** A desk makes no patient twice whom it keeps, and whose record it may change: of others a condition tells it nothing. */
const whoFinds = (type: string, seer: Seer): Seer => ({
  ...seer,
  findsKept: type === 'Patient' && seer.isDesk === true && seer.within === undefined,
})

const refused = (code: 'invalid' | 'lock-error', pointer: string, detail: string) =>
  new Problem(code, 'A condition cannot be met; see errors. Nothing was changed.', { errors: [{ pointer, detail }] })
