import { randomInt } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import { pino } from 'pino'
import { loadConfig } from '#platform/config.ts'
import { openHouse } from '#platform/house.ts'
import { buildApp } from '#platform/http.ts'
import { everything } from '#services.ts'
import { forgetTries, gather } from '../tests/attacks/telling/crowd.ts'
import { pageProbe } from '../tests/attacks/telling/page.ts'
import { asSent, type Probe, probesOf, type Request } from '../tests/attacks/telling/probes.ts'
import { type Country, makeCountry } from './country.ts'
import { withDatabase } from './database.ts'
import { say } from './say.ts'
import { type Telling, tellingOf } from './telling.ts'

const TRIES = 1_000
const CROWD = 100
/** First some that do not count: compiled code, cached plans. */
const WARM = 40
/** So often is given back what tries use up. */
const EACH = 40

/** Whether the time of an answer tells that somebody is here: in one process, in random order, so that both kinds meet the same noise. */
export async function benchTelling(
  env: Record<string, string>,
  { ownerUrl }: Country,
  tries = TRIES,
): Promise<Telling[]> {
  const house = openHouse({
    config: loadConfig({ ...process.env, ...env }),
    services: everything,
    log: pino({ level: 'silent' }),
  })
  const app = await buildApp(house)
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  try {
    const { crowd, administrator } = await gather(app, owner, CROWD)
    await house.tasks()['registry:match-patients']?.({}, { job: {} } as never)
    const { challenge } = (
      await app.inject({ method: 'POST', url: '/v1/sessions/passkey/options', payload: {} })
    ).json()
    const found: Telling[] = []
    for (const probe of [...probesOf(crowd, challenge), await pageProbe(app, crowd, administrator)])
      found.push(shown(await measure(app, owner, probe, tries)))
    return found
  } finally {
    await owner.end()
    await app.close()
    await house.close()
  }
}

async function measure(app: FastifyInstance, owner: pg.Client, probe: Probe, tries: number): Promise<Telling> {
  const seen = { somebody: [] as number[], nobody: [] as number[] }
  for (const [at, { kind, i }] of inRandomOrder(tries + WARM).entries()) {
    if (at % EACH === 0) await forgetTries(owner)
    const { status, milliseconds, body } = await ask(app, probe[kind](i))
    if (status !== probe.status) throw new Error(`${probe.name}: ${status} instead of ${probe.status}: ${body}`)
    if (at >= 2 * WARM) seen[kind].push(milliseconds)
  }
  return tellingOf(probe.name, seen.somebody, seen.nobody)
}

/** Both kinds, each as often. */
function inRandomOrder(tries: number) {
  const list = Array.from({ length: tries }, (_, i) => [
    { kind: 'somebody' as const, i },
    { kind: 'nobody' as const, i },
  ]).flat()
  for (let last = list.length - 1; last > 0; last--) {
    const other = randomInt(last + 1)
    const [a, b] = [list[last], list[other]] as [(typeof list)[number], (typeof list)[number]]
    list[last] = b
    list[other] = a
  }
  return list
}

async function ask(app: FastifyInstance, request: Request) {
  const given = asSent(request)
  const began = performance.now()
  const answer = await app.inject(given)
  const milliseconds = performance.now() - began
  return { status: answer.statusCode, milliseconds, body: answer.body.slice(0, 300) }
}

function shown(one: Telling): Telling {
  const { name, somebody, nobody, noise, slower } = one
  say(`${slower.toFixed(1)} of 100: ${name} (${somebody.toFixed(3)} ms, ${nobody.toFixed(3)} ms ± ${noise.toFixed(3)})`)
  return one
}

/** Alone, without the rest of the benchmarks: `node bench/telling-bench.ts 200`. */
async function run(tries: number): Promise<void> {
  await withDatabase(async ({ database, folder }) => {
    const country = await makeCountry(database, 100, { at: new Date(), claims: false })
    const { appUrl, ownerUrl } = country
    const env = { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: folder }
    const open = { PUBLIC_URL: 'http://openhcs.test', RATE_LIMIT_PER_MINUTE: '10000000' }
    await benchTelling({ ...env, ...open }, country, tries)
  })
}

if (import.meta.main) await run(Number(process.argv[2] ?? 200))
