import { type IncomingMessage, request as overHttp } from 'node:http'
import { request as overTls } from 'node:https'
import type { Duplex } from 'node:stream'

interface Onward {
  origin: string
  path: string
  headers: Record<string, string | string[]>
  signal: AbortSignal
}

/** The other side went over to another protocol, or answered in this one. */
export type UpgradeAnswer = { response: IncomingMessage; far?: Duplex; head?: Buffer }

const CONNECT_MS = 10_000

/** Sends a request for a websocket on (RFC 6455 §4.1). */
export function askToUpgrade({ origin, path, headers, signal }: Onward): Promise<UpgradeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<UpgradeAnswer>()
  const ask = origin.startsWith('https:') ? overTls : overHttp
  const asked = ask(new URL(path, origin), {
    headers: { ...headers, connection: 'Upgrade', upgrade: 'websocket' },
    signal,
    agent: false,
    timeout: CONNECT_MS,
  })
  asked.on('timeout', () => asked.destroy(new Error(`${origin} does not answer`)))
  asked.on('error', reject)
  asked.on('response', (response) => resolve({ response }))
  asked.on('upgrade', (response, far, head) => {
    far.setTimeout(0)
    resolve({ response, far, head })
  })
  asked.end()
  return promise
}

/** From now on what either side says goes to the other, and when one leaves so does the other. */
export function join(near: { socket: Duplex; head: Buffer }, { response, far, head }: UpgradeAnswer & { far: Duplex }) {
  const lines = Object.entries(response.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}`),
  )
  near.socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
  if (head?.length) near.socket.write(head)
  if (near.head.length > 0) far.write(near.head)
  for (const [one, other] of [
    [near.socket, far],
    [far, near.socket],
  ] as const) {
    one.on('error', () => one.destroy())
    one.once('close', () => other.destroy())
    one.pipe(other)
  }
}
