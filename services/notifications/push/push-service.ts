import { createECDH } from 'node:crypto'
import { encrypt } from 'http_ece'
import { SignJWT } from 'jose'
import type { Context } from '#platform/context.ts'
import { unseal } from '#platform/data-keys.ts'
import { FetchFailure, type GuardedAnswer, guardedFetch } from '#platform/guarded-fetch.ts'
import { permittedBy } from '#platform/public-addresses.ts'
import { transact } from '#platform/transaction.ts'
import { deleteSubscription, type SubscriptionRow } from '../queries/push.ts'
import { type Provider, Undelivered } from '../sending/provider.ts'
import type { NotificationsTables } from '../tables.ts'
import { isPushService } from './hosts.ts'
import { signingKey } from './keys.ts'
import type { PushMessage } from './push-message.ts'
import { type Browser, boundToSubscription } from './subscriptions.ts'

type Ctx = Context<NotificationsTables>

const ANSWER_MS = 10_000
const MAX_ANSWER_BYTES = 65_536
/** RFC 8292 §2: 24 hours at the most. */
const TOKEN_SECONDS = 12 * 3_600
/** What a message is filled up to, so that its length does not say which one it is. */
const WHOLE_BYTES = 1_024

/** The push service of one browser. */
export const pushServiceOf = (ctx: Ctx, subscription: SubscriptionRow): Provider<PushMessage> => ({
  name: `push ${subscription.host}`,
  async send(message) {
    const { id, account_id, sealed } = subscription
    const browser = JSON.parse(await unseal(ctx, sealed, boundToSubscription(id))) as Browser
    if (!isPushService(ctx.config, browser.endpoint)) throw new Undelivered('push not-permitted', { final: true })
    const answer = await post(ctx, browser, message)
    if (GONE.has(answer.status)) await transact(ctx, ({ db }) => deleteSubscription(db, id, account_id))
    if (answer.status < 200 || answer.status > 299) throw refusalIn(answer, ctx.now())
    return undefined
  },
})

async function post(ctx: Ctx, { endpoint, p256dh, auth }: Browser, message: PushMessage): Promise<GuardedAnswer> {
  const url = new URL(endpoint)
  try {
    return await guardedFetch(url, {
      permitted: permittedBy(ctx.config.WEBHOOK_PRIVATE_HOSTS),
      method: 'POST',
      redirects: 'refuse',
      headers: {
        authorization: await vapidFor(ctx, url.origin),
        'content-encoding': 'aes128gcm',
        'content-type': 'application/octet-stream',
        ttl: String(message.ttlSeconds),
        urgency: message.urgency,
        topic: message.topic,
      },
      body: sealedFor(p256dh, auth, message.payload),
      maxBytes: MAX_ANSWER_BYTES,
      timeoutMs: ANSWER_MS,
    })
  } catch (error) {
    if (error instanceof FetchFailure) throw new Undelivered(`push ${error.code}`)
    throw error
  }
}

/** RFC 8291: for this browser, and nobody on the way. */
function sealedFor(p256dh: string, auth: string, payload: Buffer): Buffer {
  const privateKey = createECDH('prime256v1')
  privateKey.generateKeys()
  const [dh, authSecret] = [Buffer.from(p256dh, 'base64url'), Buffer.from(auth, 'base64url')]
  const pad = Math.max(0, WHOLE_BYTES - payload.length)
  return encrypt(payload, { version: 'aes128gcm', dh, privateKey, authSecret, pad })
}

/** RFC 8292: who we are, for this push service and no other. */
async function vapidFor(ctx: Ctx, audience: string): Promise<string> {
  const { publicKey, privateKey } = await signingKey(ctx)
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setAudience(audience)
    .setSubject(ctx.config.VAPID_SUBJECT)
    .setExpirationTime(Math.floor(ctx.now().getTime() / 1_000) + TOKEN_SECONDS)
    .sign(privateKey)
  return `vapid t=${token}, k=${publicKey}`
}

/** RFC 8030 §7.3 and §8.3: the browser has given it up. */
const GONE = new Set([404, 410])
/** Of this message, and not of us (401, 403) or of what troubles them (5xx). */
const OF_THIS_MESSAGE = new Set([400, 413, ...GONE])

const refusalIn = ({ status, headers }: GuardedAnswer, now: Date): Undelivered =>
  new Undelivered(`push ${status}`, {
    final: OF_THIS_MESSAGE.has(status),
    answered: OF_THIS_MESSAGE.has(status) || status === 429,
    notBefore: status === 429 || status >= 500 ? timeIn(headers.get('retry-after'), now) : undefined,
  })

const SHORTEST_MS = 1_000
const LONGEST_MS = 6 * 3_600_000

/** RFC 9110 §10.2.3, within bounds: seconds, or a time. */
function timeIn(text: string | null, now: Date): Date | undefined {
  if (text === null) return undefined
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime()
  if (Number.isNaN(ms)) return undefined
  return new Date(now.getTime() + Math.min(Math.max(ms, SHORTEST_MS), LONGEST_MS))
}
