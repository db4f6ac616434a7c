import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { everything } from '#services.ts'
import { Browser, callback, openProviderHouse, openWithApp, password, scope, tokenIn } from './testing.ts'

describe('a code', async () => {
  const { house, mother, register, codeWith, redeem } = await openWithApp()
  const freshCode = async () => (await codeWith()).get('code') as string

  it('that comes again is refused, and ends the tokens that it gave', async () => {
    const code = await freshCode()
    const { body } = await redeem(code)
    const token = house.withToken(body.access_token)
    assert.equal((await token.get(`/v1/patients/${mother}`)).status, 200)
    const again = await redeem(code)
    assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant'])
    assert.equal((await token.get(`/v1/patients/${mother}`)).status, 401)
  })

  it('is given for one of ten who come at once, and what that one got ends', async () => {
    const code = await freshCode()
    const all = await Promise.all(Array.from({ length: 10 }, () => redeem(code)))
    const won = all.filter(({ status }) => status === 200)
    assert.ok(won.length <= 1)
    for (const { body } of won)
      assert.equal((await house.withToken(body.access_token).get(`/v1/patients/${mother}`)).status, 401)
  })

  it('is refused with another verifier, address or app, and without a verifier', async () => {
    const other = await register()
    const changes: Record<string, string>[] = [
      { code_verifier: randomBytes(32).toString('base64url') },
      { code_verifier: '' },
      { redirect_uri: 'http://127.0.0.1:9/other' },
      { client_id: other.id },
    ]
    for (const change of changes) {
      const { status, body } = await redeem(await freshCode(), change)
      assert.equal(status, 400, JSON.stringify([change, body]))
      assert.match(body.error, /^invalid_(grant|request)$/)
    }
  })
})

describe('GET /oauth/authorize', async () => {
  const { issuer, urlWith, register, house } = await openWithApp()
  const outcome = async (url: string) => {
    const { url: at, response } = await new Browser().go(url)
    if (response) return { redirected: false, status: response.status, text: await response.text() }
    const { searchParams, hash } = new URL(at)
    return { redirected: true, error: searchParams.get('error') ?? new URLSearchParams(hash.slice(1)).get('error') }
  }

  it('never sends anybody to an address that is not registered as it stands', async () => {
    const { id } = await register({ redirectUris: ['https://app.example.org/cb'] })
    const evil = [
      'https://app.example.org/cb/',
      'https://app.example.org/cb?x=1',
      'https://app.example.org/cb#x',
      'https://app.example.org/cb/../evil',
      'https://app.example.org.evil.example/cb',
      'https://sub.app.example.org/cb',
      'https://app.example.org@evil.example/cb',
      'https://user@app.example.org/cb',
      'https://APP.example.org/CB',
      'http://app.example.org/cb',
      'https://app.example.org:8443/cb',
      '//app.example.org/cb',
      'javascript:alert(1)',
      'https://app.example.org/%63b',
    ]
    for (const redirect_uri of evil) {
      const found = await outcome(urlWith({ client_id: id, redirect_uri }))
      assert.equal(found.redirected, false, redirect_uri)
      assert.equal(found.status, 400, redirect_uri)
    }
    assert.equal((await outcome(urlWith({ client_id: id, redirect_uri: undefined }))).redirected, false)
    assert.equal((await outcome(urlWith({ client_id: newId() }))).redirected, false)
  })

  it('wants PKCE with S256, a code, and this service as audience', async () => {
    const error = async (change: Record<string, string | undefined>) => (await outcome(urlWith(change))).error
    assert.equal(await error({ code_challenge: undefined, code_challenge_method: undefined }), 'invalid_request')
    assert.equal(await error({ code_challenge_method: 'plain' }), 'invalid_request')
    assert.equal(await error({ code_challenge_method: undefined }), 'invalid_request')
    for (const response_type of ['token', 'id_token', 'code token', 'none'])
      assert.match(
        String(await error({ response_type })),
        /unsupported_response_type|invalid_request|unauthorized_client/,
      )
    for (const aud of ['https://other.example/fhir', `${issuer}.evil.example`, `${issuer}/fhir/R5`])
      assert.equal(await error({ aud }), 'invalid_target', aud)
    assert.equal(await error({ resource: 'https://other.example' }), 'invalid_target')
  })

  it('believes no host or scheme but its own', async () => {
    const found = await house.app.inject({
      url: '/.well-known/openid-configuration',
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    })
    assert.doesNotMatch(found.body, /evil/)
    const start = await new Browser().ask(urlWith(), undefined, { 'x-forwarded-host': 'evil.example' })
    assert.equal(new URL(start.headers.get('location') ?? '', issuer).origin, issuer)
  })

  it('does no grant by password, and none without a page', async () => {
    const { tokenFor, app } = await openWithApp()
    for (const grant_type of ['password', 'implicit', 'urn:ietf:params:oauth:grant-type:device_code'])
      assert.equal(
        (await tokenFor({ grant_type, client_id: app.id, username: 'tsehay', password })).body.error,
        'unsupported_grant_type',
      )
    assert.equal(
      (await tokenFor({ grant_type: 'client_credentials', client_id: app.id })).body.error,
      'invalid_request',
    )
  })
})

describe('the pages', async () => {
  const { house, issuer, urlWith, mother, self, stranger } = await openWithApp()
  const signInPage = async () => {
    const browser = new Browser()
    const { url, response } = await browser.go(urlWith())
    const html = (await response?.text()) ?? ''
    return { browser, url, html, headers: response?.headers as Headers }
  }
  const who = { name: 'tsehay', password }

  it('need no script, allow none, and may not be framed or kept', async () => {
    const { html, headers } = await signInPage()
    const policy = headers.get('content-security-policy') ?? ''
    assert.match(
      policy,
      /^default-src 'none'; style-src 'self'; form-action 'self' http:\/\/127\.0\.0\.1:9; frame-ancestors 'none'/,
    )
    assert.deepEqual([headers.get('cache-control'), headers.get('x-frame-options')], ['no-store', 'DENY'])
    assert.doesNotMatch(html, /<script|style=|javascript:|\son\w+=/i)
    assert.match(html, /<html lang="en">/)
    assert.match(html, /<label for="name">/)
    assert.equal((await fetch(`${issuer}/oauth/style.css`)).status, 200)
  })

  it('take a form only with the cookie and the token of the page that was shown', async () => {
    const { browser, url, html } = await signInPage()
    const token = tokenIn(html)
    const other = await signInPage()
    const tries: [Browser, Record<string, string>][] = [
      [new Browser(), { token, choice: 'go', ...who }],
      [browser, { choice: 'go', ...who }],
      [browser, { token: tokenIn(other.html), choice: 'go', ...who }],
      [other.browser, { token, choice: 'go', ...who }],
    ]
    for (const [who, form] of tries) {
      const { status, headers } = await who.ask(url, form)
      assert.ok([400, 403].includes(status), String(status))
      assert.equal(headers.get('location'), null)
    }
    for (const type of ['text/plain', 'application/json'])
      assert.equal((await browser.ask(url, undefined, { 'content-type': type })).status, 200, 'looking changes nothing')
    const json = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: `token=${token}` })
    assert.equal(json.status, 415)
  })

  it('answer a wrong password and an unknown name alike, and after ten failures with Retry-After', async () => {
    const { browser, url, html } = await signInPage()
    const attempt = async (name: string) => {
      const response = await browser.ask(url, { token: tokenIn(html), choice: 'go', name, password: 'wrong' })
      return { status: response.status, retry: response.headers.get('retry-after'), text: await response.text() }
    }
    const [known, unknown] = [await attempt('tsehay'), await attempt('nobody')]
    assert.deepEqual([known.status, unknown.status], [401, 401])
    assert.equal(known.text.replace('tsehay', ''), unknown.text.replace('nobody', ''))
    for (let tries = 0; tries < 9; tries++) await attempt('guessed')
    await attempt('guessed')
    const last = await attempt('guessed')
    assert.equal(last.status, 429)
    assert.ok(Number(last.retry) > 0)
    assert.match(last.text, /role="alert"/)
  })

  it('show what others wrote as text', async () => {
    const { browser, url } = await signInPage()
    const consent = await browser.submit(url, who)
    const html = (await consent.response?.text()) ?? ''
    assert.match(html, /Tsehay &lt;b&gt;/)
    assert.doesNotMatch(html, /Tsehay <b>/)
    const shown = [...html.matchAll(/name="patient" value="([^"]+)"/g)].map(([, id]) => id)
    assert.deepEqual(shown.sort(), [mother, self].sort(), 'oneself and whom one has a mandate for')
    assert.match((await browser.submit(consent.url, { patient: stranger })).response?.status.toString() ?? '', /400/)
    const back = await browser.submit(consent.url, { choice: 'cancel' })
    assert.equal(new URL(back.url).searchParams.get('error'), 'access_denied')
    assert.equal(new URL(back.url).searchParams.get('state'), 'state-1')
  })

  it('change the cookie of the sign-in when somebody signs in, and forget it when that session ends', async () => {
    const { browser, url } = await signInPage()
    const planted = 'planted-by-somebody'
    browser.cookies.set('openhcs-sign-in', { value: planted, path: '/' })
    await browser.submit(url, who)
    const cookie = browser.cookies.get('openhcs-sign-in')?.value
    assert.ok(cookie && cookie !== planted)
    const again = await browser.go(urlWith())
    assert.match((await again.response?.text()) ?? '', /Let this app in/)
    const { rows } = await house.owner.query(
      `update platform.session set revoked_at = $1 where device = 'Sign-in for apps' returning id`,
      [house.house.now()],
    )
    assert.ok(rows.length > 0)
    assert.match((await (await browser.go(urlWith())).response?.text()) ?? '', /name="password"/)
  })
})

describe('over https', async () => {
  it('cookies are Secure, HttpOnly, SameSite, and that of the sign-in has the prefix __Host-', async () => {
    const secure = await openProviderHouse(everything, { env: { PUBLIC_URL: 'https://openhcs.test' } })
    after(() => secure.house[Symbol.asyncDispose]())
    const { body } = await secure.root.post('/v1/oauth-clients', { name: 'App', redirectUris: [callback], scope })
    const query = new URLSearchParams({
      client_id: body.id,
      response_type: 'code',
      redirect_uri: callback,
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    })
    const start = await secure.house.app.inject({ url: `/oauth/authorize?${query}` })
    assert.equal(start.statusCode, 303, start.body)
    const lines = [start.headers['set-cookie'] ?? []].flat()
    assert.ok(lines.length >= 2)
    for (const line of lines)
      assert.match(line, /^__(Host|Secure)-openhcs[^;]*;.*samesite=lax.*secure.*httponly|httponly.*secure/i)
  })
})
