import { Registry } from 'prom-client'
import { loadConfig } from '#platform/config.ts'
import { openHouse } from '#platform/house.ts'
import { buildApp } from '#platform/http.ts'
import { jobsAt, keepWorking } from '#platform/jobs.ts'
import { openLog } from '#platform/log.ts'
import { openTracing } from '#platform/open-tracing.ts'
import { outwardOf } from '#platform/tasks.ts'
import type { Telemetry } from '#platform/telemetry.ts'
import { version } from '#platform/version.ts'
import { roomsFor } from '#rooms.ts'
import { answerTo, COUNTED, type ServerState } from './messages.ts'
import { portOf, processState } from './process-state.ts'

/** `count`: counts so many requests that nobody made. `state`: what it has used so far. `minute`: the jobs that run every minute. `work`: run jobs and deliver events from now on. */
export type HouseMessage = { kind: 'state' | 'minute' | 'work' | 'count' }

// The house as `main.ts` starts it, without the embedded database. It logs; the log goes to /dev/null.
const config = loadConfig()
const tracing = await openTracing(config, version)
const log = openLog(config, tracing)
/** Counts nothing: for measuring what counting costs. */
const silent = (): Telemetry => ({ registry: new Registry(), answered() {}, refused() {}, worked() {} })
const without = process.env.BENCH_WITHOUT_METRICS === 'true'
const house = openHouse({
  config,
  services: await roomsFor(config),
  log,
  tracing,
  ...(without && { telemetry: silent }),
})
const app = await buildApp(house)
await app.listen({ host: '127.0.0.1', port: 0 })

function state(): ServerState {
  const statistics = [...house.databases.values()].map((database) => database.statistics)
  const sum = (what: 'statements' | 'trips') => statistics.reduce((total, one) => total + one[what], 0)
  return { ...processState(portOf(app.server)), statements: sum('statements'), trips: sum('trips') }
}

async function everyMinute(): Promise<void> {
  const tasks = house.tasks()
  for (const { name, jobs } of house.rooms)
    for (const job of jobs) if (job.cron === '* * * * *') await tasks[`${name}:${job.name}`]?.({}, undefined as never)
}

async function work(): Promise<void> {
  await keepWorking({
    ...jobsAt(config),
    tasks: house.tasks(),
    outward: outwardOf(house.rooms),
    crontab: house.crontab(),
    log: () => {},
  })
}

answerTo(async ({ kind }: HouseMessage): Promise<ServerState> => {
  if (kind === 'minute') await everyMinute()
  if (kind === 'work') await work()
  if (kind === 'count') for (let i = 0; i < COUNTED; i++) house.telemetry.answered('findPractitioners', 200, 0.003)
  return state()
})
process.on('disconnect', () => process.exit())
