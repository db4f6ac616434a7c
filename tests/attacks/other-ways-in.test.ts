import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { exampleOf } from '#platform/openapi.ts'
import type { OperationSpec } from '#platform/operation.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { operations, roleLets } from '../access/callers.ts'

// Ways round what guards an address: other spellings of it, other verbs, other media types, cookies, and addresses that nobody has announced.

const env = { RATE_LIMIT_PER_MINUTE: '1000000' }
const pathOf = ({ url }: OperationSpec) => url.replace(/:role/, 'donor').replace(/:\w+/g, () => newId())

/** Of one address, each of which some router, proxy or cache has taken for the same. */
const spellings = (path: string): string[] => [
  `${path}/`,
  `/${path}`,
  path.replace(/\/(?=[^/]*$)/, '//'),
  path.replace('/v1/', '/v1/./'),
  path.replace('/v1/', '/v1/%2e/'),
  path.replace('/v1/', '/v1/x/../'),
  path.replace('/v1/', '/v1/x/%2e%2e/'),
  path.replace('/v1/', '/V1/'),
  path.toUpperCase(),
  path.replace('/v1/', '/v1%2f'),
  `${path}%20`,
  `${path};a=b`,
  `${path}.json`,
  `${path}%00`,
]

const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-url', 'x-rewrite-url']

async function statuses({ app }: TestHouse, token: string, operation: OperationSpec): Promise<Map<string, number>> {
  const path = pathOf(operation)
  const authorization = `Bearer ${token}`
  const payload = operation.body && { payload: JSON.stringify(exampleOf(operation.body)) }
  const headers = { authorization, 'if-match': '"1"', ...(payload && { 'content-type': 'application/json' }) }
  const seen = new Map<string, number>()
  for (const url of spellings(path))
    seen.set(url, (await app.inject({ method: operation.method, url, headers, ...payload })).statusCode)
  for (const name of OVERRIDES) {
    const [url, value] = name.includes('url') ? ['/livez', path] : [path, operation.method]
    const plain = await app.inject({ method: 'GET', url, headers: { authorization } })
    const answer = await app.inject({ method: 'GET', url, headers: { authorization, [name]: value } })
    assert.equal(answer.statusCode, plain.statusCode, `${name} changes what ${url} is`)
  }
  return seen
}

describe('an address by another spelling, verb or header', () => {
  it('lets in no clerk where the clerk is not let in', async () => {
    await using house = await openTestHouse(everything, { env })
    const { token } = await house.signedIn({ desk: { organisation: newId(), function: 'desk' } })
    const closed = operations.filter((operation) => operation.access !== 'public' && !roleLets('clerk', operation))
    assert.ok(closed.length > 60, 'the contracts were read')
    const faults: string[] = []
    for (const operation of closed)
      for (const [way, status] of await statuses(house, token, operation))
        if (![400, 401, 403, 404, 405, 415].includes(status)) faults.push(`${operation.id} by ${way}: ${status}`)
    assert.deepEqual(faults, [])
  })

  it('is no address for anybody: who may come by the right one gets nothing by another', async () => {
    await using house = await openTestHouse(everything, { env })
    const administrator = await house.signedIn({ roles: ['administrator'] })
    assert.equal((await administrator.get('/v1/licences')).status, 200)
    for (const url of spellings('/v1/licences').filter((url) => !/\/(\.|%2e)/.test(url)))
      assert.ok([400, 404].includes((await administrator.get(url)).status), url)
  })
})

describe('a request that another site makes a browser send', () => {
  it('is nobody’s: no cookie counts, and a form is no request', async () => {
    await using house = await openTestHouse(everything, { env })
    const person = await house.signedIn()
    const cookie = ['session', 'token', 'openhcs-sign-in', '__Host-openhcs-sign-in', 'authorization']
      .map((name) => `${name}=${person.token}`)
      .join('; ')
    const body = { name: 'A Donor', language: 'en' }
    for (const origin of ['https://evil.example', 'null', undefined])
      for (const [type, payload] of [
        ['application/x-www-form-urlencoded', new URLSearchParams(body).toString()],
        ['text/plain', JSON.stringify(body)],
        ['multipart/form-data; boundary=x', '--x\r\n\r\n--x--'],
        ['application/json', JSON.stringify(body)],
      ] as const) {
        const headers = { cookie, 'content-type': type, ...(origin && { origin }) }
        const forged = await house.app.inject({ method: 'POST', url: '/v1/donors', headers, payload })
        assert.ok([401, 415].includes(forged.statusCode), `${type}: ${forged.statusCode}`)
        assert.equal(forged.headers['access-control-allow-origin'], undefined)
      }
    const { rows } = await house.owner.query('select count(*)::integer as donors from registry.donor')
    assert.deepEqual(rows, [{ donors: 0 }])
  })
})

const GUESSES =
  '/metrics /debug /debug/pprof /.env /.git/config /.git/HEAD /admin /_internal /internal /actuator /server-status /v0 /v2/patients /api /graphql /package.json /main.ts /main.js.map /node_modules /platform/config.ts /backup.sql /swagger.json /console /.well-known/x /v1/house /v1/../main.ts /v1/%2e%2e/main.ts'.split(
    ' ',
  )

describe('an address that is guessed', () => {
  it('tells nothing, and neither does an error', async () => {
    await using house = await openTestHouse(everything, { env: { ...env, METRICS_TOKEN: 'let-me-look-at-figures' } })
    for (const url of GUESSES)
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const) {
        const { statusCode, body, headers } = await house.app.inject({ method, url, remoteAddress: '203.0.113.7' })
        assert.ok([400, 401, 403, 404, 405].includes(statusCode), `${method} ${url}: ${statusCode}`)
        assert.doesNotMatch(body, /\.ts\b|select |postgres|fastify|node_modules|openhcs_[a-z]/i, url)
        assert.equal(headers.server ?? headers['x-powered-by'], undefined)
        assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/)
        assert.equal(headers['x-content-type-options'], 'nosniff')
        assert.ok(headers['strict-transport-security'])
      }
  })

  it('is not traced, and no address of a room that others call is open to anybody', async () => {
    await using house = await openTestHouse(everything, { env })
    const traced = await house.app.inject({
      method: 'TRACE',
      url: '/livez',
      headers: { authorization: 'Bearer secret' },
    })
    assert.ok([400, 404, 405, 501].includes(traced.statusCode))
    assert.doesNotMatch(traced.body, /secret/)
    const { token } = await house.signedIn({ roles: ['administrator'] })
    const ofTheHouse = everything.flatMap(({ routes }) => routes.map(({ operation }) => operation))
    for (const operation of ofTheHouse.filter(({ access }) => access === 'house'))
      for (const authorization of [undefined, `Bearer ${token}`]) {
        const answer = await house.app.inject({
          method: operation.method,
          url: pathOf(operation),
          headers: { ...(authorization && { authorization }), 'content-type': 'application/json' },
          payload: JSON.stringify(operation.body ? exampleOf(operation.body) : {}),
        })
        assert.ok([401, 403, 404].includes(answer.statusCode), `${operation.id}: ${answer.statusCode}`)
      }
  })
})
