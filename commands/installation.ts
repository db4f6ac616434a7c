import { type Config, loadConfig, withDatabase } from '#platform/config.ts'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { closeLogins, openLogins } from '#platform/logins.ts'
import { migrate, migrateJobsDatabase, type Stage } from '#platform/migrate.ts'
import { outlines } from '#rooms.ts'

export interface Installation extends AsyncDisposable {
  config: Config
  /** Whether PostgreSQL is the embedded one. */
  embedded: boolean
}

/** The configuration with a database that answers: the one that is configured, or the embedded one, started. */
export async function openInstallation(): Promise<Installation> {
  const config = loadConfig()
  if (config.databaseUrl.reveal() !== '') return { config, embedded: false, async [Symbol.asyncDispose]() {} }
  const server = await startEmbeddedPostgres({ home: config.OPENHCS_HOME })
  return {
    config: withDatabase(config, server.appUrl, server.ownerUrl),
    embedded: true,
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

/** By default what the release before can live with, so that there is a way back to it. */
export async function migrateInstallation({ config }: Installation, stage: Stage = 'expand'): Promise<string[]> {
  const { databaseUrl, databaseOwnerUrl, jobsDatabaseUrl, jobsDatabaseOwnerUrl } = config
  const ran = await migrate({
    ownerUrl: databaseOwnerUrl.reveal(),
    appUrl: databaseUrl.reveal(),
    services: outlines,
    stage,
  })
  await openLogins(config, outlines)
  // What serves now may still come through the pooler, until it is gone.
  if (stage === 'contract') await closeLogins(config, outlines)
  if (!jobsDatabaseUrl || !jobsDatabaseOwnerUrl) return ran
  const urls = { ownerUrl: jobsDatabaseOwnerUrl.reveal(), appUrl: jobsDatabaseUrl.reveal() }
  return [...ran, ...(await migrateJobsDatabase(urls))]
}
