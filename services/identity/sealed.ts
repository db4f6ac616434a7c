import type { Context } from '#platform/context.ts'
import { keysForWriting, requireKey, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import type { Sealed } from '#platform/rotate-keys.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from './database.ts'
import { boundToKey, renewKey } from './oauth/keys.ts'
import { boundToState } from './oauth/state.ts'
import * as queries from './queries/sealed.ts'
import { boundToTotp } from './sign-in/totp.ts'

// What must outlast the installation's secret key is sealed under its data keys: secrets of second factors, the keys that sign id_tokens, and what apps were
// given.

async function reencrypt(ctx: Context<Tables>, limit: number): Promise<number> {
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const { current } = await keysForWriting(ctx)
    const anew = async (sealed: string, bound: string) => encrypt(current, await unseal(ctx, sealed, bound), bound)
    const totps = await queries.totpsUnderOthers(ctx.db, current.name, limit)
    for (const { account_id, secret } of totps)
      await queries.resealTotp(ctx.db, account_id, await anew(secret, boundToTotp(account_id)))
    const keys = await queries.keysUnderOthers(ctx.db, current.name)
    for (const { kid, jwk } of keys) await queries.resealKey(ctx.db, kid, await anew(jwk, boundToKey(kid)))
    const states = await queries.statesUnderOthers(ctx.db, current.name, limit)
    for (const { model, key, payload } of states)
      await queries.resealState(ctx.db, model, key, await anew(payload, boundToState(model, key)))
    return totps.length + keys.length + states.length
  })
}

export const sealed: Sealed<Tables> = { renew: renewKey, reencrypt, count: ({ db }) => queries.countByKey(db) }
