import type { Context } from '#platform/context.ts'
import { FetchFailure, type GuardedRequest, guardedFetch } from '#platform/guarded-fetch.ts'
import { permittedBy } from '#platform/public-addresses.ts'
import { version } from '#platform/version.ts'

const ANSWER_MS = 10_000
const MAX_ANSWER_BYTES = 65_536

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
