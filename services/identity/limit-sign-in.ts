import { createHmac } from 'node:crypto'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from './database.ts'
import { countAttempt, forgiveAttempt, hasSucceeded, rememberSuccess } from './queries/attempts.ts'

// Guesses are counted in the database, so that the limit holds over all processes, and by what was typed, so that it is the same for
// accounts that do not exist. Counted twice: from one network, and from everywhere together. Whoever floods an account from many networks
// closes it to new networks only; where its owner has signed in before, the owner still can.

const WINDOW_MINUTES = 15
const FROM_ONE_NETWORK = 10
const FROM_EVERYWHERE = 50

/** An attempt that counts as failed until `succeed` says otherwise. */
export interface Attempt {
  here: Buffer
  everywhere: Buffer
  at: Date
}

type Ctx = Context<Tables>

/** Counts an attempt before the password is looked at: a hundred guesses at once are a hundred, not one. */
export async function beginAttempt(ctx: Ctx, identifier: string, address: string): Promise<Attempt> {
  const key = ctx.config.secretKey.reveal()
  const keyOf = (text: string) => createHmac('sha256', key).update(`sign-in ${text}`).digest()
  const attempt = { here: keyOf(`${networkOf(address)} ${identifier}`), everywhere: keyOf(identifier), at: ctx.now() }
  await transact(ctx, async ({ db }) => {
    const since = new Date(attempt.at.getTime() - WINDOW_MINUTES * 60_000)
    throwIfFull(await countAttempt(db, { key: attempt.here, at: attempt.at, since, limit: FROM_ONE_NETWORK }))
    if (await hasSucceeded(db, attempt.here)) return
    throwIfFull(await countAttempt(db, { key: attempt.everywhere, at: attempt.at, since, limit: FROM_EVERYWHERE }))
  })
  return attempt
}

function throwIfFull(secondsLeft: number | undefined): void {
  if (secondsLeft === undefined) return
  throw new Problem('throttled', 'Too many failed attempts. Wait as long as Retry-After says, then try again.', {
    retryAfterSeconds: Math.min(WINDOW_MINUTES * 60, Math.max(1, Math.ceil(secondsLeft))),
  })
}

/** Takes the attempt back and remembers that this network is one of the owner's. In the transaction of the sign-in itself. */
export async function succeed(
  db: Parameters<typeof rememberSuccess>[0],
  { here, everywhere, at }: Attempt,
): Promise<void> {
  await rememberSuccess(db, here, at)
  await forgiveAttempt(db, everywhere, at)
}

/** One household has a whole /64 of IPv6 addresses; counting single ones would count nothing. */
export function networkOf(address: string): string {
  const v4 = /(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  if (v4) return v4
  const [head = '', tail = ''] = address.toLowerCase().split('::')
  const groups = (text: string) => text.split(':').filter(Boolean)
  const left = groups(head)
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - groups(tail).length) }, () => '0')
  return [...left, ...zeros, ...groups(tail)].slice(0, 4).join(':')
}
