import type { Context, TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { addJob, type Job } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { type Facts, matchOf } from './name-keys.ts'
import {
  type Candidate,
  candidates,
  comparable,
  keepMatch,
  suspect,
  takeTurn,
  withoutMatch,
} from './queries/matching.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>

/** More than this of one person is a list that nobody reads. */
const MOST = 20

interface Row {
  id: string
  version: number
  name: string
  birth_date: string
  gender: string
  phone: string | null
}

const factsOf = ({ name, birth_date, gender, phone }: Row): Facts => ({ name, birthDate: birth_date, gender, phone })

/**
 * Whoever is registered already and may be the person of these facts, best first. Names, birth dates and phones of others follow from it: show
 * it to who may see them, never to somebody who makes a profile of their own.
 */
export const candidatesFor = (
  ctx: Pick<Tx, 'db'>,
  facts: Facts,
  among?: { organisation: string; now: Date },
): Promise<Candidate[]> => candidates(ctx.db, null, matchOf(facts), MOST, among)

/** Makes a patient comparable, and puts those that may be the same person on the review list. */
async function watchForDuplicates(ctx: Pick<Tx, 'db' | 'now'>, row: Row): Promise<void> {
  const match = matchOf(factsOf(row))
  await takeTurn(ctx.db)
  await keepMatch(ctx.db, row, match)
  const found = await candidates(ctx.db, row.id, match, MOST)
  if (found.length === 0) return
  const pairs = found.map((candidate) => ({ id: newId(), of: row.id, candidate }))
  await suspect(ctx.db, pairs, ctx.now())
}

const AT_ONCE = 200

/** For patients that were written before this was there, by an older release, or past the API. */
async function matchPatients(ctx: Ctx): Promise<void> {
  for (let rows = await withoutMatch(ctx.db, AT_ONCE); rows.length > 0; rows = await withoutMatch(ctx.db, AT_ONCE))
    await transact({ ...ctx, once: undefined }, async (ctx) => {
      for (const row of rows) await watchForDuplicates(ctx, row)
    })
}

/**
 * Once a patient is written. Not before the answer: how long it takes says whether somebody of that name and birth date is here, and anybody
 * may give their own profile the facts of another.
 */
export const compareSoon = (ctx: Pick<Tx, 'room' | 'pending'>, patient: string): void =>
  addJob(ctx, 'compare-patient', { patient })

async function comparePatient(ctx: Ctx, { patient }: { patient: string }): Promise<void> {
  await transact({ ...ctx, once: undefined }, async (ctx) => {
    const row = await comparable(ctx.db, patient)
    if (row) await watchForDuplicates(ctx, row)
  })
}

export const jobs: Job<Tables>[] = [
  { name: 'match-patients', cron: '*/10 * * * *', run: matchPatients },
  { name: 'compare-patient', run: comparePatient },
]
