import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { generateSync } from 'otplib'
import pg from 'pg'
import { newId } from '#platform/ids.ts'
import { Browser, callback, password } from '#services/identity/oauth/testing.ts'
import { type RunningHouse, startHouse } from '../processes.ts'
import { openSmtp } from '../smtp.ts'

// docs/runbooks/leaked-secret.md, as its steps are: what people and apps had before goes on under the new key.

const [old, next] = ['0'.repeat(64), '1'.repeat(64)]
const facts = { birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }

async function asker(house: RunningHouse, userName: string) {
  const person = { userName, email: `${userName}@example.org`, name: userName, password }
  await house.ask('POST', '/v1/accounts', { body: person })
  const { token } = (await house.ask('POST', '/v1/sessions', { body: { userName, password } })).body
  return async (method: string, path: string, body?: unknown) => {
    const answer = await house.ask(method, path, { token, body })
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
}

/** An app of its own, which is let in. */
async function openApp(house: RunningHouse) {
  const issuer = `http://localhost:${new URL(house.origins[0] ?? '').port}`
  const id = newId()
  const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
  await owner.connect()
  await owner.query(
    `insert into identity.oauth_client (id, name, redirect_uris, scope, created_at, updated_at)
     values ($1, 'App', $2, 'openid offline_access', now(), now())`,
    [id, [callback]],
  )
  await owner.end()
  const verifier = randomBytes(32).toString('base64url')
  const tokenFor = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ client_id: id, ...form })
    const response = await fetch(`${issuer}/oauth/token`, { method: 'POST', body })
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }
  return {
    jwks: async () => {
      const response = await fetch(`${issuer}/oauth/jwks`)
      return { status: response.status, keys: (await response.json()) as JSONWebKeySet }
    },
    refresh: (refresh_token: string) => tokenFor({ grant_type: 'refresh_token', refresh_token }),
    signIn: async (browser: Browser) => {
      const asked = new URLSearchParams({
        client_id: id,
        response_type: 'code',
        redirect_uri: callback,
        scope: 'openid offline_access',
        prompt: 'consent',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      })
      const back = await browser.authorize(`${issuer}/oauth/authorize?${asked}`, undefined, { name: 'saba', password })
      const code = back.searchParams.get('code') ?? ''
      return tokenFor({ grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier })
    },
  }
}

describe('another secret key, the one before beside it', () => {
  it('keeps second factors, recovery codes, codes by mail, apps, their tokens and slips', async () => {
    const smtp = await openSmtp()
    after(() => smtp.close())
    await using house = await startHouse('together', { OPENHCS_SECRET_KEY: old, SMTP_URL: smtp.url })
    const saba = await asker(house, 'saba')
    const hana = await asker(house, 'hana')
    /** Of the next mail that has one. */
    let mails = 0
    const nextCode = async (): Promise<string> => {
      await smtp.received(++mails)
      return /\b\d{6}\b/.exec(smtp.mails[mails - 1]?.text ?? '')?.[0] ?? nextCode()
    }

    // Before.
    const { challenge } = await hana('POST', '/v1/account/contacts/codes', { kind: 'email' })
    await hana('POST', '/v1/account/contacts/confirm', { challenge, code: await nextCode() })
    const patient = (await saba('POST', '/v1/patients', { name: 'Saba', ...facts })).id
    const caregiver = (await hana('POST', '/v1/caregivers', { name: 'Hana', language: 'am' })).id
    const mandate = (await saba('POST', '/v1/mandates', { patient, caregiver, powers: ['book'] })).id
    await hana('POST', `/v1/mandates/${mandate}/accept`)
    const slip = /\/v1\/mandate-slips\/[\w-]+/.exec(await saba('GET', `/v1/mandates/${mandate}/slip`))?.[0] ?? ''
    const app = await openApp(house)
    const browser = new Browser()
    const given = (await app.signIn(browser)).body
    const kofi = await asker(house, 'kofi')
    const { secret } = await kofi('POST', '/v1/account/totp', {})
    const codeAt = (steps: number) => generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + steps * 30 })
    // The code of the step before passes until this step ends: none is made within its last seconds.
    while (Date.now() % 30_000 > 20_000) await pause(100)
    const { recoveryCodes } = await kofi('POST', '/v1/account/totp/confirm', { code: codeAt(-1) })
    const byFactor = async (code: string) => {
      const asked = await house.ask('POST', '/v1/sessions', { body: { userName: 'kofi', password } })
      const body = { challenge: asked.body.secondFactor.challenge, code }
      return (await house.ask('POST', '/v1/sessions/second-factor', { body })).status
    }
    let signed = given.id_token ?? ''
    const allIsWell = async (recoveryCode: string, step: number) => {
      assert.equal(await byFactor(recoveryCode), 201, 'by recovery code')
      assert.equal(await byFactor(codeAt(step)), 201, 'by TOTP')
      const asked = await house.ask('POST', '/v1/codes', { body: { email: 'hana@example.org' } })
      const body = { challenge: asked.body.challenge, code: await nextCode() }
      assert.equal((await house.ask('POST', '/v1/sessions/code', { body })).status, 201, 'by mail')
      const { status, keys } = await app.jwks()
      assert.equal(status, 200)
      assert.ok((await jwtVerify(signed, createLocalJWKSet(keys))).payload.sub, 'what was signed before')
      signed = (await app.signIn(new Browser())).body.id_token ?? ''
      await jwtVerify(signed, createLocalJWKSet(keys))
      assert.equal((await house.ask('GET', slip)).body.status, 'active')
    }

    await house.restart({ OPENHCS_SECRET_KEY: next, OPENHCS_FORMER_SECRET_KEY: old })
    await allIsWell(recoveryCodes[0], 0)
    assert.equal((await app.signIn(browser)).status, 200, 'with the sign-in of before')
    const refreshed = await app.refresh(given.refresh_token ?? '')
    assert.equal(refreshed.status, 200)

    const before = (await app.jwks()).keys
    const rotated = await house.command(['keys', 'rotate'])
    assert.equal(rotated.code, 0, rotated.output)
    await house.restart({ OPENHCS_FORMER_SECRET_KEY: '' })
    const now = (await app.jwks()).keys
    assert.equal(now.keys.length, before.keys.length + 1, 'a new key signs')
    await allIsWell(recoveryCodes[1], 1)
    const { kid } = (await jwtVerify(signed, createLocalJWKSet(now))).protectedHeader
    assert.ok(!before.keys.some((key) => key.kid === kid))
    assert.equal((await app.refresh(refreshed.body.refresh_token ?? '')).status, 200, 'sealed by the new key')
    assert.equal((await house.ask('GET', `${slip.slice(0, -4)}AAAA`)).status, 404)
  })
})
