import type { Static } from 'typebox'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { inPart } from '#platform/transaction.ts'
import { lost, nearest, type Wanted } from '../conflict.ts'
import type { bookSeries } from '../contract/series.ts'
import type { SchedulingTables } from '../tables.ts'

type Tx = TransactionContext<SchedulingTables>
export type Outcome = Static<typeof bookSeries.response>['items'][number]

/** Refusals that are the same for each visit: they answer the whole request. */
const OF_ALL = new Set(['not-theirs-to-book', 'patient-out-of-use', 'unknown-practitioner', 'which-service'])

/** A search under the lock of the series: for the first that cannot be had, and not for each of a hundred. */
const SUGGESTED = 5

/** What becomes of one visit. A refusal takes back this one only, and is said in its outcome, with times near by where somebody looks for one. */
export async function outcomeOf(
  ctx: Tx,
  of: { number: number; start: Date; wanted?: Wanted; before?: readonly Outcome[] },
  work: (ctx: Tx) => Promise<string>,
): Promise<Outcome> {
  const { number, start, wanted, before = [] } = of
  const told = { number, start: start.toISOString() }
  try {
    return { ...told, done: true, appointment: await inPart(ctx, work) }
  } catch (error) {
    const { code, detail } = refusalIn(error)
    const few = before.filter(({ done }) => !done).length < SUGGESTED
    const alternatives = few && wanted && (await nearest(ctx, wanted))
    return { ...told, done: false, code, detail, ...(alternatives && { alternatives }) }
  }
}

function refusalIn(error: unknown): { code: string; detail: string } {
  const detail = lost[(error as { constraint?: string }).constraint ?? '']
  if (detail !== undefined) return { code: 'conflict', detail }
  if (!(error instanceof Problem) || error.status >= 500 || OF_ALL.has(error.reason ?? '')) throw error
  return { code: error.code, detail: error.message }
}

/** Whether what was asked for has been done: all of it, or at least something. Else it is taken back, and the answer says what stood in the way. */
export function checkTaken(items: readonly Outcome[], take: 'all' | 'possible'): void {
  const missed = items.filter(({ done }) => !done)
  if (missed.length === 0 || (take === 'possible' && missed.length < items.length)) return
  throw new Problem(
    'conflict',
    take === 'all'
      ? `${missed.length} of ${items.length} visits cannot be had, so nothing was changed. Choose other times, or take what is possible.`
      : 'None of these visits can be had, so nothing was changed. Choose another time.',
    { reason: 'series', details: { items: missed } },
  )
}
