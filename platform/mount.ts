import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import type { Context, Errand } from './context.ts'
import type { House } from './house.ts'
import type { Limits } from './limits.ts'
import type { OperationSpec } from './operation.ts'

/** What a room gets for pages and protocols that are no operations of a contract. */
export interface Ground<T = unknown> {
  readonly config: Config
  context(errand: Errand): Context<T>
  /** Counts a request as one of this operation, where that limits them. */
  count(operation: OperationSpec, request: FastifyRequest, reply: FastifyReply): Promise<void>
}

/** Addresses of rooms here beside their operations: under the same limits for each address, and behind the same headers. */
export async function addMounts(app: FastifyInstance, house: House, limits: Limits): Promise<void> {
  for (const { name, mount } of house.rooms) {
    if (!mount) continue
    const checks = new Map<OperationSpec, ReturnType<Limits['forOperation']>>()
    const ground: Ground = {
      config: house.config,
      context: (errand) => house.context(name, errand),
      async count(operation, request, reply) {
        if (!checks.has(operation)) checks.set(operation, limits.forOperation(operation))
        await checks.get(operation)?.(request, reply)
      },
    }
    await app.register(async (scope) => {
      scope.addHook('onRequest', (request, reply) => limits.perAddress(request, reply))
      await mount(scope, ground)
    })
  }
}
