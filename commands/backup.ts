import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { keepFile } from '#platform/backup/keep.ts'
import { type BackupReport, noteBackup, writeBackup } from '#platform/backup.ts'
import type { Config } from '#platform/config.ts'
import { verifyBackup } from '#platform/restore.ts'
import { version } from '#platform/version.ts'
import { keyFrom, openSource } from './arguments.ts'
import { openInstallation } from './installation.ts'

const USAGE = `Usage: openhcs backup <file, folder or -> [--key-file <file>]
       openhcs backup verify <file or -> [--key-file <file>]`

export async function backupCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'key-file': { type: 'string' } },
  })
  const key = keyFrom(values['key-file'])
  const [first, second] = positionals
  if (first === 'verify' && second) return verify(second, key)
  if (!first || first === 'verify' || second) throw new Error(USAGE)
  if (first === '-' && process.stdout.isTTY)
    throw new Error('A backup is not for the screen: send it to a file or a program.')
  await using installation = await openInstallation()
  const { path, report } = await backUp(installation.config, first, key)
  const apart = installation.config.s3
    ? '\nUploads are in a bucket, and not in it: see docs/backup.md for what keeps them.'
    : ''
  process.stderr.write(`${describe(report)}${apart}\n${path === '-' ? '' : `${path}\n`}`)
}

/** To a file, into a folder, or to standard output (`-`); and notes that it was made. */
export async function backUp(
  config: Config,
  where: string,
  key?: Buffer,
): Promise<{ path: string; report: BackupReport }> {
  const write = (target: Writable) =>
    writeBackup({
      ownerUrl: config.databaseOwnerUrl.reveal(),
      jobsOwnerUrl: config.jobsDatabaseOwnerUrl?.reveal(),
      secretKey: config.secretKey.reveal(),
      filesFolder: join(config.OPENHCS_HOME, 'files'),
      version,
      target,
      key,
    })
  const name = `openhcs-${new Date().toISOString().replaceAll(':', '').slice(0, 17)}Z.backup`
  const { path, result } =
    where === '-' ? { path: '-', result: await write(process.stdout) } : await keepFile(where, name, write)
  // It is made all the same where it cannot be noted: on a standby, or before the migration that brings the table.
  await noteBackup(config.databaseOwnerUrl.reveal(), result).catch(({ message }: Error) => {
    process.stderr.write(`The backup is not noted in the database, so doctor will not know of it: ${message}\n`)
  })
  return { path, report: result }
}

async function verify(path: string, key: Buffer | undefined): Promise<void> {
  const { head, end } = await verifyBackup(openSource(path), key)
  for (const { name, rows, checksum } of end.tables)
    process.stdout.write(`${checksum.slice(0, 16)}  ${String(rows).padStart(12)}  ${name}\n`)
  process.stdout.write(
    `Whole: made at ${head.madeAt} by release ${head.version} on PostgreSQL ${head.postgres}; ${end.files.count} files.\n`,
  )
}

function describe({ rows, tables, files, bytes, sha256, head }: BackupReport): string {
  const rotten = files.damaged > 0 ? ` ${files.damaged} files are not what their names say: damaged before.` : ''
  return `Backed up ${rows} rows of ${tables.length} tables and ${files.count} files as of ${head.madeAt}: ${(bytes / 1e6).toFixed(1)} MB, digest ${sha256}.${rotten}\nThe secret key is not in it: keep that apart, where the backup is not.`
}
