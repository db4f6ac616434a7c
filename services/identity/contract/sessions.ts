import { Type } from 'typebox'
import { Closed, IdParams, Line, operation } from '#platform/operation.ts'
import { NewSession, Session } from '../contract.ts'

const { token, expiresAt, endsAt } = NewSession.properties
const RefreshToken = Type.String({ minLength: 1, maxLength: 100, examples: ['ohcr_9Qm3'] })

export const RefreshedSession = Closed(
  { token, expiresAt, endsAt, refreshToken: RefreshToken },
  { title: 'RefreshedSession' },
)

export const refreshSession = operation({
  id: 'refreshSession',
  method: 'POST',
  url: '/v1/sessions/refresh',
  summary: 'Exchange a refresh token for the next token',
  description:
    'The token before ends at once. Within ten seconds the same refresh token may be sent again by whoever lost the answer, and gets the same answer. Sent later, or after its successor was used, it ends the session: two hold it.',
  access: 'public',
  idempotent: false,
  perMinute: 120,
  body: Closed({ refreshToken: RefreshToken }, { title: 'RefreshRequest' }),
  response: RefreshedSession,
})

export const updateSession = operation({
  id: 'updateSession',
  method: 'PATCH',
  url: '/v1/sessions/:id',
  summary: 'Name the device of one of one’s own sessions',
  access: 'signed-in',
  params: IdParams,
  body: Closed({ device: Line(100, 'Phone in the kitchen') }, { title: 'SessionChange' }),
  ifMatch: true,
  response: Session,
})

export const deleteSessions = operation({
  id: 'deleteSessions',
  method: 'DELETE',
  url: '/v1/sessions',
  summary: 'End all of one’s own sessions, or all others',
  description: 'Effective on the next request.',
  access: 'signed-in',
  query: Closed({
    others: Type.Optional(Type.Boolean({ examples: [true], description: 'Keep the one that this request came with' })),
  }),
})
