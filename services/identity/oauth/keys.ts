import { generateKeyPair, type JsonWebKey, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { Context } from '#platform/context.ts'
import { keysForWriting, requireKey, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { deleteKeys, insertKey, signingKeys } from './queries.ts'

type Ctx = Context<Tables>
type SigningKey = JsonWebKey & { kid: string; alg: string; use: string }

const DAY = 86_400_000
/** A key signs for a quarter, and stays to be checked against for a month after the next has taken over; what it signed is valid for minutes. */
const SIGNS_DAYS = 90
const KEPT_DAYS = 30

const generate = promisify(generateKeyPair)

/** Names the row: in another it does not open. */
export const boundToKey = (kid: string): string => JSON.stringify(['identity.oauth_key', kid])

/** The keys of the provider, the one that signs first. Makes one where there is none, or none that opens. */
export async function signingKeysOf(ctx: Ctx): Promise<SigningKey[]> {
  const keys = await openedKeys(ctx)
  if (keys.length > 0) return keys
  await ((await keyIds(ctx)) === '' ? rotateKeys(ctx) : renewKey(ctx))
  return openedKeys(ctx)
}

async function openedKeys(ctx: Ctx): Promise<SigningKey[]> {
  const rows = await signingKeys(ctx.db)
  const keys = rows.map(async ({ kid, jwk }) => {
    try {
      return [JSON.parse(await unseal(ctx, jwk, boundToKey(kid))) as SigningKey]
    } catch (err) {
      ctx.log.error({ err, kid }, 'a key that signs id_tokens does not open, and is left out')
      return []
    }
  })
  return (await Promise.all(keys)).flat()
}

/** Names of the keys there are: when these change, the provider must be opened anew. */
export async function keyIds({ db }: Pick<Ctx, 'db'>): Promise<string> {
  return (await signingKeys(db)).map(({ kid }) => kid).join(' ')
}

/** Makes the next key when the newest has signed for long enough, and forgets those that nothing valid was signed with. */
export async function rotateKeys(ctx: Ctx): Promise<void> {
  const since = new Date(ctx.now().getTime() - SIGNS_DAYS * DAY)
  const [newest] = await signingKeys(ctx.db)
  if (!newest || newest.created_at <= since) await addKey(ctx, since)
  await transact(ctx, ({ db }) => deleteKeys(db, new Date(ctx.now().getTime() - KEPT_DAYS * DAY)))
}

/** Makes the next key now, whatever the age of the newest: after a leak. What the one before signed is still verified. */
export const renewKey = (ctx: Ctx): Promise<void> => addKey(ctx, ctx.now())

/** Two that come at once, and find none made since then, make one. */
async function addKey(ctx: Ctx, since: Date): Promise<void> {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  await requireKey(ctx)
  await transact(ctx, async (ctx) => {
    const kid = randomBytes(12).toString('base64url')
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }
    const sealed = encrypt((await keysForWriting(ctx)).current, JSON.stringify(jwk), boundToKey(kid))
    await insertKey(ctx.db, { kid, jwk: sealed, created_at: ctx.now() }, since)
  })
}
