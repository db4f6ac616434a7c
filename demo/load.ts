import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Config } from '#platform/config.ts'
import { hashPassword } from '#services/identity/passwords.ts'
import { DEMO_PASSWORD, SEED } from './country.ts'
import { FULL, generate, type Size } from './generate.ts'
import {
  alone,
  analyze,
  empty,
  insert,
  isDemonstration,
  markDemonstration,
  realTable,
  refreshFreeRanges,
  specialityCodes,
} from './queries.ts'
import { rowsOf } from './rows.ts'

/** What every installation has, demonstration or not. */
const KEPT = ['platform.migration', 'platform.installation', 'identity.salt', 'registry.speciality']

export interface LoadOptions extends Partial<Size> {
  /** The day it is there. */
  now?: Date
}

/** Loads the fictional country into an empty installation, all of it or nothing. Says what it did, for people. */
export async function loadDemo(config: Config, { now = new Date(), ...size }: LoadOptions = {}): Promise<string> {
  const began = performance.now()
  return connected(config, (client) =>
    alone(client, async () => {
      if (await isDemonstration(client)) return 'The demonstration is loaded already.'
      const real = await realTable(client)
      if (real) return `The demonstration was not loaded: ${real} has real data, and it refuses to mix with that.`
      await markDemonstration(client, SEED)
      const country = generate(now.toISOString().slice(0, 10), { ...FULL, ...size }, await specialityCodes(client))
      const salt = createHash('sha256').update(SEED).digest()
      let rows = 0
      for (const batch of rowsOf(country, await hashPassword(DEMO_PASSWORD, salt))) { const t0 = performance.now(); rows += await insert(client, batch); console.error(batch[0], batch[1].length, Math.round(performance.now()-t0)) }
      { const t0 = performance.now(); await refreshFreeRanges(client); console.error('free', Math.round(performance.now()-t0)) }
      { const t0 = performance.now(); await analyze(client); console.error('analyze', Math.round(performance.now()-t0)) }
      const { practitioners, patients, visits } = country
      const seconds = ((performance.now() - began) / 1_000).toFixed(1)
      return `Null Island is loaded, a country that does not exist: ${practitioners.length} practitioners, ${patients.length} patients, ${visits.length} visits (${rows} rows in ${seconds} s).`
    }),
  )
}

/** Takes the fictional country away again; what every installation has stays. Says what it did, for people. */
export async function purgeDemo(config: Config): Promise<string> {
  return connected(config, async (client) => {
    const answer = await alone(client, async () => {
      if (!(await isDemonstration(client))) return 'There is no demonstration here; nothing was removed.'
      const real = await realTable(client)
      if (real) return `Nothing was removed: ${real} has rows that are not of the demonstration.`
      await empty(client, KEPT)
      await markDemonstration(client, null)
      return undefined
    })
    if (answer !== undefined) return answer
    // Certificates and photos uploaded meanwhile: nothing refers to them any more.
    await rm(join(config.OPENHCS_HOME, 'files'), { recursive: true, force: true })
    return 'The demonstration is removed. This installation is empty and ready for real data.'
  })
}

async function connected<R>(config: Config, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: config.databaseOwnerUrl.reveal(), application_name: 'openhcs demo' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
