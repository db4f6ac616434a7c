import { type Kysely, type RawBuilder, sql } from 'kysely'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import type { Query } from '../query/query.ts'
import { conditionOf, filterCondition } from './conditions.ts'
import { inRoom } from './room.ts'
import { type Seer, seenBy } from './seer.ts'
import { type SortKey, sortKeysOf } from './sort.ts'

type Db = Kysely<unknown>

export interface Found {
  key: number
  type: string
  id: string
  version: number
  body: string
  about: string[]
  refs: string[]
}

export interface Page {
  rows: Found[]
  /** Where the next page begins. */
  next: string | undefined
  /** Of all that match, where it was asked for. */
  total: number | undefined
}

/** The matches of a search that the seer may see, in the order that was asked for; without one, in that of their coming. */
export async function findResources(db: Db, query: Query, seer: Seer): Promise<Page> {
  const [page, total] = await Promise.all([pageOf(db, query, seer), totalOf(db, query, seer)])
  return { ...page, total }
}

async function pageOf(db: Db, query: Query, seer: Seer): Promise<Omit<Page, 'total'>> {
  const { count, sort, cursor } = query
  if (count === 0) return { rows: [], next: undefined }
  const keys = sortKeysOf(sort, query.types)
  const after = decodeCursor(cursor, [...keys.map(() => 'text' as const), 'integer' as const])
  if (after && !keys.every(({ isMark }, n) => isMark(String(after[n])))) throw notOurs()
  const marks = keys.map(({ by, cast }, n) => sql`${cast(by)}::text as ${sql.ref(`sort_${n}`)}`)
  const order = [...keys.map(({ by, descending }) => (descending ? sql`${by} desc` : by)), sql`r.key`]
  const { rows } = await inRoom(sql<Found & Record<string, string>>`
    select r.key, r.type, r.id, r.version, r.body, r.about, r.refs${marks.length > 0 ? sql`, ${sql.join(marks)}` : sql``}
    from platform.fhir_resource r where ${matching(query, seer)}${after ? sql` and ${beyond(keys, after)}` : sql``}
    order by ${sql.join(order)} limit ${count + 1}`).execute(db)
  const shown = rows.slice(0, count)
  const last = (rows[0]?.held ?? 0) > shown.length ? shown.at(-1) : undefined
  return { rows: shown, next: last && encodeCursor([...keys.map((_, n) => last[`sort_${n}`] as string), last.key]) }
}

const notOurs = () =>
  new Problem('invalid', 'The cursor is not one that this search gave.', {
    errors: [{ pointer: '/query/cursor', detail: 'must be as it came in the link to the next page' }],
  })

/** How many match: counted, as for an estimate too, since a wrong number is worth less than the time. */
async function totalOf(db: Db, query: Query, seer: Seer): Promise<number | undefined> {
  if (query.total === 'none' && query.summary !== 'count' && query.count > 0) return undefined
  const { rows } = await sql<{ total: number }>`/* plan anew */
    select count(*) as total from platform.fhir_resource r where ${matching(query, seer)}`.execute(db)
  return rows[0]?.total
}

const matching = (query: Query, seer: Seer): RawBuilder<boolean> => sql`${asking(query, seer)} and ${seenBy(seer)}` // last: it is the dearest for each row

/** What a row `r` must be to match, but for whether the seer may see it. */
export function asking({ types, criteria, filter }: Query, seer: Seer): RawBuilder<boolean> {
  const row = { r: 'r', types, seer, depth: 1 }
  const [type, ...more] = types
  const conditions = [
    more.length === 0 ? sql`r.type = ${type}` : sql`r.type = any (${[...types]}::text[])`,
    sql`r.body is not null`,
    ...criteria.map((criterion) => conditionOf(criterion, row)),
    ...(filter ? [filterCondition(filter, row)] : []),
  ]
  return sql`${sql.join(conditions, sql` and `)}`
}

/** Behind the row where the page before ended; each key may go its own way. */
function beyond(keys: readonly SortKey[], after: readonly (string | number)[]): RawBuilder<boolean> {
  const key = sql<boolean>`r.key > ${after.at(-1)}`
  return keys.reduceRight((rest, { by, cast, descending }, n) => {
    const mark = cast(sql`${after[n]}`)
    return sql<boolean>`(${by} ${descending ? sql`<` : sql`>`} ${mark} or (${by} = ${mark} and ${rest}))`
  }, key)
}
