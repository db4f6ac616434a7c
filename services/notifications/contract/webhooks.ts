import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'

// Other systems that are told when something has happened, by Standard Webhooks (standardwebhooks.com).

export const webhookEvents = [
  'Appointment.booked',
  'Appointment.rescheduled',
  'Appointment.cancelled',
  'Appointment.arrived',
  'Appointment.fulfilled',
  'Appointment.missed',
  'Licence.verified',
  'Licence.revoked',
  'Mandate.accepted',
  'Mandate.revoked',
  'Patient.merged',
  'Patient.unmerged',
] as const
export type WebhookEvent = (typeof webhookEvents)[number]

const Url = Type.String({
  maxLength: 500,
  pattern: '^https?://[!-~]+$',
  examples: ['https://systems.hospital.example/hooks/openhcs'],
  description: 'https; http only for hosts that WEBHOOK_PRIVATE_HOSTS names',
})
const Events = Type.Array(Type.Enum([...webhookEvents], { examples: ['Appointment.booked'] }), {
  minItems: 1,
  maxItems: webhookEvents.length,
  uniqueItems: true,
})
const facts = { url: Url, description: Line(200, 'The hospital’s own calendar'), events: Events }

export const Webhook = Closed(
  {
    id: Id,
    ...facts,
    active: Type.Boolean({ examples: [true] }),
    disabledAs: Type.Optional(
      Type.Enum(['failing', 'gone'], {
        examples: ['failing'],
        description: 'Why the house has turned it off: nothing was taken for five days, or it answered 410',
      }),
    ),
    formerSecretUntil: Type.Optional({ ...Instant, description: 'Until then the secret before this one signs too' }),
    failingSince: Type.Optional(Instant),
    version: Version,
    createdAt: Instant,
  },
  { title: 'Webhook' },
)

const Secret = Type.String({
  examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  description: 'Shown this once',
})

export const WebhookDelivery = Closed(
  {
    id: { ...Id, description: 'The `webhook-id` of each attempt: what comes twice has the same' },
    webhook: Id,
    type: Type.String({ examples: ['Appointment.booked'] }),
    resource: Type.String({ examples: ['Appointment/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'] }),
    status: Type.Enum(['queued', 'delivered', 'dead'], { examples: ['dead'] }),
    reason: Type.Optional(Type.String({ examples: ['http-500'], description: 'What came back last' })),
    tries: Type.Integer({ minimum: 0, examples: [8] }),
    createdAt: Instant,
    deliveredAt: Type.Optional(Instant),
  },
  { title: 'WebhookDelivery' },
)

export const createWebhook = operation({
  id: 'createWebhook',
  method: 'POST',
  url: '/v1/webhooks',
  summary: 'Have another system told when something has happened',
  description:
    'It is sent `{"type", "timestamp", "data": {"resource"}}`: which record, and nothing of what is in it. Signed by Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`); anything but 2xx within ten seconds is tried again, eight times over a day.',
  access: 'Webhook.c',
  idempotent: false,
  body: Closed(facts, { title: 'NewWebhook' }),
  status: 201,
  response: Closed({ ...Webhook.properties, secret: Secret }, { title: 'WebhookWithSecret' }),
  problems: ['business-rule'],
})

export const listWebhooks = operation({
  id: 'listWebhooks',
  method: 'GET',
  url: '/v1/webhooks',
  summary: 'List the systems that are told, newest first',
  access: 'Webhook.s',
  query: Closed({ ...PageQuery }),
  response: Page(Webhook),
})

export const readWebhook = operation({
  id: 'readWebhook',
  method: 'GET',
  url: '/v1/webhooks/:id',
  summary: 'Read how a system is told',
  access: 'Webhook.r',
  params: IdParams,
  response: Webhook,
})

export const updateWebhook = operation({
  id: 'updateWebhook',
  method: 'PATCH',
  url: '/v1/webhooks/:id',
  summary: 'Change a webhook, or turn it off and on',
  access: 'Webhook.u',
  params: IdParams,
  ifMatch: true,
  body: Closed(
    {
      url: Type.Optional(Url),
      description: Type.Optional(facts.description),
      events: Type.Optional(Events),
      active: Type.Optional(Type.Boolean({ examples: [true] })),
    },
    { title: 'WebhookChange' },
  ),
  response: Webhook,
  problems: ['business-rule'],
})

export const deleteWebhook = operation({
  id: 'deleteWebhook',
  method: 'DELETE',
  url: '/v1/webhooks/:id',
  summary: 'Take a webhook away, with what waits for it',
  access: 'Webhook.d',
  params: IdParams,
})

export const rotateWebhookSecret = operation({
  id: 'rotateWebhookSecret',
  method: 'POST',
  url: '/v1/webhooks/:id/secret',
  summary: 'Get a new secret; the one before signs too for a while',
  access: 'Webhook.u',
  idempotent: false,
  params: IdParams,
  body: Closed(
    {
      overlapHours: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 168,
          default: 24,
          examples: [24],
          description: 'Zero: at once, as when it was found elsewhere',
        }),
      ),
    },
    { title: 'SecretRotation' },
  ),
  response: Closed({ ...Webhook.properties, secret: Secret }, { title: 'WebhookWithNewSecret' }),
})

export const testWebhook = operation({
  id: 'testWebhook',
  method: 'POST',
  url: '/v1/webhooks/:id/test',
  summary: 'Send a test, of type `Webhook.tested`',
  description: 'It goes the way of all others; what became of it is in the deliveries.',
  access: 'Webhook.u',
  perMinute: 20,
  params: IdParams,
  status: 202,
  response: WebhookDelivery,
  problems: ['business-rule'],
})

export const listWebhookDeliveries = operation({
  id: 'listWebhookDeliveries',
  method: 'GET',
  url: '/v1/webhooks/:id/deliveries',
  summary: 'List what a system was told, newest first',
  access: 'Webhook.r',
  params: IdParams,
  query: Closed({
    status: Type.Optional(Type.Enum(['queued', 'delivered', 'dead'], { examples: ['dead'] })),
    ...PageQuery,
  }),
  response: Page(WebhookDelivery),
})

export const replayWebhook = operation({
  id: 'replayWebhook',
  method: 'POST',
  url: '/v1/webhooks/:id/replay',
  summary: 'Send again what was given up, or one delivery whatever became of it',
  description: 'Under the same ids as before. A thousand at the most; ask again for more.',
  access: 'Webhook.u',
  params: IdParams,
  body: Closed(
    {
      delivery: Type.Optional(Id),
      since: Type.Optional({ ...Instant, description: 'All that was given up and is younger than this' }),
    },
    { title: 'WebhookReplay', examples: [{ since: '2031-03-03T09:00:00Z' }] },
  ),
  status: 202,
  response: Closed({ queued: Type.Integer({ minimum: 0, examples: [12] }) }),
  problems: ['business-rule'],
})

export const callSystem = operation({
  id: 'callSystem',
  method: 'POST',
  url: '/v1/system-calls',
  summary: 'Ask another system for a room, once, and say when to try again',
  access: 'house',
  idempotent: false,
  body: Closed({
    name: Type.String({ maxLength: 100, description: 'Of what rests while it does not answer' }),
    url: Url,
    method: Type.Enum(['POST', 'PUT']),
    headers: Type.Record(Type.String(), Type.String()),
    body: Type.Optional(Type.String()),
    tries: Type.Integer({ minimum: 0, description: 'That came to nothing before' }),
    dueAt: { ...Instant, description: 'When it was to be done' },
  }),
  response: Closed({
    taken: Type.Boolean(),
    code: Type.String({ description: 'The status that came back, or why none did' }),
    tries: Type.Integer(),
    again: Type.Optional({ ...Instant, description: 'Left out where it was taken, or is given up' }),
  }),
})
