import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { createLocalJWKSet, type JWK, jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import { newId } from '#platform/ids.ts'
import { assertion, keyPair, openWithApp } from './testing.ts'

describe('private_key_jwt', async () => {
  const { issuer, register, tokenFor } = await openWithApp()
  const keys = keyPair()
  const { id } = await register({ redirectUris: [], scope: 'system/Practitioner.s', jwks: keys.jwks })
  const aud = `${issuer}/oauth/token`
  const present = (client_assertion: string) =>
    tokenFor({
      grant_type: 'client_credentials',
      scope: 'system/Practitioner.s',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion,
    })

  it('is taken once', async () => {
    const once = await assertion(keys, { iss: id, aud })
    assert.equal((await present(once)).status, 200)
    assert.deepEqual((await present(once)).body.error, 'invalid_client')
    const raced = await assertion(keys, { iss: id, aud })
    const all = await Promise.all(Array.from({ length: 10 }, () => present(raced)))
    assert.equal(all.filter(({ status }) => status === 200).length, 1)
  })

  it('is refused for another audience, beyond five minutes, expired, by another key, or without a signature', async () => {
    const now = Math.floor(Date.now() / 1_000)
    const claims = { iss: id, sub: id, aud, jti: newId(), exp: now + 60, iat: now }
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const header = (alg: string, extra: object = {}) => ({ alg, kid: keys.kid, ...extra })
    const publicKey = createPublicKey(keys.privateKey)
    // The confusion of RFC 8725 §2.1: what everybody may know, taken for a secret.
    const confused = (secret: string | Buffer) =>
      new SignJWT(claims).setProtectedHeader(header('HS256')).sign(Buffer.from(secret))
    const bad: Record<string, string> = {
      audience: await assertion(keys, { iss: id, aud: 'https://other.example/token' }),
      'lives too long': await assertion(keys, { iss: id, aud, seconds: 400 }),
      expired: await assertion(keys, { iss: id, aud, seconds: -60 }),
      'another key': await assertion({ ...keyPair(), kid: keys.kid }, { iss: id, aud }),
      'another app': await assertion(keys, { iss: newId(), aud }),
      none: new UnsecuredJWT(claims).encode(),
      'HS256 by the public key, PEM': await confused(publicKey.export({ format: 'pem', type: 'spki' })),
      'HS256 by the public key, DER': await confused(publicKey.export({ format: 'der', type: 'spki' })),
      'HS256 by the public key, JWK': await confused(JSON.stringify(keys.jwks.keys[0])),
      'HS256 by the set of keys': await confused(JSON.stringify(keys.jwks)),
      'a name of no key': await assertion({ ...keys, kid: 'of-nobody' }, { iss: id, aud }),
      'not yet': await new SignJWT({ ...claims, nbf: now + 50 })
        .setProtectedHeader(header('ES256'))
        .sign(keys.privateKey),
      'a key of its own': await new SignJWT(claims)
        .setProtectedHeader(header('RS256', { jwk: rsa.publicKey.export({ format: 'jwk' }) }))
        .sign(rsa.privateKey),
      'an address of keys': await new SignJWT(claims)
        .setProtectedHeader(header('RS256', { jku: `${issuer}/evil` }))
        .sign(rsa.privateKey),
    }
    assert.equal((await present(await assertion(keys, { iss: id, aud }))).status, 200, 'a good one is taken')
    for (const [what, text] of Object.entries(bad)) {
      const { status, body } = await present(text)
      assert.deepEqual([status, body.error], [401, 'invalid_client'], what)
    }
  })

  it('jti is not taken twice, also by another of its own keys', async () => {
    const jti = newId()
    assert.equal((await present(await assertion(keys, { iss: id, aud, jti }))).status, 200)
    assert.equal((await present(await assertion(keys, { iss: id, aud, jti, seconds: 90 }))).status, 401)
  })

  it('scopes beyond its registration are left out, and none is widened by a word of SMART 1', async () => {
    const narrow = await register({ redirectUris: [], scope: 'system/Observation.r', jwks: keys.jwks })
    const asking = async (scope: string) =>
      tokenFor({
        ...{ grant_type: 'client_credentials', scope },
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(keys, { iss: narrow.id, aud }),
      })
    for (const wider of ['system/*.rs', 'system/Observation.read', 'system/Observation.*', 'system/Condition.r'])
      assert.equal((await asking(`${wider} system/Observation.r`)).body.scope, 'system/Observation.r', wider)
    assert.ok(!(await asking('user/*.cruds patient/*.rs')).body.scope)
  })
})

describe('a launch', async () => {
  const { house, issuer, mother, self, person, stranger, codeWith, redeem } = await openWithApp()
  const scopeOfLaunch = { scope: 'openid launch patient/*.cruds' }
  const launchFor = async (patient: string) => person.post('/v1/launches', { patient })

  it('opens an app for the patient who is open, once', async () => {
    const { status, body } = await launchFor(mother)
    assert.deepEqual([status, body.iss], [201, `${issuer}/fhir/R4`])
    const back = await codeWith({ ...scopeOfLaunch, launch: body.launch })
    const tokens = await redeem(back.get('code') as string)
    assert.equal(tokens.body.patient, mother)
    assert.equal((await house.withToken(tokens.body.access_token).get(`/v1/patients/${self}`)).status, 404)
    assert.equal((await codeWith({ ...scopeOfLaunch, launch: body.launch })).get('error'), 'invalid_request')
  })

  it('is not made for a patient whom one may not see, and not taken from somebody else, too late, or invented', async () => {
    assert.equal((await launchFor(stranger)).status, 404)
    assert.equal((await launchFor(newId())).status, 404)
    const other = await house.signedIn({ self: { patient: newId() } })
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values ($1, $2, 'mandate', 'Patient', $3, '{see-record}', $4)`,
      [newId(), other.account, stranger, house.house.now()],
    )
    const theirs = (await other.post('/v1/launches', { patient: stranger })).body.launch
    for (const launch of [theirs, 'invented'])
      assert.equal((await codeWith({ ...scopeOfLaunch, launch }, stranger)).get('error'), 'invalid_request')
    const late = (await launchFor(mother)).body.launch
    await house.owner.query(`update identity.oauth_state set expires_at = $1 where model = 'Launch'`, [
      house.house.now(),
    ])
    assert.equal((await codeWith({ ...scopeOfLaunch, launch: late })).get('error'), 'invalid_request')
  })
})

describe('keys and what is remembered', async () => {
  const { house, issuer, codeWith, redeem } = await openWithApp()
  const jwks = async () => ((await (await fetch(`${issuer}/oauth/jwks`)).json()) as { keys: { kid: string }[] }).keys
  const kidOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()).kid
  const signIn = async () => (await redeem((await codeWith()).get('code') as string)).body

  it('a new key signs, the old one stays to be checked against, and is forgotten later', async () => {
    const first = await signIn()
    const verify = async (jwt: string) =>
      jwtVerify(jwt, createLocalJWKSet({ keys: (await jwks()) as JWK[] }), { issuer, algorithms: ['RS256'] })
    assert.equal((await verify(first.id_token)).payload.iss, issuer)
    const [old] = await jwks()
    assert.equal(kidOf(first.id_token), old?.kid)
    assert.ok(!('d' in (old ?? {})), 'nothing private is shown')
    const rotate = async () => {
      await house.owner.query("select graphile_worker.add_job('identity:rotate-oauth-keys', '{}'::json)")
      await house.work()
    }
    await rotate()
    assert.equal((await jwks()).length, 1, 'not before its time')
    const age = (days: number) =>
      house.owner.query(
        'update identity.oauth_key set created_at = created_at - make_interval(days => $1) where kid = $2',
        [days, old?.kid],
      )
    await age(91)
    await rotate()
    const both = await jwks()
    assert.equal(both.length, 2)
    assert.notEqual(kidOf((await signIn()).id_token), old?.kid)
    assert.equal((await verify(first.id_token)).protectedHeader.kid, old?.kid, 'by the old key, still')
    await rotate()
    assert.equal((await jwks()).length, 2, 'what the old one signed is still good')
    await house.owner.query(
      "update identity.oauth_key set created_at = created_at - interval '31 days' where kid <> $1",
      [old?.kid],
    )
    await rotate()
    assert.deepEqual(
      (await jwks()).map(({ kid }) => kid),
      [both.find(({ kid }) => kid !== old?.kid)?.kid],
    )
    await assert.rejects(verify(first.id_token), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  })

  it('nothing in the tables opens anything', async () => {
    const { access_token, refresh_token } = await signIn()
    for (const table of ['identity.oauth_state', 'identity.oauth_key', 'platform.session']) {
      const { rows } = await house.owner.query(
        `select encode(convert_to(t::text, 'UTF8'), 'escape') as row from ${table} t`,
      )
      const text = rows.map(({ row }) => row).join()
      for (const secret of [access_token, refresh_token, '"d"', 'code_challenge'])
        assert.ok(!text.includes(secret), table)
    }
    const jobs = 'select count(*)::int as n from identity.oauth_state where expires_at < now()'
    await house.owner.query(`update identity.oauth_state set expires_at = now() - interval '1 day'`)
    await house.owner.query("select graphile_worker.add_job('identity:forget-once', '{}'::json)")
    await house.work()
    assert.equal((await house.owner.query(jobs)).rows[0].n, 0)
  })
})
