import type { FastifyInstance } from 'fastify'
import type { House } from './house.ts'
import type { KeptBy } from './keeper.ts'
import type { Limits } from './limits.ts'
import type { OperationSpec } from './operation.ts'
import { identify, noteAnswers, spanOf } from './requests.ts'
import type { AnyService, Ground } from './service.ts'

/** Addresses of rooms here beside their operations: under the same limits for each address, and behind the same headers. */
export async function addMounts(app: FastifyInstance, house: House, limits: Limits): Promise<void> {
  const keepers = keepersOf(house.services)
  for (const { name, mount } of house.rooms) {
    if (!mount) continue
    const checks = new Map<OperationSpec, ReturnType<Limits['forOperation']>>()
    const ground: Ground = {
      config: house.config,
      keepers,
      context: (errand) => house.context(name, errand),
      async caller(request, reply) {
        const caller = await identify(house, request)
        if (caller.actor.account) await limits.perAccount(request, reply, caller.actor.account)
        return { ...caller, span: spanOf(request) }
      },
      async count(operation, request, reply) {
        if (!checks.has(operation)) checks.set(operation, limits.forOperation(operation))
        await checks.get(operation)?.(request, reply)
      },
    }
    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        const operation = route.config?.operation ?? `${name} pages`
        route.config = { ...route.config, operation }
        house.telemetry.homes.set(operation, name)
      })
      noteAnswers(scope, house)
      scope.addHook('onRequest', (request, reply) => limits.perAddress(request, reply))
      await mount(scope, ground)
    })
  }
}

/** Of every room there is: its code runs where the face does, in the transaction of whoever asks. */
const keepersOf = (services: readonly AnyService[]): ReadonlyMap<string, KeptBy> =>
  new Map(
    services.flatMap(({ name: room, resources, keeper }) => {
      const by = keeper && { room, keeper }
      return by ? resources.map((type) => [type, by] as const) : []
    }),
  )
