import { createHmac, randomBytes } from 'node:crypto'
import type { Context, TransactionContext } from '#platform/context.ts'
import { keysForWriting, requireKey, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import type { Sealed } from '#platform/rotate-keys.ts'
import { transact } from '#platform/transaction.ts'
import { countSecretsByKey, resealSecrets, secretsUnderOthers, type WebhookRow } from '../queries/webhooks.ts'
import type { NotificationsTables } from '../tables.ts'

type Ctx = Context<NotificationsTables>
type Tx = TransactionContext<NotificationsTables>

const PREFIX = 'whsec_'

/** 256 bits; the form that Standard Webhooks gives to symmetric secrets. */
export const newSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64')}`

/** Names the row: in another it does not open. */
const boundTo = (id: string): string => JSON.stringify(['notifications.webhook', id])

export async function sealSecret(ctx: Tx, id: string, secret: string): Promise<string> {
  return encrypt((await keysForWriting(ctx)).current, secret, boundTo(id))
}

/** Those that sign now: this one, and the one before while both do. */
export async function secretsOf(ctx: Ctx, row: WebhookRow): Promise<string[]> {
  const { id, secret, former_secret, former_until } = row
  const former = former_secret !== null && former_until !== null && former_until > ctx.now() ? [former_secret] : []
  return Promise.all([secret, ...former].map((one) => unseal(ctx, one, boundTo(id))))
}

/** `v1,<base64>` by each secret, a space between (Standard Webhooks 1.0, "Signature scheme"). */
export function signaturesOf(secrets: readonly string[], { id, timestamp, body }: Signed): string {
  const sign = (secret: string) =>
    createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64')
  return secrets.map((secret) => `v1,${sign(secret)}`).join(' ')
}

interface Signed {
  id: string
  /** Seconds since 1970. */
  timestamp: number
  body: string
}

async function reencrypt(ctx: Ctx, limit: number): Promise<number> {
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const { current } = await keysForWriting(ctx)
    const rows = await secretsUnderOthers(ctx.db, current.name, limit)
    for (const { id, secret, former_secret } of rows) {
      const again = async (sealed: string) => encrypt(current, await unseal(ctx, sealed, boundTo(id)), boundTo(id))
      const former = former_secret === null ? null : await again(former_secret)
      await resealSecrets(ctx.db, id, { secret: await again(secret), former_secret: former })
    }
    return rows.length
  })
}

/** Secrets of webhooks are sealed under the installation's data keys. */
export const sealed: Sealed<NotificationsTables> = { reencrypt, count: ({ db }) => countSecretsByKey(db) }
