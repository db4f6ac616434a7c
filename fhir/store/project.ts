import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { parseExact } from '../decimal.ts'
import { indexOf } from '../indexing/index-of.ts'
import type { Resource } from '../resource.ts'
import { type Change, rowOf } from './change.ts'
import { type Concerns, concernsOf } from './concerns.ts'
import { takeTurns } from './current.ts'
import type { Name } from './due.ts'
import type { Keyed } from './read.ts'

/** What the store shall have of one resource that follows from a keeper's own rows. */
export interface Projection {
  type: string
  id: string
  /**
   * `shown`: as it says whom it is about. `own`: to whom it is, alone. `hidden`: to nobody, as though it were not there; what was shown before comes back as it was
   * when it is shown again. `gone`: not there, nor any version of it.
   */
  state: 'shown' | 'own' | 'hidden' | 'gone'
  /** All that it says, but for its id; `undefined`: has no value now. */
  elements: Record<string, unknown>
  /** Versions that named somebody who has been erased do not stay. */
  withoutPast?: boolean
  /** By whom it stands, where it is a patient who became one with another. */
  survivor?: string | undefined
  /** Where its keeper numbers the versions, and says when this one was made: then the store has this version, whichever was the one before. */
  version?: number
  at?: Date
  /** Who may see it, where it does not say so itself. */
  concerns?: Concerns
}

/** Two who project the same do it one after the other: called before the keeper's rows are read, so that the second reads what the first has written. */
export const lockProjections = (tx: Transaction<unknown>, names: readonly string[]): Promise<void> =>
  takeTurns(
    tx,
    names.map((name) => `project ${name}`),
  )

/** Brings the store to what these say, each once, in a few statements whatever their number. Names those of which it was something else: a version is written of no more. */
export async function project(
  tx: Transaction<unknown>,
  projections: readonly Projection[],
  saying: Saying,
): Promise<Projection[]> {
  const steps = await stepsOf(tx, projections, saying)
  await forget(
    tx,
    steps.flatMap(({ forgotten }) => forgotten ?? []),
  )
  await write(
    tx,
    steps.flatMap(({ change }) => change ?? []),
  )
  await readdress(
    tx,
    steps.flatMap(({ moved }) => moved ?? []),
  )
  return projections.filter((_, n) => isStep(steps[n]))
}

/** Those of these of which the store has something else. */
export async function differing(
  db: Kysely<unknown>,
  projections: readonly Projection[],
  saying: Saying,
): Promise<Projection[]> {
  const steps = await stepsOf(db, projections, saying)
  return projections.filter((_, n) => isStep(steps[n]))
}

interface Saying {
  base: string
  at: Date
}

const isStep = (steps: Steps = {}): boolean => Object.keys(steps).length > 0

async function stepsOf(db: Kysely<unknown>, projections: readonly Projection[], saying: Saying): Promise<Steps[]> {
  const stored = await storedOf(db, projections)
  return projections.map((one) => stepsFor(one, stored.get(nameOf(one)), saying))
}

interface Steps {
  forgotten?: Projection
  change?: Change
  /** Nothing of what it says changes, and so no version is made. */
  moved?: { row: Keyed; about: string[]; refs: string[] }
}

function stepsFor(one: Projection, row: Row | undefined, { base, at }: Saying): Steps {
  const { state, withoutPast = false } = one
  if (state === 'gone') return row ? { forgotten: one } : {}
  if (one.version !== undefined) return numberedSteps(one, row, base)
  if (!row) return state === 'hidden' ? {} : { change: newChange(one, { base, at }) }
  const { resourceType: _type, id: _id, ...stored } = parseExact(row.body) as Resource
  const elements = state === 'hidden' ? stored : one.elements
  const same = changeOf(one, { elements, version: row.version, at: row.changed_at, base })
  if (JSON.stringify(same.resource) === row.body && !(withoutPast && row.version > 1)) {
    const { about } = same.concerns
    return about.join() === row.about.join() ? {} : { moved: { row, about, refs: rowOf(same, 0).refs } }
  }
  if (withoutPast) return { forgotten: one, change: newChange(one, { base, at }) }
  return { change: changeOf(one, { elements, version: row.version + 1, at, base }) }
}

/** What its keeper numbers follows from the rows alone. */
function numberedSteps(one: Projection, row: Row | undefined, base: string): Steps {
  const change = numberedChange(one, base)
  if (one.withoutPast) return { ...(row && { forgotten: one }), change }
  const { about, categories } = change.concerns
  const isSame =
    row?.body === JSON.stringify(change.resource) &&
    row.about.join() === about.join() &&
    row.categories.join() === categories.join()
  return isSame ? {} : { change }
}

/** For whoever knows the row without reading it. */
export function numberedChange(one: Projection, base: string): Change {
  const { version = 1, at = new Date(0), elements } = one
  return { ...changeOf(one, { elements, version, at, base }), isNumbered: true }
}

/** Of what was not there before. */
export const newChange = (one: Projection, { base, at }: Saying): Change =>
  changeOf(one, { elements: one.elements, version: 1, at, base })

/** Writes what this transaction has made, or fails with it, and so does what was noted of it (due.ts). */
export const keepNew = (change: Change): RawBuilder<unknown> => sql`
  with done as (
    delete from platform.projection_due where in_transaction = pg_current_xact_id_if_assigned() and type = ${change.type} and id = ${change.id})
  ${keep([change])}`

/** Writes what its keeper numbers, or fails with the transaction: as a statement that can go with COMMIT. */
export const keep = (changes: readonly Change[]): RawBuilder<unknown> =>
  sql`select platform.fhir_keep(${JSON.stringify(changes.map(rowOf))})`

const nameOf = ({ type, id }: { type: string; id: string }) => `${type}/${id}`

async function storedOf(db: Kysely<unknown>, of: readonly Projection[]): Promise<Map<string, Row>> {
  const { rows } = await sql<Row>`
    select r.key, r.type, r.id, r.version, r.changed_at, r.body, r.about, r.categories
    from unnest(${of.map(({ type }) => type)}::text[], ${of.map(({ id }) => id)}::text[]) w(type, id) join platform.fhir_resource r using (type, id)`.execute(
    db,
  )
  return new Map(rows.map((row) => [nameOf(row), row]))
}

interface Row extends Keyed {
  categories: string[]
}

interface Content {
  elements: Projection['elements']
  version: number
  at: Date
  base: string
}

function changeOf(one: Projection, { elements: { meta, ...elements }, version, at, base }: Content): Change {
  const { type, id, state, survivor } = one
  const resource: Resource = {
    ...{
      resourceType: type,
      id,
      meta: { ...(meta as Resource['meta']), versionId: String(version), lastUpdated: at.toISOString() },
    },
    ...Object.fromEntries(Object.entries(elements).filter(([, value]) => value !== undefined)),
  }
  const index = indexOf(resource, { base })
  const as = new Map(survivor === undefined ? [] : [[id, survivor]])
  const concerns = one.concerns ?? concernsOf(resource, index, { as, base })
  // About itself: of a practitioner that is their own account's, and of what is hidden nobody's.
  const seen = state === 'shown' ? concerns : { ...concerns, about: [id] }
  return { type, id, version, at, method: version === 1 ? 'POST' : 'PUT', resource, index, concerns: seen, as }
}

/** As if they had never been there. */
export async function forget(tx: Transaction<unknown>, all: readonly Name[]): Promise<void> {
  for (const [type, of] of Map.groupBy(all, ({ type }) => type))
    await sql`select platform.fhir_forget(${type}, ${of.map(({ id }) => id)}::text[])`.execute(tx)
}

async function write(tx: Transaction<unknown>, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  await keep(changes).execute(tx)
}

async function readdress(
  tx: Transaction<unknown>,
  moved: readonly { row: Keyed; about: string[]; refs: string[] }[],
): Promise<void> {
  if (moved.length === 0) return
  const rows = moved.map(({ row: { key, version }, about, refs }) => ({ key, version, about, refs }))
  await sql`select platform.fhir_readdress(${JSON.stringify(rows)})`.execute(tx)
}

/** A page of what the store has of a type, behind this one. */
export async function idsInStore(
  db: Kysely<unknown>,
  { type, after, limit }: { type: string; after: string; limit: number },
): Promise<{ id: string }[]> {
  const { rows } = await sql<{ id: string }>`
    select r.id from platform.fhir_resource r where r.type = ${type} and r.id > ${after} order by r.id limit ${limit}`.execute(
    db,
  )
  return rows
}
