import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { environment } from './belongings.ts'
import { openWorld, type World } from './world.ts'

/** One world, made once (3 s), and as many copies of it as are asked for (0.3 s), each a house of its own. */
export async function worldToCopy() {
  const { house, clients, ids } = await openWorld()
  const from = await house.putAway()
  return {
    async open(): Promise<World & AsyncDisposable> {
      const house = await openTestHouse(everything, { env: environment, from })
      const here = Object.entries(clients).map(([caller, client]) => [
        caller,
        { ...client, ...house.withToken(client.token), account: client.account },
      ])
      return {
        house,
        ids,
        clients: Object.fromEntries(here),
        [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
      }
    },
    remove: () => from[Symbol.asyncDispose](),
  }
}
