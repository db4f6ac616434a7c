import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestAfricasTalking extends AsyncDisposable {
  /** For SMS_PROVIDERS. */
  readonly url: string
  /** Forms that were handed over, in order, with the key that came with them. */
  readonly messages: Record<string, string>[]
  /** Their code for the next recipients: 101 sent, 403 no such number, 405 no money. */
  statusCode: number
  /** Of the next answers. */
  status: number
}

/** Stands where Africa's Talking is, on a free port of this machine. */
export async function openAfricasTalking(): Promise<TestAfricasTalking> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
    provider.messages.push({ ...form, path: String(request.url), apiKey: String(request.headers.apikey) })
    const { statusCode } = provider
    const recipient = { statusCode, number: form.to, status: 'any', messageId: `ATXid_${provider.messages.length}` }
    response.writeHead(provider.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ SMSMessageData: { Message: 'Sent to 1/1', Recipients: [recipient] } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const provider: TestAfricasTalking = {
    url: `africastalking+http://clinic:their%20key@127.0.0.1:${port}?from=CLINIC&callback=our-key`,
    messages: [],
    statusCode: 101,
    status: 201,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return provider
}
