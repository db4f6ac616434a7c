import pg from 'pg'
import { pino } from 'pino'
import { system } from '#platform/auth.ts'
import { openHouse } from '#platform/house.ts'
import { newId } from '#platform/ids.ts'
import { type KeyState, listKeys, rotateKeys, type SealedRoom } from '#platform/rotate-keys.ts'
import { listSigningKeys, type SigningKeyState, withdrawSigningKey } from '#platform/signing/keys.ts'
import { everything } from '#services.ts'
import { openInstallation } from './installation.ts'

/** The keys of encrypted data, and those that sign: which there are, and new ones for everything, while the service runs. */
export async function keysCommand([what, kid]: string[]): Promise<void> {
  if (what !== 'list' && what !== 'rotate' && !(what === 'withdraw' && kid))
    throw new Error('Usage: openhcs keys list | rotate | withdraw <kid>')
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
    if (what === 'withdraw' && kid && !(await withdrawSigningKey(send, kid, new Date())))
      throw new Error('There is no such key that signs: openhcs keys list shows those that there are.')
    for (const key of await listKeys(send, rooms)) process.stdout.write(`${lineOf(key)}\n`)
    for (const key of await listSigningKeys(send)) process.stdout.write(`${lineOfSigning(key)}\n`)
  } finally {
    await owner.end()
    await house.close()
  }
}

function lineOf({ name, createdAt, retiredAt, current, count }: KeyState): string {
  const state = current ? 'current' : retiredAt ? `retired ${retiredAt.toISOString()}` : 'being replaced'
  return `${name}  made ${createdAt.toISOString()}  ${state}  ${count} sealed texts`
}

function lineOfSigning({ kid, createdAt, retiredAt, withdrawnAt }: SigningKeyState): string {
  const state = withdrawnAt
    ? `withdrawn ${withdrawnAt.toISOString()}`
    : retiredAt
      ? `retired ${retiredAt.toISOString()}, what it signed still counts`
      : 'signs'
  return `${kid}  made ${createdAt.toISOString()}  ${state}`
}
