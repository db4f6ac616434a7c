import { after } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { environment } from './belongings.ts'
import { openWorld, type World } from './world.ts'

/** Each test file makes one world (3 s), and opens as many copies of it as it asks for (0.3 s), each a house of its own. */
let first: ReturnType<typeof makeWorld> | undefined
after(async () => (await first)?.from[Symbol.asyncDispose]())

async function makeWorld() {
  const { house, clients, ids } = await openWorld()
  return { clients, ids, from: await house.putAway() }
}

export async function copyOfWorld(
  env: Record<string, string> = {},
  log?: (line: string) => void,
): Promise<World & AsyncDisposable> {
  first ??= makeWorld()
  const { clients, ids, from } = await first
  const house = await openTestHouse(everything, { env: { ...environment, ...env }, from, ...(log && { log }) })
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
}
