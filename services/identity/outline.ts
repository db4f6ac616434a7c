import { type Outline, operationsIn } from '#platform/outline.ts'
import * as apiKeys from './contract/api-keys.ts'
import * as codes from './contract/codes.ts'
import * as oauth from './contract/oauth.ts'
import * as passkeys from './contract/passkeys.ts'
import * as secondFactor from './contract/second-factor.ts'
import * as sessions from './contract/sessions.ts'
import * as signingKeys from './contract/signing-keys.ts'
import * as contract from './contract.ts'

export const outline: Outline = {
  name: 'identity',
  purpose: 'Who signs in: accounts, passwords, codes, passkeys, sessions, granted roles, API keys, apps',
  resources: [],
  operations: operationsIn(contract, apiKeys, codes, oauth, passkeys, secondFactor, sessions, signingKeys),
  events: [contract.passwordChanged],
  hears: [],
  people: ['aboutPerson', 'erase'],
  mountedAt: [
    '/oauth/*',
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/.well-known/smart-configuration',
    '/fhir/R4/.well-known/smart-configuration',
  ],
  migrations: new URL('./migrations/', import.meta.url),
}
