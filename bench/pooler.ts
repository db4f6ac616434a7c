import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '#platform/config.ts'
import { openLogins } from '#platform/logins.ts'
import { everything } from '#services.ts'
import { followsPrepared, type Pooler, startPooler } from '#tests/pgbouncer.ts'
import { bookings } from './bookings.ts'
import { type Country, withClient } from './country.ts'
import { makeCountryOf, type Place, SMALL, withDatabase } from './database.ts'
import { processCpu } from './database-cpu.ts'
import { asksOfAllMixes } from './find-bench.ts'
import type { HouseMessage } from './house-server.ts'
import { type Figures, Load, meanOf } from './measure.ts'
import { type Partner, type ServerState, startPartner } from './messages.ts'
import { figuresRow } from './report.ts'
import { say } from './say.ts'
import type { Bench } from './setting.ts'

// What a pooler costs: searches and bookings in the house as it is shipped, in one whose rooms log in as themselves and whose statements have no names,
// and in one that does so through PgBouncer (Debian: pgbouncer). `node bench/pooler.ts`, two minutes; docs/scaling.md has the figures.

/** Connections of each room from the pooler to the server; the house may open 40. */
const SIZE = 5
const CONNECTIONS = 16
const ROUNDS = 5
const HOUR = 3_600_000

type Way = 'direct' | 'without names' | 'through PgBouncer' | 'through PgBouncer, with names'
type House = Partner<HouseMessage, ServerState>
type Houses = Partial<Record<Way, House>>

async function run(place: Place): Promise<void> {
  const country = await makeCountryOf(SMALL, place)
  await using pooler = await startPooler({ url: country.appUrl, size: SIZE })
  const bench: Bench = {
    folder: place.folder,
    load: new Load(place.database.dataDirectory),
    seconds: Number(process.argv[2] ?? 2),
    envFor: () => envOf(country, place.folder),
  }
  await openLogins(loadConfig({ ...bench.envFor(country), DATABASE_POOLER_URL: pooler.url }), everything)
  const start = (env: Record<string, string>): House =>
    startPartner('./house-server.ts', { ...bench.envFor(country), DATABASE_POOL_SIZE: '40', ...env })
  // The same logins, and no pooler in between: the address is the server's own.
  const socket = new URL(country.appUrl.replace('@/', '@localhost/')).search
  const houses: Houses = {
    direct: start({}),
    'without names': start({ DATABASE_POOLER_URL: `${pooler.url.replace(/@[^/]+/, '@localhost')}${socket}` }),
    'through PgBouncer': start({ DATABASE_POOLER_URL: pooler.url }),
    ...(followsPrepared() && {
      'through PgBouncer, with names': start({ DATABASE_POOLER_URL: pooler.url, DATABASE_POOLER_PREPARED: 'true' }),
    }),
  }
  try {
    const search = { ...asksOfAllMixes(bench, country), from: 0, wrap: true }
    await compare('find', houses, pooler, (house) => measure(bench, house, search, '200'))
    const asks = await bookings(country, new Date(Date.now() + HOUR))
    const file = join(bench.folder, 'bookings.json')
    writeFileSync(file, JSON.stringify(asks))
    let from = 0
    await compare('book', houses, pooler, async (house) => {
      const figures = await measure(bench, house, { file, from, until: asks.length, wrap: false }, '201')
      from = figures.next
      return figures
    })
    await sayConnections(country)
  } finally {
    await Promise.all(Object.values(houses).map((house) => house.stop()))
    await bench.load.stop()
  }
}

const measure = (
  { load, seconds }: Bench,
  house: House,
  job: { file: string; from: number; until: number; wrap: boolean },
  status: string,
) => load.measure(house, { ...job, connections: CONNECTIONS, seconds }, status)

/** In turn, each round beginning with another; the first round warms up. */
async function compare(
  what: string,
  houses: Houses,
  pooler: Pooler,
  act: (house: House) => Promise<Figures>,
): Promise<void> {
  const ways = Object.entries(houses)
  const rounds = new Map<string, Figures[]>(ways.map(([way]) => [way, []]))
  const between = new Map<string, number>()
  for (let round = 0; round <= ROUNDS; round++)
    for (const [way, house] of [...ways.slice(round % ways.length), ...ways.slice(0, round % ways.length)]) {
      const before = processCpu(pooler.pid())
      const figures = await act(house)
      if (round === 0) continue
      rounds.get(way)?.push(figures)
      between.set(way, (between.get(way) ?? 0) + processCpu(pooler.pid()) - before)
    }
  for (const [way, several] of rounds) {
    const { requests } = meanOf(several)
    const own = ((between.get(way) ?? 0) / Math.max(1, requests)).toFixed(2)
    say([...figuresRow(`${what}, ${way}`, meanOf(several)), `PgBouncer ${own} CPU-ms`].join(' | '))
  }
}

async function sayConnections({ ownerUrl }: Country): Promise<void> {
  const { rows } = await withClient(ownerUrl, (owner) =>
    owner.query(
      `select usename, application_name as name, count(*)::int as n from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() group by 1, 2 order by 1, 2`,
    ),
  )
  for (const { usename, name, n } of rows) say(`${usename} ${name}: ${n}`)
}

const envOf = ({ appUrl, ownerUrl }: Country, folder: string): Record<string, string> => ({
  DATABASE_URL: appUrl,
  DATABASE_OWNER_URL: ownerUrl,
  OPENHCS_HOME: folder,
  PUBLIC_URL: 'http://openhcs.test',
  RATE_LIMIT_PER_MINUTE: '10000000',
})

await withDatabase(run)
