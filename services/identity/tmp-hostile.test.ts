import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { roles } from '#platform/auth.ts'
import { issueTypes } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { exampleOf, problemsOf } from '#platform/openapi.ts'
import type { OperationSpec } from '#platform/operation.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'

const RUNS = 120

const operations = everything
  .flatMap(({ routes }) => routes.map(({ operation }) => operation))
  .filter(({ access, download }) => access !== 'house' && download !== 'text/event-stream')

/** Values that have broken parsers, validators, drivers and databases before. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    Number.MAX_SAFE_INTEGER,
    3.7,
    '',
    ' ',
    '\0',
    '\ud800',
    '\u202e',
    'a'.repeat(10_000),
    "'; select pg_sleep(1)--",
    '%',
    '\\',
    '../../etc/passwd',
    '{{7*7}}',
    '<script>',
    '٣',
    '😀',
    [],
    {},
    [[[[]]]],
    { __proto__: 1 },
    { constructor: { prototype: 1 } },
    '2031-02-30',
    '2031-02-30T25:00:00Z',
    '0000-01-01',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59+23:59',
    '275760-09-13T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    '2016-12-31T23:59:60Z',
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    'Africa/Nowhere',
    '24:00',
    '-1',
    '1e3',
    'NaN',
    'Infinity',
    '+1 (555)',
    '0,0,0',
    '91,181',
    '-0.0,-0.0',
  ),
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.double(),
)

type Members = Record<string, TSchema>

/** An object near the schema's example: members replaced, left out, or invented. */
const near = (schema: TSchema | undefined): fc.Arbitrary<unknown> => {
  const example = (schema ? exampleOf(schema) : {}) as Record<string, unknown>
  const names = Object.keys((schema?.properties ?? {}) as Members)
  const changes = fc.array(
    fc.tuple(fc.constantFrom(...names, 'role', 'id', 'verified', '__proto__'), fc.option(nasty, { nil: undefined })),
    { maxLength: 3 },
  )
  const spoilt = changes.map((list) =>
    Object.fromEntries([...Object.entries(example), ...list].filter(([, value]) => value !== undefined)),
  )
  return fc.oneof({ weight: 6, arbitrary: spoilt }, { weight: 1, arbitrary: nasty })
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)) ?? ''

function urlOf({ url }: OperationSpec, params: unknown, query: unknown): string {
  const given = (typeof params === 'object' && params !== null ? params : {}) as Record<string, unknown>
  const path = url.replace(
    /:(\w+)/g,
    (_, name: string) =>
      encodeURIComponent(
        asText(given[name] ?? newId())
          .toWellFormed()
          .slice(0, 90),
      ) || '%20',
  )
  const pairs = Object.entries(typeof query === 'object' && query !== null && !Array.isArray(query) ? query : {}).map(
    ([name, value]) =>
      `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(asText(value).toWellFormed().slice(0, 2_000))}`,
  )
  return pairs.length > 0 ? `${path}?${pairs.join('&')}` : path
}

const documented = (operation: OperationSpec) =>
  new Set([
    operation.status ?? (operation.response || operation.download ? 200 : 204),
    ...[...problemsOf(operation)].map((code) => issueTypes[code].status),
  ])

const headers = fc.record(
  {
    'if-match': fc.constantFrom('"1"', '"0"', '*', 'x', '"999999999"', 'W/"1"'),
    'idempotency-key': fc.constantFrom('k1', 'k2', '', ' ', 'ü', 'x'.repeat(300)),
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-8'),
  },
  { requiredKeys: [] },
)

async function send(
  house: TestHouse,
  client: Client,
  operation: OperationSpec,
  [params, query, body, extra]: [unknown, unknown, unknown, Record<string, string | undefined>],
) {
  const payload = operation.upload ? Buffer.from(asText(body)) : operation.body ? JSON.stringify(body) : undefined
  const type = operation.upload
    ? { 'content-type': operation.upload.mediaTypes[0] as string }
    : operation.body
      ? { 'content-type': 'application/json' }
      : {}
  return house.app.inject({
    method: operation.method,
    url: urlOf(operation, params, query),
    headers: {
      ...(client.token && { authorization: `Bearer ${client.token}` }),
      ...type,
      ...(operation.body ? extra : {}),
      ...(operation.ifMatch ? { 'if-match': extra['if-match'] ?? '"1"' } : {}),
    } as Record<string, string>,
    ...(payload !== undefined && { payload }),
  })
}

async function people(house: TestHouse) {
  const who = await house.signedIn({ roles: [...roles] })
  const ok = async (url: string, body: object) => { const a = await who.post(url, body); assert.equal(a.status, 201, JSON.stringify(a.body)); return a.body.id as string }
  const patient = await ok('/v1/patients', { name: 'S', birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'Africa/Accra' })
  const caregiver = await ok('/v1/caregivers', { name: 'S', language: 'am' })
  const practitioner = await ok('/v1/practitioners', { name: 'S', gender: 'female', languages: ['am'], specialities: ['cardiology'] })
  const licence = await ok(`/v1/practitioners/${practitioner}/licences`, { number: 'x', issuer: 'y', country: 'GH', validFrom: '2030-01-01', validUntil: '2035-01-01' })
  const place = await ok('/v1/places', { name: 'x', address: 'y', city: 'z', country: 'GH', latitude: 1, longitude: 1, zone: 'Africa/Accra' })
  const cw = await house.signedIn(); const c2 = (await cw.post('/v1/caregivers', { name: 'H', language: 'am' })).body.id
  const mandate = await ok('/v1/mandates', { patient, caregiver: c2, powers: ['book'] })
  return { account: who.account, self: { patient, caregiver, practitioner }, all: [patient, caregiver, practitioner, licence, place, mandate, who.account] }
}
async function fresh(house: TestHouse, ids: Awaited<ReturnType<typeof people>>) {
  const seat = await house.signedIn({ roles: ['administrator'] })
  await house.owner.query('update platform.session set account_id = $1 where account_id = $2', [ids.account, seat.account])
  await house.owner.query("insert into identity.account (id, user_name_key, name, language, password_hash, created_at, updated_at) values ($1, $2, 'x', 'en', '$argon2id$v=19$m=19456,t=2,p=1$uj1VcXKvMmQdZivNFygM4w$pCipf1V+v3tqNoXhW1x3DheP2mhFFg6fL8EQjZmTPlc', now(), now()) on conflict do nothing", [ids.account, ids.account])
  await house.owner.query("update identity.account set disabled_at = null, password_hash = '$argon2id$v=19$m=19456,t=2,p=1$uj1VcXKvMmQdZivNFygM4w$pCipf1V+v3tqNoXhW1x3DheP2mhFFg6fL8EQjZmTPlc'")
  await house.owner.query('update platform.role_grant set account_id = $1 where account_id = $2 and not exists (select from platform.role_grant where account_id = $1)', [ids.account, seat.account])
  await house.owner.query('update platform.role_grant set revoked_at = null')
  return seat
}

describe('hostile requests, made from the contracts', () => {
  it('get no 5xx and no undocumented status from any operation', async (t) => {
    await using house = await openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '10000000' } })
    
    const seen = new Map<number, number>()
    const ids = await people(house)
    let n = 0
    for (const operation of operations) {
      const allowed = documented(operation)
      const request = fc.tuple(near(operation.params), near(operation.query), near(operation.body), headers)
      await fc.assert(
        fc.asyncProperty(request, fc.boolean(), async (parts, signedIn) => {
          const everybody = signedIn ? await fresh(house, ids) : house.anonymous
          if (typeof parts[0] === 'object' && parts[0] !== null && 'id' in (parts[0] as object) && n++ % 2) (parts[0] as any).id = ids.all[n % ids.all.length]
          const response = await send(house, signedIn ? everybody : house.anonymous, operation, parts as never)
          seen.set(response.statusCode, (seen.get(response.statusCode) ?? 0) + 1)
          assert.ok(
            response.statusCode < 500 && allowed.has(response.statusCode),
            `${operation.id}: ${response.statusCode} ${response.body.slice(0, 300)}`,
          )
          if (response.statusCode >= 400) {
            assert.equal(response.headers['content-type'], 'application/problem+json', operation.id)
            assert.doesNotMatch(response.body, /\bat .*\.ts:|select |insert |pg_|syntax error/i, operation.id)
          }
        }),
        { numRuns: RUNS, seed: 20_310_303 },
      )
    }
    t.diagnostic(
      `${operations.length} operations; answers: ${[...seen]
        .sort()
        .map(([status, n]) => `${n} × ${status}`)
        .join(', ')}`,
    )
  })
})
