import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation, Page, PageQuery, Prose, Version } from '#platform/operation.ts'

// What people write to others. What leaves the house says only that there is something to read.

export const audiences = ['patient', 'panel', 'role'] as const
export const addressedRoles = ['patient', 'caregiver', 'practitioner', 'donor', 'administrator', 'clerk'] as const
export const categories = ['general', 'mental-health', 'sexual-health', 'hiv', 'substance-use'] as const

const Audience = Type.Enum([...audiences], {
  examples: ['panel'],
  description:
    '`patient`: one whom one treats. `panel`: all whom one treats. `role`: everybody of a role, by administrators',
})
const AddressedRole = Type.Enum([...addressedRoles], {
  examples: ['patient'],
  description: 'Of a message to a role. `patient` has with them who receives the messages of one',
})
const Category = Type.Enum([...categories], {
  examples: ['general'],
  description:
    'What it is about. What is sensitive goes to no caregiver without `see-sensitive`, and stays in the house where the patient has refused that it leaves. Needed for patients and panels',
})
const Text = { ...Prose(4_000, 'The results are there. Please come and see me this week.'), minLength: 1 }

const Count = (example: number, description: string) => Type.Integer({ minimum: 0, examples: [example], description })

export const Counted = Closed(
  {
    patients: Type.Optional(Count(40, 'Whom it is for; of a patient or a panel')),
    unreached: Type.Optional(Count(2, 'Of those, who has nobody here that could be told')),
    people: Count(45, 'Who is told: patients and those who receive their messages, all in the app'),
    email: Count(30, 'Of those, who gets a mail too'),
    sms: Count(9, 'Who a text'),
    push: Count(12, 'And who is told in a browser'),
  },
  { title: 'MessageCount' },
)

export const Message = Closed(
  {
    id: Id,
    audience: Audience,
    patient: Type.Optional(Id),
    role: Type.Optional(AddressedRole),
    visitsFrom: Type.Optional(Instant),
    visitsUntil: Type.Optional(Instant),
    category: Category,
    text: Text,
    status: Type.Enum(['draft', 'sending', 'sent', 'stopped'], { examples: ['draft'] }),
    counted: Counted,
    preview: Closed(
      {
        title: Type.String({ examples: ['A message for you'], description: 'In the app, above the text' }),
        subject: Type.String({ examples: ['A message for you'] }),
        mail: Type.String({ examples: ['Somebody who treats you has written to you. Sign in to read it.'] }),
        sms: Type.String({ examples: ['There is a message for you.'] }),
      },
      { title: 'MessagePreview', description: 'What is around the text, and what leaves the house instead of it' },
    ),
    waiting: Count(12, 'Who has not been told yet'),
    told: Count(33, 'Who has been'),
    skipped: Count(0, 'Who might not be told any more when their turn came'),
    version: Version,
    createdAt: Instant,
    confirmedAt: Type.Optional(Instant),
    endedAt: Type.Optional(Instant),
  },
  { title: 'Message' },
)

const visits = {
  visitsFrom: Type.Optional({ ...Instant, description: 'Of a panel: only who has a visit that ends after this' }),
  visitsUntil: Type.Optional({ ...Instant, description: 'And begins before this' }),
}

export const createMessage = operation({
  id: 'createMessage',
  method: 'POST',
  url: '/v1/messages',
  summary: 'Write to a patient, to all whom one treats, or to everybody of a role',
  description:
    'To one patient it goes at once: to them, and to caregivers who receive their messages. To a panel or a role this makes a draft, and answers whom it would reach by which way; `sendMessage` sends it.',
  access: 'Message.c',
  status: 201,
  body: Closed(
    {
      audience: Audience,
      patient: Type.Optional(Id),
      role: Type.Optional(AddressedRole),
      ...visits,
      category: Type.Optional(Category),
      text: Text,
    },
    {
      title: 'NewMessage',
      examples: [
        { audience: 'panel', category: 'general', text: 'The practice is closed next week. Doctor Addo stands in.' },
      ],
    },
  ),
  response: Message,
  problems: ['business-rule', 'not-found'],
})

export const listMessages = operation({
  id: 'listMessages',
  method: 'GET',
  url: '/v1/messages',
  summary: 'List what one has written, newest first; administrators all that went to roles',
  access: 'Message.s',
  query: Closed({ ...PageQuery }),
  response: Page(Message),
})

export const readMessage = operation({
  id: 'readMessage',
  method: 'GET',
  url: '/v1/messages/:id',
  summary: 'Read what one has written, and how far it is',
  access: 'Message.r',
  params: IdParams,
  response: Message,
})

export const updateMessage = operation({
  id: 'updateMessage',
  method: 'PATCH',
  url: '/v1/messages/:id',
  summary: 'Change the text of a draft',
  description: 'Whom it reaches is counted anew.',
  access: 'Message.u',
  params: IdParams,
  ifMatch: true,
  body: Closed({ text: Text }, { title: 'MessageChange' }),
  response: Message,
  problems: ['business-rule'],
})

export const sendMessage = operation({
  id: 'sendMessage',
  method: 'POST',
  url: '/v1/messages/:id/send',
  summary: 'Confirm a draft, naming how many people it is to tell',
  description:
    'Answers 409 with the count as it is now, and sends nothing, where that or the text has changed since it was read. It goes out in bites, a hundred people a second at most.',
  access: 'Broadcast.u',
  status: 202,
  params: IdParams,
  body: Closed(
    { version: Version, people: Count(45, 'As `counted.people` of the draft says') },
    { title: 'MessageConfirmation' },
  ),
  response: Message,
  problems: ['conflict', 'business-rule', 'throttled'],
})

export const stopMessage = operation({
  id: 'stopMessage',
  method: 'POST',
  url: '/v1/messages/:id/stop',
  summary: 'Stop a message while it goes out, or put a draft aside',
  description: 'Who has not been told is not told any more. Who has been keeps it.',
  access: 'Message.u',
  params: IdParams,
  response: Message,
  problems: ['conflict'],
})
