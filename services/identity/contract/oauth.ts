import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'

const Uri = Type.String({ format: 'uri', maxLength: 500, examples: ['https://app.example.org/callback'] })
const Key = Type.Object(
  {
    kty: Type.Enum(['EC', 'RSA']),
    kid: Line(100, '2031-03'),
    alg: Type.Optional(Type.Enum(['RS384', 'ES384', 'RS256', 'ES256', 'PS256'])),
    use: Type.Optional(Type.Enum(['sig'])),
    crv: Type.Optional(Type.Enum(['P-256', 'P-384'])),
    x: Type.Optional(Type.String({ pattern: '^[\\w-]+$', maxLength: 100 })),
    y: Type.Optional(Type.String({ pattern: '^[\\w-]+$', maxLength: 100 })),
    n: Type.Optional(Type.String({ pattern: '^[\\w-]+$', maxLength: 1_500 })),
    e: Type.Optional(Type.String({ pattern: '^[\\w-]+$', maxLength: 20 })),
  },
  {
    additionalProperties: false,
    examples: [
      {
        kty: 'EC',
        kid: '2031-03',
        alg: 'ES256',
        use: 'sig',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
    ],
  },
)

/** What an app that comes for itself may have of people's records, beside the types that its scopes name. */
const Records = Closed(
  {
    purpose: Type.Enum(['treatment', 'research', 'public-health'], {
      examples: ['research'],
      description: 'Who has refused it is left out',
    }),
    patients: Type.Enum(['all', 'organisations', 'none'], {
      examples: ['organisations'],
      description: 'Of whom: everybody, those whom the organisations look after, or nobody',
    }),
    organisations: Type.Optional(Type.Array(Id, { maxItems: 100, uniqueItems: true })),
    categories: Type.Optional(
      Type.Array(Type.Enum(['mental-health', 'sexual-health', 'hiv', 'substance-use'], { examples: ['hiv'] }), {
        maxItems: 4,
        uniqueItems: true,
        description: 'What of the sensitive it may have too; without it nothing of that kind',
      }),
    ),
    imports: Type.Optional(
      Type.Boolean({ default: false, examples: [false], description: 'Whether it may also bring resources in' }),
    ),
  },
  {
    title: 'RecordsForApp',
    description: 'What it may have of records by $export and $import, for itself. Absent: nothing of anybody',
  },
)

const facts = {
  name: Line(100, 'Pressure diary'),
  redirectUris: Type.Array(Uri, {
    maxItems: 10,
    uniqueItems: true,
    description: 'Exact; https, or http on this machine (then of any port). None: an app that only comes for itself',
  }),
  scope: Type.String({
    maxLength: 2_000,
    pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+( [\\x21\\x23-\\x5b\\x5d-\\x7e]+)*$',
    examples: ['openid fhirUser offline_access launch/patient patient/*.rs'],
    description: 'The most that it may be given, as SMART scopes, separated by spaces',
  }),
  jwks: Type.Optional(
    Closed(
      { keys: Type.Array(Key, { minItems: 1, maxItems: 10 }) },
      {
        description: 'Its public keys, for private_key_jwt. Neither these nor jwksUri: a public app',
      },
    ),
  ),
  jwksUri: Type.Optional(
    Type.String({
      format: 'uri',
      maxLength: 500,
      examples: ['https://research.example.org/jwks.json'],
      description: 'Where its public keys are, instead of jwks: https, at a public address',
    }),
  ),
  records: Type.Optional(Records),
}
export const OAuthClient = Closed({ id: Id, ...facts, createdAt: Instant, version: Version }, { title: 'OAuthClient' })

export const createOAuthClient = operation({
  id: 'createOAuthClient',
  method: 'POST',
  url: '/v1/oauth-clients',
  summary: 'Register an app',
  access: 'OAuthClient.c',
  body: Closed(facts, { title: 'NewOAuthClient' }),
  status: 201,
  response: OAuthClient,
})
export const listOAuthClients = operation({
  id: 'listOAuthClients',
  method: 'GET',
  url: '/v1/oauth-clients',
  summary: 'List registered apps, oldest first',
  access: 'OAuthClient.s',
  query: Closed(PageQuery),
  response: Page(OAuthClient),
})
export const updateOAuthClient = operation({
  id: 'updateOAuthClient',
  method: 'PATCH',
  url: '/v1/oauth-clients/:id',
  summary: 'Change a registered app',
  description: 'Tokens that it has keep their scopes until they are renewed.',
  access: 'OAuthClient.u',
  params: IdParams,
  body: Closed(Type.Partial(Type.Object(facts)).properties, { title: 'OAuthClientChange', minProperties: 1 }),
  ifMatch: true,
  response: OAuthClient,
  problems: ['business-rule'],
})
export const revokeOAuthClient = operation({
  id: 'revokeOAuthClient',
  method: 'DELETE',
  url: '/v1/oauth-clients/:id',
  summary: 'Revoke a registered app',
  description: 'All tokens that it has are refused from the next request on.',
  access: 'OAuthClient.d',
  params: IdParams,
  ifMatch: true,
})

const LetIn = Closed(
  {
    id: Id,
    client: Id,
    name: facts.name,
    scopes: Type.Array(Type.String({ examples: ['patient/*.rs'] })),
    patient: Type.Optional(Id),
    createdAt: Instant,
    expiresAt: Instant,
  },
  { title: 'AppLetIn' },
)
export const listApps = operation({
  id: 'listApps',
  method: 'GET',
  url: '/v1/apps',
  summary: 'List the apps that one has let in, newest first',
  access: 'signed-in',
  query: Closed(PageQuery),
  response: Page(LetIn),
})
export const deleteApp = operation({
  id: 'deleteApp',
  method: 'DELETE',
  url: '/v1/apps/:id',
  summary: 'Let an app in no longer',
  description: 'Its tokens are refused from the next request on.',
  access: 'signed-in',
  params: IdParams,
})

export const createLaunch = operation({
  id: 'createLaunch',
  method: 'POST',
  url: '/v1/launches',
  summary: 'Prepare the launch of an app for a patient',
  description:
    'SMART EHR launch: send the app iss and launch; it comes back with launch when it asks for authorisation. Once, within five minutes, for oneself and this patient.',
  access: 'Patient.r',
  idempotent: false,
  body: Closed({ patient: Id }, { title: 'NewLaunch' }),
  status: 201,
  response: Closed(
    {
      launch: Type.String({ examples: ['Zq3vT0b1'], description: 'The parameter launch' }),
      iss: Type.String({ examples: ['http://localhost:8080/fhir/R4'], description: 'The parameter iss' }),
      expiresAt: Instant,
    },
    { title: 'Launch' },
  ),
  problems: ['not-found'],
})
