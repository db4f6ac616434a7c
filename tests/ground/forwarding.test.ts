import assert from 'node:assert/strict'
import { type EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { operation } from '#platform/operation.ts'
import { route, type Service } from '#platform/service.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { freePort } from '../processes.ts'
import { type NeighbourTables, neighbour, notes } from './rooms.ts'

// One process of the house with a stand-in for another, which does what a real one does only when it fails.

const upload = operation({
  id: 'upload',
  method: 'POST',
  url: '/v1/uploads',
  summary: 'Bytes',
  access: 'public',
  upload: { mediaTypes: ['application/pdf'], maxBytes: 2_000_000 },
})
const news = operation({
  id: 'news',
  method: 'GET',
  url: '/v1/news',
  summary: 'A stream',
  access: 'public',
  download: 'text/event-stream',
})
const far: Service<NeighbourTables> = {
  ...neighbour,
  routes: [...neighbour.routes, route(upload, async () => {}), route(news, async () => {})],
  mountedAt: [{ url: '/shared/*', methods: ['OPTIONS', 'PROPFIND'] }],
}
const rooms = [notes, far]

interface Asked {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

interface Near extends AsyncDisposable {
  house: TestHouse
  origin: string
  /** What has come to the stand-in, whole. */
  asked: Asked[]
}

type Answering = (request: IncomingMessage, response: ServerResponse) => void

async function openNear(answering: Answering, env: Record<string, string> = {}): Promise<Near> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('latin1').on('data', (chunk) => (body += chunk))
    request.on('end', () => asked.push({ method: request.method, url: request.url, headers: request.headers, body }))
    answering(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const house = await openTestHouse(rooms, {
    env: { OPENHCS_SERVICES: 'notes', OPENHCS_REMOTES: `neighbour=http://127.0.0.1:${port}`, ...env },
  })
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
  return {
    house,
    origin,
    asked,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Sooner than anything here gives up by itself. */
function soon(emitter: EventEmitter, event: string): Promise<unknown> {
  const happened = once(emitter, event, { signal: AbortSignal.timeout(8_000) })
  happened.catch(() => {})
  return happened
}

const problem = (response: ServerResponse, status: number) =>
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ status }))

const onEnd = (request: IncomingMessage, then: () => void) => request.on('end', then)

describe('what is sent on to a room elsewhere', () => {
  it('is also what it has beside its operations, by whichever method it says', async () => {
    await using near = await openNear((request, response) =>
      onEnd(request, () => response.writeHead(207, { dav: '1, 3' }).end('<found/>')),
    )
    const asking = { method: 'PROPFIND', headers: { depth: '1', authorization: 'Basic x' }, body: '<all/>' }
    const found = await fetch(`${near.origin}/shared/a/`, asking)
    assert.deepEqual([found.status, found.headers.get('dav'), await found.text()], [207, '1, 3', '<found/>'])
    assert.equal((await fetch(`${near.origin}/shared/a/`, { method: 'OPTIONS' })).status, 207)
    assert.deepEqual(
      near.asked.map(({ method, url, body, headers }) => [method, url, body, headers.depth, headers.authorization]),
      [
        ['PROPFIND', '/shared/a/', '<all/>', '1', 'Basic x'],
        ['OPTIONS', '/shared/a/', '', undefined, undefined],
      ],
    )
    assert.equal((await fetch(`${near.origin}/shared/a/`, { method: 'PUT', body: 'x' })).status, 404)
  })

  it('is what came, unread, with what this process knows in the place of what the client says', async () => {
    await using near = await openNear((request, response) => onEnd(request, () => response.writeHead(204).end()))
    const madeUp = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-real-ip': '203.0.113.9',
      'x-openhcs-call': '1.2',
      forwarded: 'for=203.0.113.9',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      'x-request-id': 'not a plain word',
    }
    const response = await fetch(`${near.origin}/v1/uploads?x=%2F..`, {
      method: 'POST',
      headers: {
        ...madeUp,
        'content-type': 'application/json; charset=latin1',
        authorization: 'Bearer x',
        prefer: 'y',
      },
      body: '{ broken \u00e9',
    })
    assert.equal(response.status, 204)
    assert.equal(response.headers.get('x-frame-options'), 'DENY')
    const [one] = near.asked
    assert.deepEqual([one?.method, one?.url, one?.body], ['POST', '/v1/uploads?x=%2F..', '{ broken \u00c3\u00a9'])
    const { host } = new URL(near.origin)
    const { headers = {} } = one ?? {}
    assert.equal(headers['content-type'], 'application/json; charset=latin1')
    assert.deepEqual([headers.authorization, headers.prefer], ['Bearer x', 'y'])
    assert.deepEqual(
      ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'].map((name) => headers[name]),
      ['127.0.0.1', host, 'http'],
    )
    assert.match(String(headers['x-request-id']), /^[\w-]{8,64}$/)
    for (const name of ['x-real-ip', 'x-openhcs-call', 'forwarded', 'traceparent'])
      assert.equal(headers[name], undefined)
  })

  it('says whose address a proxy names, where that proxy is believed', async () => {
    const trusting = { TRUST_PROXY: '127.0.0.1' }
    await using near = await openNear((_, response) => void response.writeHead(204).end(), trusting)
    const headers = { 'x-forwarded-for': '203.0.113.66, 203.0.113.9' }
    await fetch(`${near.origin}/v1/news`, { headers })
    assert.equal(near.asked[0]?.headers['x-forwarded-for'], '203.0.113.9')
  })

  it('is an operation that is public: the others have no address here', async () => {
    await using near = await openNear((_, response) => void response.writeHead(204).end())
    for (const [method, path] of [
      ['GET', '/v1/length?more=1'],
      ['POST', '/house/tellLength'],
      ['POST', '/v1/uploads/../../house/tellLength'],
    ] as const) {
      const asked = request(near.origin, { method, path })
      asked.end()
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      assert.equal(response.resume().statusCode, 404)
    }
    assert.equal(near.asked.length, 0)
  })

  it('ends when its client leaves: before the answer, and in the middle of a stream', async () => {
    let left: Promise<unknown> | undefined
    const come = new EventTarget()
    await using near = await openNear((request, response) => {
      if (request.method === 'GET') response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': one\n\n')
      left = soon(response, 'close')
      come.dispatchEvent(new Event('request'))
    })
    for (const method of ['POST', 'GET']) {
      const there = once(come, 'request')
      const asked = request(`${near.origin}/v1/${method === 'GET' ? 'news' : 'uploads'}`, { method })
      asked.on('error', () => {})
      asked.end()
      await there
      if (method === 'GET') await once(asked, 'response')
      asked.destroy()
      await left
    }
  })

  it('ends when this process is told to stop, if it would not end by itself', async () => {
    await using near = await openNear(
      (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': one\n\n'),
    )
    const asked = request(`${near.origin}/v1/news`)
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const ended = soon(response.resume(), 'end')
    await near.house.app.close()
    await ended
  })

  it('is finished before this process stops, if it ends by itself', async () => {
    let finish = () => {}
    const come = new EventTarget()
    await using near = await openNear((_, response) => {
      finish = () => void response.writeHead(204).end()
      come.dispatchEvent(new Event('request'))
    })
    const there = once(come, 'request')
    const answer = fetch(`${near.origin}/v1/uploads`, { method: 'POST' })
    await there
    const closed = near.house.app.close()
    finish()
    assert.equal((await answer).status, 204)
    await closed
  })

  it('is bounded as the operation is, with a length or without, and its client is answered whatever it still sends', async () => {
    await using near = await openNear((request, response) => {
      if (request.headers['content-type'] === 'application/pdf') return
      problem(response, 401)
    })
    const send = (size: number, type: string, chunked = false) =>
      fetch(`${near.origin}/v1/uploads`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: chunked ? new Blob([Buffer.alloc(size)]).stream() : Buffer.alloc(size),
        ...(chunked && { duplex: 'half' }),
      } as RequestInit)
    for (const chunked of [false, true]) {
      const answer = await send(3_000_000, 'application/pdf', chunked)
      assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [413, 'too-long'])
      assert.equal((await send(1_900_000, 'text/plain', chunked)).status, 401)
    }
  })

  it('is asked for once more when it came to nothing and only reads; what writes is not', async () => {
    let times = 0
    await using near = await openNear((request, response) => {
      if (request.method === 'POST') return void onEnd(request, () => request.socket.destroy())
      if (++times > 1) return void response.writeHead(204).end()
      response.writeHead(503, { 'content-type': 'application/json' }).end('{}') // as a server that is closing
    })
    assert.equal((await fetch(`${near.origin}/v1/news`)).status, 204)
    const { status, headers } = await fetch(`${near.origin}/v1/uploads`, { method: 'POST' })
    assert.deepEqual([status, headers.get('retry-after')], [503, '1'])
    assert.deepEqual(
      near.asked.map(({ method }) => method),
      ['GET', 'GET', 'POST'],
    )
  })

  it('is given up when no answer comes, and that is said', async () => {
    await using near = await openNear(() => {}, { DATABASE_STATEMENT_SECONDS: '1' })
    const { status, body } = await near.house.anonymous.get('/v1/news')
    assert.equal(status, 503)
    assert.match(body.detail, /took too long/)
    assert.equal(near.asked.length, 1)
  })

  it('is counted where it was answered', async () => {
    await using near = await openNear((request, response) => {
      if (request.method === 'GET') problem(response, 403)
      else request.socket.destroy()
    })
    assert.equal((await near.house.anonymous.get('/v1/news')).status, 403)
    assert.equal((await near.house.anonymous.post('/v1/uploads')).status, 503)
    const counted = await near.house.house.telemetry.registry.getSingleMetricAsString('openhcs_http_request_seconds')
    assert.doesNotMatch(counted, /operation="news"/)
    assert.match(counted, /_count\{room="neighbour",operation="upload",outcome="failed",status="503"\} 1/)
  })
})

describe('a room that is nowhere', () => {
  it('is looked for in no circle: two processes that name each other for it say so at once', async () => {
    const ports = [await freePort(), await freePort()]
    const lines: string[] = []
    const open = (i: number) =>
      openTestHouse(rooms, {
        env: {
          OPENHCS_SERVICES: 'neighbour',
          OPENHCS_REMOTES: `notes=http://127.0.0.1:${ports[1 - i]}`,
          OPENHCS_SECRET_KEY: String(i).repeat(64), // the circle is seen without a common key, too
        },
        log: (line) => lines.push(line),
      })
    await using first = await open(0)
    await using second = await open(1)
    await first.app.listen({ host: '127.0.0.1', port: ports[0] as number })
    await second.app.listen({ host: '127.0.0.1', port: ports[1] as number })

    const { status, body } = await first.anonymous.get('/v1/rare')

    assert.deepEqual([status, body.code], [500, 'exception'])
    const told = lines.map((line) => JSON.parse(line)).filter(({ operation }) => operation === 'rare')
    assert.deepEqual(told.map(({ msg }) => msg).sort(), ['answered', 'forwarded'])
  })

  it('is missed, not denied, where nobody is named for it', async () => {
    await using house = await openTestHouse(rooms, { env: { OPENHCS_SERVICES: 'neighbour' } })
    const { status, body } = await house.anonymous.get('/v1/rare')
    assert.deepEqual([status, body.code], [500, 'exception'])
  })
})
