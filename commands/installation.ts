import { type Config, loadConfig, withDatabase } from '#platform/config.ts'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { migrate, type Stage } from '#platform/migrate.ts'
import { everything } from '#services.ts'

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

/** The embedded database serves this process alone, so nothing that served before has to be spared. */
export const migrateInstallation = (
  { config, embedded }: Installation,
  stage: Stage = embedded ? 'contract' : 'expand',
): Promise<string[]> =>
  migrate({
    ownerUrl: config.databaseOwnerUrl.reveal(),
    appUrl: config.databaseUrl.reveal(),
    services: everything,
    stage,
  })
