import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery } from '#platform/operation.ts'
import { OwnPassword } from './second-factor.ts'

const facts = {
  id: Id,
  name: Line(100, 'Nightly export'),
  scopes: Type.Array(
    Type.String({
      pattern: '^user/(\\*|[A-Z][A-Za-z]{1,39})\\.(?!$)c?r?u?d?s?$',
      examples: ['user/Appointment.rs'],
      description: 'What the key may do of what its owner may: resource, and of c r u d s',
    }),
    { minItems: 1, maxItems: 50 },
  ),
  createdAt: Instant,
  expiresAt: Instant,
}
const ApiKey = Closed(
  {
    ...facts,
    usedAt: Type.Optional(Type.String({ ...Instant, description: 'Within five minutes' })),
  },
  { title: 'ApiKey' },
)
const NewApiKey = Closed(
  {
    ...facts,
    key: Type.String({
      examples: ['ohcs_test_2Z5k'],
      description: 'Shown this once. Send it as Authorization: Bearer <key>',
    }),
  },
  { title: 'NewApiKey' },
)

export const createApiKey = operation({
  id: 'createApiKey',
  method: 'POST',
  url: '/v1/api-keys',
  summary: 'Make an API key',
  description:
    'Acts as oneself, narrowed to its scopes; what asks only for a sign-in it may not do. ohcs_live_ or, where an installation is for trying out, ohcs_test_.',
  access: 'signed-in',
  idempotent: false,
  body: Closed(
    {
      name: facts.name,
      scopes: facts.scopes,
      password: OwnPassword,
      days: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 366, default: 90, examples: [90], description: 'Until it expires' }),
      ),
    },
    { title: 'ApiKeyWish' },
  ),
  status: 201,
  response: NewApiKey,
  problems: ['business-rule', 'deleted'],
})
export const listApiKeys = operation({
  id: 'listApiKeys',
  method: 'GET',
  url: '/v1/api-keys',
  summary: 'List one’s own API keys, newest first',
  access: 'signed-in',
  query: Closed(PageQuery),
  response: Page(ApiKey),
})
export const rotateApiKey = operation({
  id: 'rotateApiKey',
  method: 'POST',
  url: '/v1/api-keys/:id/rotate',
  summary: 'Replace an API key',
  description: 'The new one has the same name, scopes and lifetime. The old one works on for the overlap.',
  access: 'signed-in',
  idempotent: false,
  params: IdParams,
  body: Closed(
    {
      password: OwnPassword,
      overlapHours: Type.Optional(Type.Integer({ minimum: 0, maximum: 720, default: 24, examples: [24] })),
    },
    { title: 'ApiKeyRotation' },
  ),
  status: 201,
  response: NewApiKey,
  problems: ['business-rule', 'deleted'],
})
export const deleteApiKey = operation({
  id: 'deleteApiKey',
  method: 'DELETE',
  url: '/v1/api-keys/:id',
  summary: 'Revoke an API key',
  description: 'It is refused from the next request on.',
  access: 'signed-in',
  params: IdParams,
})
