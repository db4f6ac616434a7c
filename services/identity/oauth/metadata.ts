import type { JWKS } from 'oidc-provider'
import type { ClientRow } from './queries.ts'
import { plainPart } from './scopes.ts'

const isLoopback = (uri: string) => uri.startsWith('http:')

/** A row as the provider's library wants it. What an app may ask for follows from what it is. */
export function metadataOf({ id, name, redirect_uris, scope, jwks, jwks_uri }: ClientRow) {
  const forPeople = redirect_uris.length > 0
  const isConfidential = jwks !== null || jwks_uri !== null
  const refresh = scope.split(' ').includes('offline_access')
  return {
    client_id: id,
    client_name: name,
    redirect_uris,
    response_types: forPeople ? ['code'] : [],
    grant_types: [
      ...(forPeople ? ['authorization_code'] : []),
      ...(forPeople && refresh ? ['refresh_token'] : []),
      ...(isConfidential ? ['client_credentials'] : []),
    ],
    application_type: redirect_uris.some(isLoopback) ? 'native' : 'web',
    token_endpoint_auth_method: isConfidential ? 'private_key_jwt' : 'none',
    ...(jwks ? { jwks: jwks as unknown as JWKS } : {}),
    ...(jwks_uri !== null && { jwks_uri }),
    ...(plainPart(scope) && { scope: plainPart(scope) }),
    allowed_scope: scope,
  }
}
