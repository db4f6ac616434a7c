import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Config } from '#platform/config.ts'
import { filesIn } from '#platform/files.ts'
import { certificate } from './certificate.ts'
import { SEED } from './country.ts'
import { FULL, generate, type Size } from './generate.ts'
import {
  alone,
  analyze,
  empty,
  emptyJobs,
  insertAll,
  isDemonstration,
  markDemonstration,
  realTable,
  refreshSearch,
  specialityCodes,
  unmarkDemonstration,
  wasRemoved,
} from './queries.ts'
import { rowsOf } from './rows.ts'

/** What every installation has, demonstration or not. */
const KEPT = [
  'platform.migration',
  'platform.fhir_type',
  'platform.installation',
  'identity.salt',
  'notifications.phone_salt',
  'registry.speciality',
  'registry.match_weight',
]

export interface LoadOptions extends Partial<Size> {
  /** The day it is there. */
  now?: Date
  /** Also where a demonstration was removed; a start does not bring back what somebody took away. */
  again?: boolean
}

/** Loads the fictional country into an empty installation, all of it or nothing. Says what it did, for people. */
export async function loadDemo(
  config: Config,
  { now = new Date(), again = true, ...size }: LoadOptions = {},
): Promise<string> {
  const began = performance.now()
  return connected(config, (client) =>
    alone(client, async () => {
      if (await isDemonstration((text) => client.query(text))) return 'The demonstration is loaded already.'
      if (!again && (await wasRemoved(client)))
        return 'The demonstration was removed earlier. To have it again: openhcs demo load'
      const real = await realTable(client)
      if (real) return `The demonstration was not loaded: ${real} has real data, and it refuses to mix with that.`
      await markDemonstration(client, SEED)
      const country = generate(now.toISOString().slice(0, 10), { ...FULL, ...size }, await specialityCodes(client))
      const certificateKey = await filesIn(filesOf(config)).put(certificate)
      const { tables, rows } = await insertAll(client, rowsOf(country, certificateKey))
      await refreshSearch(client)
      await analyze(client, [...tables, 'scheduling.free_range', 'scheduling.offer'])
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
      if (!(await isDemonstration((text) => client.query(text))))
        return 'There is no demonstration here; nothing was removed.'
      const real = await realTable(client)
      if (real) return `Nothing was removed: ${real} has rows that are not of the demonstration.`
      await empty(client, KEPT)
      await unmarkDemonstration(client)
      return undefined
    })
    if (answer !== undefined) return answer
    if (config.jobsDatabaseOwnerUrl) await forgetJobs(config.jobsDatabaseOwnerUrl.reveal())
    // Certificates and photos, ours and those uploaded meanwhile: nothing refers to them any more.
    await rm(filesOf(config), { recursive: true, force: true })
    return 'The demonstration is removed. This installation is empty and ready for real data.'
  })
}

const forgetJobs = (url: string) => connectedTo(url, emptyJobs)

/** As the house has it. */
const filesOf = ({ OPENHCS_HOME }: Config) => join(OPENHCS_HOME, 'files')

const connected = <R>({ databaseOwnerUrl }: Config, work: (client: pg.Client) => Promise<R>): Promise<R> =>
  connectedTo(databaseOwnerUrl.reveal(), work)

async function connectedTo<R>(connectionString: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString, application_name: 'openhcs demo' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
