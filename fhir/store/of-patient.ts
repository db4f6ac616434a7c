import { type Kysely, sql, type Transaction } from 'kysely'
import { indexOf } from '../indexing/index-of.ts'
import { PART, TOLD } from '../indexing/part-references.ts'
import type { Resource } from '../resource.ts'
import { COMPARTMENT, rowOf } from './change.ts'
import { concernsIn, concernsOf, keepsAbout, leadsTo } from './concerns.ts'
import { concernsAt } from './current.ts'
import type { Keyed } from './read.ts'

const PAGE = 200

interface Row extends Keyed {
  refs: string[]
}

/** Page after page of all that is about a patient, or that names one as its subject though a merge has moved it, of these types. */
export async function* pagesOf(db: Kysely<unknown>, types: readonly string[], patient: string): AsyncGenerator<Row[]> {
  const names = types.flatMap((type) => [`${type}.$patient=${patient}`])
  for (let after = 0; ; ) {
    const { rows } = await sql<Row>`
      select r.key, r.type, r.id, r.version, r.changed_at, r.body, r.about, r.refs from platform.fhir_resource r
      where r.refs && ${names}::text[] and r.body is not null and r.key > ${after} order by r.key limit ${PAGE}`.execute(
      db,
    )
    yield rows
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last.key
  }
}

/** How many resources are about a patient, and when the newest was changed. */
export async function countOf(
  db: Kysely<unknown>,
  types: readonly string[],
  patient: string,
): Promise<{ count: number; newest: Date | null }> {
  const names = types.map((type) => `${type}.$patient=${patient}`)
  const { rows } = await sql<{ count: number; newest: Date | null }>`
    select count(*) as count, max(r.changed_at) as newest from platform.fhir_resource r
    where r.refs && ${names}::text[] and ${patient} = any (r.about) and r.body is not null`.execute(db)
  return rows[0] ?? { count: 0, newest: null }
}

/**
 * Says of these rows whom they are about from now on: each patient whom they name, as `as` says. They are found by both names, and say what they said. Those that are
 * about whom something else is about come when that has been told. Throws where one was written meanwhile: it would stay as it was, and is to be read again.
 */
export async function readdress(
  tx: Transaction<unknown>,
  rows: readonly Row[],
  { base, as }: { base: string; as: ReadonlyMap<string, string> },
): Promise<void> {
  const read = rows.map((row) => {
    const resource = JSON.parse(row.body) as Resource
    const index = indexOf(resource, { base })
    return { ...row, resource, index, leads: leadsTo(resource, index) }
  })
  const names = read.flatMap(({ leads }) => leads)
  const of = await concernsAt(tx, names, { account: undefined, within: undefined, now: new Date(0), isHouse: true })
  const ever = await namedBefore(
    tx,
    read.filter(({ resource }) => keepsAbout(resource)),
    base,
  )
  const naming = read.map((one) => ({
    ...one,
    named: [...concernsOf(one.resource, one.index, { base, of }).about, ...(ever.get(one.key) ?? [])],
  }))
  const patients = naming.flatMap(({ named, about }) => [...named, ...about])
  const standing = new Map([...(await survivorsOf(tx, patients)), ...as])
  const changed = naming.map(({ key, type, id, version, changed_at: at, resource, index, leads, named, ...was }) => {
    const stands = new Map([...standing].filter(([patient]) => named.includes(patient) || was.about.includes(patient)))
    const found = concernsOf(resource, index, { as: stands, base, of })
    const kept = (ever.get(key) ?? []).map((patient) => stands.get(patient) ?? patient)
    const concerns = { ...found, about: [...new Set([...kept, ...found.about])] }
    const { about, refs } = rowOf({ type, id, version, at, method: 'PUT', resource, index, concerns, as: stands }, 0)
    // What does not name its patients itself is found by whom it was ever about, and a Bundle or a note keeps what it ever repeated.
    const stays = leads.length > 0 ? [COMPARTMENT] : [PART, TOLD]
    const before = was.refs.filter((ref) => stays.some((name) => ref.includes(`.${name}=`)))
    return { key, version, about, refs: [...new Set([...refs, ...before])] }
  })
  await address(tx, changed)
}

/** Throws where one was written meanwhile. */
async function address(
  tx: Transaction<unknown>,
  rows: readonly Pick<Row, 'key' | 'version' | 'about' | 'refs'>[],
): Promise<void> {
  const { rows: told } = await sql<{ done: number }>`
    select platform.fhir_readdress(${JSON.stringify(rows)}) as done`.execute(tx)
  if (told[0]?.done !== rows.length) throw new Error('Somebody else wrote meanwhile what is readdressed')
}

/**
 * Of two who were one, and are two again: what was put together of both meanwhile (a summary, under the survivor's name) is about both from now on, in all its versions, so that
 * whoever may see one of them learns nothing of the other. Tells which Bundles these are; of what has been deleted since nobody knows any more whose it was.
 */
export async function tellOfBoth(
  tx: Transaction<unknown>,
  types: readonly string[],
  { survivor, replaced }: { survivor: string; replaced: string },
): Promise<string[]> {
  const names = types.map((type) => `${type}.${COMPARTMENT}=${replaced}`)
  const { rows } = await sql<Pick<Row, 'key' | 'id' | 'version' | 'about' | 'refs'>>`
    with theirs as materialized (
      select 'Bundle.' || ${PART} || '=' || r.type || '/' || r.id as part from platform.fhir_resource r where r.refs && ${names}::text[])
    select b.key, b.id, b.version, b.about, b.refs from platform.fhir_resource b
    where b.type = 'Bundle' and b.refs && array(select part from theirs) and b.about @> ${[survivor]}::text[]`.execute(
    tx,
  )
  const changed = rows.map(({ key, version, about, refs }) => ({
    ...{ key, version, about: [...new Set([...about, replaced])] },
    refs: [...new Set([...refs, `Bundle.${COMPARTMENT}=${replaced}`])],
  }))
  await address(tx, changed)
  return rows.map(({ id }) => id)
}

/** Whom earlier versions of these named: of a Group, who was taken off it. */
async function namedBefore(db: Kysely<unknown>, rows: readonly Keyed[], base: string): Promise<Map<number, string[]>> {
  if (rows.length === 0) return new Map()
  const { rows: past } = await sql<{ key: number; body: string }>`
    select key, body from platform.fhir_past where key = any (${rows.map(({ key }) => key)}::bigint[]) and body is not null`.execute(
    db,
  )
  const named = past.map(({ key, body }) => ({ key, about: concernsIn(JSON.parse(body) as Resource, base).about }))
  return new Map([...Map.groupBy(named, ({ key }) => key)].map(([key, all]) => [key, all.flatMap((one) => one.about)]))
}

/** Of these patients those who became one with another, in merges of before too: their resource is about the one by whom they stand. */
async function survivorsOf(db: Kysely<unknown>, patients: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; survivor: string }>`
    select r.id, r.about[1] as survivor from platform.fhir_resource r
    where r.type = 'Patient' and r.id = any (${[...new Set(patients)]}::text[]) and r.about <> array[r.id]`.execute(db)
  return new Map(rows.map(({ id, survivor }) => [id, survivor]))
}
