import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Country } from './country.ts'
import type { FloorMessage } from './floor-server.ts'
import type { HouseMessage } from './house-server.ts'
import type { Figures } from './measure.ts'
import { type Ask, type Partner, type ServerState, startPartner } from './messages.ts'
import { tokenOf } from './people.ts'
import { type Mix, mixes, searches, urlOf } from './searches.ts'
import type { Bench } from './setting.ts'

export interface FindFigures {
  country: Country
  /** All four kinds of search in turn. */
  house: Figures
  floor: Figures
  floorWithSession: Figures
  byMix: { mix: Mix; house: Figures; floor: Figures }[]
  /** How long the jobs took that run every minute. */
  minute: string
}

export const CONNECTIONS = 8
const SEARCHES = 500
const PEOPLE = 200

/** Searches through the house and through its floor, over one country. */
export async function benchFind(bench: Bench, country: Country): Promise<FindFigures> {
  const house = startPartner<HouseMessage, ServerState>('./house-server.ts', bench.envFor(country))
  const floor = startPartner<FloorMessage, ServerState>('./floor-server.ts', bench.envFor(country))
  try {
    const measure = (server: Partner<never, ServerState>, mix: Mix | 'all', seconds: number) => {
      const file = join(bench.folder, `find-${country.practitioners}-${mix}.json`)
      const asks = mix === 'all' ? allMixes(country) : asksFor(mix, country)
      writeFileSync(file, JSON.stringify(asks))
      const job = { file, connections: CONNECTIONS, seconds, from: 0, until: asks.length, wrap: true }
      return bench.load.warmThenMeasure(server, job, '200')
    }
    const minute = await timeMinute(house)
    await house.ask({ kind: 'work' }) // from here on as in production: every minute
    const main = await measure(house, 'all', bench.seconds)
    const floorMain = await measure(floor, 'all', bench.seconds)
    await floor.ask({ kind: 'session' })
    const floorWithSession = await measure(floor, 'all', bench.seconds)
    await floor.ask({ kind: 'no-session' })
    const byMix: FindFigures['byMix'] = []
    for (const mix of Object.keys(mixes) as Mix[]) {
      const seconds = bench.seconds / 2
      byMix.push({ mix, house: await measure(house, mix, seconds), floor: await measure(floor, mix, seconds) })
    }
    return { country, house: main, floor: floorMain, floorWithSession, byMix, minute }
  } finally {
    await house.stop()
    await floor.stop()
  }
}

/** The jobs of every minute, after the time that it took to make the country. */
async function timeMinute(house: Partner<HouseMessage, ServerState>): Promise<string> {
  const began = performance.now()
  const failed = await house.ask({ kind: 'minute' }).then(
    () => '',
    (error: Error) => `, and it failed: ${error.message.split('\n', 1)[0]}`,
  )
  return `${((performance.now() - began) / 1_000).toFixed(1)} s${failed}`
}

const asksFor = (mix: Mix, { practitioners }: Country): Ask[] =>
  searches(mix, practitioners, SEARCHES).map((search, i) => ({
    method: 'GET',
    url: urlOf(search),
    token: tokenOf(1 + (i % PEOPLE)),
  }))

/** A file with all kinds of search, for others that measure by searches. */
export function asksOfAllMixes(bench: Bench, country: Country): { file: string; until: number } {
  const file = join(bench.folder, `find-${country.practitioners}-all.json`)
  const asks = allMixes(country)
  writeFileSync(file, JSON.stringify(asks))
  return { file, until: asks.length }
}

/** One of each kind in turn. */
function allMixes(country: Country): Ask[] {
  const lists = (Object.keys(mixes) as Mix[]).map((mix) => asksFor(mix, country))
  return Array.from({ length: SEARCHES }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat()
}
