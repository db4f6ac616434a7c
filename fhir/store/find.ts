import { type Kysely, type RawBuilder, sql } from 'kysely'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import type { Query } from '../query/query.ts'
import { asksForUse, filterCondition, firstCondition, referencesToPatients, tokensOf } from './conditions.ts'
import { type InRoom, inRoom } from './room.ts'
import { isOfPatients, isOfVisits, mayBeSeen, type Seer, seenBy } from './seer.ts'
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
  const rows: Row[] = []
  let isCut = false
  let behind: Mark | undefined = after
  for (let most = count + 1; ; most *= MORE) {
    const look = { keys, behind, most, wanted: count + 1 - rows.length }
    const { found, last } = await looked(db, query, seer, look)
    rows.push(...found)
    isCut = (found[0]?.held ?? 0) > found.length
    if (isCut || rows.length > count || !last) break
    behind = last
  }
  const shown = rows.slice(0, count)
  const last = isCut || rows.length > count ? shown.at(-1) : undefined
  return { rows: shown, next: last && encodeCursor([...keys.map((_, n) => last[`sort_${n}`] as string), last.key]) }
}

/** Where a look leaves a gap, since not all may be seen, the next is at so many times as much. */
const MORE = 10

type Row = Found & Record<string, string>
type Mark = readonly (string | number)[]

interface Look {
  keys: readonly SortKey[]
  /** Where it begins. */
  behind: Mark | undefined
  /** At so many matches. */
  most: number
  /** Of those, so many that may be seen. */
  wanted: number
}

const PLAN_ANEW = sql`/* plan anew */`

const namesPatients = ({ criteria }: Query): boolean => criteria.some((one) => referencesToPatients(one) !== undefined)

/**
 * Whether one plan does for all values: where patients are named, who have few resources each. Only of the plain searches that clients send all day, since each text
 * is kept by each connection.
 */
const hasOnePlan = (query: Query): boolean =>
  query.types.length === 1 &&
  query.filter === undefined &&
  query.sort.length <= 1 &&
  query.criteria.length <= 2 &&
  namesPatients(query) &&
  query.criteria.every((one) => referencesToPatients(one) !== undefined || tokensOf(one) !== undefined)

/** Whether most match and may be seen, so that it is best to walk along an index that has their order until the page is full. Else nobody knows how far that would be. */
const takesMost = ({ criteria, filter, types }: Query): boolean =>
  criteria.every(asksForUse) && filter === undefined && !isOfPatients(types) && !isOfVisits(types)

/**
 * The first of the matches, as far as they may be seen: that is asked once for all that is about the same patient. `last`: where the look ended, and there may be more.
 */
async function looked(
  db: Db,
  query: Query,
  seer: Seer,
  { keys, behind, most, wanted }: Look,
): Promise<{ found: (Row & InRoom)[]; last: Mark | undefined }> {
  const columns = keys.map(({ by }, n) => sql`, ${by} as ${sql.ref(`by_${n}`)}`)
  const conditions = [
    asking(query, seer),
    ...(namesPatients(query) ? [] : [mayBeSeen(seer, query.types)]),
    ...(behind ? [beyond(keys, behind)] : []),
  ]
  const { rows } = await sql<Row & InRoom>`${hasOnePlan(query) ? sql`` : PLAN_ANEW}
    with looked as materialized (
      select * from (
        select r.key, r.about, r.categories${sql.join(columns, sql``)} from platform.fhir_resource r
        where ${sql.join(conditions, sql` and `)}${takesMost(query) ? sql`` : sql` offset 0`}) q order by ${inOrder(keys, 'q')} limit ${most}),
    permitted as materialized (select about, categories from (select distinct about, categories from looked offset 0) s where ${seenBy(seer, 's')}),
    last as (select key as last_key${marksOf(keys, 'looked', 'last')} from looked order by ${inOrder(keys, 'looked')} offset ${most - 1} limit 1)
    select * from (select) one left join last on true left join (${inRoom(
      shownOf(
        keys,
        sql`(select looked.* from looked join permitted using (about, categories) order by ${inOrder(keys, 'looked')} limit ${wanted})`,
      ),
    )}) x on true`.execute(db)
  const [first] = rows
  const isOver = !first || first.last_key === null
  return {
    found: rows.filter(({ key }) => key !== null),
    last: isOver ? undefined : [...keys.map((_, n) => first[`last_${n}`] as string), Number(first.last_key)],
  }
}

const marksOf = (keys: readonly SortKey[], q: string, name: string) =>
  sql.join(
    keys.map(({ cast }, n) => sql`, ${cast(sql.ref(`${q}.by_${n}`))}::text as ${sql.ref(`${name}_${n}`)}`),
    sql``,
  )

/** What is shown of a page: fetched when it is known what is on it. */
const shownOf = (keys: readonly SortKey[], page: RawBuilder<unknown>): RawBuilder<Row> => sql`
    select b.key, b.type, b.id, b.version, b.body, b.about, b.refs${marksOf(keys, 'p', 'sort')}
    from ${page} p join platform.fhir_resource b on b.key = p.key order by ${inOrder(keys, 'p')}`

const inOrder = (keys: readonly SortKey[], q: string) =>
  sql.join([
    ...keys.map(({ descending }, n) => sql`${sql.ref(`${q}.by_${n}`)}${descending ? sql` desc` : sql``}`),
    sql.ref(`${q}.key`),
  ])

const notOurs = () =>
  new Problem('invalid', 'The cursor is not one that this search gave.', {
    errors: [{ pointer: '/query/cursor', detail: 'must be as it came in the link to the next page' }],
  })

/** How many match: counted, as for an estimate too, since a wrong number is worth less than the time. Of each patient it is asked once who may see that. */
async function totalOf(db: Db, query: Query, seer: Seer): Promise<number | undefined> {
  if (query.total === 'none' && query.summary !== 'count' && query.count > 0) return undefined
  const { rows } = await sql<{ total: number }>`/* plan anew */
    select coalesce(sum(g.matches), 0)::int8 as total from (
      select r.about, r.categories, count(*) as matches from platform.fhir_resource r where ${asking(query, seer)} and ${mayBeSeen(seer, query.types)}
      group by 1, 2 offset 0) g
    where ${seenBy(seer, 'g')}`.execute(db)
  return rows[0]?.total
}

/** What a row `r` must be to match, but for whether the seer may see it. */
export function asking({ types, criteria, filter, heldBy }: Query, seer: Seer): RawBuilder<boolean> {
  // Of what leads to a match, or from it, nobody finds more by being at a desk.
  const row = { r: 'r', types, seer: { ...seer, findsKept: false }, depth: 1 }
  const [type, ...more] = types
  const conditions = [
    more.length === 0 ? sql`r.type = ${type}` : sql`r.type = any (${[...types]}::text[])`,
    sql`r.body is not null`,
    ...criteria.map((criterion) => firstCondition(criterion, row)),
    ...(filter ? [filterCondition(filter, row)] : []),
    ...(heldBy === undefined ? [] : [sql`r.held_by = ${heldBy}`]),
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
