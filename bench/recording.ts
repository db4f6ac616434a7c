import pg from 'pg'
import { pino } from 'pino'
import { loadConfig } from '#platform/config.ts'
import { openHouse } from '#platform/house.ts'
import { buildApp } from '#platform/http.ts'
import { everything } from '#services.ts'
import type { Ask } from './messages.ts'

export interface Sent {
  text: string
  values: unknown[]
  /** Statements of one burst are sent without waiting for an answer. */
  burst: number
}

export interface Recording {
  sent: Sent[]
  /** What the database answered, statement by statement. */
  rows: Record<string, unknown>[][]
  answer: Record<string, string>
}

type Query = (config: { text: string; values?: unknown[] }) => Promise<pg.QueryResult>

/** What the house sends to the database for one request. The second of two alike, since the first opens connections. */
export async function record(warmUp: Ask, ask: Ask): Promise<Recording> {
  const original = pg.Client.prototype.query as unknown as Query
  const recording: Recording = { sent: [], rows: [], answer: {} }
  let inFlight = 0
  pg.Client.prototype.query = function (this: pg.Client, config: Parameters<Query>[0], ...rest: []) {
    // Not of a request: workers are woken beside them, some time after the commit.
    if (typeof config === 'string' || config.text.includes('pg_notify')) return original.call(this, config, ...rest)
    const n = recording.sent.length
    const burst = (recording.sent.at(-1)?.burst ?? 0) + (inFlight === 0 ? 1 : 0)
    recording.sent.push({ text: config.text, values: config.values ?? [], burst })
    inFlight++
    const result = original.call(this, config)
    result
      .then(({ rows }) => Object.assign(recording.rows, { [n]: rows }))
      .finally(() => inFlight--)
      .catch(() => {})
    return result
  } as never
  try {
    await inHouse(async (request) => {
      await request(warmUp)
      Object.assign(recording, { sent: [], rows: [] })
      recording.answer = await request(ask)
    })
  } finally {
    pg.Client.prototype.query = original as never
  }
  return recording
}

async function inHouse(act: (request: (ask: Ask) => Promise<Record<string, string>>) => Promise<void>): Promise<void> {
  const house = openHouse({ config: loadConfig(), services: everything, log: pino({ level: 'silent' }) })
  const app = await buildApp(house)
  await act(async ({ method, url, token, key, body }) => {
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key, 'content-type': 'application/json' }
    const response = await app.inject({ method: method as 'POST', url, headers, payload: body ?? '' })
    if (response.statusCode !== 201) throw new Error(`The example booking was refused: ${response.body}`)
    return response.json()
  })
  await app.close()
  await house.close()
}
