import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import { transact } from '#platform/transaction.ts'
import { ailing, beginProbe, noteFailure, noteRecovery, type ProviderState } from '../queries/providers.ts'
import type { NotificationsTables } from '../tables.ts'

type Ctx = Context<NotificationsTables>

/** One lost connection is no outage; two in a row are. */
const OUTAGE = 2
/** How long a provider is left alone, and how long the one message that tries it has, in seconds. */
const REST_SECONDS = 15
const LONGEST_REST_SECONDS = 300
const PROBE_SECONDS = 45

const later = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1_000)

/** Asked together with what others want to know at the time. */
const stateOf = gathered(async ({ db }: Ctx, names: readonly string[]) => {
  const states = new Map((await ailing(db, [...new Set(names)])).map((state) => [state.name, state]))
  return names.map((name) => states.get(name))
})

/** How a provider is. In the database, so that every process knows what one has found out. */
export class Breaker {
  readonly #ctx: Ctx
  readonly #name: string
  readonly #state: ProviderState | undefined

  private constructor(ctx: Ctx, name: string, state: ProviderState | undefined) {
    this.#ctx = ctx
    this.#name = name
    this.#state = state
  }

  static async of(ctx: Ctx, name: string): Promise<Breaker> {
    return new Breaker(ctx, name, await stateOf(ctx, name))
  }

  /** Whether a message may be handed to it now. The first one after its rest tries it, and alone. */
  async admits(): Promise<boolean> {
    const rest = this.#state?.rests_until
    if (!rest) return true
    const now = this.#ctx.now()
    if (rest > now) return false
    return transact(this.#ctx, ({ db }) => beginProbe(db, this.#name, { now, until: later(now, PROBE_SECONDS) }))
  }

  /** Messages that fail side by side are one failure: each counts from what it knew when it was handed over. */
  async failed(): Promise<void> {
    const failures = (this.#state?.failures ?? 0) + 1
    const limits = { outage: OUTAGE, rest: REST_SECONDS, most: LONGEST_REST_SECONDS }
    await transact(this.#ctx, ({ db }) => noteFailure(db, this.#name, { failures, now: this.#ctx.now(), ...limits }))
  }

  /** It answered, whatever it said. Costs nothing while it is well. */
  async answered(): Promise<void> {
    if (this.#state) await transact(this.#ctx, ({ db }) => noteRecovery(db, this.#name))
  }

  /** When it may be tried again. */
  restsUntil(): Date {
    const now = this.#ctx.now()
    const rest = this.#state?.rests_until?.getTime() ?? Number.POSITIVE_INFINITY
    return new Date(Math.max(Math.min(rest, later(now, LONGEST_REST_SECONDS).getTime()), later(now, 1).getTime()))
  }
}
