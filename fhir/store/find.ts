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
  const columns = keys.map(({ by }, n) => sql`, ${by} as ${sql.ref(`by_${n}`)}`)
  const marks = keys.map(({ cast }, n) => sql`, ${cast(sql.ref(`p.by_${n}`))}::text as ${sql.ref(`sort_${n}`)}`)
  const order = (q: string) =>
    sql.join([
      ...keys.map(({ descending }, n) => sql`${sql.ref(`${q}.by_${n}`)}${descending ? sql` desc` : sql``}`),
      sql.ref(`${q}.key`),
    ])
  // In their order first, and only then whether they may be seen, until a page is full: that is the dearest to find out (`offset 0` keeps the planner from
  // asking it of all that match). What is shown is fetched last.
  const { rows } = await inRoom(sql<Found & Record<string, string>>`
    select b.key, b.type, b.id, b.version, b.body, b.about, b.refs${sql.join(marks, sql``)} from (
      select * from (
        select r.key, r.about, r.categories${sql.join(columns, sql``)} from platform.fhir_resource r
        where ${asking(query, seer)}${after ? sql` and ${beyond(keys, after)}` : sql``}
        order by ${sql.join([...keys.map(({ by, descending }) => (descending ? sql`${by} desc` : by)), sql`r.key`])} offset 0) q
      where ${seenBy(seer, 'q')} order by ${order('q')} limit ${count + 1}) p
    join platform.fhir_resource b on b.key = p.key order by ${order('p')}`).execute(db)
  const shown = rows.slice(0, count)
  const last = (rows[0]?.held ?? 0) > shown.length ? shown.at(-1) : undefined
  return { rows: shown, next: last && encodeCursor([...keys.map((_, n) => last[`sort_${n}`] as string), last.key]) }
}

const notOurs = () =>
  new Problem('invalid', 'The cursor is not one that this search gave.', {
    errors: [{ pointer: '/query/cursor', detail: 'must be as it came in the link to the next page' }],
  })

/** How many match: counted, as for an estimate too, since a wrong number is worth less than the time. Of each patient it is asked once who may see that. */
async function totalOf(db: Db, query: Query, seer: Seer): Promise<number | undefined> {
  if (query.total === 'none' && query.summary !== 'count' && query.count > 0) return undefined
  const { rows } = await sql<{ total: number }>`/* plan anew */
    select coalesce(sum(g.matches), 0)::int8 as total from (
      select r.about, r.categories, count(*) as matches from platform.fhir_resource r where ${asking(query, seer)}
      group by 1, 2 offset 0) g
    where ${seenBy(seer, 'g')}`.execute(db)
  return rows[0]?.total
}

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
