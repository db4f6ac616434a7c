import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { neighbour, notes } from './rooms.ts'

const rooms = [notes, neighbour]

describe('a request', () => {
  it('is answered by its schema: nothing undeclared leaves', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn({ self: { patient: newId() } })
    const { body } = await somebody.post('/v1/notes', { text: 'milk' })
    const { status, body: read, headers } = await somebody.get(`/v1/notes/${body.id}`)
    assert.equal(status, 200)
    assert.deepEqual(read, { id: body.id, text: 'milk', version: 1 })
    assert.equal(headers.etag, '"1"')
    assert.equal(headers['cache-control'], 'no-store')
  })

  it('that is wrong gets a JSON pointer per error', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const { status, headers, body } = await somebody.post('/v1/notes', {
      text: 3,
      at: '2031-02-30T00:00:00Z',
      more: true,
      'a/b~c': 1,
    })
    assert.equal(status, 400)
    assert.equal(headers['content-type'], 'application/problem+json')
    assert.equal(body.type, 'http://openhcs.test/problems/invalid')
    assert.deepEqual(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), [
      '/body/at',
      '/body/a~1b~0c',
      '/body/more',
      '/body/text',
    ])
  })

  it('with broken JSON, broken UTF-8, NUL, half a surrogate or a byte-order mark is refused', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const send = async (payload: string | Buffer) =>
      (
        await house.app.inject({
          method: 'POST',
          url: '/v1/notes',
          payload,
          headers: { authorization: `Bearer ${somebody.token}`, 'content-type': 'application/json' },
        })
      ).statusCode
    for (const payload of [
      '{',
      '{"text":"a\\u0000b"}',
      '{"text":"\\ud800"}',
      '\ufeff{"text":"a"}',
      '{"text":"a"}x',
      '',
      'null',
      '[]',
      '"x"',
      '{"__proto__":{"a":1},"text":"a"}',
      '['.repeat(100_000),
      `{"text":"\\ud800","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    ])
      assert.equal(await send(payload), 400, payload.slice(0, 40))
    assert.equal(await send(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), 400)
    assert.equal(await send('{"text":"\\ud83d\\ude00 an emoji is whole"}'), 201)
  })

  it('that says it is JSON and has no body is told that it is empty', async () => {
    await using house = await openTestHouse(rooms)
    const { token } = await house.signedIn()
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const { statusCode, body } = await house.app.inject({ method: 'POST', url: '/v1/notes', headers })
    assert.equal(statusCode, 400)
    assert.match(JSON.parse(body).detail, /empty[\s\S]*no Content-Type/)
  })

  it('that is too large gets 413, of another media type 415, to another place 404, and all are problem documents', async () => {
    await using house = await openTestHouse(rooms, { env: { BODY_LIMIT_BYTES: '1024' } })
    const somebody = await house.signedIn()
    const large = await somebody.post('/v1/notes', { text: 'x'.repeat(2_000) })
    const xml = await somebody.upload('/v1/notes', 'application/xml', Buffer.from('<x/>'))
    const lost = await somebody.get('/v1/nothing')
    const bad = await somebody.get('/v1/notes/%E0%A4%A')
    assert.deepEqual([large.status, xml.status, lost.status, bad.status], [413, 415, 404, 400])
    for (const { headers, body } of [large, xml, lost, bad]) {
      assert.equal(headers['content-type'], 'application/problem+json')
      assert.ok(body.traceId)
    }
  })

  it('that is too large is heard out, so that its sender has the answer, and the connection serves the next', async () => {
    await using house = await openTestHouse(rooms)
    const { port } = new URL(await house.app.listen({ port: 0, host: '127.0.0.1' }))
    const { token } = await house.signedIn()
    const body = Buffer.alloc(6_000_000, 'x')
    const head = `POST /v1/notes HTTP/1.1\r\nhost: h\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`
    const whole = [Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]
    const inPieces = [Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n`)]
    for (let i = 0; i < 10; i++) inPieces.push(Buffer.from('927c0\r\n'), body.subarray(0, 0x927c0), Buffer.from('\r\n'))
    inPieces.push(Buffer.from('0\r\n\r\n'))
    const socket = connect(Number(port), '127.0.0.1')
    let answers = ''
    socket.setEncoding('utf8').on('data', (text) => (answers += text))
    for (const piece of [...whole, ...inPieces]) if (!socket.write(piece)) await once(socket, 'drain')
    socket.end('GET /livez HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n')
    await once(socket, 'end')
    assert.deepEqual(answers.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 413', 'HTTP/1.1 413', 'HTTP/1.1 200'])
  })

  it('without a token gets 401, with a revoked or invented one too, without the role 403', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const url = `/v1/notes/${newId()}`
    assert.equal((await house.anonymous.get(url)).status, 401)
    assert.equal((await house.withToken('ohcs_invented').get(url)).status, 401)
    assert.equal((await somebody.get(url)).status, 403)
    await house.owner.query('update platform.session set revoked_at = now()')
    const { status, headers, body } = await somebody.get(url)
    assert.equal(status, 401)
    assert.equal(headers['www-authenticate'], 'Bearer')
    assert.equal(body.code, 'login')
  })

  it('to change something needs the version last read: 428 without, 412 when somebody was faster, 400 when it is no ETag', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const { body, headers } = await somebody.post('/v1/notes', { text: 'milk' })
    const url = `/v1/notes/${body.id}`
    assert.equal((await somebody.put(url, { text: 'a' })).status, 428)
    assert.equal((await somebody.put(url, { text: 'a' }, { 'if-match': 'nonsense' })).status, 400)
    assert.equal((await somebody.put(url, { text: 'a' }, { 'if-match': String(headers.etag) })).headers.etag, '"2"')
    assert.equal((await somebody.put(url, { text: 'b' }, { 'if-match': String(headers.etag) })).status, 412)
  })

  it('that fails unexpectedly leaves nothing behind and reveals nothing', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    const { status, body } = await somebody.post('/v1/break-down', { text: 'half done', with: 'SECRET-WORD' })
    assert.equal(status, 500)
    assert.doesNotMatch(JSON.stringify(body), /SECRET-WORD|stack|note/)
    assert.equal((await house.owner.query('select from notes.note')).rowCount, 0)
  })

  it('that PostgreSQL refuses is a problem, not a failure', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    await somebody.post('/v1/notes', { text: 'milk' })
    const { status, body } = await somebody.post('/v1/notes', { text: 'milk' })
    assert.equal(status, 409)
    assert.equal(body.code, 'duplicate')
  })
})

describe('limits', () => {
  it('throttle an operation per address, and say so in RateLimit headers', async () => {
    await using house = await openTestHouse(rooms)
    const first = await house.anonymous.get('/v1/rare')
    await house.anonymous.get('/v1/rare')
    const third = await house.anonymous.get('/v1/rare')
    assert.equal(first.headers['ratelimit-policy'], '"rare";q=2;w=60')
    assert.match(String(first.headers.ratelimit), /^"rare";r=1;t=\d+$/)
    assert.equal(third.status, 429)
    assert.ok(Number(third.headers['retry-after']) > 0)
  })

  it('throttle an account without touching another', async () => {
    await using house = await openTestHouse(rooms, { env: { RATE_LIMIT_PER_MINUTE: '2' } })
    const [a, b] = [await house.signedIn(), await house.signedIn()]
    const statuses = []
    for (const client of [a, a, a, b]) statuses.push((await client.get('/v1/neighbour')).status)
    assert.deepEqual(statuses, [200, 200, 429, 200])
  })
})

describe('headers', () => {
  it('protect the browser', async () => {
    await using house = await openTestHouse(rooms)
    const { headers } = await house.anonymous.get('/livez')
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/)
    assert.ok(headers['strict-transport-security'])
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['x-frame-options'], 'DENY')
  })

  it('let in the origins that are configured, to the letter, and no other', async () => {
    await using house = await openTestHouse(rooms, { env: { CORS_ORIGINS: 'https://clinic.example' } })
    const allowed = async (origin: string) =>
      (await house.app.inject({ url: '/livez', headers: { origin } })).headers['access-control-allow-origin']
    assert.equal(await allowed('https://clinic.example'), 'https://clinic.example')
    for (const origin of [
      'https://evil.example',
      'https://clinic.example.evil.example',
      'https://xclinic.example',
      'null',
      'http://clinic.example',
    ])
      assert.equal(await allowed(origin), undefined, origin)
  })
})
