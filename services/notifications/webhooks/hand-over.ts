import type { Context } from '#platform/context.ts'
import { FetchFailure, type GuardedRequest, guardedFetch } from '#platform/guarded-fetch.ts'
import { permittedBy } from '#platform/public-addresses.ts'
import { version } from '#platform/version.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Between attempts: a day and two hours in all. */
const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 8 * HOUR, 10 * HOUR] as const
export const FIRST_WAIT_MS = WAITS[0]
/** Also while it rests between: what is older is given up. */
export const LONGEST_MS = 28 * HOUR
const ANSWER_MS = 10_000
const MAX_ANSWER_BYTES = 65_536

/** After so many attempts, of something that old; undefined: it is given up. Up to a tenth later, so that what failed together does not come back together. */
export function waitAfter(tries: number, ageMs: number): number | undefined {
  const wait = WAITS[tries]
  return wait === undefined || ageMs > LONGEST_MS ? undefined : wait * (1 + Math.random() / 10)
}

/** Asks another system. The status that came back, or why none did; never a word of the other side. */
export async function handOver(
  { config }: Pick<Context, 'config'>,
  url: string,
  {
    headers,
    timeoutMs = ANSWER_MS,
    ...request
  }: Pick<GuardedRequest, 'method' | 'headers' | 'body'> & { timeoutMs?: number },
): Promise<string> {
  try {
    const { status } = await guardedFetch(new URL(url), {
      permitted: permittedBy(config.WEBHOOK_PRIVATE_HOSTS),
      redirects: 'refuse',
      ...request,
      headers: { ...headers, 'user-agent': `OpenHCS/${version}` },
      maxBytes: MAX_ANSWER_BYTES,
      timeoutMs,
    })
    return `http-${status}`
  } catch (error) {
    if (error instanceof FetchFailure) return error.code
    throw error
  }
}

export const isTaken = (code: string): boolean => /^http-2\d\d$/.test(code)
