import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { LONGEST_MS, waitAfter } from '#platform/waits.ts'
import type { callSystem as contract } from '../contract/webhooks.ts'
import { Breaker } from '../sending/breaker.ts'
import type { NotificationsTables } from '../tables.ts'
import { handOver, isTaken } from './hand-over.ts'

/** Below the time that a room in another process waits for this. */
const ANSWER_MS = 8_000

/** For a room that keeps what is to be told itself: once, by the same rules as webhooks. A system that does not answer rests. */
export async function callSystem(
  ctx: Context<NotificationsTables>,
  { name, url, tries, dueAt, ...request }: Static<typeof contract.body>,
): Promise<Static<typeof contract.response>> {
  const breaker = await Breaker.of(ctx, name)
  const age = ctx.now().getTime() - Date.parse(dueAt)
  if (!(await breaker.admits())) {
    const again = age > LONGEST_MS ? undefined : breaker.restsUntil().toISOString()
    return { taken: false, code: 'resting', tries, ...(again && { again }) }
  }
  const code = await handOver(ctx, url, { ...request, timeoutMs: ANSWER_MS })
  const taken = isTaken(code)
  await (taken ? breaker.answered() : breaker.failed())
  // 410 says that nobody wants this any more.
  const wait = taken || code === 'http-410' ? undefined : waitAfter(tries, age)
  const again = wait && new Date(ctx.now().getTime() + wait).toISOString()
  return { taken, code, tries: tries + 1, ...(again && { again }) }
}
