import pg from 'pg'
import { pino } from 'pino'
import { system } from '#platform/auth.ts'
import { openHouse } from '#platform/house.ts'
import { newId } from '#platform/ids.ts'
import { type KeyState, listKeys, rotateKeys, type SealedRoom } from '#platform/rotate-keys.ts'
import { everything } from '#services.ts'
import { openInstallation } from './installation.ts'

/** The keys of encrypted data: which there are, and a new one for everything, while the service runs. */
export async function keysCommand([what]: string[]): Promise<void> {
  if (what !== 'list' && what !== 'rotate') throw new Error('Usage: openhcs keys list | rotate')
  await using installation = await openInstallation()
  const config = Object.freeze({ ...installation.config, services: [] }) // every room, whichever this machine serves
  const house = openHouse({ config, services: everything, log: pino({ level: 'warn' }) })
  const owner = new pg.Client({ connectionString: config.databaseOwnerUrl.reveal() })
  try {
    await owner.connect()
    const send = (text: string, values?: unknown[]) => owner.query(text, values)
    const context = (room: string) => house.context(room, { actor: system, traceId: newId(), doing: `keys ${what}` })
    const rooms: SealedRoom[] = everything.flatMap(({ name: room, sealed }) =>
      sealed ? [{ room, sealed, context: () => context(room) }] : [],
    )
    if (what === 'rotate') {
      const { current, moved } = await rotateKeys({ send, config, rooms, now: new Date() })
      process.stdout.write(`Everything is under ${current} now; ${moved} rows were changed for it.\n`)
    }
    for (const key of await listKeys(send, rooms)) process.stdout.write(`${lineOf(key)}\n`)
  } finally {
    await owner.end()
    await house.close()
  }
}

function lineOf({ name, createdAt, retiredAt, current, count }: KeyState): string {
  const state = current ? 'current' : retiredAt ? `retired ${retiredAt.toISOString()}` : 'being replaced'
  return `${name}  made ${createdAt.toISOString()}  ${state}  ${count} sealed texts`
}
