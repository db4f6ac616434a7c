import pg from 'pg'
import { verifyAudit } from '#platform/audit.ts'
import { openInstallation } from './installation.ts'

/** Exit code 1 when a sealed row was altered, removed or added. */
export async function auditCommand([what]: string[]): Promise<void> {
  if (what !== 'verify') throw new Error('Usage: openhcs audit verify')
  await using installation = await openInstallation()
  const client = new pg.Client({
    connectionString: installation.config.databaseOwnerUrl.reveal(),
    options: '-c search_path=platform -c timezone=UTC',
  })
  await client.connect()
  try {
    const verdict = await verifyAudit(
      (text, values) => client.query(text, values),
      installation.config.secretKey.reveal(),
    )
    process.stdout.write(`${verdict.rows} rows under ${verdict.seals} seals, ${verdict.unsealed} not sealed yet.\n`)
    for (const { seal, sealedAt, reason } of verdict.broken)
      process.stdout.write(`Seal ${seal} of ${sealedAt.toISOString()}: ${reason}.\n`)
    if (verdict.broken.length > 0) process.exitCode = 1
    else process.stdout.write('The chain is whole.\n')
  } finally {
    await client.end()
  }
}
