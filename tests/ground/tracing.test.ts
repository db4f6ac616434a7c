import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { type Collector, openCollector, type Span } from '../collector.ts'
import { eventually } from '../journeys/people.ts'
import { request, startHouse } from '../processes.ts'
import { neighbour, notes } from './rooms.ts'

const root = join(import.meta.dirname, '../..')
const hex = (bytes: number) => randomBytes(bytes).toString('hex')
const SERVER = 2
const CLIENT = 3
const CONSUMER = 5

/** Words that stand for what must not leak. */
const canary = {
  name: 'Canaryname',
  password: 'Canarypassword-1',
  email: 'canarymail@example.org',
  userName: 'canaryuser',
}

/** A patient gives a caregiver a mandate, of which notifications, in another process, asks two others before it tells anybody. */
async function grantMandate(collector: Collector, traceparent: string) {
  await using house = await startHouse('apart', {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER_ARG: '1',
    LOG_LEVEL: 'info',
  })
  const signUp = async (userName: string) => {
    await house.ask('POST', '/v1/accounts', { body: { ...canary, userName } })
    return (await house.ask('POST', '/v1/sessions', { body: { userName, password: canary.password } })).body.token
  }
  const [patient, caregiver] = [await signUp(canary.userName), await signUp('canarycarer')]
  const [identity, registry] = house.origins
  const ask = async (token: string, path: string, body: object, headers = {}, origin = registry) => {
    const answer = await request(`${origin}${path}`, 'POST', { token, body, headers })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body
  }
  const about = { name: canary.name, language: 'en' }
  const { id } = await ask(patient, '/v1/patients', {
    ...about,
    birthDate: '1950-06-05',
    gender: 'female',
    zone: 'UTC',
  })
  const { code } = await ask(caregiver, '/v1/caregivers', about)
  await house.ask('GET', `/v1/patients/${id}`, { token: patient })
  const mandate = { patient: id, caregiverCode: code, powers: ['book'] }
  await ask(patient, '/v1/mandates', mandate, { traceparent }, identity) // which sends it on to the registry
  await eventually('the caregiver is told', async () => {
    const { body } = await house.ask('GET', '/v1/notifications', { token: caregiver })
    return body.items.length > 0
  })
  return { id, code, tokens: [patient, caregiver] }
}

describe('what an OpenTelemetry collector is sent', () => {
  it('is one trace through processes and jobs, with the log of it, metrics, and nothing that people entered', async () => {
    await using collector = await openCollector()
    const [traceId, spanId] = [hex(16), hex(8)]
    const secrets = await grantMandate(collector, `00-${traceId}-${spanId}-01`)

    const trace = collector.spans.filter((span) => span.traceId === traceId)
    const sent = trace.find(({ attributes }) => attributes['openhcs.forwarded.room'] === 'registry')
    assert.deepEqual([sent?.name, sent?.parentSpanId], ['POST /v1/mandates', spanId])
    const one = (name: string, kind: number): Span => {
      const found = trace.find((span) => span.name === name && span.kind === kind && span !== sent)
      assert.ok(found, `${name} is not among ${trace.map((span) => `${span.name} (${span.kind})`).join(', ')}`)
      return found
    }
    const asked = one('POST /v1/mandates', SERVER)
    assert.equal(asked.parentSpanId, sent?.spanId)
    assert.notEqual(asked.instance, sent?.instance)
    assert.deepEqual(asked.attributes, {
      'http.request.method': 'POST',
      'http.route': '/v1/mandates',
      'http.response.status_code': 201,
      'openhcs.room': 'registry',
      'openhcs.operation': 'createMandate',
    })
    const told = one('process notifications:event', CONSUMER)
    assert.equal(told.parentSpanId, asked.spanId)
    assert.notEqual(told.instance, asked.instance)
    const call = one('POST /house/readPatientCard', CLIENT)
    assert.equal(call.parentSpanId, told.spanId)
    const answered = one('POST /house/readPatientCard', SERVER)
    assert.equal(answered.parentSpanId, call.spanId)
    assert.equal(answered.instance, asked.instance)
    const statements = trace.filter((span) => span.parentSpanId === answered.spanId)
    assert.ok(
      statements.every(({ kind, attributes }) => kind === CLIENT && attributes['db.system.name'] === 'postgresql'),
    )
    assert.ok(statements.some(({ attributes }) => /from "?patient"? .*\$1/s.test(String(attributes['db.query.text']))))

    const record = collector.logs.find((log) => log.traceId === traceId && log.spanId === asked.spanId)
    assert.deepEqual([record?.body, record?.severity], ['answered', 'INFO'])
    assert.equal(record?.attributes['openhcs.operation'], 'createMandate')

    const point = collector.points.find(
      ({ metric, attributes }) =>
        metric === 'http.server.request.duration' && attributes['http.route'] === '/v1/mandates',
    )
    assert.deepEqual([point?.unit, point?.count, point?.attributes['http.response.status_code']], ['s', 1, 201])
    assert.equal(point?.buckets?.length, (point?.bounds?.length ?? 0) + 1)
    assert.ok(collector.points.some(({ metric }) => metric === 'db.client.connection.count'))

    const raw = collector.raw()
    for (const word of [...Object.values(canary), 'canarycarer', secrets.id, secrets.code, ...secrets.tokens])
      assert.ok(!raw.includes(word), word)
  })

  it('shows what the RESTful API of FHIR asked the database, and no id of anybody', async () => {
    await using collector = await openCollector()
    const id = crypto.randomUUID()
    {
      await using house = await openTestHouse(everything, {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '1' },
      })
      const somebody = await house.signedIn({ roles: ['patient'] })
      assert.equal((await somebody.get(`/fhir/R4/Observation/${id}`)).status, 404)
    }
    const asked = collector.spans.find(({ name }) => name === 'GET /fhir/R4/:type/:id')
    assert.deepEqual(
      [asked?.attributes['openhcs.room'], asked?.attributes['openhcs.operation']],
      ['records', 'fhir read'],
    )
    const statements = collector.spans.filter(({ parentSpanId }) => parentSpanId === asked?.spanId)
    assert.ok(statements.some(({ attributes }) => String(attributes['db.query.text']).includes('fhir_read')))
    assert.ok(!collector.raw().includes(id))
  })

  it('is an error with its code and frames, and without its message, which may repeat what was sent', async () => {
    await using collector = await openCollector()
    {
      await using house = await openTestHouse([notes, neighbour], {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '1' },
        log: () => {},
      })
      const somebody = await house.signedIn()
      assert.equal((await somebody.post('/v1/break-down', { text: 'x', with: canary.name })).status, 500)
    }
    const failed = collector.spans.find(({ name }) => name === 'POST /v1/break-down')
    assert.deepEqual([failed?.failed, failed?.attributes['error.type']], [true, '500'])
    assert.ok(collector.spans.some(({ name }) => name === 'ROLLBACK notes'))
    const record = collector.logs.find(({ severity }) => severity === 'ERROR')
    assert.equal(record?.attributes['exception.type'], 'Error')
    assert.match(String(record?.attributes['exception.stacktrace']), /^\s+at /)
    assert.ok(!collector.raw().includes(canary.name))
  })

  it('is chosen here, and not by whoever sends a traceparent; between rooms the choice is passed on', async () => {
    await using collector = await openCollector()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' }
    const traceparent = `00-${hex(16)}-${hex(8)}-01`
    {
      await using house = await openTestHouse([notes, neighbour], { env })
      const somebody = await house.signedIn()
      assert.equal((await somebody.get('/v1/neighbour', { traceparent })).status, 200)
      await somebody.post('/v1/notes', { text: 'milk' }, { traceparent })
      const { rows } = await house.owner.query('select payload from graphile_worker._private_jobs')
      assert.doesNotMatch(JSON.stringify(rows), /traceparent/)
    }
    assert.deepEqual(collector.spans, [])
    assert.ok(collector.points.length > 0, 'metrics are not sampled')
  })

  it('is what the process chose that sent a request on, and not what somebody says who is none', async () => {
    await using collector = await openCollector()
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
    {
      await using far = await openTestHouse([notes, neighbour], { env: { ...tracing, OTEL_TRACES_SAMPLER_ARG: '0' } })
      const remotes = `notes=${await far.app.listen({ host: '127.0.0.1', port: 0 })}`
      const apart = { OPENHCS_SERVICES: 'neighbour', OPENHCS_REMOTES: remotes, OTEL_TRACES_SAMPLER_ARG: '1' }
      await using near = await openTestHouse([notes, neighbour], { env: { ...tracing, ...apart } })
      assert.equal((await near.anonymous.get('/v1/rare')).status, 200)
      const madeUp = { traceparent: `00-${hex(16)}-${hex(8)}-01`, 'x-openhcs-forwarded': '1.2' }
      assert.equal((await far.anonymous.get('/v1/rare', madeUp)).status, 200)
    }
    assert.deepEqual(
      collector.spans
        .map((span) => [span.attributes['openhcs.room'], span.attributes['openhcs.forwarded.room']])
        .sort(),
      [
        [undefined, 'notes'],
        ['notes', undefined],
      ],
    )
  })

  // prom-client needs the api package, which is types and no-ops.
  it('costs nothing while it is off: none of its packages is loaded', () => {
    const loaded = (endpoint: string) => {
      const script = `
        import { registerHooks } from 'node:module'
        const seen = []
        registerHooks({ resolve(specifier, context, next) {
          if (/^@opentelemetry\\/(?!api)/.test(specifier)) seen.push(specifier)
          return next(specifier, context)
        } })
        await import('#platform/house.ts')
        await import('#platform/http.ts')
        const { openTracing } = await import('#platform/open-tracing.ts')
        const { loadConfig } = await import('#platform/config.ts')
        const config = loadConfig({ OPENHCS_SECRET_KEY: '0'.repeat(64), OTEL_EXPORTER_OTLP_ENDPOINT: '${endpoint}' })
        const tracing = await openTracing(config, '0.0.0')
        console.log(seen.length, tracing === undefined)
        process.exit()`
      return spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' }).stdout
    }
    assert.equal(loaded('').trim(), '0 true')
    assert.match(loaded('http://127.0.0.1:1'), /^[1-9]\d* false/)
  })

  it('holds up nothing when the collector is away', async () => {
    const house = await openTestHouse([notes, neighbour], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_SAMPLER_ARG: '1' },
    })
    const somebody = await house.signedIn()
    assert.equal((await somebody.post('/v1/notes', { text: 'milk' })).status, 201)
    await house[Symbol.asyncDispose]()
  })
})
