import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Language, operation, Page, PageQuery } from '#platform/operation.ts'

/** Number of a notification in its account's inbox; also the `id:` of an event in the stream. */
export const Seq = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  examples: [7],
  description: 'Rises with each notification of one account; numbers may be missing',
})

export const Notification = Closed(
  {
    id: Id,
    seq: Seq,
    template: Type.String({ examples: ['appointment-booked.patient'], description: 'What kind of message this is' }),
    title: Type.String({ examples: ['Appointment booked'] }),
    text: Type.String({
      examples: [
        'Your appointment with Dr Ama Boateng is on Monday 3 March 2031 at 09:00 (Greenwich Mean Time), at Ridge Clinic.',
      ],
    }),
    from: Type.Optional(Type.String({ examples: ['Dr Ama Boateng'], description: 'Who wrote it, where a person did' })),
    about: Type.Optional(
      Type.String({ examples: ['Abena Owusu'], description: 'About whom, where it came to a caregiver' }),
    ),
    resource: Type.String({
      examples: ['Appointment/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'],
      description: 'What it is about',
    }),
    link: Type.Optional(
      Type.String({
        examples: ['/v1/appointments/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'],
        description: 'Where to read it',
      }),
    ),
    createdAt: Instant,
    readAt: Type.Optional(Instant),
  },
  { title: 'Notification' },
)

export const listNotifications = operation({
  id: 'listNotifications',
  method: 'GET',
  url: '/v1/notifications',
  summary: 'List one’s own notifications, newest first',
  description:
    'A message about somebody else is shown while the mandate stands under which it was written, and no longer.',
  access: 'signed-in',
  query: Closed({
    unread: Type.Optional(Type.Boolean({ examples: [true], description: 'Only those not yet read' })),
    ...PageQuery,
  }),
  response: Page(Notification),
})

export const markNotificationRead = operation({
  id: 'markNotificationRead',
  method: 'POST',
  url: '/v1/notifications/:id/read',
  summary: 'Mark a notification as read',
  description: 'The time of the first reading is kept.',
  access: 'signed-in',
  params: IdParams,
  response: Notification,
})

export const markAllRead = operation({
  id: 'markAllRead',
  method: 'POST',
  url: '/v1/notifications/read',
  summary: 'Mark notifications as read, up to the newest one that was seen',
  access: 'signed-in',
  body: Closed({ until: Seq }, { title: 'ReadUntil' }),
  response: Closed({
    marked: Type.Integer({ minimum: 0, examples: [3], description: 'How many were unread until now' }),
  }),
})

export const streamNotifications = operation({
  id: 'streamNotifications',
  method: 'GET',
  url: '/v1/notifications/stream',
  summary: 'Follow one’s own notifications as they come (server-sent events)',
  description:
    'Each event is called `notification`, carries a Notification as JSON and has its `seq` as id. Begins after `Last-Event-ID` (or `after`), else with what comes next. A comment comes when nothing else does. The stream ends with the session. Of more than five streams of an account the oldest ends.',
  access: 'signed-in',
  query: Closed({ after: Type.Optional(Seq) }),
  download: 'text/event-stream',
})

// Messages that could not be delivered

export const Delivery = Closed(
  {
    id: Id,
    channel: Type.Enum(['email', 'sms', 'push'], { examples: ['email'] }),
    template: Type.String({ examples: ['appointment-booked.patient'] }),
    status: Type.Enum(['queued', 'sent', 'delivered', 'failed', 'skipped', 'dead'], {
      examples: ['dead'],
      description: '`failed`: refused for good. `dead`: given up after many attempts',
    }),
    reason: Type.Optional(Type.String({ examples: ['etimedout'], description: 'A code, without personal data' })),
    provider: Type.Optional(Type.String({ examples: ['smtp-1'], description: 'Who took or refused it' })),
    tries: Type.Integer({ minimum: 0, examples: [12] }),
    createdAt: Instant,
    dueAt: { ...Instant, description: 'When it was first to go, or was replayed' },
  },
  { title: 'Delivery' },
)

export const listDeliveries = operation({
  id: 'listDeliveries',
  method: 'GET',
  url: '/v1/deliveries',
  summary: 'List messages that could not be delivered, newest first',
  description: 'Names nobody: what to repair follows from channel, provider and reason.',
  access: 'Delivery.s',
  query: Closed({
    status: Type.Optional(Type.Enum(['dead', 'failed'], { default: 'dead', examples: ['dead'] })),
    channel: Type.Optional(Type.Enum(['email', 'sms', 'push'], { examples: ['email'] })),
    ...PageQuery,
  }),
  response: Page(Delivery),
})

export const replayDelivery = operation({
  id: 'replayDelivery',
  method: 'POST',
  url: '/v1/deliveries/:id/replay',
  summary: 'Send a message again that was given up or refused',
  description: 'Everything is looked at anew: what is no longer so, or may no longer be told, is skipped.',
  access: 'Delivery.u',
  params: IdParams,
  response: Delivery,
  problems: ['conflict'],
})

// What providers of texts tell us

const fromProvider = {
  access: 'public' as const,
  idempotent: false,
  params: Closed({ provider: Type.Enum(['gateway', 'africastalking'], { examples: ['gateway'] }) }),
  query: Closed({
    key: Type.Optional(
      Type.String({
        maxLength: 200,
        examples: ['3f1c9a'],
        description: 'Of our callback addresses, where the provider signs nothing',
      }),
    ),
  }),
  upload: { mediaTypes: ['application/json', 'application/x-www-form-urlencoded'], maxBytes: 16_384 },
}

export const receiveTextReport = operation({
  ...fromProvider,
  id: 'receiveTextReport',
  method: 'POST',
  url: '/v1/text-callbacks/:provider/reports',
  summary: 'For a provider of texts: tell what became of one',
  description:
    'A gateway of one’s own sends `{"id", "status": "delivered" | "failed", "code"}` as JSON, and `X-OpenHCS-Signature: sha256=` with the HMAC of the body under SMS_GATEWAY_TOKEN in hex. Africa’s Talking sends its form to an address with the key that SMS_PROVIDERS names. In any order, and as often as it likes.',
})

export const receiveText = operation({
  ...fromProvider,
  id: 'receiveText',
  method: 'POST',
  url: '/v1/text-callbacks/:provider/messages',
  summary: 'For a provider of texts: hand over what somebody wrote',
  description:
    'STOP ends texts about care to that number, START brings them back, HELP is answered; all else is kept nowhere. A gateway of one’s own sends `{"id", "from", "text", "at"}` as JSON, signed as reports are.',
})

// Between rooms

export const sendCode = operation({
  id: 'sendCode',
  method: 'POST',
  url: '/v1/codes/send',
  summary: 'Send a one-time code to a phone or a mailbox, at once',
  description: 'It is tried once and kept nowhere: whoever does not get it asks for another.',
  access: 'house',
  idempotent: false,
  body: Closed({
    channel: Type.Enum(['email', 'sms', 'voice']),
    to: Type.String({ minLength: 1, maxLength: 254 }),
    code: Type.String({ pattern: '^[0-9]{6}$' }),
    minutes: Type.Integer({ minimum: 1, maximum: 60 }),
    language: Language,
  }),
  response: Closed({
    sent: Type.Boolean(),
    reason: Type.Optional(Type.String({ description: 'Why not: a code, without personal data' })),
  }),
})
