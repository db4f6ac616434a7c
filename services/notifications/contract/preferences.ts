import { Type } from 'typebox'
import { Closed, Id, operation, Version, Zone } from '#platform/operation.ts'

const Time = (example: string) =>
  Type.String({
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
    examples: [example],
    description: 'On the clock of `zone`',
  })

const Wish = Closed(
  {
    category: Type.Enum(['appointments', 'reminders', 'mandates', 'record', 'work', 'messages', 'announcements'], {
      examples: ['appointments'],
      description: '`messages`: what somebody who treats one writes. `announcements`: what administrators write to all',
    }),
    channel: Type.Enum(['email', 'sms', 'push'], { examples: ['sms'] }),
    wish: Type.Enum(['at-once', 'daily', 'off'], {
      examples: ['at-once'],
      description: '`daily`: by mail, with others of that day in one',
    }),
  },
  { title: 'NotificationWish' },
)

const facts = {
  wishes: Type.Array(Wish, {
    maxItems: 21,
    description:
      'What is not named is by default: by mail, or by text where no mailbox reaches one; and in browsers that asked for it',
  }),
  zone: Type.Optional(Zone),
  quietHours: Type.Optional(
    Closed(
      { from: Time('21:00'), until: Time('07:00') },
      { title: 'QuietHours', description: 'What is not urgent waits for their end' },
    ),
  ),
  dailyAt: Type.Optional(Time('18:00')),
}

export const NotificationPreferences = Closed(
  { patient: Type.Optional(Id), ...facts, version: Version },
  { title: 'NotificationPreferences' },
)

const query = Closed({
  patient: Type.Optional({ ...Id, description: 'For what one gets about a patient one cares for; else for oneself' }),
})

export const readNotificationPreferences = operation({
  id: 'readNotificationPreferences',
  method: 'GET',
  url: '/v1/notification-preferences',
  summary: 'Read what reaches one where',
  access: 'signed-in',
  query,
  response: NotificationPreferences,
  problems: ['not-found'],
})

export const updateNotificationPreferences = operation({
  id: 'updateNotificationPreferences',
  method: 'PUT',
  url: '/v1/notification-preferences',
  summary: 'Choose what reaches one where',
  description:
    'By category and channel; in the app there is always everything. What guards the account, and that the record was opened in an emergency, is sent whatever is chosen. Wishes about a patient go before those in general.',
  access: 'signed-in',
  query,
  ifMatch: true,
  body: Closed(facts, {
    title: 'NotificationPreferencesChange',
    examples: [{ wishes: [{ category: 'reminders', channel: 'sms', wish: 'at-once' }] }],
  }),
  response: NotificationPreferences,
  problems: ['business-rule', 'not-found'],
})
