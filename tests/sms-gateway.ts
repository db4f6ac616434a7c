import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestGateway extends AsyncDisposable {
  readonly url: string
  /** What was handed over, in order. */
  readonly messages: { channel: string; to: string; text: string; authorization: string | undefined }[]
  /** The status of the next answers; 302 leads to an address of its own, which must not be followed. */
  status: number
  /** Requests that followed a redirect. */
  followed: number
  /** Waits until `count` messages have come; fails after ten seconds. */
  received(count: number): Promise<void>
}

const PATIENCE_MS = 60_000

/** Stands where a provider of text messages and calls is, on a free port of this machine. */
export async function openGateway(): Promise<TestGateway> {
  const arrivals = new EventTarget()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url !== '/messages') {
      gateway.followed++
      return response.writeHead(204).end()
    }
    const message = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    gateway.messages.push({ ...message, authorization: request.headers.authorization })
    response.writeHead(gateway.status, gateway.status === 302 ? { location: '/elsewhere' } : {}).end('{}')
    arrivals.dispatchEvent(new Event('message'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const gateway: TestGateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`,
    messages: [],
    status: 200,
    followed: 0,
    async received(count) {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      while (gateway.messages.length < count) await once(arrivals, 'message', { signal })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return gateway
}
