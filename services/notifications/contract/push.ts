import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation } from '#platform/operation.ts'

// Browsers that are told (RFC 8030, RFC 8291, RFC 8292).

const Octets = (most: number, example: string, description: string) =>
  Type.String({ pattern: `^[A-Za-z0-9_-]{20,${most}}$`, examples: [example], description })

const PUBLIC_KEY = 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'

export const PushSubscription = Closed(
  {
    id: Id,
    host: Type.String({
      examples: ['updates.push.services.mozilla.com'],
      description: 'Of the browser’s push service',
    }),
    createdAt: Instant,
  },
  { title: 'PushSubscription' },
)

export const readPushKey = operation({
  id: 'readPushKey',
  method: 'GET',
  url: '/v1/push-key',
  summary: 'Read the key with which a browser is subscribed (`applicationServerKey`)',
  description: 'It stays the same for as long as the installation lives. Answers 404 where browsers are not told.',
  access: 'signed-in',
  response: Closed({ publicKey: Octets(90, PUBLIC_KEY, 'P-256, base64url') }, { title: 'PushKey' }),
  problems: ['not-found'],
})

export const createPushSubscription = operation({
  id: 'createPushSubscription',
  method: 'POST',
  url: '/v1/push-subscriptions',
  summary: 'Have this browser told',
  description:
    'Takes what `PushSubscription.toJSON()` gives. It ends when one signs out of this session or ends it elsewhere, and when the browser gives it up. A browser has one reader: who subscribes it last. Of more than ten of an account the oldest ends.',
  access: 'signed-in',
  status: 201,
  body: Closed(
    {
      endpoint: Type.String({
        maxLength: 1_000,
        pattern: '^https?://[!-~]+$',
        examples: ['https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn'],
        description: 'Of a push service that PUSH_HOSTS names',
      }),
      expirationTime: Type.Optional(
        Type.Unsafe<number | null>({ type: 'number', minimum: 0, nullable: true, description: 'Not looked at' }),
      ),
      keys: Closed({
        p256dh: Octets(90, PUBLIC_KEY, 'Public key of the browser'),
        auth: Octets(24, 'BTBZMqHH6r4Tts7J_aSIgg', 'Its secret'),
      }),
    },
    { title: 'NewPushSubscription' },
  ),
  response: PushSubscription,
  problems: ['business-rule', 'not-found'],
})

export const listPushSubscriptions = operation({
  id: 'listPushSubscriptions',
  method: 'GET',
  url: '/v1/push-subscriptions',
  summary: 'List one’s own browsers that are told, newest first',
  access: 'signed-in',
  response: Closed({ items: Type.Array(PushSubscription) }),
})

export const deletePushSubscription = operation({
  id: 'deletePushSubscription',
  method: 'DELETE',
  url: '/v1/push-subscriptions/:id',
  summary: 'Have a browser told no more',
  access: 'signed-in',
  params: IdParams,
  problems: ['not-found'],
})
