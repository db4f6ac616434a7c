import { randomBytes } from 'node:crypto'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Crowd, Probe } from './probes.ts'

const CALLBACK = 'http://127.0.0.1:9/callback'

/** The page on which people sign in for an app: its form is sent again and again, as a browser would. */
export async function pageProbe(app: FastifyInstance, crowd: readonly Crowd[], administrator: string): Promise<Probe> {
  const registered = await app.inject({
    method: 'POST',
    url: '/v1/oauth-clients',
    headers: { authorization: `Bearer ${administrator}` },
    payload: { name: 'Bench', redirectUris: [CALLBACK], scope: 'openid' },
  })
  const query = new URLSearchParams({
    client_id: registered.json().id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: randomBytes(32).toString('base64url'),
    code_challenge_method: 'S256',
  })
  const begun = await app.inject({ url: `/oauth/authorize?${query}` })
  const url = String(begun.headers.location)
  const cookie = cookiesOf(begun)
  const shown = await app.inject({ url, headers: { cookie } })
  const token = /name="token" value="([^"]+)"/.exec(shown.body)?.[1]
  if (!token) throw new Error(`No form: ${begun.statusCode} ${shown.statusCode} ${shown.body}`)
  const submit = (name: string) => ({
    method: 'POST' as const,
    url,
    form: { token, choice: 'go', name, password: 'not this one at all' },
    headers: { cookie },
  })
  const at = (i: number) => (crowd[i % crowd.length] as Crowd).userName
  return {
    name: 'a wrong password, on the page for apps',
    status: 401,
    somebody: (i) => submit(at(i)),
    nobody: (i) => submit(`nobody-${at(i)}`),
  }
}

const cookiesOf = ({ cookies }: LightMyRequestResponse) =>
  cookies.map(({ name, value }: { name: string; value: string }) => `${name}=${value}`).join('; ')
