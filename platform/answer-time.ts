import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config.ts'
import { Problem } from './errors.ts'

/** Longer than one statement may take: that is refused by the database first, which says more. */
const SECONDS_BEYOND_STATEMENT = 5

/** How long an answer that is not a stream may take. */
export const answerMs = ({ DATABASE_STATEMENT_SECONDS }: Config): number =>
  (DATABASE_STATEMENT_SECONDS + SECONDS_BEYOND_STATEMENT) * 1_000

export const tooLate = (cause?: unknown): Problem =>
  new Problem(
    'transient',
    'The answer took too long. Try again with the same Idempotency-Key: whether this request took effect is not known.',
    { cause },
  )

/**
 * A time limit for each answer that is not a stream. Fastify's own (`handlerTimeout`) ends as soon as the body has arrived, since Node closes the request then. What
 * is late goes on, and may take effect: a repetition with the same Idempotency-Key tells.
 */
export function inTime<R>(work: Promise<R>, config: Config): Promise<R> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooLate()), answerMs(config))
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Milliseconds, at most. */
const BLUR = 5

/**
 * For operations that are worth guessing at: how long a refusal took must not tell whether somebody is here. Answers about somebody differ by a twentieth of a millisecond
 * at most (docs/benchmarks.md); beside a wait by chance, telling that takes some ten thousand tries, and nobody has a hundredth of them.
 */
export async function blurred<R>(work: Promise<R>): Promise<R> {
  try {
    return await work
  } catch (error) {
    await sleep(randomInt(BLUR + 1))
    throw error
  }
}
