import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import * as client from 'openid-client'
import { generateSync } from 'otplib'
import { everything } from '#services.ts'
import { Browser, callback, openProviderHouse, password } from './testing.ts'

const opened = openProviderHouse(everything)
after(async () => (await opened).house[Symbol.asyncDispose]())

describe('the sign-in page, for an account with a second factor', async () => {
  const { house, issuer, root, person } = await opened
  const { secret } = (await person.post('/v1/account/totp', {})).body
  const codeIn = (seconds: number) =>
    generateSync({ secret, epoch: Math.floor(house.house.now().getTime() / 1_000) + seconds })
  assert.equal((await person.post('/v1/account/totp/confirm', { code: codeIn(-30) })).status, 200)
  const registration = { name: 'Diary', redirectUris: [callback], scope: 'openid' }
  const app = (await root.post('/v1/oauth-clients', registration)).body
  const config = await client.discovery(new URL(issuer), app.id, undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  })
  const begin = async () => {
    const [browser, verifier] = [new Browser(), client.randomPKCECodeVerifier()]
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid',
      state: 'some',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const page = await browser.go(url.href)
    const asked = await browser.submit(page.url, { name: 'tsehay', password })
    const html = (await asked.response?.text()) ?? ''
    return { browser, at: page.url, html, challenge: /name="challenge" value="([^"]+)"/.exec(html)?.[1] ?? '' }
  }

  it('asks for the code after the password, and lets nobody in without it', async () => {
    const { browser, at, html, challenge } = await begin()
    assert.match(html, /<h1>One step more<\/h1>/)
    assert.ok(challenge)
    const wrong = await browser.submit(at, { challenge, code: '000000' })
    assert.match((await wrong.response?.text()) ?? '', /role="alert"/)
    const onward = await browser.submit(at, { challenge, code: codeIn(0) })
    assert.match((await onward.response?.text()) ?? '', /Let this app in/)
  })

  it('takes no challenge that it did not give', async () => {
    const { browser, at } = await begin()
    for (const challenge of ['x', 'x'.repeat(2_000), '"><script>']) {
      const answer = await browser.submit(at, { challenge, code: codeIn(30) })
      assert.ok((answer.response?.status ?? 0) >= 400)
      assert.doesNotMatch((await answer.response?.text()) ?? '', /"><script>|Let this app in/)
    }
  })
})
