import dns from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { Agent, Headers } from 'undici'
import { mayReach, type Permitted } from './public-addresses.ts'

// What somebody names, the server may ask for: but no address of this machine, of the network it stands in, or of any other that is not public. A name
// is looked at when it is connected to and not before, so that it cannot mean something else by then.

/** Why nothing came of it, as a code. No words of the other side: they may repeat what is secret. */
export class FetchFailure extends Error {
  readonly code: 'address-refused' | 'unreachable' | 'too-slow' | 'too-large'
  constructor(code: FetchFailure['code']) {
    super(code)
    this.code = code
  }
}

export interface GuardedRequest {
  permitted: Permitted
  maxBytes: number
  /** For all of it, redirects and the body included. */
  timeoutMs: number
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** `refuse`: what leads elsewhere is the answer, and nobody is asked there. */
  redirects?: 'follow' | 'refuse'
  /** How names are looked up; for tests. */
  lookup?: typeof dns.lookup
}

export interface GuardedAnswer {
  status: number
  headers: Headers
  body: Buffer
}

const MAX_REDIRECTS = 5
const CONNECT_MS = 5_000
const MOVED = new Set([301, 302, 303, 307, 308])

/** Asks for a URL of http or https, and follows where it leads under the same rules. Throws FetchFailure. */
export async function guardedFetch(address: URL, request: GuardedRequest): Promise<GuardedAnswer> {
  const { Agent } = await import('undici')
  const agent = new Agent({ connect: { timeout: CONNECT_MS, lookup: guardedLookup(request) } })
  const signal = AbortSignal.timeout(request.timeoutMs)
  try {
    return await follow(address, request, { dispatcher: agent, signal })
  } catch (error) {
    throw failureOf(error, signal)
  } finally {
    await agent.destroy()
  }
}

interface Means {
  dispatcher: Agent
  signal: AbortSignal
}

async function follow(address: URL, request: GuardedRequest, means: Means): Promise<GuardedAnswer> {
  const { fetch, Headers } = await import('undici')
  const headers = new Headers(request.headers)
  let url = address
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    checkTarget(url, request.permitted)
    const { method = 'GET', body } = request
    const answer = await fetch(url, {
      ...means,
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    })
    const location = answer.headers.get('location')
    if (!MOVED.has(answer.status) || location === null || request.redirects === 'refuse')
      return { status: answer.status, headers: answer.headers, body: await read(answer, request.maxBytes) }
    await answer.body?.cancel()
    const next = URL.parse(location, url.href)
    if (!next || (url.protocol === 'https:' && next.protocol !== 'https:')) throw new FetchFailure('address-refused')
    if (next.origin !== url.origin) headers.delete('authorization') // it was given to the other one
    url = next
  }
  throw new FetchFailure('unreachable')
}

/** Addresses that are written out are not looked up, so they are looked at here. */
function checkTarget({ protocol, hostname, username, password }: URL, permitted: Permitted): void {
  const host = hostname.replace(/^\[|\]$/g, '')
  const open = isIP(host) === 0 || mayReach(host, host, permitted)
  if (!['http:', 'https:'].includes(protocol) || !open || username !== '' || password !== '')
    throw new FetchFailure('address-refused')
}

function guardedLookup({ permitted, lookup = dns.lookup }: GuardedRequest): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '')
      const open = found.filter(({ address }) => mayReach(hostname, address, permitted))
      const [first] = open
      if (!first) return done(new FetchFailure('address-refused'), '')
      if (options.all) return done(null, open)
      return done(null, first.address, first.family)
    })
  }
}

/** What comes unpacked counts, so that little that becomes much is stopped on the way. */
async function read({ body }: { body: AsyncIterable<Uint8Array> | null }, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new FetchFailure('too-large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** undici wraps what a look-up says. */
function failureOf(error: unknown, signal: AbortSignal): FetchFailure {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof FetchFailure) return cause
  return new FetchFailure(signal.aborted ? 'too-slow' : 'unreachable')
}
