import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { SignJWT } from 'jose'
import { newId } from '#platform/ids.ts'
import { assertion, keyPair, openWithApp } from './testing.ts'

/** Where an app keeps its keys; counts who asks. */
async function openKeys(answer: () => { status?: number; body: string; location?: string }) {
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    const { status = 200, body, location } = answer()
    response.writeHead(status, { 'content-type': 'application/json', ...(location && { location }) }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`, asked: () => asked }
}

const CREDENTIALS = {
  grant_type: 'client_credentials',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
}

describe('SMART backend services', async () => {
  const { issuer, root, register, tokenFor } = await openWithApp({ WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' })
  const aud = `${issuer}/oauth/token`
  const present = (client_assertion: string, scope = 'system/*.rs') =>
    tokenFor({ ...CREDENTIALS, scope, client_assertion })

  it('gives a token of five minutes for an assertion by RS384 or ES384', async () => {
    const pairs = {
      RS384: generateKeyPairSync('rsa', { modulusLength: 2048 }),
      ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    }
    for (const [alg, { privateKey, publicKey }] of Object.entries(pairs)) {
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: alg, alg, use: 'sig' }
      const { id } = await register({ redirectUris: [], scope: 'system/*.rs', jwks: { keys: [jwk] } })
      const text = await new SignJWT({ jti: newId() })
        .setProtectedHeader({ alg, kid: alg, typ: 'JWT' })
        .setIssuer(id)
        .setSubject(id)
        .setAudience(aud)
        .setExpirationTime('2m')
        .sign(privateKey)
      const { status, body } = await present(text)
      assert.deepEqual(
        [status, body.token_type, body.scope, body.expires_in <= 300],
        [200, 'Bearer', 'system/*.rs', true],
        JSON.stringify(body),
      )
    }
  })

  it('takes scopes of SMART 1 as well', async () => {
    const keys = keyPair()
    const { id } = await register({ redirectUris: [], scope: 'system/*.read', jwks: keys.jwks })
    const text = await assertion(keys, { iss: id, aud })
    assert.equal((await present(text, 'system/Observation.read')).body.scope, 'system/Observation.read')
  })

  it('is found in .well-known/smart-configuration', async () => {
    const found = (await (await fetch(`${issuer}/fhir/R4/.well-known/smart-configuration`)).json()) as Record<
      string,
      string[]
    >
    assert.ok(found.grant_types_supported?.includes('client_credentials'))
    assert.ok(found.capabilities?.includes('client-confidential-asymmetric'))
    for (const alg of ['RS384', 'ES384'])
      assert.ok(found.token_endpoint_auth_signing_alg_values_supported?.includes(alg))
  })

  it('fetches keys from where the app says that they are, also new ones', async () => {
    const keys = keyPair()
    const { url, asked } = await openKeys(() => ({ body: JSON.stringify(keys.jwks) }))
    const { id } = await register({ redirectUris: [], scope: 'system/*.rs', jwksUri: url })
    assert.equal((await present(await assertion(keys, { iss: id, aud }))).status, 200)
    assert.equal(asked(), 1)
    assert.equal((await present(await assertion({ ...keyPair(), kid: keys.kid }, { iss: id, aud }))).status, 401)
  })

  it('what leads elsewhere, is no set of keys, or is too large gives no token', async () => {
    const keys = keyPair()
    const there = await openKeys(() => ({ body: JSON.stringify(keys.jwks) }))
    const bad = {
      redirect: () => ({ status: 302, body: '', location: there.url }),
      words: () => ({ body: 'no JSON' }),
      private: () => ({ body: JSON.stringify({ keys: [keys.privateKey.export({ format: 'jwk' })] }) }),
      large: () => ({ body: JSON.stringify({ ...keys.jwks, more: 'x'.repeat(100_000) }) }),
    }
    for (const [what, answer] of Object.entries(bad)) {
      const { id } = await register({ redirectUris: [], scope: 'system/*.rs', jwksUri: (await openKeys(answer)).url })
      const { status, body } = await present(await assertion(keys, { iss: id, aud }))
      assert.ok(status >= 400 && status < 500, `${what}: ${status} ${JSON.stringify(body)}`)
    }
    assert.equal(there.asked(), 0)
  })

  it('administrators say what it may have, change it, and end it', async () => {
    const records = { purpose: 'research', patients: 'all', categories: ['hiv'], imports: false }
    const { jwks } = keyPair()
    const wanted = { name: 'Registry', redirectUris: [], scope: 'system/*.rs', jwks }
    const made = await root.post('/v1/oauth-clients', { ...wanted, records })
    assert.deepEqual([made.status, made.body.records], [201, records], JSON.stringify(made.body))
    const url = `/v1/oauth-clients/${made.body.id}`
    const none = { ...records, patients: 'none' }
    assert.deepEqual((await root.patch(url, { records: none }, { 'if-match': '"1"' })).body.records, none)
    assert.deepEqual((await root.patch(url, { name: 'Other' }, { 'if-match': '"2"' })).body.records, none)
    const nameless = { ...records, patients: 'organisations' }
    assert.equal((await root.patch(url, { records: nameless }, { 'if-match': '"3"' })).status, 400)
    assert.equal((await root.delete(url, { 'if-match': '"3"' })).status, 204)
    assert.equal((await root.post('/v1/oauth-clients', { ...wanted, jwksUri: 'https://a.example/jwks' })).status, 400)
  })
})

describe('an address of keys that must not be asked', async () => {
  const { issuer, register, tokenFor, root } = await openWithApp()

  it('is refused at registration, or when it is to be asked, and nobody is asked', async () => {
    const keys = keyPair()
    const inside = await openKeys(() => ({ body: JSON.stringify(keys.jwks) }))
    const app = { name: 'x', redirectUris: [], scope: 'system/*.rs' }
    for (const jwksUri of [
      'http://169.254.169.254/',
      'ftp://a.example/',
      'https://a:b@a.example/',
      'file:///etc/passwd',
    ])
      assert.equal((await root.post('/v1/oauth-clients', { ...app, jwksUri })).status, 400, jwksUri)
    for (const jwksUri of [
      inside.url,
      inside.url.replace('127.0.0.1', 'localhost'),
      'https://10.0.0.1/',
      'https://[::1]/',
    ]) {
      const { id } = await register({ ...app, jwksUri })
      const client_assertion = await assertion(keys, { iss: id, aud: `${issuer}/oauth/token` })
      const { status } = await tokenFor({ ...CREDENTIALS, scope: 'system/*.rs', client_assertion })
      assert.ok(status === 400 || status === 401, `${jwksUri}: ${status}`)
    }
    assert.equal(inside.asked(), 0)
  })
})
