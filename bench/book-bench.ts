import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bookings, examples } from './bookings.ts'
import type { Country } from './country.ts'
import type { FloorMessage } from './floor-server.ts'
import type { HouseMessage } from './house-server.ts'
import type { Figures } from './measure.ts'
import { type ServerState, startPartner } from './messages.ts'
import type { Bench } from './setting.ts'

export interface BookFigures {
  country: Country
  house: Figures
  floor: Figures
  /** Of the house while it also delivers the events of its bookings, in MB. */
  rssWorking: number
}

const CONNECTIONS = 16
const HOUR = 3_600_000

/** Bookings of distinct slots: half of them for the house, half for the floor. */
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
    writeFileSync(file, JSON.stringify(asks))
    const half = Math.floor(asks.length / 2)
    const job = { file, connections: CONNECTIONS, seconds: bench.seconds, wrap: false }
    // One round does not count: after a checkpoint the first change of each page writes it whole, and whoever comes first pays for that.
    const { next: h } = await bench.load.measure(house, { ...job, from: 0, until: half }, '201')
    const { next: f } = await bench.load.measure(floor, { ...job, from: half, until: asks.length }, '201')
    const ofHouse = await bench.load.measure(house, { ...job, from: h, until: half }, '201')
    const ofFloor = await bench.load.measure(floor, { ...job, from: f, until: asks.length }, '201')
    await house.ask({ kind: 'work' })
    await sleep(bench.seconds * 1_000)
    const { rss } = await house.ask({ kind: 'state' })
    return { country, house: ofHouse, floor: ofFloor, rssWorking: rss / 1_048_576 }
  } finally {
    await house.stop()
    await floor.stop()
  }
}
