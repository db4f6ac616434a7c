import { createHmac } from 'node:crypto'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from './database.ts'
import { countAttempt, forgiveAttempt, hasSucceeded, rememberSuccess } from './queries/attempts.ts'
import type { KnownDevice } from './sign-in/device-token.ts'

// Guesses are counted in the database, so that the limit holds over all processes, and by what was typed, so that it is the same for
// accounts that do not exist. Counted three times: at one name from one network, from one network at all names, and at one name from
// everywhere. Whoever floods an account from many networks closes it to strangers only: where its owner has signed in before, and on a
// device that holds a token of that account, the owner still can.

const MINUTE = 60_000

/** How many may fail within how long. */
interface Limits {
  minutes: number
  fromOneNetwork: number
  fromEverywhere: number
  /** At all names together: somebody who tries one password on many. */
  atAllNames: number
  onOneDevice: number
}
const LIMITS: Limits = { minutes: 15, fromOneNetwork: 10, fromEverywhere: 50, atAllNames: 100, onOneDevice: 10 }

/** Where an attempt comes from. */
export interface From {
  address: string
  device?: KnownDevice | undefined
}

/** An attempt that counts as failed until `succeed` or `forgive` says otherwise. */
export interface Attempt {
  counted: Buffer[]
  /** The network and the name, where success there says that this network is one of the owner's. */
  here: Buffer | undefined
  at: Date
}

interface Options {
  limits?: Limits
  /** Several people answer to this name: that one of them signed in says nothing about the others. */
  shared?: boolean
}

type Ctx = Context<Tables>
type Tx = Parameters<typeof rememberSuccess>[0]

/** Counts an attempt before the secret is looked at: a hundred guesses at once are a hundred, not one. */
export async function beginAttempt(
  ctx: Ctx,
  name: string,
  { address, device }: From,
  { limits = LIMITS, shared = false }: Options = {},
): Promise<Attempt> {
  const keyOf = (text: string) => keyed(ctx, text)
  const attempt: Attempt = { counted: [], here: undefined, at: ctx.now() }
  await transact(ctx, async ({ db }) => {
    attempt.counted = []
    const count = async (key: Buffer, limit: number) => {
      const since = new Date(attempt.at.getTime() - limits.minutes * MINUTE)
      throwIfFull(await countAttempt(db, { key, at: attempt.at, since, limit }), limits)
      attempt.counted.push(key)
    }
    if (device) return count(keyOf(`device ${device.nonce} ${name}`), limits.onOneDevice)
    const network = networkOf(address)
    const here = keyOf(`${network} ${name}`)
    if (!shared) attempt.here = here
    await count(here, limits.fromOneNetwork)
    if (!shared && (await hasSucceeded(db, here))) return
    await count(keyOf(`network ${network} ${limits.minutes} ${limits.atAllNames}`), limits.atAllNames)
    await count(keyOf(name), limits.fromEverywhere)
  })
  return attempt
}

const keyed = ({ config }: Pick<Ctx, 'config'>, text: string): Buffer =>
  createHmac('sha256', config.secretKey.reveal()).update(`sign-in ${text}`).digest()

function throwIfFull(secondsLeft: number | undefined, { minutes }: Limits): void {
  if (secondsLeft === undefined) return
  throw new Problem('throttled', 'Too many failed attempts. Wait as long as Retry-After says, then try again.', {
    retryAfterSeconds: Math.min(minutes * 60, Math.max(1, Math.ceil(secondsLeft))),
  })
}

/** Takes the attempt back and remembers that this network is one of the owner's. In the transaction of the sign-in itself. */
export async function succeed(db: Tx, attempt: Attempt): Promise<void> {
  await forgive(db, attempt)
  if (attempt.here) await rememberSuccess(db, attempt.here, attempt.at)
}

/** Takes the attempt back: it was right, and nobody is signed in yet. */
export async function forgive(db: Tx, { counted, at }: Attempt): Promise<void> {
  for (const key of counted) await forgiveAttempt(db, key, at)
}

/** Remembers that this network is one of those from which the owner asks under this name. */
export const rememberNetwork = (
  ctx: { config: Ctx['config']; db: Tx; now: Ctx['now'] },
  name: string,
  address: string,
) => rememberSuccess(ctx.db, keyed(ctx, `${networkOf(address)} ${name}`), ctx.now())

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
