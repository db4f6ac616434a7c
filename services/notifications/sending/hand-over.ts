import type { Context } from '#platform/context.ts'
import type { NotificationsTables } from '../tables.ts'
import { Breaker } from './breaker.ts'
import { type Provider, Undelivered } from './provider.ts'

export interface Attempt {
  provider: string
  outcome: 'taken' | 'put-off' | 'refused' | 'unreached'
  code: string | null
}

/** What became of handing a message over: by the last attempt, and none where every provider rests. */
export interface HandedOver {
  attempts: Attempt[]
  /** What the provider that took it calls it. */
  reference?: string | undefined
  /** In which language, and of what where that is less than was written. */
  language?: string
  shortened?: object
  /** When a provider may be tried again, where none could be or one said so. */
  restsUntil?: Date | undefined
  /** Who refused it was not the only one. */
  undecided?: boolean
}

/** Hands it to the channel's providers; or the reason why it is not sent. */
export type Prepared = string | (() => Promise<HandedOver>)

/**
 * To the first provider that takes it. One that cannot be reached, or will not for now, passes it on to the next; one that refuses it for good ends
 * this. A provider that rests costs nothing: not each message waits for it.
 */
export async function handOver<M>(
  ctx: Context<NotificationsTables>,
  providers: readonly Provider<M>[],
  message: M,
): Promise<HandedOver> {
  const attempts: Attempt[] = []
  const waits: Date[] = []
  const rests: Date[] = []
  for (const provider of providers) {
    const hand = () => tryOne(ctx, provider, message)
    // How it is must be known when the turn has come: those before may have found out that it hangs.
    const tried = await (provider.turns ? provider.turns.take(hand) : hand())
    if (tried instanceof Date) rests.push(tried)
    else {
      const { reference, notBefore, ...attempt } = tried
      if (notBefore) waits.push(notBefore)
      attempts.push(attempt)
      if (attempt.outcome === 'taken') return { attempts, reference }
      if (attempt.outcome === 'refused') return { attempts }
    }
  }
  return { attempts, restsUntil: attempts.length > 0 ? waits[0] : earliest(rests) }
}

const earliest = (dates: readonly Date[]): Date => new Date(Math.min(...dates.map((date) => date.getTime())))

/** Or until when it rests. */
async function tryOne<M>(
  ctx: Context<NotificationsTables>,
  { name, send }: Provider<M>,
  message: M,
): Promise<Date | (Attempt & { reference?: string | undefined; notBefore?: Date | undefined })> {
  const breaker = await Breaker.of(ctx, name)
  if (!(await breaker.admits())) return breaker.restsUntil()
  try {
    const reference = await send(message)
    await breaker.answered()
    return { provider: name, outcome: 'taken', code: null, reference }
  } catch (error) {
    if (!(error instanceof Undelivered)) throw error
    await (error.answered ? breaker.answered() : breaker.failed())
    const outcome = error.final ? 'refused' : error.answered ? 'put-off' : 'unreached'
    return { provider: name, outcome, code: error.code, notBefore: error.notBefore }
  }
}
