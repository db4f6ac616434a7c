import { generateKeyPairSync } from 'node:crypto'
import { newToken, system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import type { Answer, Client, TestHouse } from '#platform/testing.ts'

// An app that comes for itself, as SMART backend services are, with a token that lies in the ground's table already: for tests whose subject is not how it got one.

export interface Records {
  purpose: string
  patients: string
  organisations?: string[]
  categories?: string[]
  imports?: boolean
}

export const ALL: Records = { purpose: 'treatment', patients: 'all' }

export async function backendClient(
  house: TestHouse,
  { scopes = ['system/*.rs'], records = ALL }: { scopes?: string[]; records?: Records | null } = {},
): Promise<Client & { id: string }> {
  const root = await house.signedIn({ roles: ['administrator'] })
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'a', alg: 'ES256', use: 'sig' }
  const facts = { name: 'Research register', redirectUris: [], scope: scopes.join(' '), jwks: { keys: [key] } }
  const { status, body } = await root.post('/v1/oauth-clients', { ...facts, ...(records && { records }) })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return { ...(await tokenOf(house, body.id, scopes)), id: body.id }
}

/** What registry does when a patient is erased. */
export async function erased({ house }: TestHouse, patient: string): Promise<void> {
  const ctx = house.context('registry', { actor: system, traceId: 'test', doing: 'test' })
  const registry = house.rooms.find(({ name }) => name === 'registry')
  await registry?.erase?.(ctx as never, { patient, names: [] })
}

/** One more token of an app. */
export async function tokenOf(
  house: TestHouse,
  client: string,
  scopes: string[],
  seconds = 30 * 86_400,
): Promise<Client> {
  const { token, hash } = newToken()
  const now = house.house.now()
  await house.owner.query(
    `insert into platform.session (id, account_id, token_hash, kind, scopes, client_id, created_at, expires_at) values ($1, $2, $3, 'client-token', $4, $2, $5, $6)`,
    [newId(), client, hash, scopes, now, new Date(now.getTime() + seconds * 1_000)],
  )
  return house.withToken(token)
}

export const ASYNC = { prefer: 'respond-async', accept: 'application/fhir+json' }

export const pathOf = (url: unknown): string => String(url).replace(/^https?:\/\/[^/]+/, '')

export interface Manifest {
  transactionTime: string
  request: string
  requiresAccessToken: boolean
  output: { type: string; url: string; count: number }[]
  deleted: { type: string; url: string; count: number }[]
  error: unknown[]
}

/** Kick-off, work, and what came of it. */
export async function exported(house: TestHouse, client: Client, url = '/fhir/R4/$export'): Promise<Manifest> {
  const begun = await client.get(url, ASYNC)
  if (begun.status !== 202) throw new Error(`${begun.status} ${JSON.stringify(begun.body)}`)
  await house.work()
  const { status, body } = await client.get(pathOf(begun.headers['content-location']))
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

export const linesIn = ({ body }: Answer): { resourceType: string; id: string; [element: string]: unknown }[] =>
  String(body)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

/** Every resource of an export. */
export async function resourcesIn(client: Client, { output }: Pick<Manifest, 'output'>) {
  const all = []
  for (const { url, type, count } of output) {
    const lines = linesIn(await client.get(pathOf(url)))
    if (lines.length !== count || lines.some(({ resourceType }) => resourceType !== type)) throw new Error(url)
    all.push(...lines)
  }
  return all
}
