import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import { newId } from '#platform/ids.ts'
import type { AnyService } from '#platform/service.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
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
