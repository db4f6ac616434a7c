import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { detachOldest, verifyWith } from '#platform/audit/detach.ts'
import { emptyAuditNet, makeAuditPartitions } from '#platform/audit/partitions.ts'
import { connectOwner } from '#platform/backup/tables.ts'
import type { Config } from '#platform/config.ts'
import { version } from '#platform/version.ts'
import { keyFrom, openSource } from './arguments.ts'
import { openInstallation } from './installation.ts'

const USAGE = `Usage: openhcs audit verify [<file>…] [--key-file <file>]
       openhcs audit partition
       openhcs audit detach <folder> --older-than <days> [--key-file <file>]`

interface Given {
  client: pg.Client
  config: Config
  /** Files are encrypted with it. */
  key: Buffer | undefined
}

export async function auditCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'key-file': { type: 'string' }, 'older-than': { type: 'string' } },
  })
  const [what, ...paths] = positionals
  const days = Number(values['older-than'] ?? Number.NaN)
  const [folder, more] = paths
  const key = keyFrom(values['key-file'])
  if (what === 'verify') return withOwner(key, (given) => verify(given, paths))
  if (what === 'partition' && !folder) return withOwner(key, partition)
  if (what === 'detach' && folder && !more && Number.isInteger(days) && days > 0)
    return withOwner(key, (given) => detach(given, folder, days))
  throw new Error(USAGE)
}

async function withOwner(key: Buffer | undefined, act: (given: Given) => Promise<void>): Promise<void> {
  await using installation = await openInstallation()
  const { config } = installation
  const client = await connectOwner(config.databaseOwnerUrl.reveal(), 'audit')
  try {
    await act({ client, config, key })
  } finally {
    await client.end()
  }
}

const sendOf = (client: pg.Client) => (text: string, values?: unknown[]) => client.query(text, values)

/** Exit code 1 when a sealed row was altered, removed or added, or the end of the chain is gone that the hourly look had seen. */
async function verify({ client, config, key }: Given, paths: string[]): Promise<void> {
  const { rows } = await client.query('select coalesce(max(newest), 0) as seen from identity.audit_check')
  const verdict = await verifyWith(client, config.secretKey.reveal(), paths.map(openSource), key, rows[0].seen)
  process.stdout.write(`${verdict.rows} rows under ${verdict.seals} seals, ${verdict.unsealed} not sealed yet.\n`)
  if (verdict.elsewhere > 0)
    process.stdout.write(
      `${verdict.elsewhere} rows were handed out, and their files not given: only that their seals follow one another was checked.\n`,
    )
  if (verdict.strange > 0) process.stdout.write(`${verdict.strange} rows in the files were never sealed.\n`)
  for (const { seal, sealedAt, reason } of verdict.broken)
    process.stdout.write(`Seal ${seal} of ${sealedAt.toISOString()}: ${reason}.\n`)
  if (verdict.broken.length + verdict.strange > 0) process.exitCode = 1
  else process.stdout.write('The chain is whole.\n')
}

/** What the worker does every hour; and rows that had no partition get one. */
async function partition({ client }: Given): Promise<void> {
  const send = sendOf(client)
  const made = await makeAuditPartitions(send, new Date())
  await client.query(`begin; set local lock_timeout = '2s'`)
  const filled = await emptyAuditNet(send)
  await client.query('commit')
  for (const name of made) process.stdout.write(`${name}: made.\n`)
  for (const { name, rows } of filled) process.stdout.write(`${name}: made, with ${rows} rows that had no partition.\n`)
  if (made.length + filled.length === 0) process.stdout.write('Nothing was missing.\n')
}

const DAY_MS = 86_400_000

async function detach({ client, config, key }: Given, folder: string, days: number): Promise<void> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw new Error(`${folder} is no folder.`)
  const now = new Date()
  const before = new Date(now.getTime() - days * DAY_MS)
  const secretKey = config.secretKey.reveal()
  let count = 0
  for (;;) {
    const done = await detachOldest({ client, folder, before, secretKey, key, version, now })
    if (!done) break
    const { from, to, rows, first, last } = done.detached
    process.stdout.write(
      `${done.path}: ${rows} rows (${from} to ${to - 1}) of ${first.toISOString()} to ${last.toISOString()}. They are in no other place now.\n`,
    )
    count++
  }
  if (count === 0) process.stdout.write(`No partition is full and all of it older than ${days} days.\n`)
}
