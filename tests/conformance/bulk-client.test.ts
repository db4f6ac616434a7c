import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MedplumClient } from '@medplum/core'
import { allowInsecureRequests, clientCredentialsGrant, discovery, PrivateKeyJwt } from 'openid-client'
import { keyPair, openWithApp } from '../../services/identity/oauth/testing.ts'
import { ALL, linesIn } from '../bulk-client.ts'
import { anotherWhoTreats, pulse } from '../ward.ts'

// Clients that are not ours take bulk data out, from the token to the end: hl7.org/fhir/uv/bulkdata/STU2/export.html, and SMART backend services. MedplumClient asks for its
// tokens without a scope, which opens nothing here (RFC 6749 §3.3 leaves that to the server); so openid-client gets the token.

describe('MedplumClient, with a token by openid-client', async () => {
  const { house, issuer: origin, register, self } = await openWithApp()
  const doctor = await anotherWhoTreats(house, self)
  const keys = keyPair()
  const { id } = await register({ redirectUris: [], scope: 'system/*.rs', jwks: keys.jwks, records: ALL })
  const statuses: string[] = []
  const client = new MedplumClient({
    ...{ baseUrl: origin, fhirUrlPath: 'fhir/R4', cacheTime: 0 },
    async fetch(url: string, options: RequestInit) {
      const answer = await fetch(url, options)
      statuses.push(`${options.method ?? 'GET'} ${answer.status}`)
      return answer
    },
  })

  it('signs in with an assertion, begins an export, asks until it is there, fetches its files, and gives it up', async () => {
    const made = await doctor.post('/fhir/R4/Observation', pulse(self))
    const jwk = keys.privateKey.export({ format: 'jwk' }) as object
    const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    const signed = PrivateKeyJwt({ key, kid: keys.kid })
    const provider = await discovery(new URL(origin), id, undefined, signed, { execute: [allowInsecureRequests] })
    const { access_token: token } = await clientCredentialsGrant(provider, { scope: 'system/*.rs' })
    client.setAccessToken(token)
    const options = { pollStatusOnAccepted: true, pollStatusPeriod: 50, headers: { Prefer: 'respond-async' } }
    const asked = client.get(client.fhirUrl('Patient/$export?_type=Observation'), options)
    while (!statuses.includes('GET 202')) await new Promise((resolve) => setImmediate(resolve))
    await house.work()
    const { output, requiresAccessToken } = await asked
    assert.deepEqual([output.length, requiresAccessToken], [1, true])
    const body = await (await client.download(output[0].url)).text()
    assert.deepEqual(linesIn({ body } as never), [made.body])
    const address = output[0].url.replace(/\/[^/]+$/, '')
    await client.delete(address)
    await assert.rejects(client.get(address))
  })
})
