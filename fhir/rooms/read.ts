import type { Kysely } from 'kysely'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { parseExact } from '../decimal.ts'
import { faceOf } from '../face.ts'
import { isThere } from '../interactions/read.ts'
import { parseQuery } from '../query/parse-query.ts'
import type { Query } from '../query/query.ts'
import type { Resource } from '../resource.ts'
import { searchParameter } from '../search-parameters.ts'
import { aboutWhom } from '../store/concerns.ts'
import { currentOf } from '../store/current.ts'
import { findResources } from '../store/find.ts'
import { findAll } from '../store/find-all.ts'
import { findSeen } from '../store/find-seen.ts'
import { noteSeen } from '../store/note-seen.ts'
import { readVersions } from '../store/read.ts'
import { readSeen } from '../store/read-seen.ts'
import { seerOf } from '../store/seer.ts'

// What rooms read of records: as far as whoever asks may see it, with an audit row for each that is about a patient. `meta.versionId` says which version it is.

/** The store is the ground's: whatever else a room's connection knows, it is the same one. */
const storeOf = <T>({ db }: TransactionContext<T>) => db as unknown as Kysely<unknown>
const asAny = <T>(ctx: Context<T>) => ctx as unknown as Context<unknown>

export type Kept = Resource & { id: string; meta: { versionId: string; lastUpdated: string } }

/** One resource, or undefined: not there, deleted, or not for whoever asks. */
export async function readResource<T>(given: Context<T>, type: string, id: string): Promise<Kept | undefined> {
  const stored = await readSeen(asAny(given), { type, id })
  return stored && isThere(stored) ? keptOf(stored.body) : undefined
}

/** Several, in a transaction, by `Type/id`: those that are there and may be seen. */
export async function readWithin<T>(
  ctx: TransactionContext<T>,
  wanted: readonly { type: string; id: string }[],
): Promise<ReadonlyMap<string, Kept>> {
  const found = [...(await currentOf(storeOf(ctx), wanted, seerOf(ctx)))]
  const there = found.flatMap(([name, row]) => (isThere(row) ? [{ name, ...row }] : []))
  noteWithin(ctx, there)
  return new Map(there.map(({ name, body }) => [name, keptOf(body)]))
}

interface Looking {
  /** Whoever may see it, and without an audit row: for what the house finds out by it, such as whether a signature stands, and never to be shown. */
  isForHouse?: boolean
}

const lookingOf = <T>(ctx: TransactionContext<T>, { isForHouse = false }: Looking) =>
  isForHouse ? { ...seerOf(ctx), isHouse: true } : seerOf(ctx)

/** As they were in these versions, in a transaction, by `Type/id/_history/version`. */
export async function versionsWithin<T>(
  ctx: TransactionContext<T>,
  wanted: readonly { type: string; id: string; version: number }[],
  looking: Looking = {},
): Promise<ReadonlyMap<string, Kept>> {
  const rows = await readVersions(storeOf(ctx), wanted, lookingOf(ctx, looking))
  const there = rows.filter(isThere)
  if (!looking.isForHouse) noteWithin(ctx, there)
  return new Map(there.map(({ type, id, version, body }) => [`${type}/${id}/_history/${version}`, keptOf(body)]))
}

export interface Found {
  resources: Kept[]
  /** For `cursor`. */
  next: string | undefined
}

export type Parameters = Readonly<Record<string, string | readonly string[]>>

interface Own {
  /** What the room wrote itself and holds, alone: by FHIR others may write what looks like it. */
  isHeld?: boolean
  /** The same of another room. */
  heldBy?: string
}

const heldBy = ({ room }: { room: string }, { isHeld = false, heldBy = isHeld ? room : undefined }: Own) =>
  heldBy === undefined ? {} : { heldBy }

/** A page of a search as FHIR has it: `find(ctx, 'Condition', { patient, 'clinical-status': 'active' })`; `_count` up to 1,000. */
export async function findOf<T>(
  given: Context<T>,
  type: string,
  parameters: Parameters,
  own: Own = {},
): Promise<Found> {
  const ctx = asAny(given)
  const query = { ...queryOf(ctx, type, parameters), ...heldBy(ctx, own) }
  const seen = await findSeen(ctx, query)
  if (seen) return { resources: seen.rows.map(({ body }) => keptOf(body)), next: seen.next }
  const { rows, next } = await ctx.database.apart((db) => findResources(db as Kysely<unknown>, query, seerOf(ctx)))
  await noteSeen(ctx, rows)
  return { resources: rows.map(({ body }) => keptOf(body)), next }
}

/** The same in a transaction: what it finds is as the transaction has it. */
export async function findWithin<T>(
  ctx: TransactionContext<T>,
  type: string,
  parameters: Parameters,
  own: Own & Looking = {},
): Promise<Found> {
  const query = { ...queryOf(ctx, type, parameters), ...heldBy(ctx, own) }
  const { rows, next } = await findResources(storeOf(ctx), query, lookingOf(ctx, own))
  if (!own.isForHouse) noteWithin(ctx, rows)
  return { resources: rows.map(({ body }) => keptOf(body)), next }
}

/** All that several searches find in a transaction, each of another type and of one patient's, in one statement. */
export async function findAllWithin<T>(
  ctx: TransactionContext<T>,
  searches: readonly (readonly [type: string, parameters: Parameters])[],
): Promise<Kept[]> {
  const queries = searches.map(([type, parameters]) => queryOf(ctx, type, parameters))
  const rows = await findAll(storeOf(ctx), queries, seerOf(ctx))
  noteWithin(ctx, rows)
  return rows.map(({ body }) => keptOf(body))
}

export function queryOf({ config }: Pick<Context, 'config'>, type: string, parameters: Parameters): Query {
  const given = Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
  return parseQuery([type], new URLSearchParams(given), {
    base: faceOf(config).base,
    strict: true,
    parameters: searchParameter,
  })
}

function noteWithin(
  ctx: Omit<TransactionContext, 'db'>,
  rows: readonly { type: string; id: string; about: readonly string[] }[],
): void {
  for (const { type, id, about } of rows)
    for (const patient of aboutWhom(about))
      audit(ctx, {
        action: 'R',
        entity: `${type}/${id}`,
        subject: patient.includes('/') ? patient : `Patient/${patient}`,
      })
}

const keptOf = (body: string): Kept => parseExact(body) as Kept
