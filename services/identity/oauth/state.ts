import { hash } from 'node:crypto'
import type { Context, TransactionContext } from '#platform/context.ts'
import { keysForWriting, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import type { Tables } from '../database.ts'

/** What the database keeps of a value that opens something. */
export const hashOf = (value: string): Buffer => hash('sha256', value, 'buffer')

/** Names the row: in another it does not open. */
export const boundToState = (model: string, key: Buffer): string =>
  JSON.stringify(['identity.oauth_state', model, key.toString('hex')])

export async function sealState(
  ctx: TransactionContext<Tables>,
  model: string,
  key: Buffer,
  payload: unknown,
): Promise<string> {
  return encrypt((await keysForWriting(ctx)).current, JSON.stringify(payload), boundToState(model, key))
}

export async function unsealState<T>(
  ctx: Context<Tables>,
  model: string,
  row: { key: Buffer; payload: string },
): Promise<T> {
  return JSON.parse(await unseal(ctx, row.payload, boundToState(model, row.key)))
}
