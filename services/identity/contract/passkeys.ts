import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'
import { NewSession, signInWishes } from '../contract.ts'
import { OwnPassword } from './second-factor.ts'

// Passkeys (WebAuthn Level 3). The JSON forms are those of `toJSON()` and `parseCreationOptionsFromJSON()` in browsers.

const Base64Url = (maxLength: number, example = 'Q2hhbGxlbmdl') =>
  Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength, examples: [example] })
const CredentialId = Base64Url(1_400, 'Y3JlZGVudGlhbA')
const PublicKey = Type.Enum(['public-key'], { examples: ['public-key'] })
const credential = {
  id: CredentialId,
  rawId: CredentialId,
  type: PublicKey,
  authenticatorAttachment: Type.Optional(Type.Enum(['platform', 'cross-platform'], { examples: ['platform'] })),
  clientExtensionResults: Type.Optional(
    Type.Object({}, { additionalProperties: true, description: 'What extensions answered; not looked at' }),
  ),
}
const Transports = Type.Array(Type.String({ maxLength: 20, pattern: '^[a-z-]+$', examples: ['internal'] }), {
  maxItems: 8,
})
const Descriptor = Closed({ id: CredentialId, type: PublicKey, transports: Type.Optional(Transports) })

const Passkey = Closed(
  {
    id: Id,
    name: Line(100, 'Phone in the kitchen'),
    backedUp: Type.Boolean({ examples: [true], description: 'Kept by its provider for several devices' }),
    createdAt: Instant,
    lastUsedAt: Type.Optional(Instant),
    version: Version,
  },
  { title: 'Passkey' },
)

export const CreationOptions = Closed(
  {
    rp: Closed({ id: Type.String({ examples: ['localhost'] }), name: Type.String({ examples: ['OpenHCS'] }) }),
    user: Closed({
      id: Base64Url(100),
      name: Type.String({ examples: ['amina.okello'] }),
      displayName: Type.String({ examples: ['Amina Okello'] }),
    }),
    challenge: Base64Url(200),
    pubKeyCredParams: Type.Array(Closed({ alg: Type.Integer({ examples: [-7] }), type: PublicKey })),
    timeout: Type.Integer({ examples: [300_000] }),
    excludeCredentials: Type.Array(Descriptor),
    authenticatorSelection: Closed({
      residentKey: Type.String({ examples: ['required'] }),
      requireResidentKey: Type.Boolean({ examples: [true] }),
      userVerification: Type.String({ examples: ['required'] }),
    }),
    attestation: Type.String({ examples: ['none'] }),
  },
  { title: 'PasskeyCreationOptions' },
)
export const RequestOptions = Closed(
  {
    rpId: Type.String({ examples: ['localhost'] }),
    challenge: Base64Url(200),
    timeout: Type.Integer({ examples: [300_000] }),
    userVerification: Type.String({ examples: ['required'] }),
    allowCredentials: Type.Array(Descriptor),
  },
  { title: 'PasskeyRequestOptions' },
)

export const beginPasskey = operation({
  id: 'beginPasskey',
  method: 'POST',
  url: '/v1/account/passkeys/options',
  summary: 'Get what a browser needs to make a passkey',
  access: 'signed-in',
  idempotent: false,
  perMinute: 30,
  body: Closed({ password: OwnPassword }, { title: 'PasskeyRequest' }),
  response: CreationOptions,
  problems: ['business-rule', 'deleted'],
})

export const createPasskey = operation({
  id: 'createPasskey',
  method: 'POST',
  url: '/v1/account/passkeys',
  summary: 'Register a passkey',
  description: 'Within five minutes of asking for the options.',
  access: 'signed-in',
  idempotent: false,
  perMinute: 30,
  body: Closed(
    {
      name: Line(100, 'Phone in the kitchen'),
      credential: Closed({
        ...credential,
        response: Closed({
          clientDataJSON: Base64Url(4_000),
          attestationObject: Base64Url(20_000),
          transports: Type.Optional(Transports),
          authenticatorData: Type.Optional(Base64Url(8_000)),
          publicKey: Type.Optional(Base64Url(4_000)),
          publicKeyAlgorithm: Type.Optional(Type.Integer({ examples: [-7] })),
        }),
      }),
    },
    { title: 'NewPasskey' },
  ),
  status: 201,
  response: Passkey,
  problems: ['business-rule', 'duplicate', 'deleted'],
})

export const listPasskeys = operation({
  id: 'listPasskeys',
  method: 'GET',
  url: '/v1/account/passkeys',
  summary: 'List one’s own passkeys, newest first',
  access: 'signed-in',
  query: Closed(PageQuery),
  response: Page(Passkey),
})

export const updatePasskey = operation({
  id: 'updatePasskey',
  method: 'PATCH',
  url: '/v1/account/passkeys/:id',
  summary: 'Name one of one’s own passkeys',
  access: 'signed-in',
  params: IdParams,
  body: Closed({ name: Line(100, 'Phone in the kitchen') }, { title: 'PasskeyChange' }),
  ifMatch: true,
  response: Passkey,
})

export const deletePasskey = operation({
  id: 'deletePasskey',
  method: 'DELETE',
  url: '/v1/account/passkeys/:id',
  summary: 'Delete one of one’s own passkeys',
  description: 'It opens nothing from the next request on. Sessions that it opened stay.',
  access: 'signed-in',
  params: IdParams,
})

export const beginPasskeySession = operation({
  id: 'beginPasskeySession',
  method: 'POST',
  url: '/v1/sessions/passkey/options',
  summary: 'Get what a browser needs to sign in with a passkey',
  access: 'public',
  idempotent: false,
  perMinute: 60,
  body: Closed({}, { title: 'PasskeySessionRequest' }),
  response: RequestOptions,
})

export const createSessionByPasskey = operation({
  id: 'createSessionByPasskey',
  method: 'POST',
  url: '/v1/sessions/passkey',
  summary: 'Sign in with a passkey',
  description: 'No name is asked for, and no second factor: the authenticator has verified its user.',
  access: 'public',
  idempotent: false,
  perMinute: 30,
  body: Closed(
    {
      credential: Closed({
        ...credential,
        response: Closed({
          clientDataJSON: Base64Url(4_000),
          authenticatorData: Base64Url(8_000),
          signature: Base64Url(4_000),
          userHandle: Base64Url(100),
        }),
      }),
      ...signInWishes,
    },
    { title: 'PasskeyAnswer' },
  ),
  status: 201,
  response: NewSession,
})
