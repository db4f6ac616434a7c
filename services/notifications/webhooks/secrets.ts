import { createHmac, randomBytes } from 'node:crypto'
import type { Context, TransactionContext } from '#platform/context.ts'
import { keysForWriting, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import type { WebhookRow } from '../queries/webhooks.ts'
import type { NotificationsTables } from '../tables.ts'

type Ctx = Context<NotificationsTables>
type Tx = TransactionContext<NotificationsTables>

const PREFIX = 'whsec_'

/** 256 bits; the form that Standard Webhooks gives to symmetric secrets. */
export const newSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64')}`

/** Names the row: in another it does not open. */
export const boundToWebhook = (id: string): string => JSON.stringify(['notifications.webhook', id])

export async function sealSecret(ctx: Tx, id: string, secret: string): Promise<string> {
  return encrypt((await keysForWriting(ctx)).current, secret, boundToWebhook(id))
}

/** Those that sign now: this one, and the one before while both do. */
export async function secretsOf(ctx: Ctx, row: WebhookRow): Promise<string[]> {
  const { id, secret, former_secret, former_until } = row
  const former = former_secret !== null && former_until !== null && former_until > ctx.now() ? [former_secret] : []
  return Promise.all([secret, ...former].map((one) => unseal(ctx, one, boundToWebhook(id))))
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
