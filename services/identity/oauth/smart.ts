import { routes } from './provider.ts'
import { plainScopes } from './scopes.ts'

/** SMART App Launch 2.2, `.well-known/smart-configuration`. */
export const smartConfiguration = (issuer: string) => ({
  issuer,
  jwks_uri: `${issuer}${routes.jwks}`,
  authorization_endpoint: `${issuer}${routes.authorization}`,
  token_endpoint: `${issuer}${routes.token}`,
  introspection_endpoint: `${issuer}${routes.introspection}`,
  revocation_endpoint: `${issuer}${routes.revocation}`,
  token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384', 'RS256', 'ES256', 'PS256'],
  grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  scopes_supported: [...plainScopes, 'patient/*.cruds', 'user/*.cruds', 'system/*.rs'],
  capabilities: [
    'launch-ehr',
    'launch-standalone',
    'client-public',
    'client-confidential-asymmetric',
    'sso-openid-connect',
    'context-ehr-patient',
    'context-standalone-patient',
    'permission-offline',
    'permission-patient',
    'permission-user',
    'permission-v1',
    'permission-v2',
  ],
})
