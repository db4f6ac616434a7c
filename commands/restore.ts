import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { verifyAudit } from '#platform/audit/verify.ts'
import type { Config } from '#platform/config.ts'
import { type RestoreReport, restoreBackup, verifyBackup } from '#platform/restore.ts'
import { everything } from '#services.ts'
import { keyFrom, openSource } from './arguments.ts'
import { openInstallation } from './installation.ts'

export async function restoreCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'key-file': { type: 'string' }, 'other-key': { type: 'boolean', default: false } },
  })
  const [path, more] = positionals
  if (!path || more) throw new Error('Usage: openhcs restore <file or -> [--key-file <file>] [--other-key]')
  const key = keyFrom(values['key-file'])
  // A file is looked through first, so that a damaged one changes nothing. What comes through a pipe is judged on the way.
  if (path !== '-') await verifyBackup(openSource(path), key)
  await using installation = await openInstallation()
  const report = await restoreInto(installation.config, path, { key, otherKey: values['other-key'] })
  describe(report)
  await sayAudit(installation.config)
}

const restoreInto = (config: Config, path: string, options: { key: Buffer | undefined; otherKey: boolean }) =>
  restoreBackup({
    ...options,
    ownerUrl: config.databaseOwnerUrl.reveal(),
    appUrl: config.databaseUrl.reveal(),
    services: everything,
    secretKey: config.secretKey.reveal(),
    filesFolder: join(config.OPENHCS_HOME, 'files'),
    source: openSource(path),
  })

function describe({ head, end, unlocked }: RestoreReport): void {
  for (const { name, rows, checksum } of end.tables)
    process.stdout.write(`${checksum.slice(0, 16)}  ${String(rows).padStart(12)}  ${name}: the same\n`)
  process.stdout.write(
    `Restored what was at ${head.madeAt}, with ${end.files.count} files. Every table has the checksum that it had.\n`,
  )
  if (unlocked > 0) process.stdout.write(`${unlocked} jobs were being worked on then, and will be done again.\n`)
}

async function sayAudit(config: Config): Promise<void> {
  const client = new pg.Client({ connectionString: config.databaseOwnerUrl.reveal(), options: '-c timezone=UTC' })
  await client.connect()
  try {
    const { seals, broken } = await verifyAudit((text, values) => client.query(text, values), config.secretKey.reveal())
    process.stdout.write(
      broken.length === 0
        ? `The audit is whole: ${seals} seals. Next: openhcs migrate, openhcs doctor, and start.\n`
        : `The audit has ${broken.length} seals that do not fit: openhcs audit verify says which.\n`,
    )
    if (broken.length > 0) process.exitCode = 1
  } finally {
    await client.end()
  }
}
