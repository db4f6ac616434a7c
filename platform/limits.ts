import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import { Problem } from './errors.ts'
import { LimitWindows } from './limit-windows.ts'
import type { OperationSpec } from './operation.ts'

/** A clinic or a mobile network may share one address, so an address gets this many times what one account gets. */
const ADDRESS_SHARE = 10

type Check = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export interface Limits {
  perAddress: Check
  perAccount(request: FastifyRequest, reply: FastifyReply, account: string): Promise<void>
  /** For operations that declare `perMinute`. */
  forOperation(operation: OperationSpec): Check | undefined
}

const accounts = new WeakMap<FastifyRequest, string>()

/**
 * Counters live in the process: a hot path must not pay a database round trip for them. With n processes behind a balancer a caller gets
 * up to n times the limit; what must hold exactly (failed sign-ins) is counted in the database by its room.
 */
export async function addLimits(app: FastifyInstance, config: Config): Promise<Limits> {
  await app.register(rateLimit, { global: false, timeWindow: 60_000, cache: 20_000, store: LimitWindows })
  const limit = (policy: string, max: number, keyGenerator: (request: FastifyRequest) => string): Check => {
    const check = app.createRateLimit({ max, keyGenerator })
    return async (request, reply) => {
      const state = await check(request)
      if (!state.isAllowed) announce(reply, policy, state)
    }
  }
  const byAddress = (request: FastifyRequest) => request.ip
  const perAccount = limit('account', config.RATE_LIMIT_PER_MINUTE, (request) => accounts.get(request) ?? request.ip)
  return {
    perAddress: limit('address', config.RATE_LIMIT_PER_MINUTE * ADDRESS_SHARE, (request) => `address ${request.ip}`),
    perAccount(request, reply, account) {
      accounts.set(request, account)
      return perAccount(request, reply)
    },
    forOperation: ({ id, perMinute }) =>
      perMinute === undefined ? undefined : limit(id, perMinute, (request) => `${id} ${byAddress(request)}`),
  }
}

interface State {
  max: number
  remaining: number
  ttlInSeconds: number
  isExceeded: boolean
}

/** Headers of draft-ietf-httpapi-ratelimit-headers-10; the last policy checked is the one shown. */
function announce(reply: FastifyReply, policy: string, { max, remaining, ttlInSeconds, isExceeded }: State): void {
  reply
    .header('ratelimit-policy', `"${policy}";q=${max};w=60`)
    .header('ratelimit', `"${policy}";r=${remaining};t=${ttlInSeconds}`)
  if (isExceeded)
    throw new Problem('throttled', 'Too many requests; wait before the next one.', { retryAfterSeconds: ttlInSeconds })
}
