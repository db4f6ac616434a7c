import type { Context } from '#platform/context.ts'
import { keysForWriting, requireKey, unseal } from '#platform/data-keys.ts'
import { blindIndex, type DataKey, encrypt } from '#platform/encryption.ts'
import type { Sealed } from '#platform/rotate-keys.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from './database.ts'
import {
  countByKey,
  dropIndexes,
  type IdentifierRow,
  type Index,
  reseal,
  underOtherKeys,
} from './queries/identifiers.ts'

/** What a number is compared by: without spaces and signs, in one case and one way of writing. */
export const normalised = (value: string): string =>
  value
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toUpperCase()

const SHOWN = 4

/** The last four, and less of a short one: half of a number may be all that somebody has to guess. */
export function lastOf(value: string): string {
  const characters = [...normalised(value)]
  return characters.slice(characters.length - Math.min(SHOWN, Math.floor(characters.length / 2))).join('')
}

type Facts = Pick<IdentifierRow, 'kind' | 'country' | 'issuer'>
type Kept = Facts & Pick<IdentifierRow, 'id'>

/** Names the row and what the number is: a sealed text that is put elsewhere, or called something else, does not open. */
export const boundTo = ({ id, kind, country, issuer }: Kept): string =>
  JSON.stringify(['registry.identifier', id, kind, country, issuer])

export const seal = (key: DataKey, row: Kept, value: string): string => encrypt(key, value.trim(), boundTo(row))

/** A patient and a practitioner may be the same person: numbers are unique among either. */
export const indexesOf = (keys: DataKey[], of: 'patient' | 'practitioner', facts: Facts, value: string): Index[] =>
  keys.map((key) => ({
    key_name: key.name,
    digest: blindIndex(key, of, facts.kind, facts.country, normalised(facts.issuer ?? ''), normalised(value)),
  }))

async function reencrypt(ctx: Context<Tables>, limit: number): Promise<number> {
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const { current, indexing } = await keysForWriting(ctx)
    const rows = await underOtherKeys(ctx.db, current.name, limit)
    for (const row of rows) {
      const value = await unseal(ctx, row.sealed, boundTo(row))
      const of = row.patient_id === null ? 'practitioner' : 'patient'
      await reseal(ctx.db, row, seal(current, row, value), indexesOf(indexing, of, row, value))
    }
    const dropped = await dropIndexes(
      ctx.db,
      indexing.map(({ name }) => name),
      limit,
    )
    return rows.length + dropped
  })
}

export const sealed: Sealed<Tables> = { reencrypt, count: ({ db }) => countByKey(db) }
