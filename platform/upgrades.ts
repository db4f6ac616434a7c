import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

/** The connection of a request that asks to go on as a websocket, and what came on it already. */
export interface Upgrade {
  socket: Duplex
  head: Buffer
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>()

/** Only such requests are taken out of HTTP; whatever else asks for another protocol is answered in this one (RFC 9110 §7.8). */
export const asksForWebsocket = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket'

/** They go through the router as all requests do, so that limits, who asks and refusals are the same: a handler takes the connection over, or answers. */
export function acceptUpgrades(app: FastifyInstance): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as never)
    response.once('finish', () => socket.end())
    upgrades.set(request, { socket, head })
    app.routing(request, response)
  })
}

/** Of a request that asks for a websocket; the response has no more to do with the connection. */
export const upgradeOf = (request: IncomingMessage): Upgrade | undefined => upgrades.get(request)
