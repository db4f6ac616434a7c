import { Type } from 'typebox'
import { Closed, operation } from '#platform/operation.ts'

const Octets32 = (example: string, description: string) =>
  Type.String({ pattern: '^[\\w-]{43}$', examples: [example], description })

export const readSigningKeys = operation({
  id: 'readSigningKeys',
  method: 'GET',
  url: '/.well-known/jwks.json',
  summary: 'Read the public keys of what the house signs: records, documents, SMART Health Cards',
  description:
    'Open to everybody and to pages of other origins. Keys that sign no longer stay, so that what they signed is still verified; one that is missing signed nothing that counts.',
  access: 'public',
  response: Closed(
    {
      keys: Type.Array(
        Closed({
          kty: Type.Literal('EC'),
          kid: Octets32('lEI3yKtqOMXCy5UoK0whwr7jXm7QIjMuERB3jlYHGSY', 'The thumbprint of the key (RFC 7638)'),
          use: Type.Literal('sig'),
          alg: Type.Literal('ES256'),
          crv: Type.Literal('P-256'),
          x: Octets32('gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0', 'base64url'),
          y: Octets32('SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps', 'base64url'),
        }),
      ),
    },
    { title: 'SigningKeys' },
  ),
})
