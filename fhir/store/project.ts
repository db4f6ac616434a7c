import { type Kysely, sql, type Transaction } from 'kysely'
import { parseExact } from '../decimal.ts'
import { indexOf } from '../indexing/index-of.ts'
import type { Resource } from '../resource.ts'
import { type Change, rowOf } from './change.ts'
import { concernsOf } from './concerns.ts'
import { takeTurns } from './current.ts'
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
  { base, at }: { base: string; at: Date },
): Promise<string[]> {
  const stored = await storedOf(tx, projections)
  const steps = projections.map((one) => stepsFor(one, stored.get(nameOf(one)), { base, at }))
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
  return projections.filter((_, n) => Object.keys(steps[n] ?? {}).length > 0).map(nameOf)
}

interface Steps {
  forgotten?: Projection
  change?: Change
  /** Nothing of what it says changes, and so no version is made. */
  moved?: { row: Keyed; about: string[]; refs: string[] }
}

function stepsFor(one: Projection, row: Keyed | undefined, { base, at }: { base: string; at: Date }): Steps {
  const { state, withoutPast = false } = one
  if (state === 'gone') return row ? { forgotten: one } : {}
  if (!row) return state === 'hidden' ? {} : { change: changeOf(one, { elements: one.elements, version: 1, at, base }) }
  const { resourceType: _type, id: _id, ...stored } = parseExact(row.body) as Resource
  const elements = state === 'hidden' ? stored : one.elements
  const same = changeOf(one, { elements, version: row.version, at: row.changed_at, base })
  if (JSON.stringify(same.resource) === row.body && !(withoutPast && row.version > 1)) {
    const { about } = same.concerns
    return about.join() === row.about.join() ? {} : { moved: { row, about, refs: rowOf(same, 0).refs } }
  }
  if (withoutPast) return { forgotten: one, change: changeOf(one, { elements: one.elements, version: 1, at, base }) }
  return { change: changeOf(one, { elements, version: row.version + 1, at, base }) }
}

const nameOf = ({ type, id }: { type: string; id: string }) => `${type}/${id}`

async function storedOf(db: Kysely<unknown>, of: readonly Projection[]): Promise<Map<string, Keyed>> {
  const { rows } = await sql<Keyed>`
    select r.key, r.type, r.id, r.version, r.changed_at, r.body, r.about
    from unnest(${of.map(({ type }) => type)}::text[], ${of.map(({ id }) => id)}::text[]) w(type, id) join platform.fhir_resource r using (type, id)`.execute(
    db,
  )
  return new Map(rows.map((row) => [nameOf(row), row]))
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
  const concerns = concernsOf(resource, index, { as, base })
  // About itself: of a practitioner that is their own account's, and of what is hidden nobody's.
  const seen = state === 'shown' ? concerns : { ...concerns, about: [id] }
  return { type, id, version, at, method: version === 1 ? 'POST' : 'PUT', resource, index, concerns: seen, as }
}

async function forget(tx: Transaction<unknown>, all: readonly Projection[]): Promise<void> {
  for (const [type, of] of Map.groupBy(all, ({ type }) => type))
    await sql`select platform.fhir_forget(${type}, ${of.map(({ id }) => id)}::text[])`.execute(tx)
}

async function write(tx: Transaction<unknown>, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const { rows } = await sql<{ places: number[] }>`
    select platform.fhir_write(${JSON.stringify(changes.map(rowOf))}) as places`.execute(tx)
  if (rows[0]?.places.length !== changes.length) throw new Error('Somebody else wrote what is projected')
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
