import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'

/** A client of a websocket, which keeps what it is told. */
export class Listener {
  readonly told: string[] = []
  readonly socket: WebSocket
  readonly closed: Promise<number>

  constructor(base: string, token?: string, options: ClientOptions = {}) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    this.socket = new WebSocket(`${base.replace(/^http/, 'ws')}/websocket`, { ...options, headers })
    this.socket.on('message', (data) => this.told.push(String(data)))
    this.socket.on('error', () => {}) // `close` follows
    this.closed = once(this.socket, 'close').then(([code]) => code)
  }

  async say(words: string): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open')
    this.socket.send(words)
    return this
  }

  /** Until this is the newest that it was told. */
  async hears(words: string): Promise<void> {
    while (this.told.at(-1) !== words) await once(this.socket, 'message', { signal: AbortSignal.timeout(15_000) })
    this.told.splice(0)
  }

  /** The status with which it was refused. */
  async refused(): Promise<number | undefined> {
    const [, response] = await once(this.socket, 'unexpected-response')
    response.resume()
    return response.statusCode
  }
}
