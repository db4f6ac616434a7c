import { generateKeyPair, type JsonWebKey, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { deleteKeys, insertKey, signingKeys } from './queries.ts'
import { keyFor, seal, unseal } from './seal.ts'

type Ctx = Context<Tables>
type SigningKey = JsonWebKey & { kid: string; alg: string; use: string }

const DAY = 86_400_000
/** A key signs for a quarter, and stays to be checked against for a month after the next has taken over; what it signed is valid for minutes. */
const SIGNS_DAYS = 90
const KEPT_DAYS = 30

const generate = promisify(generateKeyPair)

/** The keys of the provider, the one that signs first. Makes the first where there is none. */
export async function signingKeysOf(ctx: Ctx): Promise<SigningKey[]> {
  const rows = await signingKeys(ctx.db)
  if (rows.length === 0) {
    await rotateKeys(ctx)
    return signingKeysOf(ctx)
  }
  const key = keyFor('keys', ctx.config)
  return rows.map(({ kid, jwk }) => unseal<SigningKey>(key, kid, jwk))
}

/** Names of the keys there are: when these change, the provider must be opened anew. */
export async function keyIds({ db }: Pick<Ctx, 'db'>): Promise<string> {
  return (await signingKeys(db)).map(({ kid }) => kid).join(' ')
}

/** Makes the next key when the newest has signed for long enough, and forgets those that nothing valid was signed with. */
export async function rotateKeys(ctx: Ctx): Promise<void> {
  const now = ctx.now()
  const since = new Date(now.getTime() - SIGNS_DAYS * DAY)
  const [newest] = await signingKeys(ctx.db)
  const due = !newest || newest.created_at <= since
  const { privateKey } = due ? await generate('rsa', { modulusLength: 2048 }) : { privateKey: undefined }
  await transact(ctx, async ({ db, config }) => {
    if (privateKey) {
      const kid = randomBytes(12).toString('base64url')
      const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }
      await insertKey(db, { kid, jwk: seal(keyFor('keys', config), kid, jwk), created_at: now }, since)
    }
    await deleteKeys(db, new Date(now.getTime() - KEPT_DAYS * DAY))
  })
}
