import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { SignJWT } from 'jose'
import { newId } from '#platform/ids.ts'
import type { AnyService } from '#platform/service.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { freePort } from '../../../tests/processes.ts'

export const password = 'salt-harbour-lantern'
export const callback = 'http://127.0.0.1:9/callback'

/** A house that really listens, with an administrator and a caregiver who may act for her mother and for herself. */
export async function openProviderHouse(
  services: readonly AnyService[],
  options: { env?: Record<string, string> } = {},
) {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const house = await openTestHouse(services, {
    now: new Date().toISOString(),
    env: { PUBLIC_URL: issuer, TRUST_PROXY: '127.0.0.1', ...options.env },
  })
  await house.app.listen({ port, host: '127.0.0.1' })
  const root = await house.signedIn({ roles: ['administrator'] })
  const { id: account } = (
    await house.anonymous.post('/v1/accounts', { userName: 'tsehay', password, name: 'Tsehay <b>' })
  ).body
  const signIn = async () =>
    house.withToken((await house.anonymous.post('/v1/sessions', { userName: 'tsehay', password })).body.token)
  const person = await signIn()
  const patient = (name: string) => ({ name, birthDate: '1960-01-01', gender: 'female', language: 'am', zone: 'UTC' })
  const self = (await person.post('/v1/patients', patient('Tsehay'))).body.id as string
  const mother = await patientOfAnother(house, patient('Saba'))
  await mandate(house, account, mother)
  return {
    house,
    issuer,
    root,
    account,
    person,
    self,
    mother,
    signIn,
    stranger: await patientOfAnother(house, patient('Abel')),
  }
}

async function patientOfAnother(house: TestHouse, facts: object): Promise<string> {
  return (await (await house.signedIn()).post('/v1/patients', facts)).body.id
}

const mandate = (house: TestHouse, account: string, patient: string) =>
  house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values ($1, $2, 'mandate', 'Patient', $3, '{book,see-record}', $4)`,
    [newId(), account, patient, house.house.now()],
  )

/** A browser: keeps cookies, follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, { value: string; path: string }>()

  async ask(url: string, form?: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const { pathname } = new URL(url)
    const sent = [...this.cookies].filter(([, { path }]) => pathname.startsWith(path))
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; '), ...headers },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const path = /; path=([^;]*)/i.exec(line)?.[1] ?? '/'
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, { value, path })
    }
    return response
  }

  /** Follows redirects of this origin, until a page or another origin. */
  async go(url: string): Promise<{ url: string; response: Response | undefined }> {
    for (let at = url, hops = 0; ; hops++) {
      assert.ok(hops < 10, 'redirected in circles')
      if (new URL(at).origin !== new URL(url).origin) return { url: at, response: undefined }
      const response = await this.ask(at)
      const location = response.headers.get('location')
      if (!location) return { url: at, response }
      at = new URL(location, at).href
    }
  }

  /** Fills in the form of a page, and goes where that leads. */
  async submit(url: string, fields: Record<string, string>): Promise<{ url: string; response: Response | undefined }> {
    const token = tokenIn(await (await this.ask(url)).text())
    const response = await this.ask(url, { token, choice: 'go', ...fields })
    const location = response.headers.get('location')
    return location ? this.go(new URL(location, url).href) : { url, response }
  }

  /** Signs in where asked, consents, chooses the patient; answers where the app is called back. */
  async authorize(url: string, patient?: string, who = { name: 'tsehay', password }): Promise<URL> {
    let at = await this.go(url)
    if (at.response && /name="password"/.test(await at.response.clone().text())) at = await this.submit(at.url, who)
    if (at.response && /Let this app in/.test(await at.response.clone().text()))
      at = await this.submit(at.url, patient ? { patient } : {})
    assert.equal(at.response, undefined, at.response && (await at.response.text()))
    return new URL(at.url)
  }
}

export const tokenIn = (html: string): string => /name="token" value="([^"]+)"/.exec(html)?.[1] ?? ''

export function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = randomBytes(6).toString('hex')
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }
  return { privateKey, kid, jwks: { keys: [jwk] } }
}

/** An assertion of a client by private_key_jwt, as good as told. */
export function assertion(
  { privateKey, kid }: Pick<ReturnType<typeof keyPair>, 'privateKey' | 'kid'>,
  claims: { iss: string; aud: string; seconds?: number; jti?: string },
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  return new SignJWT({ jti: claims.jti ?? newId() })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(claims.iss)
    .setSubject(claims.iss)
    .setAudience(claims.aud)
    .setIssuedAt(now)
    .setExpirationTime(now + (claims.seconds ?? 60))
    .sign(privateKey)
}

export const scope = 'openid offline_access launch launch/patient patient/*.cruds'

/** The same with an app that may ask for everything, and a short way to each step of letting it in. */
export async function openWithApp(env: Record<string, string> = {}) {
  const opened = await openProviderHouse(everything, { env })
  after(() => opened.house[Symbol.asyncDispose]())
  const { issuer, root } = opened
  const register = async (body: object = {}) =>
    (await root.post('/v1/oauth-clients', { name: 'App', redirectUris: [callback], scope, ...body })).body as {
      id: string
    }
  const app = await register()
  const verifier = randomBytes(32).toString('base64url')
  const asked: Record<string, string> = {
    client_id: app.id,
    response_type: 'code',
    redirect_uri: callback,
    scope,
    state: 'state-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    aud: issuer,
  }
  const urlWith = (change: Record<string, string | undefined> = {}) => {
    const given = Object.entries({ ...asked, ...change }).filter(([, value]) => value !== undefined)
    return `${issuer}/oauth/authorize?${new URLSearchParams(given as [string, string][])}`
  }
  const codeWith = async (change: Record<string, string | undefined> = {}, patient = opened.mother) => {
    const back = await new Browser().authorize(urlWith(change), patient)
    return back.searchParams
  }
  const tokenFor = async (form: Record<string, string>) => {
    const response = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
    return { status: response.status, body: (await response.json()) as any }
  }
  const redeem = (code: string, change: Record<string, string> = {}) =>
    tokenFor({
      grant_type: 'authorization_code',
      client_id: app.id,
      code,
      redirect_uri: callback,
      code_verifier: verifier,
      ...change,
    })
  return { ...opened, app, register, urlWith, codeWith, redeem, tokenFor }
}
