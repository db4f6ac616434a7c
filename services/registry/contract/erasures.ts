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
  problems: ['duplicate', 'business-rule', 'not-found'],
})
export const listErasures = operation({
  id: 'listErasures',
  method: 'GET',
  url: '/v1/erasures',
  summary: 'List one’s own requests for erasure, newest first',
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
