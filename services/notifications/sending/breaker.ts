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

const statesOf = gathered(async ({ db }: Ctx, chains: readonly (readonly string[])[]) => {
  const states = await ailing(db, [...new Set(chains.flat())])
  return chains.map((names) => states.filter(({ name }) => names.includes(name)))
})

/** How the providers of a chain are. In the database, so that every process knows what one has found out. */
export class Breaker {
  readonly #ctx: Ctx
  readonly #states: Map<string, ProviderState>

  private constructor(ctx: Ctx, states: readonly ProviderState[]) {
    this.#ctx = ctx
    this.#states = new Map(states.map((state) => [state.name, state]))
  }

  static async over(ctx: Ctx, names: readonly string[]): Promise<Breaker> {
    return new Breaker(ctx, await statesOf(ctx, names))
  }

  /** Whether a message may be handed to it now. The first one after its rest tries it, and alone. */
  async admits(name: string): Promise<boolean> {
    const rest = this.#states.get(name)?.rests_until
    if (!rest) return true
    const now = this.#ctx.now()
    if (rest > now) return false
    return transact(this.#ctx, ({ db }) => beginProbe(db, name, { now, until: later(now, PROBE_SECONDS) }))
  }

  async failed(name: string): Promise<void> {
    const limits = { outage: OUTAGE, rest: REST_SECONDS, most: LONGEST_REST_SECONDS }
    await transact(this.#ctx, ({ db }) => noteFailure(db, name, { now: this.#ctx.now(), ...limits }))
  }

  /** It answered, whatever it said. Costs nothing while it is well. */
  async answered(name: string): Promise<void> {
    if (this.#states.has(name)) await transact(this.#ctx, ({ db }) => noteRecovery(db, name))
  }

  /** When the first of them may be tried again. */
  restsUntil(): Date {
    const rests = [...this.#states.values()].flatMap(({ rests_until }) => rests_until?.getTime() ?? [])
    const now = this.#ctx.now()
    return new Date(Math.max(Math.min(...rests, later(now, LONGEST_REST_SECONDS).getTime()), later(now, 1).getTime()))
  }
}
