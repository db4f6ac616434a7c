import { createECDH } from 'node:crypto'
import { type CryptoKey, importJWK, type JWK } from 'jose'
import type { Context } from '#platform/context.ts'
import { keysForWriting, requireKey, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import { transact } from '#platform/transaction.ts'
import { insertPushKey, type PushKeyRow, pushKey } from '../queries/push.ts'
import type { NotificationsTables } from '../tables.ts'

type Ctx = Context<NotificationsTables>

export const boundToPushKey = JSON.stringify(['notifications.push_key'])

const CURVE = 'prime256v1'

/** Made when it is first asked for, and then the same for good: browsers are subscribed to this one. */
async function keyOf(ctx: Ctx): Promise<PushKeyRow> {
  const there = await pushKey(ctx.db)
  if (there) return there
  await requireKey(ctx)
  const pair = createECDH(CURVE)
  const public_key = pair.generateKeys().toString('base64url')
  return transact({ ...ctx, once: undefined }, async (ctx) => {
    const private_key = encrypt((await keysForWriting(ctx)).current, pair.getPrivateKey('base64url'), boundToPushKey)
    await insertPushKey(ctx.db, { public_key, private_key, created_at: ctx.now() })
    return (await pushKey(ctx.db)) ?? { public_key, private_key }
  })
}

export const readPushKey = async (ctx: Ctx) => ({ publicKey: (await keyOf(ctx)).public_key })

/** With which we sign. */
export async function signingKey(ctx: Ctx): Promise<{ publicKey: string; privateKey: CryptoKey }> {
  const { public_key, private_key } = await keyOf(ctx)
  const point = Buffer.from(public_key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((one) => one.toString('base64url'))
  const d = Buffer.from(await unseal(ctx, private_key, boundToPushKey), 'base64url')
  const scalar = Buffer.concat([Buffer.alloc(32 - d.length), d]).toString('base64url') // ECDH leaves zeros before it out
  const jwk = { kty: 'EC', crv: 'P-256', x, y, d: scalar } as JWK
  return { publicKey: public_key, privateKey: (await importJWK(jwk, 'ES256')) as CryptoKey }
}
