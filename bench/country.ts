import pg from 'pg'
import { migrate } from '#platform/migrate.ts'
import { everything } from '#services.ts'
import { bookable, searchable } from './country-sql.ts'
import { SEATS, tokenHashes } from './people.ts'

export interface Country {
  practitioners: number
  ownerUrl: string
  appUrl: string
  freeRanges: number
  loadSeconds: number
  megabytes: number
}

interface Server {
  ownerUrl: string
  appUrl: string
}

export const inDatabase = (url: string, name: string) => url.replace(/\/openhcs(\?|$)/, `/${name}$1`)

/** A database of its own with so many practitioners. `at` is the present: nothing before it is on offer. */
export async function makeCountry(
  server: Server,
  practitioners: number,
  { at, claims }: { at: Date; claims: boolean },
): Promise<Country> {
  const name = `country_${practitioners}`
  await withClient(server.ownerUrl, async (admin) => {
    await admin.query(`create database ${name}`)
  })
  const ownerUrl = inDatabase(server.ownerUrl, name)
  const appUrl = inDatabase(server.appUrl, name)
  await migrate({ ownerUrl, appUrl, services: everything })
  const began = performance.now()
  return withClient(ownerUrl, async (client) => {
    await fill(client, practitioners, at, claims ? bookable : searchable)
    const loadSeconds = (performance.now() - began) / 1_000
    const { rows } = await client.query(
      'select count(*) as ranges, pg_database_size(current_database()) / 1048576 as megabytes from free_range',
    )
    return {
      practitioners,
      ownerUrl,
      appUrl,
      loadSeconds,
      freeRanges: Number(rows[0].ranges),
      megabytes: Number(rows[0].megabytes),
    }
  })
}

async function fill(client: pg.Client, size: number, at: Date, steps: readonly string[]): Promise<void> {
  await client.query(LOADING)
  const values = valuesFor(size, at)
  await client.query('begin')
  for (const step of steps) await client.query(filledIn(step, values))
  await client.query('commit')
  for (const step of SETTLED) await client.query(step)
}

export const LOADING = `set search_path = scheduling, platform, public; set synchronous_commit = off; set work_mem = '256MB';
    set maintenance_work_mem = '512MB'`
export const SETTLED = ['vacuum (freeze, analyze)', 'checkpoint']

/** What stands in braces in country-sql.ts. */
export const valuesFor = (size: number, at: Date, more: Record<string, string> = {}): Record<string, string> => ({
  size: String(size),
  days: '14',
  taken: `interval '1 hour'`,
  at: `${pg.escapeLiteral(at.toISOString())}::timestamptz`,
  seats: String(SEATS),
  hashes: `'{${tokenHashes()
    .map((hash) => `"\\\\x${hash.toString('hex')}"`)
    .join()}}'`,
  ...more,
})

export const filledIn = (step: string, values: Readonly<Record<string, string>>): string =>
  step.replace(/\{(\w+)\}/g, (text, name) => values[name] ?? text)

export async function withClient<R>(connectionString: string, act: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await act(client)
  } finally {
    await client.end()
  }
}
