import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import { findPractitioners } from '#services/scheduling/find-practitioners.ts'
import { freeDays } from '#services/scheduling/queries/slots.ts'
import type { SchedulingTables } from '#services/scheduling/tables.ts'
import { openReader, openTold, type Rows, type Send } from './bare-driver.ts'
import type { Country } from './country.ts'
import { withClient } from './country.ts'
import { type Filled, openCrowd } from './crowd.ts'
import { type Place, withDatabase } from './database.ts'
import { spread } from './expand-bench.ts'
import { bareContext } from './floor-find.ts'
import type { FloorMessage } from './floor-server.ts'
import type { HouseMessage } from './house-server.ts'
import { type Figures, Load } from './measure.ts'
import { type ServerState, startPartner } from './messages.ts'
import { tokenOf } from './people.ts'
import { say } from './say.ts'
import { searches, urlOf } from './searches.ts'
import type { Bench } from './setting.ts'

// Scheduling to the limit: 5,000 practitioners, 60 days, 3,000,000 bookings, and a tenth of them for comparison.

interface Times {
  p50: number
  p99: number
}

interface Asked {
  /** A search with all filters. */
  find: Times
  /** A month of one practitioner. */
  month: Times
}

export interface LimitStage extends Filled, Asked {
  /** A statement that does nothing: all these in milliseconds at the driver. */
  nothing: Times
  /** Of the statement itself, as PostgreSQL's log tells it: made ready and run. */
  inServer: Asked
}

export interface LimitFigures {
  few: LimitStage
  all: LimitStage
  house: Figures
  floor: Figures
}

const ROUNDS = 400
const CONNECTIONS = 4
const DAY = 86_400_000

export async function benchLimit(place: Place, bench: Bench, practitioners?: number): Promise<LimitFigures> {
  await using crowd = await openCrowd(place, practitioners)
  const { country } = crowd
  const stage = async (share: number): Promise<LimitStage> => {
    const filled = await crowd.fillTo(share)
    const stage = { ...filled, ...(await timesOf(country)) }
    say(JSON.stringify(stage))
    return stage
  }
  const [few, all] = [await stage(0.1), await stage(1)]
  return { few, all, ...(await overHttp(bench, country)) }
}

const filtersOf = (practitioners: number, count: number) => {
  const [near, mode] = [searches('near', practitioners, count), searches('mode', practitioners, count)]
  return near.map((one, i) => ({ ...mode[i], ...one }))
}

/** One connection, one statement after another, in turn; then once more where the server tells its own time. */
async function timesOf({ appUrl, ownerUrl, practitioners }: Country) {
  const whom = await withClient(ownerUrl, (client) =>
    client.query('select id from scheduling.practitioner order by md5(id::text) limit $1', [ROUNDS]),
  )
  const asks = [filtersOf(practitioners, ROUNDS), whom.rows.map(({ id }) => id)] as const
  const [reader, teller] = [await openReader(appUrl), await openTeller(ownerUrl)]
  try {
    const { nothing: _, ...inServer } = await timesThrough(teller.timed, ...asks)
    return { ...(await timesThrough(timedAtDriver(reader.send), ...asks)), inServer }
  } finally {
    await reader.close()
    await teller.close()
  }
}

/** A statement, and how long it took in milliseconds. */
type Timed = (text: string, values: readonly unknown[]) => Promise<{ rows: Rows; took: number }>

const timedAtDriver =
  (send: Send): Timed =>
  async (text, values) => {
    const began = performance.now()
    const rows = await send(text, values)
    return { rows, took: performance.now() - began }
  }

/** A connection that is told how long each statement took inside the server. */
async function openTeller(ownerUrl: string): Promise<{ timed: Timed; close(): Promise<void> }> {
  const { send, client } = await openTold(ownerUrl)
  let took = 0
  client.on('notice', ({ message = '' }) => {
    const [, milliseconds = 0] = /^duration: ([\d.]+) ms {2}(?:bind|execute)/.exec(message) ?? []
    took += Number(milliseconds)
  })
  return {
    async timed(text, values) {
      took = 0
      return { rows: await send(text, values), took }
    },
    close: () => client.end(),
  }
}

/** For what is not compiled beforehand. */
function kyselyOver(send: Send): Kysely<SchedulingTables> {
  const query = async (text: string, values: unknown[]) => ({ command: 'SELECT', rows: await send(text, values) })
  const pool = { connect: async () => ({ query, release() {} }), end: async () => {} }
  return new Kysely({ dialect: new PostgresDialect({ pool: pool as unknown as PostgresPool }) })
}

async function timesThrough(timed: Timed, all: ReturnType<typeof filtersOf>, practitioners: readonly string[]) {
  let last = 0
  const send: Send = async (text, values) => {
    const { rows, took } = await timed(text, values)
    last = took
    return rows
  }
  const ctx = bareContext(send)
  const db = kyselyOver(send)
  const times: Record<'find' | 'month' | 'nothing', number[]> = { find: [], month: [], nothing: [] }
  for (const [i, search] of all.entries()) {
    const now = new Date()
    await findPractitioners(ctx, queryOf(search) as never)
    times.find.push(last)
    const practitioner = practitioners[i % practitioners.length] as string
    await freeDays(db, { practitioner, channel: 'web', now, ...monthFrom(now) })
    times.month.push(last)
    await send('select 1', [])
    times.nothing.push(last)
  }
  return { find: spread(times.find), month: spread(times.month), nothing: spread(times.nothing) }
}

const queryOf = ({ near, language, ...rest }: ReturnType<typeof searches>[number]) => ({
  ...{ ...rest, within: 25, minutes: 15, newPatient: true, limit: 20 },
  ...(near && { near: `${near.latitude},${near.longitude}` }),
  ...(language && { language: [language] }),
})

const monthFrom = (now: Date) => {
  const first = Math.floor(now.getTime() / DAY) * DAY
  return { from: now, bounds: Array.from({ length: 32 }, (_, n) => new Date(first + n * DAY)) }
}

async function overHttp(bench: Bench, country: Country): Promise<{ house: Figures; floor: Figures }> {
  const house = startPartner<HouseMessage, ServerState>('./house-server.ts', bench.envFor(country))
  const floor = startPartner<FloorMessage, ServerState>('./floor-server.ts', bench.envFor(country))
  const file = join(bench.folder, 'limit.json')
  const asks = filtersOf(country.practitioners, ROUNDS).map((search, i) => ({
    ...{ method: 'GET', token: tokenOf(1 + i) },
    url: `${urlOf(search)}&within=25&minutes=15&newPatient=true`,
  }))
  writeFileSync(file, JSON.stringify(asks))
  const job = { file, connections: CONNECTIONS, seconds: bench.seconds, from: 0, until: asks.length, wrap: true }
  try {
    await house.ask({ kind: 'minute' })
    await house.ask({ kind: 'work' })
    const figures = await bench.load.warmThenMeasure(house, job, '200')
    return { house: figures, floor: await bench.load.warmThenMeasure(floor, job, '200') }
  } finally {
    await house.stop()
    await floor.stop()
  }
}

if (import.meta.main)
  await withDatabase(async (place) => {
    const load = new Load(place.database.dataDirectory)
    const envFor = ({ appUrl, ownerUrl }: Country) => ({
      ...{ DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: place.folder },
      RATE_LIMIT_PER_MINUTE: '10000000',
    })
    const bench = { folder: place.folder, load, seconds: Number(process.argv[2] ?? 5), envFor }
    try {
      say(JSON.stringify(await benchLimit(place, bench, Number(process.argv[3] ?? 5_000)), null, 2))
    } finally {
      await load.stop()
    }
  })
