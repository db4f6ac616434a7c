import { hash } from 'node:crypto'
import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { answerSecondFactor as contract } from '../contract/second-factor.ts'
import type { NewSession } from '../contract.ts'
import type { Tables } from '../database.ts'
import { beginAttempt, forgive } from '../limit-sign-in.ts'
import { auditAccount } from '../own-account.ts'
import { type AccountRow, accountById } from '../queries/accounts.ts'
import { spendChallenge } from '../queries/challenges.ts'
import { totpOf } from '../queries/second-factor.ts'
import { deviceOf } from './device-token.ts'
import { admit, type Entrance } from './open-session.ts'
import { digest, isDigest, seal, unseal } from './sealing.ts'
import { useFactor } from './totp.ts'

type Ctx = Context<Tables>

/** Fewer than for passwords: there are only a million codes, and three of them are right. */
export const FACTOR_LIMITS = { minutes: 15, fromOneNetwork: 5, fromEverywhere: 10, atAllNames: 100, onOneDevice: 5 }
export const factorName = (account: string) => `second factor of ${account}`

const CHALLENGE_MINUTES = 5

interface Pending {
  account: string
  /** Of the password that was right: when it is changed, this is worth nothing. */
  password: string
  way: string
  until: number
  id: string
}

/** Opens the session, or asks for the second factor where the account has one. */
export async function admitOrAsk(ctx: Ctx, entrance: Entrance): Promise<Static<typeof NewSession>> {
  const { account, attempt, also, way } = entrance
  if (!(await totpOf(ctx.db, account.id))?.confirmed_at) return admit(ctx, entrance)
  await transact(ctx, async (ctx) => {
    await also?.(ctx)
    await forgive(ctx.db, attempt)
  })
  const until = ctx.now().getTime() + CHALLENGE_MINUTES * 60_000
  const pending: Pending = { account: account.id, password: markOf(ctx, account), way, until, id: newId() }
  const challenge = seal(ctx, 'second factor', 'challenge', JSON.stringify(pending))
  throw new Problem('login', 'A second factor is needed. Send a code with this challenge to finish signing in.', {
    details: { secondFactor: { challenge, expiresAt: new Date(until).toISOString() } },
    reason: 'second-factor',
  })
}

const MARK = 'password mark'
const markOf = (ctx: Ctx, { password_hash }: Pick<AccountRow, 'password_hash'>) =>
  digest(ctx, MARK, password_hash).toString('base64url')

export async function answerSecondFactor(
  ctx: Ctx,
  { challenge, code, device, deviceToken, refresh }: Static<typeof contract.body>,
  address: string,
): Promise<Static<typeof NewSession>> {
  const pending = pendingOf(ctx, challenge)
  if (!pending) throw refused()
  const { account: id, way } = pending
  const known = deviceOf(ctx, deviceToken)
  const own = known?.account === id ? known : undefined
  const attempt = await beginAttempt(ctx, factorName(id), { address, device: own }, { limits: FACTOR_LIMITS })
  const account = await accountById(ctx.db, id)
  const mark = Buffer.from(pending.password, 'base64url')
  if (!account || !isDigest(ctx, MARK, account.password_hash, mark)) throw refused()
  const entrance = { account, attempt, way: `${way}, second factor`, refusal: refused, device, refresh }
  return admit(ctx, {
    ...entrance,
    async also(ctx) {
      const used = await useFactor(ctx, id, code)
      const first = await spendChallenge(ctx.db, hash('sha256', challenge, 'buffer'), new Date(pending.until))
      if (!used || !first) throw refused()
      if (used === 'recovery code') auditAccount(ctx, 'U', id, 'recovery code used')
    },
  })
}

function pendingOf(ctx: Ctx, challenge: string): Pending | undefined {
  const text = unseal(ctx, 'second factor', 'challenge', challenge)
  const pending = text === undefined ? undefined : (JSON.parse(text) as Pending)
  return pending && pending.until > ctx.now().getTime() ? pending : undefined
}

const refused = () =>
  new Problem('login', 'The code is wrong or was used before, or signing in took too long. Try again.')
