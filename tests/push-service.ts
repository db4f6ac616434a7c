import { createDecipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Pushed {
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface TestPushService extends AsyncDisposable {
  readonly origin: string
  /** For a house whose browsers are told from here. */
  readonly env: Record<string, string>
  readonly pushed: Pushed[]
  /** Of the next answers; by path where one is named. 302 leads to an address of its own, which must not be followed. */
  status: number
  readonly statusOf: Map<string, number>
  retryAfter: string | undefined
  browser(path: string): Browser
}

/** Of somebody who subscribed: what its page posts, and how it reads what comes. */
export interface Browser {
  path: string
  subscription: { endpoint: string; expirationTime: null; keys: { p256dh: string; auth: string } }
  // biome-ignore lint/suspicious/noExplicitAny: what a page gets, whose shape tests assert
  read(pushed: Pushed): any
}

/** Stands where the push service of a browser is, on a free port of this machine. */
export async function openPushService(): Promise<TestPushService> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = String(request.url)
    service.pushed.push({ path, headers: request.headers, body: Buffer.concat(chunks) })
    const status = service.statusOf.get(path) ?? service.status
    const { retryAfter } = service
    response.writeHead(status, {
      ...(status === 302 && { location: '/elsewhere' }),
      ...(retryAfter && { 'retry-after': retryAfter }),
    })
    response.end(status === 200 ? 'x'.repeat(100_000) : '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const service: TestPushService = {
    origin,
    env: {
      VAPID_SUBJECT: 'mailto:ops@openhcs.test',
      PUSH_HOSTS: '127.0.0.1,*.push.example',
      WEBHOOK_PRIVATE_HOSTS: '127.0.0.1',
    },
    ...{ pushed: [], status: 201, statusOf: new Map(), retryAfter: undefined },
    browser: (path) => browserAt(origin, path),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return service
}

function browserAt(origin: string, path: string): Browser {
  const [pair, auth] = [createECDH('prime256v1'), randomBytes(16)]
  const keys = { p256dh: pair.generateKeys('base64url'), auth: auth.toString('base64url') }
  return {
    path,
    subscription: { endpoint: `${origin}${path}`, expirationTime: null, keys },
    read: ({ body }) => JSON.parse(opened(body, pair, auth).toString('utf8')),
  }
}

/** RFC 8291 §3.4 and RFC 8188 §2, from their pages: one record, whose padding ends with a 2. */
function opened(body: Buffer, pair: ECDH, auth: Buffer): Buffer {
  const [salt, length] = [body.subarray(0, 16), body.readUInt8(20)]
  const theirs = body.subarray(21, 21 + length)
  const derive = (secret: Buffer, with_: Buffer, info: Buffer, size: number) =>
    Buffer.from(hkdfSync('sha256', secret, with_, info, size))
  const about = Buffer.concat([Buffer.from('WebPush: info\0'), pair.getPublicKey(), theirs])
  const secret = derive(pair.computeSecret(theirs), auth, about, 32)
  const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
  const record = body.subarray(21 + length)
  const opening = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(record.subarray(-16))
  const padded = Buffer.concat([opening.update(record.subarray(0, -16)), opening.final()])
  const end = padded.findLastIndex((octet) => octet !== 0)
  if (padded[end] !== 2) throw new Error('This is not the last record')
  return padded.subarray(0, end)
}
