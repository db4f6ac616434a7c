import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import type { Query } from '../query/query.ts'
import { referencesToPatients, tokensOf } from './conditions.ts'

/** A search as fhir_find() takes it (platform/migrations/0016_fhir_store.sql). */
interface Wanted {
  type: string
  refs: readonly string[]
  tokens: readonly string[] | undefined
  /** Where the page begins. */
  after: number
  count: number
  account: string | undefined
  within: string | undefined
  actor: string
  operation: string
  trace: string
}

interface SeenPage {
  rows: { type: string; id: string; body: string }[]
  next: string | undefined
}

/** A page is in memory as a whole, with those of others. */
const MOST = 100

/**
 * A page of what is asked most: resources of a type that are of one patient, all or those of a code, as they came. Those that are asked for at the same time are one statement, which also
 * leaves the audit rows. Undefined where the search is another, or where what may not be seen leaves a gap in the page.
 */
export async function findSeen(ctx: Context<unknown>, query: Query): Promise<SeenPage | undefined> {
  const asked = plain(query)
  if (!asked || ctx.actor.kind === 'system') return undefined
  const { actor, doing: operation, traceId: trace } = ctx
  const who = { account: actor.account, within: actor.within, actor: actor.kind }
  return findTogether(ctx, { ...asked, ...who, operation, trace })
}

function plain(query: Query): Pick<Wanted, 'type' | 'refs' | 'tokens' | 'after' | 'count'> | undefined {
  const { types, criteria, filter, sort, includes, total, summary, count, cursor } = query
  if (
    query.heldBy !== undefined ||
    filter ||
    sort.length > 0 ||
    includes.length > 0 ||
    total !== 'none' ||
    summary === 'count'
  )
    return undefined
  const [type, ...otherTypes] = types
  if (type === undefined || otherTypes.length > 0 || count < 1 || count > MOST) return undefined
  const refs = criteria.flatMap((one) => referencesToPatients(one) ?? [])
  const [ofCode, ...others] = criteria.filter((one) => referencesToPatients(one) === undefined)
  const tokens = ofCode && tokensOf(ofCode)
  if (refs.length !== 1 || others.length > 0 || (ofCode && !tokens)) return undefined
  const keyed = (names: readonly string[]) => names.map((name) => `${type}.${name}`)
  const [after = 0] = decodeCursor(cursor, ['integer']) ?? []
  return { type, refs: keyed(refs), tokens: tokens && keyed(tokens), after: Number(after), count }
}

interface Row {
  place: number
  /** Whether there is more behind it. */
  more: boolean
  /** Whether this is the page. */
  is_whole: boolean
  key: number | null
  id: string
  body: string
}

const findTogether = gathered(
  async (ctx: Context<unknown>, wanted: readonly Wanted[]): Promise<(SeenPage | undefined)[]> => {
    const connection = await ctx.database.connect()
    try {
      const { rows } = await sql<Row>`
        select * from platform.fhir_find(${JSON.stringify(wanted.map((one, place) => ({ ...one, place })))}, ${ctx.room}, ${ctx.now()})`.execute(
        connection.tx,
      )
      const found = Map.groupBy(rows, ({ place }) => place)
      return wanted.map(({ type }, place) => pageOf(type, found.get(place) ?? []))
    } finally {
      connection.release()
    }
  },
  { most: 20 },
)

function pageOf(type: string, rows: readonly Row[]): SeenPage | undefined {
  const last = rows.at(-1)
  if (!last?.is_whole) return undefined
  return {
    rows: rows.flatMap(({ key, id, body }) => (key === null ? [] : [{ type, id, body }])),
    next: last.more && last.key !== null ? encodeCursor([last.key]) : undefined,
  }
}
