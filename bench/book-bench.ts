import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asFhir, bookings, examples } from './bookings.ts'
import type { Country } from './country.ts'
import { makeCountryOf, type Place, SMALL, withDatabase } from './database.ts'
import type { FloorMessage } from './floor-server.ts'
import type { HouseMessage } from './house-server.ts'
import { type Figures, Load } from './measure.ts'
import { type ServerState, startPartner } from './messages.ts'
import { say } from './say.ts'
import type { Bench } from './setting.ts'

export interface BookFigures {
  country: Country
  house: Figures
  /** `POST /fhir/R4/Appointment`, by the same house. */
  fhir: Figures
  floor: Figures
  /** Of the house while it also delivers the events of its bookings, in MB. */
  rssWorking: number
}

const CONNECTIONS = 16
const HOUR = 3_600_000

/** Bookings of distinct slots: a third of them for the house by /v1, one by FHIR, one for the floor. */
export async function benchBook(bench: Bench, country: Country): Promise<BookFigures> {
  const soon = new Date(Date.now() + HOUR)
  const file = join(bench.folder, 'bookings.json')
  const exampleFile = join(bench.folder, 'examples.json')
  writeFileSync(exampleFile, JSON.stringify(await examples(country, new Date())))
  const house = startPartner<HouseMessage, ServerState>('./house-server.ts', bench.envFor(country))
  const floor = startPartner<FloorMessage, ServerState>('./floor-server.ts', {
    ...bench.envFor(country),
    BENCH_EXAMPLE: exampleFile,
  })
  try {
    await floor.ask({ kind: 'state' }) // its two examples are booked
    const asks = await bookings(country, soon)
    const third = Math.floor(asks.length / 3)
    writeFileSync(file, JSON.stringify([...asks.slice(0, third).map(asFhir), ...asks.slice(third)]))
    const job = { file, connections: CONNECTIONS, seconds: bench.seconds, wrap: false }
    const parts = [
      { server: house, from: 0, until: third },
      { server: house, from: third, until: 2 * third },
      { server: floor, from: 2 * third, until: asks.length },
    ]
    // One round does not count: after a checkpoint the first change of each page writes it whole, and whoever comes first pays for that.
    for (const part of parts)
      part.from = (await bench.load.measure(part.server, { ...job, from: part.from, until: part.until }, '201')).next
    const measured: Figures[] = []
    for (const { server, from, until } of parts)
      measured.push(await bench.load.measure(server, { ...job, from, until }, '201'))
    const [ofFhir, ofHouse, ofFloor] = measured as [Figures, Figures, Figures]
    await house.ask({ kind: 'work' })
    await sleep(bench.seconds * 1_000)
    const { rss } = await house.ask({ kind: 'state' })
    return { country, house: ofHouse, fhir: ofFhir, floor: ofFloor, rssWorking: rss / 1_048_576 }
  } finally {
    await house.stop()
    await floor.stop()
  }
}

/** Of a measurement by itself: for so many seconds. */
async function alone(place: Place): Promise<void> {
  const country = await makeCountryOf(SMALL, place)
  const load = new Load(place.database.dataDirectory)
  const { folder } = place
  const envFor = ({ appUrl, ownerUrl }: Country) => ({
    ...{ DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: folder },
    ...{ PUBLIC_URL: 'http://openhcs.test', RATE_LIMIT_PER_MINUTE: '10000000' },
  })
  try {
    const { house, fhir, floor } = await benchBook(
      { folder, load, seconds: Number(process.argv[2] ?? 8), envFor },
      country,
    )
    for (const [who, f] of Object.entries({ house, fhir, floor }))
      say(
        `${who}: ${f.perSecond.toFixed(0)}/s, p50 ${f.p50.toFixed(2)} ms, ${f.cpu.toFixed(2)} CPU-ms, database ${f.databaseCpu?.toFixed(2)} CPU-ms, ${f.statements.toFixed(2)} statements, ${f.trips.toFixed(2)} trips`,
      )
  } finally {
    await load.stop()
  }
}

if (import.meta.main) await withDatabase(alone)
