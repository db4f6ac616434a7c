import pg from 'pg'
import { refuseHalfRestored } from '#platform/backup/mark.ts'
import { openHouse } from '#platform/house.ts'
import { buildApp } from '#platform/http.ts'
import { jobsAt, keepWorking } from '#platform/jobs.ts'
import { openLog } from '#platform/log.ts'
import { openTracing } from '#platform/open-tracing.ts'
import { outwardOf } from '#platform/tasks.ts'
import { version } from '#platform/version.ts'
import { roomsFor } from '#rooms.ts'
import { type Installation, migrateInstallation, openInstallation } from './installation.ts'

/** Serves the rooms of this process until SIGTERM or SIGINT; then drains, finishes what is under way, and closes. */
export async function start(): Promise<void> {
  const began = performance.now()
  const installation = await openInstallation()
  const { config } = installation
  const tracing = await openTracing(config, version)
  const log = openLog(config, tracing)
  log.info({ node: process.version, tzdata: process.versions.tz }, 'starting')
  // The job engine leaves a promise alone when the database goes away under it. The house stays; what failed is retried.
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'a promise was rejected and nobody looked'))
  await prepare(installation)
  const house = openHouse({ config, services: await roomsFor(config), log, tracing })
  const app = await buildApp(house)
  app.get('/', async (_request, reply) => {
    const { welcome } = await import('#demo/welcome.ts')
    return reply.type('text/html; charset=utf-8').send(await welcome(house))
  })
  const worker = config.OPENHCS_WORKER
    ? await keepWorking({
        ...jobsAt(config),
        tasks: house.tasks(),
        outward: outwardOf(house.rooms),
        crontab: house.crontab(),
        log: (level, message) =>
          log[level === 'warning' ? 'warn' : level === 'info' ? 'debug' : level]({ jobs: true }, message),
      })
    : undefined
  const stop = async () => {
    // Kept to the very end: whatever is left open then would keep the process.
    const late = () => {
      log.fatal({ open: process.getActiveResourcesInfo() }, 'did not end in time')
      process.exit(1)
    }
    setTimeout(late, config.SHUTDOWN_SECONDS * 1_000).unref()
    // At the same time: while requests end, what waits for its turn is refused, and a worker would go on taking jobs only to see them refused.
    await Promise.all([worker?.stop(), app.close()])
    await house.close()
    await installation[Symbol.asyncDispose]()
  }
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      stop().catch((error: unknown) => {
        log.fatal({ err: error }, 'could not close cleanly')
        process.exit(1)
      })
    })
  try {
    await app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    await stop() // or the worker would go on without anybody knowing that it is there
    throw error
  }
  announce(installation, app.server.address(), performance.now() - began)
}

async function withClient(connectionString: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

async function prepare(installation: Installation): Promise<void> {
  const { config } = installation
  if (config.OPENHCS_MIGRATE) await migrateInstallation(installation)
  else await withClient(config.databaseUrl.reveal(), refuseHalfRestored)
  if (!config.OPENHCS_DEMO) return
  const { loadDemo } = await import('#demo/load.ts')
  process.stderr.write(`${await loadDemo(config, { again: false })}\n`)
}

function announce({ config, embedded }: Installation, address: unknown, milliseconds: number): void {
  const port = (address as { port?: number } | null)?.port ?? config.PORT
  const url = config.PUBLIC_URL.replace(/:0$/, `:${port}`)
  process.stderr.write(`
OpenHCS ${version} answers after ${(milliseconds / 1_000).toFixed(1)} s.
  ${url}/              what this is, where to go, demonstration sign-ins
  ${url}/docs          every operation, to try out (Swagger UI)
  ${url}/openapi.json  the same for programs (OpenAPI 3.0)
  ${url}/livez  ${url}/readyz  ${url}/metrics
  Rooms: ${config.services.length > 0 ? config.services.join(', ') : 'all'}. Database: ${embedded ? `embedded PostgreSQL in ${config.OPENHCS_HOME}` : 'DATABASE_URL'}. Stop with Ctrl-C.

`)
}
