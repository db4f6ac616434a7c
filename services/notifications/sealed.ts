import type { Context } from '#platform/context.ts'
import { keysForWriting, requireKey, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import type { Sealed } from '#platform/rotate-keys.ts'
import { transact } from '#platform/transaction.ts'
import { boundToPushKey } from './push/keys.ts'
import { boundToSubscription } from './push/subscriptions.ts'
import * as push from './queries/push.ts'
import { countSecretsByKey, resealSecrets, secretsUnderOthers } from './queries/webhooks.ts'
import type { NotificationsTables } from './tables.ts'
import { boundToWebhook } from './webhooks/secrets.ts'

// Under the installation's data keys: secrets of webhooks, browsers that are told, and the key by which push services know us.

async function reencrypt(ctx: Context<NotificationsTables>, limit: number): Promise<number> {
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const { current } = await keysForWriting(ctx)
    const anew = async (sealed: string, bound: string) => encrypt(current, await unseal(ctx, sealed, bound), bound)
    const secrets = await secretsUnderOthers(ctx.db, current.name, limit)
    for (const { id, secret, former_secret } of secrets) {
      const former = former_secret === null ? null : await anew(former_secret, boundToWebhook(id))
      await resealSecrets(ctx.db, id, { secret: await anew(secret, boundToWebhook(id)), former_secret: former })
    }
    const browsers = await push.subscriptionsUnderOthers(ctx.db, current.name, limit)
    for (const { id, sealed } of browsers)
      await push.resealSubscription(ctx.db, id, await anew(sealed, boundToSubscription(id)))
    const key = await push.pushKeyUnderOthers(ctx.db, current.name)
    if (key) await push.resealPushKey(ctx.db, await anew(key.private_key, boundToPushKey))
    return secrets.length + browsers.length + (key ? 1 : 0)
  })
}

export const sealed: Sealed<NotificationsTables> = {
  reencrypt,
  count: async ({ db }) => [...(await countSecretsByKey(db)), ...(await push.countPushByKey(db))],
}
