import type { FastifyInstance } from 'fastify'
import { WebSocketServer } from 'ws'
import { Problem } from '#platform/errors.ts'
import { admit } from '#platform/requests.ts'
import type { Ground } from '#platform/service.ts'
import { upgradeOf } from '#platform/upgrades.ts'
import type { RecordsTables } from '../tables.ts'
import { WEBSOCKET } from './address.ts'
import { follow } from './follow.ts'
import { socketsOf } from './sockets.ts'

/** Whoever brings a token must be let see Subscriptions by it; who brings none has one of `$get-ws-binding-token`. */
const READ = { access: 'Subscription.r', patient: 'condition' } as const

/** Words and an id: what is longer is none of ours. */
const LONGEST_MESSAGE = 1_024

/** hl7.org/fhir/R4/subscription.html#websocket: who is told opens it, and says of what. */
export function mountWebsocket(scope: FastifyInstance, ground: Ground<RecordsTables>): void {
  const server = new WebSocketServer({ noServer: true, maxPayload: LONGEST_MESSAGE, perMessageDeflate: false })
  scope.route({
    method: 'GET',
    url: WEBSOCKET,
    config: { operation: 'fhir websocket' },
    async handler(request, reply) {
      const { actor, token } = await ground.caller(request, reply)
      const upgrade = upgradeOf(request.raw)
      if (!upgrade) throw new Problem('invalid', 'This address is for websockets: ask with Upgrade: websocket.')
      const who = { actor: actor.kind === 'nobody' ? actor : admit(actor, READ), token }
      const ctx = ground.context({ ...who, traceId: request.id, doing: 'fhir websocket', log: request.log })
      const sockets = await socketsOf(ctx)
      sockets.refuseIfFull()
      reply.hijack()
      server.handleUpgrade(request.raw, upgrade.socket as never, upgrade.head, (socket) => follow(ctx, sockets, socket))
    },
  })
}
