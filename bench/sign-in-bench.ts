import { pino } from 'pino'
import { loadConfig } from '#platform/config.ts'
import { openHouse } from '#platform/house.ts'
import { buildApp } from '#platform/http.ts'
import { everything } from '#services.ts'
import type { Country } from './country.ts'
import type { Bench } from './setting.ts'

export interface SignInFigures {
  /** Milliseconds until a wrong password of an account that exists is refused, and until an unknown name is; medians. */
  known: number
  unknown: number
}

const ACCOUNTS = 100
/** A thousand tries of each kind. */
const EACH = 10
const password = 'harbour-lantern-salt'

/** Whether the time of a refusal tells that an account exists. Asked in turn, so that both meet the same noise. */
export async function benchSignIn(bench: Bench, country: Country): Promise<SignInFigures> {
  const house = openHouse({
    config: loadConfig({ ...process.env, ...bench.envFor(country) }),
    services: everything,
    log: pino({ level: 'silent' }),
  })
  const app = await buildApp(house)
  let address = 0
  const post = async (url: string, body: object) => {
    const remoteAddress = `10.${(++address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}` // limits count by address
    const began = performance.now()
    const { statusCode } = await app.inject({ method: 'POST', url, payload: body, remoteAddress })
    return { statusCode, milliseconds: performance.now() - began }
  }
  try {
    const names = Array.from({ length: ACCOUNTS }, (_, i) => `bench-${Date.now().toString(36)}-${i}`)
    for (const userName of names) await expect(201, post('/v1/accounts', { userName, password, name: 'Bench' }))
    const seen = { known: [] as number[], unknown: [] as number[] }
    for (let round = 0; round < EACH; round++)
      for (const name of names) {
        const wrong = (userName: string) => expect(401, post('/v1/sessions', { userName, password: 'not this one' }))
        seen.known.push(await wrong(name))
        seen.unknown.push(await wrong(`${name}-nobody`))
      }
    return { known: median(seen.known), unknown: median(seen.unknown) }
  } finally {
    await app.close()
    await house.close()
  }
}

async function expect(status: number, answer: Promise<{ statusCode: number; milliseconds: number }>): Promise<number> {
  const { statusCode, milliseconds } = await answer
  if (statusCode !== status) throw new Error(`Expected ${status}, got ${statusCode}`)
  return milliseconds
}

const median = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
