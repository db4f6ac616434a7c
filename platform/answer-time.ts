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
