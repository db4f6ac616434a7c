import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { keyPair } from './testing.ts'

const diary = {
  name: 'Pressure diary',
  redirectUris: ['https://app.example.org/callback'],
  scope: 'openid launch/patient patient/Observation.rs?category=vital-signs',
}

describe('/v1/oauth-clients', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const root = await house.signedIn({ roles: ['administrator'] })
  const create = (change: object = {}) => root.post('/v1/oauth-clients', { ...diary, ...change })

  it('registers, lists, changes and revokes an app', async () => {
    const made = await create()
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const { id, createdAt: _at, version, ...shown } = made.body
    assert.deepEqual([shown, version], [diary, 1])
    const url = `/v1/oauth-clients/${id}`
    const jwks = keyPair().jwks
    const changed = await root.patch(url, { name: 'Diary', jwks }, { 'if-match': '"1"' })
    assert.deepEqual(
      [changed.status, changed.body.name, changed.body.jwks, changed.body.version],
      [200, 'Diary', jwks, 2],
    )
    assert.equal((await root.patch(url, { name: 'x' }, { 'if-match': '"1"' })).status, 412)
    assert.equal((await root.patch(url, { name: 'x' })).status, 428)
    assert.deepEqual(
      (await root.get('/v1/oauth-clients')).body.items.map((one: { id: string }) => one.id),
      [id],
    )
    assert.equal((await root.delete(url, { 'if-match': '"2"' })).status, 204)
    assert.deepEqual((await root.get('/v1/oauth-clients')).body.items, [])
    assert.equal((await root.patch(url, { name: 'x' }, { 'if-match': '"3"' })).status, 404)
    assert.equal((await root.delete(`/v1/oauth-clients/${newId()}`, { 'if-match': '"1"' })).status, 404)
  })

  it('takes no address that leaves room for reading it otherwise', async () => {
    const evil = `http://app.example.org/ https://app.example.org/#x https://a:b@app.example.org/ https://*.example.org/cb app:/cb
      javascript:alert(1) data:text/html,x http://localhost.example.org/ http://0.0.0.0/ http://10.0.0.1/ ftp://app.example.org/`
    for (const uri of evil.split(/\s+/)) assert.equal((await create({ redirectUris: [uri] })).status, 400, uri)
    for (const uri of ['http://127.0.0.1/cb', 'http://[::1]/cb', 'http://localhost:3000/cb'])
      assert.equal((await create({ redirectUris: [uri] })).status, 201, uri)
  })

  it('takes no scope that it does not know, no half or private key, and no app that could get no token', async () => {
    for (const scope of ['nonsense', 'openid patient/*.reads', 'patient/Observation.', '  ', 'openid  launch'])
      assert.equal((await create({ scope })).status, 400, scope)
    const { privateKey, jwks } = keyPair()
    const [key] = jwks.keys
    const d = privateKey.export({ format: 'jwk' }).d
    for (const wrong of [
      { ...key, d },
      { ...key, y: undefined },
      { kty: 'RSA', kid: 'a', n: 'AQAB', e: 'AQAB' },
      { kty: 'oct', kid: 'a', k: 'a' },
    ])
      assert.equal((await create({ jwks: { keys: [wrong] } })).status, 400, JSON.stringify(wrong))
    assert.equal((await create({ jwks: { keys: [key, key] } })).status, 400)
    assert.equal((await create({ redirectUris: [] })).status, 400)
    assert.equal((await create({ redirectUris: [], jwks })).status, 201)
  })

  it('is for administrators', async () => {
    assert.equal((await house.anonymous.post('/v1/oauth-clients', diary)).status, 401)
    const patient = await house.signedIn({ self: { patient: newId() } })
    assert.equal((await patient.post('/v1/oauth-clients', diary)).status, 403)
  })
})
