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
import { findSeen } from '../store/find-seen.ts'
import { noteSeen } from '../store/note-seen.ts'
import { readSeen } from '../store/read-seen.ts'
import { seerOf } from '../store/seer.ts'

// What rooms read of records: as far as whoever asks may see it, with an audit row for each that is about a patient. `meta.versionId` says which version it is.

export type Kept = Resource & { id: string; meta: { versionId: string; lastUpdated: string } }

/** One resource, or undefined: not there, deleted, or not for whoever asks. */
export async function readResource(ctx: Context<unknown>, type: string, id: string): Promise<Kept | undefined> {
  const stored = await readSeen(ctx, { type, id })
  return stored && isThere(stored) ? keptOf(stored.body) : undefined
}

/** Several, in a transaction, by `Type/id`: those that are there and may be seen. */
export async function readWithin(
  ctx: TransactionContext<unknown>,
  wanted: readonly { type: string; id: string }[],
): Promise<ReadonlyMap<string, Kept>> {
  const found = [...(await currentOf(ctx.db as Kysely<unknown>, wanted, seerOf(ctx)))]
  const there = found.flatMap(([name, row]) => (isThere(row) ? [{ name, ...row }] : []))
  noteWithin(ctx, there)
  return new Map(there.map(({ name, body }) => [name, keptOf(body)]))
}

export interface Found {
  resources: Kept[]
  /** For `cursor`. */
  next: string | undefined
}

/** A page of a search as FHIR has it: `find(ctx, 'Condition', { patient, 'clinical-status': 'active' })`; `_count` up to 1,000. */
export async function findOf(
  ctx: Context<unknown>,
  type: string,
  parameters: Readonly<Record<string, string | readonly string[]>>,
): Promise<Found> {
  const query = queryOf(ctx, type, parameters)
  const seen = await findSeen(ctx, query)
  if (seen) return { resources: seen.rows.map(({ body }) => keptOf(body)), next: seen.next }
  const { rows, next } = await ctx.database.apart((db) => findResources(db as Kysely<unknown>, query, seerOf(ctx)))
  await noteSeen(ctx, rows)
  return { resources: rows.map(({ body }) => keptOf(body)), next }
}

/** The same in a transaction: what it finds is as the transaction has it. */
export async function findWithin(
  ctx: TransactionContext<unknown>,
  type: string,
  parameters: Readonly<Record<string, string | readonly string[]>>,
): Promise<Found> {
  const { rows, next } = await findResources(ctx.db as Kysely<unknown>, queryOf(ctx, type, parameters), seerOf(ctx))
  noteWithin(ctx, rows)
  return { resources: rows.map(({ body }) => keptOf(body)), next }
}

function queryOf(
  { config }: Pick<Context, 'config'>,
  type: string,
  parameters: Readonly<Record<string, string | readonly string[]>>,
): Query {
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
  ctx: TransactionContext<unknown>,
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
