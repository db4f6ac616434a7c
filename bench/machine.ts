import { cpus, loadavg, totalmem } from 'node:os'
import { type Country, withClient } from './country.ts'

/** Where the figures come from, in one line. */
export async function machine({ ownerUrl }: Country, loadBefore: number): Promise<string> {
  const version = await withClient(
    ownerUrl,
    async (client) => (await client.query('show server_version')).rows[0].server_version,
  )
  const cores = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return [
    new Date().toISOString().slice(0, 10),
    `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${memory} GB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${version}, durable`,
    `load average before the run ${loadBefore.toFixed(1)}${loadBefore > cores.length / 2 ? ': others were at work, so requests/s and milliseconds say little here; the ratios and counts do' : ''}`,
  ].join('; ')
}

/** Processes that wanted a core in the last minute. */
export const loadNow = (): number => loadavg()[0] ?? 0
