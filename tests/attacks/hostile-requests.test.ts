import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { newToken, roles } from '#platform/auth.ts'
import { FHIR_JSON, issueTypes } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { exampleOf, problemsOf } from '#platform/openapi.ts'
import type { OperationSpec } from '#platform/operation.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../calendar.ts'

const RUNS = 40

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
const near = (schema: TSchema | undefined, ids: string[] = []): fc.Arbitrary<unknown> => {
  const example = (schema ? exampleOf(schema) : {}) as Record<string, unknown>
  const names = Object.keys((schema as { properties?: Members } | undefined)?.properties ?? {})
  const changes = fc.array(
    fc.tuple(
      fc.constantFrom(...names, 'role', 'id', 'verified', '__proto__'),
      ids.length > 0
        ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: nasty })
        : fc.option(nasty, { nil: undefined }),
    ),
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
  new Set<number>([
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

/** A person with every role and a record of each kind, so that requests get past the first look. */
async function somebodyWithEverything(house: TestHouse): Promise<{ ids: string[]; sign: () => Promise<Client> }> {
  const patient = newId()
  const practitioner = await openCalendar(house)
  const organisation = newId()
  const client = await house.signedIn({
    roles: roles.filter((role) => role !== 'clerk'),
    self: { patient, practitioner },
    desk: { organisation, function: 'manager' },
  })
  await house.owner.query(
    `insert into registry.organisation (id, name, city, country, created_at, updated_at) values ($1, 'Test', 'Test', 'ZZ', $2, $2)`,
    [organisation, house.house.now()],
  )
  const made = [
    await client.post('/v1/patients', {
      name: 'Test Person',
      birthDate: '1990-01-01',
      gender: 'other',
      language: 'en',
      zone: 'UTC',
    }),
    await client.post(`/v1/organisations/${organisation}/patients`, {
      name: 'Test Child',
      birthDate: '2030-01-01',
      gender: 'other',
      language: 'en',
      zone: 'UTC',
    }),
    await client.post('/v1/caregivers', { name: 'Test Person', language: 'en' }),
    await client.post('/v1/practitioners', {
      name: 'Test Person',
      gender: 'other',
      languages: ['en'],
      specialities: ['cardiology'],
    }),
    await client.post('/v1/places', {
      name: 'Test',
      address: 'Test 1',
      city: 'Test',
      country: 'ZZ',
      latitude: 0,
      longitude: 0,
      zone: 'UTC',
    }),
    await client.post('/v1/appointments', { practitioner, patient, start: '2031-03-03T09:00:00Z' }),
    await client.post('/v1/holds', { practitioner, patient, start: '2031-03-03T10:00:00Z' }),
  ]
  const { rows } = await house.owner.query('select id from scheduling.schedule')
  const sign = async () => {
    const { token, hash } = newToken()
    await house.owner.query(
      `insert into platform.session (id, account_id, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $4::timestamptz + interval '1 day')`,
      [newId(), client.account, hash, house.house.now()],
    )
    return house.withToken(token)
  }
  return {
    ids: [patient, practitioner, organisation, client.account, rows[0].id, ...made.map(({ body }) => body.id)].filter(
      (id) => typeof id === 'string',
    ),
    sign,
  }
}

/** Refused attempts to sign in or to claim a record are counted, looks at what one may not see are audited, and who first needs a key makes the first. */
const WRITTEN_BY_REFUSALS = [
  'identity.sign_in_attempt',
  'registry.claim_attempt',
  'platform.audit_event',
  'platform.data_key',
]

/** How many rows of all rooms and of the ground were added, changed or removed for good so far: what is rolled back takes its count with it. */
async function writtenIn({ owner }: TestHouse): Promise<() => Promise<number>> {
  const { rows } = await owner.query(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in (select room from platform.migration)`,
  )
  const tables = rows.map(({ name }) => String(name)).filter((name) => !WRITTEN_BY_REFUSALS.includes(name))
  await owner.query(`
    create table public.written (by_table text not null);
    create function public.count_written() returns trigger language plpgsql security definer as
      $$ begin insert into public.written values (tg_table_schema || '.' || tg_table_name); return null; end $$;
    ${tables.map((name) => `create trigger written after insert or update or delete on ${name} for each row execute function public.count_written();`).join('\n')}`)
  return async () => (await owner.query('select count(*)::integer as written from public.written')).rows[0].written
}

/** Of as many as half a minute is enough for. */
const BATCH = 20
const batches = Array.from({ length: Math.ceil(operations.length / BATCH) }, (_, i) =>
  operations.slice(i * BATCH, (i + 1) * BATCH),
)

describe('hostile requests, made from the contracts', () => {
  for (const batch of batches)
    it(`get no 5xx and no undocumented status, and whatever is refused leaves nothing: ${batch[0]?.id} to ${batch.at(-1)?.id}`, async (t) => {
      await using house = await openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '10000000' } })
      const { ids, sign } = await somebodyWithEverything(house)
      const seen = new Map<number, number>()
      const written = await writtenIn(house)
      let before = 0
      for (const operation of batch) {
        const allowed = documented(operation)
        const everybody = await sign() // anew: some operations end sessions
        before = await written()
        const request = fc.tuple(near(operation.params, ids), near(operation.query), near(operation.body), headers)
        await fc.assert(
          fc.asyncProperty(request, fc.boolean(), async (parts, signedIn) => {
            const response = await send(house, signedIn ? everybody : house.anonymous, operation, parts as never)
            seen.set(response.statusCode, (seen.get(response.statusCode) ?? 0) + 1)
            assert.ok(
              response.statusCode < 500 && allowed.has(response.statusCode),
              `${operation.id}: ${response.statusCode} ${response.body.slice(0, 300)}`,
            )
            const [was, now] = [before, await written()]
            before = now
            if (response.statusCode >= 400) {
              assert.equal(now, was, `${operation.id} was refused with ${response.statusCode} and wrote something`)
              const type = operation.url.startsWith('/fhir/') ? FHIR_JSON : 'application/problem+json'
              assert.equal(response.headers['content-type'], type, operation.id)
              assert.doesNotMatch(response.body, /\bat .*\.ts:|select |insert |pg_|syntax error/i, operation.id)
            }
          }),
          { numRuns: RUNS, seed: 20_310_303 },
        )
      }
      t.diagnostic(
        `${batch.length} operations; answers: ${[...seen]
          .sort()
          .map(([status, n]) => `${n} × ${status}`)
          .join(', ')}`,
      )
    })
})
