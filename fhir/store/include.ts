import { type Kysely, sql } from 'kysely'
import { Problem } from '#platform/errors.ts'
import type { Include, Query } from '../query/query.ts'
import { searchParametersOf } from '../search-parameters.ts'
import type { Found } from './find.ts'
import { inRoom } from './room.ts'
import { type Seer, seenBy } from './seer.ts'

type Db = Kysely<unknown>

const MOST = 1_000
const MOST_CHARACTERS = 16_000_000
const ROUNDS = 10

const tooMany = () =>
  new Problem('too-long', 'More would be included than an answer may hold. Ask for smaller pages with _count.')

interface Way {
  seer: Seer
  base: string
  /** Over what the seer may see. */
  mayShow?: (row: Found) => boolean
}

/** What `_include` and `_revinclude` bring beside the matches, each once: hl7.org/fhir/R4/search.html#include. Only what the seer may see. */
export async function includedIn(
  db: Db,
  matches: readonly Found[],
  { includes }: Pick<Query, 'includes'>,
  { seer, base, mayShow }: Way,
): Promise<Found[]> {
  if (includes.length === 0 || matches.length === 0) return []
  const known = new Set(matches.map(({ key }) => key))
  const included: Found[] = []
  let latest: readonly Found[] = matches
  let bytes = 0
  for (let round = 0; round < ROUNDS && latest.length > 0; round++) {
    const wanted = round === 0 ? includes : includes.filter(({ iterate }) => iterate)
    const begun = included.length
    // One after the other: all that come at once would be held at once.
    for (const one of wanted)
      for (const row of await follow(db, latest, one, seer, base)) {
        // Nothing is followed through what is not shown.
        if (known.has(row.key) || mayShow?.(row) === false) continue
        known.add(row.key)
        included.push(row)
        bytes += row.body.length
        if (included.length > MOST || bytes > MOST_CHARACTERS) throw tooMany()
      }
    latest = included.slice(begun)
  }
  return included
}

const COLUMNS = sql`r.key, r.type, r.id, r.version, r.body, r.about, r.refs`

async function follow(db: Db, rows: readonly Found[], include: Include, seer: Seer, base: string): Promise<Found[]> {
  const condition = include.kind === 'include' ? led(rows, include, base) : leading(rows, include)
  if (condition === undefined) return []
  const { rows: found } = await inRoom(sql<Found>`
    select ${COLUMNS} from platform.fhir_resource r where ${condition} and r.body is not null and ${seenBy(seer)} order by r.key limit ${MOST + 1}`).execute(
    db,
  )
  if ((found[0]?.held ?? 0) > found.length) throw tooMany()
  return found
}

/** Where references of these rows lead. */
function led(rows: readonly Found[], { type, parameter, target }: Include, base: string) {
  const targets = new Set<string>()
  for (const row of rows)
    if (row.type === type)
      for (const ref of row.refs) {
        const [name = '', ...rest] = ref.split('=')
        const to = rest.join('=').replace(`${base}/`, '')
        const [kind = '', id, ...more] = to.split('/')
        if (name.includes('.$') || id === undefined || more.length > 0) continue
        if (parameter && name !== `${type}.${parameter.code}`) continue
        if (target === undefined || target === kind) targets.add(to)
      }
  if (targets.size === 0) return undefined
  const pairs = [...targets].map((to) => to.split('/'))
  const [types, ids] = [pairs.map(([one]) => one), pairs.map(([, one]) => one)]
  return sql`(r.type, r.id) in (select * from unnest(${types}::text[], ${ids}::text[]))`
}

/** What refers to these rows: by one parameter, or by any that is a reference. */
function leading(rows: readonly Found[], { type, parameter, target }: Include) {
  const to = rows.filter((row) => target === undefined || row.type === target)
  if (to.length === 0) return undefined
  const codes = parameter ? [parameter.code] : referencesOf(type)
  const wanted = to.flatMap((row) => codes.map((code) => `${type}.${code}=${row.type}/${row.id}`))
  return sql`r.type = ${type} and r.refs && ${wanted}::text[]`
}

const referencesOf = (type: string): string[] =>
  searchParametersOf(type).flatMap((one) => (one.type === 'reference' ? one.code : []))
