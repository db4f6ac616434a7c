import { createHash, ECDH } from 'node:crypto'
import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { keysForWriting, requireKey } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { createPushSubscription as contract, PushSubscription } from '../contract/push.ts'
import { deleteSubscription, keepSubscription, type SubscriptionRow, subscriptionsOf } from '../queries/push.ts'
import type { NotificationsTables } from '../tables.ts'
import { isPushOffered, isPushService } from './hosts.ts'
import { readPushKey } from './keys.ts'

type Ctx = Context<NotificationsTables>
type View = Static<typeof PushSubscription>
type New = Static<typeof contract.body>

/** More browsers than somebody has. */
const MOST = 10

/** Names the row: in another it does not open. */
export const boundToSubscription = (id: string): string => JSON.stringify(['notifications.push_subscription', id])

/** What is sealed: where to, and for whose keys. */
export interface Browser {
  endpoint: string
  p256dh: string
  auth: string
}

export function readKey(ctx: Ctx) {
  refuseWhereNotOffered(ctx)
  return readPushKey(ctx)
}

function refuseWhereNotOffered({ config }: Pick<Ctx, 'config'>): void {
  if (!isPushOffered(config)) throw new Problem('not-found', 'Browsers are not told anything here.')
}

export async function createSubscription(ctx: Ctx, facts: New): Promise<View> {
  refuseWhereNotOffered(ctx)
  refuseWrong(ctx, facts)
  const [account, id] = [accountOf(ctx), newId()]
  const { endpoint, keys } = facts
  const browser: Browser = { endpoint, p256dh: keys.p256dh, auth: keys.auth }
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const row: SubscriptionRow = {
      ...{ id, account_id: account, host: new URL(endpoint).hostname, created_at: ctx.now() },
      sealed: encrypt((await keysForWriting(ctx)).current, JSON.stringify(browser), boundToSubscription(id)),
    }
    const digest = createHash('sha256').update(endpoint).digest()
    await keepSubscription(ctx.db, { ...row, session_id: ctx.actor.session ?? null, endpoint: digest }, MOST)
    audit(ctx, { action: 'C', entity: `PushSubscription/${id}` })
    return toView(row)
  })
}

function refuseWrong({ config }: Pick<Ctx, 'config'>, { endpoint, keys }: New): void {
  const wrong = (pointer: string, detail: string) =>
    new Problem('business-rule', 'This browser cannot be told anything.', { errors: [{ pointer, detail }] })
  if (!isPushService(config, endpoint)) throw wrong('/body/endpoint', 'is of no push service that is known here')
  if (Buffer.from(keys.auth, 'base64url').length !== 16) throw wrong('/body/keys/auth', 'must be 16 octets')
  if (!isPoint(keys.p256dh)) throw wrong('/body/keys/p256dh', 'must be a point on P-256, uncompressed')
}

function isPoint(text: string): boolean {
  const octets = Buffer.from(text, 'base64url')
  if (octets.length !== 65) return false
  try {
    ECDH.convertKey(octets, 'prime256v1')
    return true
  } catch {
    return false
  }
}

export async function listSubscriptions(ctx: Ctx): Promise<{ items: View[] }> {
  return { items: (await subscriptionsOf(ctx.db, accountOf(ctx))).map(toView) }
}

export async function endSubscription(ctx: Ctx, id: string): Promise<void> {
  const account = accountOf(ctx)
  await transact(ctx, async (ctx) => {
    if (!(await deleteSubscription(ctx.db, id, account))) throw new Problem('not-found', 'There is no such browser.')
    audit(ctx, { action: 'D', entity: `PushSubscription/${id}` })
  })
}

const toView = ({ id, host, created_at }: SubscriptionRow): View => ({ id, host, createdAt: created_at.toISOString() })
