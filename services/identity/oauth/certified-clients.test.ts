import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import * as client from 'openid-client'
import { everything } from '#services.ts'
import { Browser, callback, keyPair, openProviderHouse } from './testing.ts'

// What a library that somebody else wrote makes of this provider: an app with a key of its own, one that is launched, and one that has no business here.

const wanted = 'openid fhirUser offline_access launch patient/*.cruds'

async function openApps() {
  const opened = await openProviderHouse(everything)
  after(() => opened.house[Symbol.asyncDispose]())
  const { issuer, root } = opened
  const discover = async (id: string, auth: client.ClientAuth) => {
    const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks]
    return client.discovery(new URL(issuer), id, { id_token_signed_response_alg: 'RS256' }, auth, { execute })
  }
  /** An app with a key, which only it has. */
  const confidential = async (name: string) => {
    const { privateKey, kid, jwks } = keyPair()
    const body = { name, redirectUris: [callback], scope: `${wanted} launch/patient`, jwks }
    const { id } = (await root.post('/v1/oauth-clients', body)).body
    const jwk = privateKey.export({ format: 'jwk' }) as object
    const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    return { id: id as string, config: await discover(id, client.PrivateKeyJwt({ key, kid })) }
  }
  const authorize = async (config: client.Configuration, given: Record<string, string>, patient?: string) => {
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      ...given,
    })
    const back = await new Browser().authorize(url.href, patient)
    const checks = { pkceCodeVerifier, expectedState, expectedNonce }
    return { back, redeem: (by = config) => client.authorizationCodeGrant(by, back, checks) }
  }
  return { ...opened, discover, confidential, authorize }
}

describe('an app with a key of its own, through openid-client', async () => {
  const { house, issuer, account, mother, self, person, confidential, discover, authorize } = await openApps()
  const app = await confidential('Pressure diary')
  const aud = `${issuer}/fhir/R4`
  const chosen = { scope: 'openid offline_access launch/patient patient/*.cruds', aud }

  it('signs somebody in by code, PKCE and private_key_jwt, and the id_token verifies', async () => {
    const tokens = await (await authorize(app.config, chosen, mother)).redeem()
    assert.equal(tokens.patient, mother)
    assert.equal(tokens.claims()?.sub, account)
    assert.equal((await house.withToken(tokens.access_token).get(`/v1/patients/${mother}`)).status, 200)
    const next = await client.refreshTokenGrant(app.config, tokens.refresh_token as string)
    assert.equal((await client.tokenIntrospection(app.config, next.access_token)).active, true)
  })

  it('redeems no code without its key', async () => {
    const { redeem } = await authorize(app.config, chosen, mother)
    await assert.rejects(redeem(await discover(app.id, client.None())), { error: 'invalid_client' })
  })

  it('is launched for the patient whose record is open', async () => {
    const { launch, iss } = (await person.post('/v1/launches', { patient: mother })).body
    assert.equal(iss, aud)
    const tokens = await (await authorize(app.config, { scope: wanted, launch, aud: iss }, mother)).redeem()
    assert.equal(tokens.patient, mother)
    assert.equal(tokens.claims()?.fhirUser, `${aud}/Patient/${self}`)
    const token = house.withToken(tokens.access_token)
    assert.equal((await token.get(`/v1/patients/${mother}`)).status, 200)
    assert.equal((await token.get(`/v1/patients/${self}`)).status, 404)
  })

  it('shows its tokens to no other app: not active, not revoked, not refreshed', async () => {
    const foreign = await confidential('Somebody else')
    const tokens = await (await authorize(app.config, chosen, mother)).redeem()
    for (const token of [tokens.access_token, tokens.refresh_token as string]) {
      assert.deepEqual(await client.tokenIntrospection(foreign.config, token), { active: false })
      await client.tokenRevocation(foreign.config, token).catch(() => {})
    }
    await assert.rejects(client.refreshTokenGrant(foreign.config, tokens.refresh_token as string), {
      error: 'invalid_grant',
    })
    assert.equal((await house.withToken(tokens.access_token).get(`/v1/patients/${mother}`)).status, 200)
    assert.equal((await client.tokenIntrospection(app.config, tokens.access_token)).active, true)
    await client.refreshTokenGrant(app.config, tokens.refresh_token as string)
    const { redeem } = await authorize(app.config, chosen, mother)
    await assert.rejects(redeem(foreign.config), { error: 'invalid_grant' })
  })
})
