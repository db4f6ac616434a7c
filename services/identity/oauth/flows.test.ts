import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { everything } from '#services.ts'
import { Browser, callback, keyPair, openProviderHouse } from './testing.ts'

const opened = openProviderHouse(everything)
after(async () => (await opened).house[Symbol.asyncDispose]())

async function register(body: object) {
  const { root } = await opened
  const answer = await root.post('/v1/oauth-clients', { name: 'Pressure diary', redirectUris: [callback], ...body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body as { id: string; version: number }
}

const everythingOfPatient = 'openid fhirUser offline_access launch/patient patient/*.cruds'

describe('openid-client', async () => {
  const { house, issuer, account, self, mother } = await opened
  const app = await register({ scope: everythingOfPatient })
  const config = await client.discovery(new URL(issuer), app.id, undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  })

  async function authorize(parameters: Record<string, string> = {}, patient: string | undefined = mother) {
    const verifier = client.randomPKCECodeVerifier()
    const expected = { state: client.randomState(), nonce: client.randomNonce() }
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: everythingOfPatient,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      aud: `${issuer}/fhir/R4`,
      ...expected,
      ...parameters,
    })
    const back = await new Browser().authorize(url.href, patient)
    const tokens = await client.authorizationCodeGrant(config, back, {
      pkceCodeVerifier: verifier,
      expectedState: expected.state,
      expectedNonce: expected.nonce,
    })
    return tokens
  }

  it('signs in, consents, chooses the mother, and reaches her alone', async () => {
    const tokens = await authorize()
    assert.match(tokens.access_token, /^ohcs_/)
    assert.equal(tokens.patient, mother)
    assert.deepEqual(tokens.scope?.split(' ').sort(), everythingOfPatient.split(' ').sort())
    assert.equal(tokens.claims()?.sub, account)
    assert.equal(tokens.claims()?.fhirUser, `${issuer}/fhir/R4/Patient/${self}`)
    const token = house.withToken(tokens.access_token)
    assert.equal((await token.get(`/v1/patients/${mother}`)).status, 200)
    assert.equal((await token.get(`/v1/patients/${self}`)).status, 404)
    const about = await client.tokenIntrospection(config, tokens.access_token)
    assert.deepEqual([about.active, about.sub, about.patient, about.act], [true, account, mother, { sub: account }])
    const own = await authorize({}, self)
    const aboutOwn = await client.tokenIntrospection(config, own.access_token)
    assert.deepEqual([aboutOwn.patient, aboutOwn.act], [self, undefined])
    const { rows } = await house.owner.query(
      `select subject from platform.audit_event where operation = 'authorizeApp' and action = 'C' and account_id = $1 order by id`,
      [account],
    )
    assert.deepEqual(
      rows.map(({ subject }) => subject),
      [`Patient/${mother}`, `Patient/${self}`],
    )
  })

  it('refreshes with rotation; the old token again ends everything', async () => {
    const first = await authorize()
    const second = await client.refreshTokenGrant(config, first.refresh_token as string)
    assert.notEqual(second.refresh_token, first.refresh_token)
    assert.equal(second.patient, mother)
    assert.equal((await house.withToken(second.access_token).get(`/v1/patients/${mother}`)).status, 200)
    await assert.rejects(client.refreshTokenGrant(config, first.refresh_token as string), { error: 'invalid_grant' })
    await assert.rejects(client.refreshTokenGrant(config, second.refresh_token as string), { error: 'invalid_grant' })
    for (const { access_token } of [first, second])
      assert.equal((await house.withToken(access_token).get(`/v1/patients/${mother}`)).status, 401)
  })

  it('of ten refreshes at once one is answered, and the family ends', async () => {
    const { refresh_token } = await authorize()
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, () => client.refreshTokenGrant(config, refresh_token as string)),
    )
    const won = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    assert.ok(won.length <= 1, `${won.length} won`)
    for (const { access_token } of won)
      assert.equal((await house.withToken(access_token).get(`/v1/patients/${mother}`)).status, 401)
  })

  it('narrows on refresh, never widens', async () => {
    const { refresh_token } = await authorize()
    const less = await client.refreshTokenGrant(config, refresh_token as string, { scope: 'patient/*.cruds' })
    assert.equal(less.scope, 'patient/*.cruds')
    const refused = client.refreshTokenGrant(config, less.refresh_token as string, { scope: 'user/*.cruds' })
    await assert.rejects(refused, { error: 'invalid_scope' })
  })

  it('revokes: the access token is refused on the next request', async () => {
    const tokens = await authorize()
    await client.tokenRevocation(config, tokens.access_token)
    assert.equal((await house.withToken(tokens.access_token).get(`/v1/patients/${mother}`)).status, 401)
    assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, false)
  })

  it('is listed for the person, who can end it', async () => {
    const { signIn } = await opened
    const tokens = await authorize()
    const person = await signIn()
    const [newest] = (await person.get('/v1/apps')).body.items
    assert.deepEqual([newest.client, newest.patient, newest.name], [app.id, mother, 'Pressure diary'])
    assert.deepEqual(newest.scopes.sort(), everythingOfPatient.split(' ').sort())
    assert.equal((await (await house.signedIn()).delete(`/v1/apps/${newest.id}`)).status, 404)
    assert.equal((await person.delete(`/v1/apps/${newest.id}`)).status, 204)
    assert.equal((await house.withToken(tokens.access_token).get(`/v1/patients/${mother}`)).status, 401)
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token as string), { error: 'invalid_grant' })
    assert.equal((await person.delete(`/v1/apps/${newest.id}`)).status, 404)
  })

  it('leaves out scopes that are unknown or not registered', async () => {
    const scope = 'openid launch/patient patient/Patient.r user/Patient.r patient/Patient.read system/*.s nonsense'
    const tokens = await authorize({ scope })
    const given = ['launch/patient', 'openid', 'patient/Patient.r', 'patient/Patient.read'] // the last as SMART 1 says it
    assert.deepEqual(tokens.scope?.split(' ').sort(), given)
    assert.equal(tokens.refresh_token, undefined)
  })

  it('is refused once the account’s sessions have ended, and after the app was revoked', async () => {
    const { root, signIn } = await opened
    const tokens = await authorize()
    const person = await signIn()
    const change = { current: 'salt-harbour-lantern', new: 'salt-harbour-lantern-2' }
    assert.equal((await person.post('/v1/account/password', change)).status, 204)
    assert.equal((await house.withToken(tokens.access_token).get(`/v1/patients/${mother}`)).status, 401)
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token as string), { error: 'invalid_grant' })
    const back = { current: 'salt-harbour-lantern-2', new: 'salt-harbour-lantern' }
    assert.equal((await person.post('/v1/account/password', back)).status, 204)
    const again = await authorize()
    assert.equal((await root.delete(`/v1/oauth-clients/${app.id}`, { 'if-match': `"${app.version}"` })).status, 204)
    assert.equal((await house.withToken(again.access_token).get(`/v1/patients/${mother}`)).status, 401)
    await assert.rejects(client.refreshTokenGrant(config, again.refresh_token as string), { error: 'invalid_client' })
  })
})

describe('oauth4webapi', async () => {
  const { house, issuer } = await opened
  const insecure = { [oauth.allowInsecureRequests]: true }
  const as = await oauth.processDiscoveryResponse(
    new URL(issuer),
    await oauth.discoveryRequest(new URL(issuer), insecure),
  )

  it('comes for itself with client credentials and private_key_jwt', async () => {
    const keys = keyPair()
    const { id } = await register({ redirectUris: [], scope: 'system/Practitioner.s', jwks: keys.jwks })
    const key = await crypto.subtle.importKey(
      'jwk',
      keys.privateKey.export({ format: 'jwk' }) as object,
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    )
    const me: oauth.Client = { client_id: id }
    const auth = oauth.PrivateKeyJwt({ key, kid: keys.kid })
    const parameters = new URLSearchParams({ scope: 'system/Practitioner.s system/*.cruds user/*.cruds' })
    const response = await oauth.clientCredentialsGrantRequest(as, me, auth, parameters, insecure)
    const tokens = await oauth.processClientCredentialsResponse(as, me, response)
    assert.equal(tokens.scope, 'system/Practitioner.s')
    const robot = house.withToken(tokens.access_token)
    assert.equal((await robot.get('/v1/practitioners/find?speciality=cardiology')).status, 200)
    assert.equal((await robot.get('/v1/licences')).status, 403)
    assert.equal((await robot.get('/v1/account')).status, 403)
    const introspection = await oauth.introspectionRequest(as, me, auth, tokens.access_token, insecure)
    assert.equal((await oauth.processIntrospectionResponse(as, me, introspection)).active, true)
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, me, auth, tokens.access_token, insecure))
    assert.equal((await robot.get('/v1/practitioners/find?speciality=cardiology')).status, 401)
  })

  it('says what it can do, for OpenID Connect and for SMART', async () => {
    assert.deepEqual(as.code_challenge_methods_supported, ['S256'])
    assert.deepEqual(as.response_types_supported, ['code'])
    assert.deepEqual([...(as.grant_types_supported ?? [])].sort(), [
      'authorization_code',
      'client_credentials',
      'refresh_token',
    ])
    for (const path of ['', '/fhir/R4']) {
      const { status, body } = await house.anonymous.get(`${path}/.well-known/smart-configuration`)
      assert.equal(status, 200)
      for (const name of [
        'authorization_endpoint',
        'token_endpoint',
        'jwks_uri',
        'introspection_endpoint',
        'revocation_endpoint',
      ])
        assert.equal(body[name], (as as unknown as Record<string, string>)[name], name)
    }
  })
})
