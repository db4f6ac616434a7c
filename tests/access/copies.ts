import { after } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { environment } from './belongings.ts'
import { openWorld, type World } from './world.ts'

/** Each test file makes one world (3 s), and opens as many copies of it as it asks for (0.3 s), each a house of its own. */
let first: ReturnType<typeof makeWorld> | undefined
after(async () => (await first)?.from[Symbol.asyncDispose]())

async function makeWorld(settled: boolean) {
  const { house, clients, ids } = await openWorld()
  if (settled) await house.work()
  return { clients, ids, from: await house.putAway() }
}

interface Copying {
  env?: Record<string, string>
  log?: (line: string) => void
  /** What follows from how it was made has happened, such as that whoever is booked with looks after who comes. The same for all of a file. */
  settled?: boolean
}

export async function copyOfWorld({ env = {}, log, settled = false }: Copying = {}): Promise<World & AsyncDisposable> {
  first ??= makeWorld(settled)
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
