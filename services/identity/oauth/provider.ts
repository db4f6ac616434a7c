import type { Configuration, errors as Errors, KoaContextWithOIDC, Provider } from 'oidc-provider'
import { newToken } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { keysFor } from '#platform/purpose-keys.ts'
import type { Tables } from '../database.ts'
import { accountById } from '../queries/accounts.ts'
import { adapterFor, contextOf } from './adapter.ts'
import { keyIds, signingKeysOf } from './keys.ts'
import { keysFrom } from './keys-from.ts'
import { page } from './pages.ts'
import { openGrant, selvesOf } from './queries.ts'
import { permitted, plainScopes } from './scopes.ts'

type Ctx = Context<Tables>
type Library = typeof import('oidc-provider')

const ACCESS_SECONDS = 15 * 60
const CLIENT_SECONDS = 5 * 60
const REFRESH_SECONDS = 30 * 86_400
const GRANT_SECONDS = 366 * 86_400
/** SMART App Launch 2.2, "Asymmetric authentication": no assertion lives longer. */
const ASSERTION_SECONDS = 5 * 60

export const routes = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  jwks: '/oauth/jwks',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  end_session: '/oauth/end-session',
} as const

/** What asks for tokens may name as their audience: this installation, by any of its faces. */
export const audiencesOf = (publicUrl: string): string[] => [publicUrl, `${publicUrl}/v1`, `${publicUrl}/fhir/R4`]

/**
 * Opens the provider at the first request that needs it, and anew when its keys have changed: processes that serve no app pay nothing for it,
 * and a rotation takes effect in all of them at once.
 */
export function providerOf(ctx: Ctx): () => Promise<Provider> {
  let open: { keys: string; provider: Promise<Provider> } | undefined
  return async () => {
    const keys = await keyIds(ctx)
    if (!open || open.keys !== keys || keys === '') open = { keys, provider: openProvider(ctx) }
    return open.provider
  }
}

async function openProvider(ctx: Ctx): Promise<Provider> {
  const library = await import('oidc-provider')
  const provider = new library.Provider(ctx.config.PUBLIC_URL, await configurationOf(ctx, library))
  provider.proxy = true // routes.ts says which host and scheme, whatever the request says
  for (const model of [provider.AccessToken, provider.ClientCredentials])
    Object.assign(model.prototype, { generateTokenId: newAccessToken })
  Object.assign(provider.Grant.prototype, { generateTokenId: newId })
  provider.use(async (koa, next) => {
    await next()
    const { oidc } = koa as KoaContextWithOIDC
    const { patient } = (oidc?.entities?.AccessToken?.extra ?? {}) as { patient?: string }
    if (oidc?.route === 'token' && patient && koa.status === 200) Object.assign(koa.body as object, { patient })
  })
  provider.on('server_error', (_koa, error) => ctx.log.error({ err: error }, 'the OAuth provider failed'))
  return provider
}

/** Our own form, so that `authenticate` and scanners for leaked secrets know it. */
function newAccessToken(this: { format?: string }): string {
  this.format = 'opaque'
  return newToken().token
}

async function configurationOf(ctx: Ctx, { errors, interactionPolicy }: Library): Promise<Configuration> {
  const https = ctx.config.PUBLIC_URL.startsWith('https:')
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, secure: https } as const
  return {
    adapter: adapterFor(ctx, errors),
    jwks: { keys: (await signingKeysOf(ctx)) as never },
    routes,
    scopes: [...plainScopes],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientAuthMethods: ['none', 'private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['RS384', 'ES384', 'RS256', 'ES256', 'PS256'],
      idTokenSigningAlgValues: ['RS256'],
    },
    extraClientMetadata: { properties: ['allowed_scope'] },
    extraParams: { aud: null, launch: null },
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: ACCESS_SECONDS,
      ClientCredentials: CLIENT_SECONDS,
      AuthorizationCode: 60,
      IdToken: ACCESS_SECONDS,
      RefreshToken: REFRESH_SECONDS,
      Grant: GRANT_SECONDS,
      Interaction: 15 * 60,
      Session: 60 * 60,
    },
    cookies: {
      names: {
        // __Host- needs the path /, which the other two do not have.
        session: https ? '__Host-openhcs-sign-in' : 'openhcs-sign-in',
        interaction: https ? '__Secure-openhcs-interaction' : 'openhcs-interaction',
        resume: https ? '__Secure-openhcs-resume' : 'openhcs-resume',
      },
      long: cookie,
      short: cookie,
      keys: keysFor(ctx.config, 'oauth cookies').map((key) => key.toString('base64url')),
    },
    fetch: keysFrom(ctx.config),
    interactions: {
      policy: interactionPolicy.base(),
      url: (_koa, { uid }) => `/oauth/interaction/${uid}`,
    },
    features: featuresOf(ctx, errors),
    ...hooksOf(ctx, errors),
  }
}

const featuresOf = ({ config }: Ctx, errors: typeof Errors): NonNullable<Configuration['features']> => ({
  devInteractions: { enabled: false },
  userinfo: { enabled: false },
  rpInitiatedLogout: { enabled: false },
  clientCredentials: { enabled: true },
  revocation: { enabled: true, allowedPolicy: async (_koa, client, token) => token.clientId === client.clientId },
  introspection: { enabled: true, allowedPolicy: async (_koa, client, token) => token.clientId === client.clientId },
  resourceIndicators: {
    enabled: true,
    defaultResource: async () => config.PUBLIC_URL,
    useGrantedResource: async () => true,
    async getResourceServerInfo(koa, resource, client) {
      const aud = koa.oidc.params?.aud
      const known = audiencesOf(config.PUBLIC_URL)
      if (resource !== config.PUBLIC_URL || (aud !== undefined && !known.includes(String(aud).replace(/\/$/, ''))))
        throw new errors.InvalidTarget('aud must be this service')
      const granted = koa.oidc.entities.Grant?.getResourceScope(resource)
      const asked = granted || (koa.oidc.params?.scope as string | undefined)
      const person = koa.oidc.params?.grant_type !== 'client_credentials'
      const scope = permitted(asked, String(client.allowed_scope ?? ''), person).join(' ')
      return { scope, audience: config.PUBLIC_URL }
    },
  },
})

const hooksOf = (ctx: Ctx, errors: typeof Errors): Partial<Configuration> => ({
  /** Each authorisation asks for consent and for the patient anew: an older one must not lend its patient. */
  loadExistingGrant: async ({ oidc }) =>
    oidc.result?.consent?.grantId ? oidc.provider.Grant.find(oidc.result.consent.grantId) : undefined,
  issueRefreshToken: async (_koa, client, code) =>
    client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  expiresWithSession: async () => false,
  revokeGrantPolicy: () => true,
  clientBasedCORS: (_koa, origin, client) =>
    client.tokenEndpointAuthMethod === 'none' &&
    (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
  async findAccount(_koa, sub) {
    if (!(await accountById(ctx.db, sub))) return undefined
    return {
      accountId: sub,
      claims: async (_use, scope) => ({
        sub,
        ...(scope.split(' ').includes('fhirUser') && { fhirUser: await fhirUserOf(ctx, sub) }),
      }),
    }
  },
  async extraTokenClaims(_koa, token) {
    const { grantId, accountId } = token as { grantId?: string; accountId?: string }
    const grant = grantId ? await openGrant(ctx.db, grantId, ctx.now()) : undefined
    return grant?.patient_id && accountId ? contextOf(ctx, accountId, grant.patient_id) : undefined
  },
  assertJwtClientAuthClaimsAndHeader: async (_koa, { exp }) => {
    if (Number(exp) > ctx.now().getTime() / 1_000 + ASSERTION_SECONDS + 15)
      throw new errors.InvalidClientAuth('client assertions must expire within five minutes')
  },
  renderError: async (koa, out) => {
    koa.type = 'html'
    koa.body = page('This did not work', [
      'The app sent you here with a request that cannot be answered. Go back to it and try again.',
      `Error: ${out.error}${out.error_description ? `, ${out.error_description}` : ''}`,
    ])
  },
})

const FHIR_TYPES = { Practitioner: 'Practitioner', Patient: 'Patient', Caregiver: 'RelatedPerson' } as const

/** The record that the person is, by the first of these that there is. */
async function fhirUserOf(ctx: Ctx, account: string): Promise<string | undefined> {
  const selves = await selvesOf(ctx.db, account, ctx.now())
  for (const [type, resource] of Object.entries(FHIR_TYPES)) {
    const own = selves.find((self) => self.type === type)
    if (own) return `${ctx.config.PUBLIC_URL}/fhir/R4/${resource}/${own.id}`
  }
  return undefined
}
