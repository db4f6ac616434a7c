import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { examine } from '#platform/doctor.ts'
import { verifyBackup } from '#platform/restore.ts'
import { version } from '#platform/version.ts'
import { everything } from '#services.ts'
import { keyFrom, openSource } from './arguments.ts'
import { backUp } from './backup.ts'
import { tableOf } from './doctor.ts'
import { type Installation, migrateInstallation, openInstallation } from './installation.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

/**
 * Brings one machine to this release: looks, backs up, migrates, looks again, and says how to go back. Whoever has several machines lets the release
 * driver do it (infra/release).
 */
export async function upgrade(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'key-file': { type: 'string' } },
  })
  if (positionals.length > 1) throw new Error('Usage: openhcs upgrade [<folder for the backup>] [--key-file <file>]')
  const key = keyFrom(values['key-file'])
  await using installation = await openInstallation()
  if (!(await isWell(installation))) throw new Error('Nothing was changed: see to what is bad first.')
  const path = await backUpBefore(installation, positionals[0], key)
  // The release before goes on working on what this leaves.
  const ran = await migrateInstallation(installation, 'expand')
  say(ran.length > 0 ? `Migrated:\n  ${ran.join('\n  ')}` : 'The schema was up to date.')
  if (!(await isWell(installation))) process.exitCode = 1
  say(`This is release ${version} now: start it.
To go back, start the release before: it works on this schema, and keeps what was written since.
Only if the data itself must go back: make an empty database, and there, with the release before,
  openhcs restore ${path}
which loses everything that was written after the backup.
When you are sure that you stay: openhcs migrate contract, which takes away what only the release before needs.`)
}

async function isWell({ config }: Installation): Promise<boolean> {
  const findings = await examine({ config, services: everything })
  say(tableOf(findings))
  return findings.every(({ verdict }) => verdict !== 'bad')
}

/** Nothing is migrated before a backup is there that can be read. */
async function backUpBefore(
  { config }: Installation,
  folder: string | undefined,
  key: Buffer | undefined,
): Promise<string> {
  const where = folder ?? join(config.OPENHCS_HOME, 'backups')
  await mkdir(where, { recursive: true, mode: 0o700 })
  const { path, report } = await backUp(config, where, key)
  await verifyBackup(openSource(path), key)
  say(`Backed up: ${path} (${report.rows} rows, looked through). It does not hold the secret key.`)
  return path
}
