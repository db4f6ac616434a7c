import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation, Page, PageQuery } from '#platform/operation.ts'

// Everything about oneself: to have, and to have erased.

const Status = Type.Enum(['waiting', 'cancelled', 'running', 'done'], { examples: ['waiting'] })
const reasons = ['own-wish', 'asked-on-paper', 'by-representative', 'court-order', 'entered-in-error'] as const
const Erasure = Closed(
  {
    id: Id,
    status: Status,
    reason: Type.Enum([...reasons], { examples: ['own-wish'] }),
    createdAt: Instant,
    dueAt: Type.String({ ...Instant, description: 'Until then it can be called off' }),
    of: Type.Array(Type.Enum(['account', 'patient', 'practitioner', 'caregiver'], { examples: ['patient'] }), {
      description: 'Which records',
    }),
    askedBy: Type.Enum(['self', 'administrator'], { examples: ['self'] }),
    claimedAt: Type.Optional(
      Type.String({ ...Instant, description: 'When the person took the record over, after this had been asked for' }),
    ),
    confirmedAt: Type.Optional(Instant),
    doneAt: Type.Optional(Instant),
  },
  { title: 'Erasure' },
)
const Code = Type.String({ minLength: 20, maxLength: 100, examples: ['ohcs_2Z5kq7VwXlQmT9bR'] })

export const requestErasure = operation({
  id: 'requestErasure',
  method: 'POST',
  url: '/v1/erasures',
  summary: 'Have everything erased that is known of oneself',
  description:
    'Takes effect after a time in which it can be called off. What the law wants kept stays, under a number; the receipt says what, why and until when. Keep the receipt code: afterwards there is no account to sign in with. Administrators name a person and a reason.',
  access: 'signed-in',
  idempotent: false,
  perMinute: 20,
  body: Closed(
    {
      patient: Type.Optional(Id),
      practitioner: Type.Optional(Id),
      reason: Type.Optional(Type.Enum([...reasons], { examples: ['own-wish'] })),
    },
    { title: 'NewErasure', examples: [{}] },
  ),
  status: 201,
  response: Closed({ ...Erasure.properties, receiptCode: Code }, { title: 'RequestedErasure' }),
  problems: ['duplicate', 'business-rule', 'not-found', 'conflict'],
})
export const listErasures = operation({
  id: 'listErasures',
  method: 'GET',
  url: '/v1/erasures',
  summary: 'List requests for one’s own erasure, newest first',
  description:
    'Also what an administrator asked for, and what was asked for a record before one took it over at a desk: then the whole time to call it off begins anew.',
  access: 'signed-in',
  query: Closed(PageQuery),
  response: Page(Erasure),
})
export const cancelErasure = operation({
  id: 'cancelErasure',
  method: 'DELETE',
  url: '/v1/erasures/:id',
  summary: 'Call an erasure off while it waits',
  description: 'The person, or an administrator.',
  access: 'signed-in',
  params: IdParams,
  problems: ['business-rule'],
})
export const confirmErasure = operation({
  id: 'confirmErasure',
  method: 'POST',
  url: '/v1/erasures/:id/confirm',
  summary: 'Say that an erasure somebody else asked for is what one wants',
  description: 'It changes nothing about when it is carried out, and it can still be called off until then.',
  access: 'signed-in',
  params: IdParams,
  response: Erasure,
})
export const readErasureReceipt = operation({
  id: 'readErasureReceipt',
  method: 'POST',
  url: '/v1/erasures/:id/receipt',
  summary: 'What was erased, what was kept, why and until when',
  description: 'With the code that was given when erasure was asked for.',
  access: 'public',
  idempotent: false,
  perMinute: 30,
  params: IdParams,
  body: Closed({ code: Code }, { title: 'ReceiptCode' }),
  response: Closed(
    {
      ...Erasure.properties,
      receipt: Type.Array(
        Closed({
          room: Type.String({ examples: ['registry'] }),
          what: Type.String({ examples: ['identifiers'] }),
          outcome: Type.Enum(['erased', 'pseudonymised', 'kept'], { examples: ['erased'] }),
          count: Type.Integer({ examples: [2] }),
          why: Type.Optional(Type.String()),
          until: Type.Optional(Instant),
        }),
      ),
    },
    { title: 'ErasureReceipt' },
  ),
})
