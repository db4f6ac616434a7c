import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'

/** What is known of those who ask: at least of which database. */
interface Asking {
  readonly database: { readonly key: object }
}

interface Waiting<C, Q, A> {
  ctx: C
  question: Q
  resolve(answer: A): void
  reject(error: unknown): void
}

/** Of one database. */
interface Desk<C, Q, A> {
  waiting: Waiting<C, Q, A>[]
  busy: boolean
}

/**
 * Many who do the same at once, served together: what is asked while an answer is awaited goes in the next lot. A lot that fails is served one by one, so that one of
 * them spoils nothing for the others: where `serve` throws it must have changed nothing, since it is asked again.
 *
 * @param serve answers each question, in the order of the questions, in the context of one of those who asked
 * @param lingerMs how long a lot waits for company before it goes; without it, what is asked in the same turn of the event loop
 * @param most of one lot; no more than an operation that it asks takes, which is 500 in the contracts
 */
export function gathered<C extends Asking, Q, A>(
  serve: (ctx: C, questions: readonly Q[]) => Promise<readonly A[]>,
  { lingerMs, most = 500 }: { lingerMs?: number; most?: number } = {},
): (ctx: C, question: Q) => Promise<A> {
  const desks = new WeakMap<object, Desk<C, Q, A>>()

  async function serveLot(lot: readonly Waiting<C, Q, A>[]): Promise<void> {
    const [first] = lot
    if (first === undefined) return
    try {
      const answers = await serve(
        first.ctx,
        lot.map(({ question }) => question),
      )
      for (const [n, { resolve }] of lot.entries()) resolve(answers[n] as A)
    } catch (error) {
      if (lot.length === 1) first.reject(error)
      else await Promise.all(lot.map((one) => serveLot([one])))
    }
  }

  async function attend(desk: Desk<C, Q, A>): Promise<void> {
    desk.busy = true
    while (desk.waiting.length > 0) {
      await (lingerMs === undefined ? turn() : sleep(lingerMs))
      await serveLot(desk.waiting.splice(0, most))
    }
    desk.busy = false
  }

  return (ctx, question) =>
    new Promise((resolve, reject) => {
      const desk = desks.get(ctx.database.key) ?? { waiting: [], busy: false }
      desks.set(ctx.database.key, desk)
      desk.waiting.push({ ctx, question, resolve, reject })
      if (!desk.busy) void attend(desk)
    })
}
