import pg from 'pg'
import { migrate } from '#platform/migrate.ts'
import { everything } from '#services.ts'
import { type Dice, pick, random } from '../tests/dice.ts'
import { judge, loadRegistrations, type Verdict } from '../tests/judge-duplicates.ts'
import { type Registration, registeredTwice } from '../tests/registered-twice.ts'
import type { Place } from './database.ts'

export interface DuplicateFigures extends Omit<Verdict, 'wrong' | 'missed'> {
  registrations: number
  /** Milliseconds of one look-up, median and 99th of a hundred, in the database. */
  lookUps: { patients: number; p50: number; p99: number }[]
}

/** Of no set that the weights were chosen with. */
const SEED = 2031
const JUDGED = 10_000
/** With those who are registered twice it is somewhat more. */
const LARGE = 85_000
const LOOK_UPS = 1_000

const inDatabase = (url: string, name: string) => url.replace(/\/openhcs(\?|$)/, `/${name}$1`)

/** Recall and precision on a labelled set, and what a look-up costs there and among a hundred thousand. */
export async function benchDuplicates({ database }: Place): Promise<DuplicateFigures> {
  const small = registeredTwice({ people: JUDGED, seed: SEED })
  const large = registeredTwice({ people: LARGE, seed: SEED + 1 })
  const [judged, amongFew] = await among(database, 'duplicates_small', small, async (client) => ({
    ...(await judge(client, small)),
  }))
  const [, amongMany] = await among(database, 'duplicates_large', large, async () => undefined)
  const { wrong: _wrong, missed: _missed, ...verdict } = judged
  return { ...verdict, registrations: small.length, lookUps: [amongFew, amongMany] }
}

async function among<R>(
  server: { ownerUrl: string; appUrl: string },
  name: string,
  list: readonly Registration[],
  act: (client: pg.Client) => Promise<R>,
): Promise<[R, DuplicateFigures['lookUps'][number]]> {
  const admin = new pg.Client({ connectionString: server.ownerUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  await admin.end()
  const ownerUrl = inDatabase(server.ownerUrl, name)
  await migrate({ ownerUrl, appUrl: inDatabase(server.appUrl, name), services: everything })
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await loadRegistrations(client, list)
    const times = await timeLookUps(client, list.length, random(SEED))
    return [await act(client), { patients: list.length, ...times }]
  } finally {
    await client.end()
  }
}

/** One statement for each, as registration sends it. */
async function timeLookUps(client: pg.Client, patients: number, dice: Dice): Promise<{ p50: number; p99: number }> {
  const { rows } = await client.query<{ id: string }>('select patient_id as id from patient_match order by patient_id')
  const times: number[] = []
  for (let n = 0; n < Math.min(LOOK_UPS, patients); n++) {
    const began = performance.now()
    await client.query({
      name: 'look-up',
      text: 'select c.patient_id, c.score from patient_match m cross join lateral match_candidates(m) c where m.patient_id = $1',
      values: [pick(dice, rows).id],
    })
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}
