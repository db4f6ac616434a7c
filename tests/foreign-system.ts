import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody else's system, which is told by webhooks. */
export interface ForeignSystem extends AsyncDisposable {
  url: string
  /** What it answers from now on. */
  status: number
  location: string | undefined
  /** What happens while it is waited for. */
  meanwhile: (() => Promise<unknown>) | undefined
  received: { method: string; url: string; body: string; headers: IncomingHttpHeaders }[]
}

export async function startForeignSystem(): Promise<ForeignSystem> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    system.received.push({ method, url, body: Buffer.concat(chunks).toString(), headers })
    await system.meanwhile?.()
    response.writeHead(system.status, system.location === undefined ? {} : { location: system.location }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const system: ForeignSystem = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    status: 204,
    location: undefined,
    meanwhile: undefined,
    received: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return system
}
