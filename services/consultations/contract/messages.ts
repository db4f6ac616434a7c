import { Type } from 'typebox'
import { Closed, Id, Instant, operation, Page, PageQuery, Prose } from '#platform/operation.ts'

const Of = {
  appointment: Type.Optional(Type.String({ ...Id, description: 'Also before the visit, and of its consultation' })),
  consultation: Type.Optional(Id),
}

export const ThreadMessage = Closed(
  {
    id: Type.String({ ...Id, description: 'Also of its Communication' }),
    appointment: Type.Optional(Id),
    consultation: Type.Optional(Id),
    patient: Id,
    from: Type.Enum(['patient', 'caregiver', 'practitioner'], { examples: ['patient'] }),
    text: Type.String({ examples: ['Shall I go on with the drops?'] }),
    sentAt: Instant,
  },
  { title: 'ThreadMessage' },
)

export const sendThreadMessage = operation({
  id: 'sendThreadMessage',
  method: 'POST',
  url: '/v1/thread-messages',
  summary: 'Write in the thread of a visit: before, during or after it',
  description:
    'By the patient, a caregiver who sees their record and receives their messages, or whoever treats them; names the appointment or the consultation. The other side is told that there is something to read, and not what. Fifty in a day at the most.',
  access: 'Thread.c',
  body: Closed(
    { ...Of, text: { ...Prose(4_000, 'Shall I go on with the drops?'), minLength: 1 } },
    {
      title: 'NewThreadMessage',
      examples: [{ appointment: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', text: 'Shall I go on with the drops?' }],
    },
  ),
  problems: ['not-found', 'business-rule'],
  status: 201,
  response: ThreadMessage,
})

export const listThreadMessages = operation({
  id: 'listThreadMessages',
  method: 'GET',
  url: '/v1/thread-messages',
  summary: 'Read the thread of a visit, the newest first',
  access: 'Thread.s',
  query: Closed({ ...Of, ...PageQuery }),
  problems: ['not-found', 'business-rule'],
  response: Page(ThreadMessage),
})
