import { type Kysely, type RawBuilder, sql } from 'kysely'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import type { Criterion, Query } from '../query/query.ts'
import { filterCondition, firstCondition, referencesToPatients } from './conditions.ts'
import { type InRoom, inRoom } from './room.ts'
import { type Seer, seenBy, visitsNear } from './seer.ts'
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
  // `offset 0`: all that match are put in order first, and only then is it asked whether they may be seen, which is the dearest to find out.
  const matches = sql`(
        select r.key, r.about, r.categories${sql.join(columns, sql``)} from platform.fhir_resource r
        where ${asking(query, seer)}${after ? sql` and ${beyond(keys, after)}` : sql``}
        order by ${sql.join([...keys.map(({ by, descending }) => (descending ? sql`${by} desc` : by)), sql`r.key`])} offset 0)`
  const paged = { keys, seer, count, planned: hasOnePlan(query) ? sql`` : PLAN_ANEW }
  const rows = (await firstOf(db, matches, paged)) ?? (await seenOf(db, matches, paged))
  const shown = rows.slice(0, count)
  const last = (rows[0]?.held ?? 0) > shown.length ? shown.at(-1) : undefined
  return { rows: shown, next: last && encodeCursor([...keys.map((_, n) => last[`sort_${n}`] as string), last.key]) }
}

const isPlainToken = (criterion: Criterion): boolean =>
  criterion.kind === 'own' && criterion.modifier === undefined && criterion.values.every(({ kind }) => kind === 'token')

type Row = Found & Record<string, string>

interface Paged {
  keys: readonly SortKey[]
  seer: Seer
  count: number
  planned: RawBuilder<unknown>
}

const PLAN_ANEW = sql`/* plan anew */`

/**
 * Whether one plan does for all values: where patients are named, who have few resources each. Only of the plain searches that clients send all day, since each text
 * is kept by each connection.
 */
const hasOnePlan = ({ criteria, filter, sort, types }: Query): boolean =>
  types.length === 1 &&
  filter === undefined &&
  sort.length <= 1 &&
  criteria.length <= 2 &&
  criteria.some((one) => referencesToPatients(one) !== undefined) &&
  criteria.every((one) => referencesToPatients(one) !== undefined || isPlainToken(one))

/**
 * A page of matches where no more need be looked at than it has: then it is asked once for all that is about the same patient whether it may be seen. Undefined where that
 * leaves a gap, and there may be more.
 */
async function firstOf(
  db: Db,
  matches: RawBuilder<unknown>,
  { keys, seer, count, planned }: Paged,
): Promise<(Row & InRoom)[] | undefined> {
  const { rows } = await sql<Row & InRoom & { looked: number }>`${planned}
    with looked as materialized (select * from ${matches} q order by ${inOrder(keys, 'q')} limit ${count + 1}),
    permitted as materialized (select about, categories from (select distinct about, categories from looked offset 0) s where ${seenBy(seer, 's')})
    select x.*, n.looked from (select count(*) as looked from looked) n left join (${inRoom(
      shownOf(keys, sql`(select looked.* from looked join permitted using (about, categories))`),
    )}) x on true`.execute(db)
  const found = rows.filter(({ key }) => key !== null)
  const isWhole = (found[0]?.held ?? 0) > count || (rows[0]?.looked ?? 0) <= count
  return isWhole ? found : undefined
}

/** The same where much is not to be seen: one match after the other, until the page is full. */
async function seenOf(db: Db, matches: RawBuilder<unknown>, { keys, seer, count }: Paged): Promise<(Row & InRoom)[]> {
  const seen = sql`(select * from ${matches} q where ${seenBy(seer, 'q')} order by ${inOrder(keys, 'q')} limit ${count + 1})`
  const { rows } = await inRoom(shownOf(keys, seen)).execute(db)
  return rows
}

/** What is shown of a page: fetched when it is known what is on it. */
const shownOf = (keys: readonly SortKey[], page: RawBuilder<unknown>): RawBuilder<Row> => {
  const marks = keys.map(({ cast }, n) => sql`, ${cast(sql.ref(`p.by_${n}`))}::text as ${sql.ref(`sort_${n}`)}`)
  return sql`
    select b.key, b.type, b.id, b.version, b.body, b.about, b.refs${sql.join(marks, sql``)}
    from ${page} p join platform.fhir_resource b on b.key = p.key order by ${inOrder(keys, 'p')}`
}

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
      select r.about, r.categories, count(*) as matches from platform.fhir_resource r where ${asking(query, seer)}
      group by 1, 2 offset 0) g
    where ${seenBy(seer, 'g')}`.execute(db)
  return rows[0]?.total
}

/** What a row `r` must be to match, but for whether the seer may see it. */
export function asking({ types, criteria, filter }: Query, seer: Seer): RawBuilder<boolean> {
  const row = { r: 'r', types, seer, depth: 1 }
  const [type, ...more] = types
  const isOfVisits = type === 'Appointment' && more.length === 0
  const near = isOfVisits && !criteria.some(referencesToPatients) ? visitsNear(seer) : undefined
  const conditions = [
    ...(near ? [near] : []),
    more.length === 0 ? sql`r.type = ${type}` : sql`r.type = any (${[...types]}::text[])`,
    sql`r.body is not null`,
    ...criteria.map((criterion) => firstCondition(criterion, row)),
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
