import { pino } from 'pino'
import { loadConfig } from '#platform/config.ts'
import { openHouse } from '#platform/house.ts'
import { buildApp } from '#platform/http.ts'
import { keepWorking } from '#platform/jobs.ts'
import { everything } from '#services.ts'
import { answerTo, type ServerState } from './messages.ts'
import { portOf, processState } from './process-state.ts'

/** `state`: what it has used so far. `minute`: the jobs that run every minute. `work`: run jobs and deliver events from now on. */
export type HouseMessage = { kind: 'state' | 'minute' | 'work' }

// The house as `main.ts` starts it, without the embedded database. It logs; the log goes to /dev/null.
const config = loadConfig()
const house = openHouse({ config, services: everything, log: pino({ level: config.LOG_LEVEL }) })
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
  const url = config.databaseUrl.reveal()
  await keepWorking({ url, tasks: house.tasks(), crontab: house.crontab(), log: () => {} })
}

answerTo(async ({ kind }: HouseMessage): Promise<ServerState> => {
  if (kind === 'minute') await everyMinute()
  if (kind === 'work') await work()
  return state()
})
process.on('disconnect', () => process.exit())
