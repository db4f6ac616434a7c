import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { system } from '#platform/auth.ts'
import { openHouse } from '#platform/house.ts'
import { newId } from '#platform/ids.ts'
import { createAdministrator } from '#services/identity/create-administrator.ts'
import { everything } from '#services.ts'
import { migrateInstallation, openInstallation } from './installation.ts'

/** Makes the first administrator: roles are granted, and somebody has to grant the first. The password is read from standard input, so that it is in no process list or shell history. */
export async function administrator([what, userName]: string[]): Promise<void> {
  if (what !== 'create' || !userName)
    throw new Error('Usage: openhcs administrator create <user name>   (the password is read from standard input)')
  if (process.stdin.isTTY) process.stderr.write('Password, then Ctrl-D: ')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  await using installation = await openInstallation()
  await migrateInstallation(installation)
  const house = openHouse({ config: installation.config, services: everything, log: pino({ level: 'warn' }) })
  try {
    const ctx = house.context('identity', { actor: system, traceId: newId(), doing: 'administrator create' })
    await createAdministrator(ctx as never, { userName, password, name: userName })
    process.stdout.write(`Administrator ${userName} can sign in now.\n`)
  } finally {
    await house.close()
  }
}
