import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { requireKey } from '#platform/data-keys.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { beginTotp as beginContract, readTotp as readContract } from '../contract/second-factor.ts'
import type { Tables } from '../database.ts'
import { beginAttempt, forgive } from '../limit-sign-in.ts'
import { auditAccount } from '../own-account.ts'
import {
  deleteTotp,
  lockTotp,
  offerTotp,
  recoveryCodesLeft,
  replaceRecoveryCodes,
  totpOf,
  useStep,
} from '../queries/second-factor.ts'
import { revokeSessions } from '../queries/sessions.ts'
import { confirmOwner } from './confirm-owner.ts'
import { FACTOR_LIMITS, factorName } from './second-step.ts'
import { hashOfRecoveryCode, newRecoveryCodes, newSecret, sealSecret, stepOf, useFactor } from './totp.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type Codes = { recoveryCodes: string[] }

export async function readTotp(ctx: Ctx): Promise<Static<typeof readContract.response>> {
  const account = accountOf(ctx)
  const { confirmed_at } = (await totpOf(ctx.db, account)) ?? { confirmed_at: null }
  return {
    enabled: confirmed_at !== null,
    ...(confirmed_at !== null && { confirmedAt: confirmed_at.toISOString() }),
    recoveryCodesLeft: await recoveryCodesLeft(ctx.db, account),
  }
}

/** Offers a secret; asked for from the next sign-in on only once a code has confirmed it. */
export async function beginTotp(
  ctx: Ctx,
  password: string | undefined,
  address: string,
): Promise<Static<typeof beginContract.response>> {
  const account = await confirmOwner(ctx, password, address)
  const { secret, uri } = newSecret(account.user_name ?? account.name)
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const sealed = await sealSecret(ctx, account.id, secret)
    if (!(await offerTotp(ctx.db, account.id, sealed, ctx.now())))
      throw new Problem('duplicate', 'A second factor is in use already. Remove it before you set up another.')
    auditAccount(ctx, 'U', account.id, 'second factor offered')
    return { secret, uri }
  })
}

export async function confirmTotp(ctx: Ctx, code: string, address: string): Promise<Codes> {
  const account = accountOf(ctx)
  const attempt = await beginAttempt(ctx, factorName(account), { address }, { limits: FACTOR_LIMITS })
  return transact(ctx, async (ctx) => {
    const offer = await lockTotp(ctx.db, account)
    if (!offer || offer.confirmed_at) throw nothingOffered()
    const step = await stepOf(ctx, account, offer.secret, code)
    if (step === undefined || !(await useStep(ctx.db, account, offer.secret, step, ctx.now()))) throw wrongCode()
    await forgive(ctx.db, attempt)
    await revokeSessions(ctx.db, account, ctx.now(), { except: ctx.actor.session })
    auditAccount(ctx, 'U', account, 'second factor confirmed')
    return giveRecoveryCodes(ctx, account)
  })
}

export const renewRecoveryCodes = (ctx: Ctx, code: string, address: string): Promise<Codes> =>
  withFactor(ctx, code, address, async (ctx, account) => {
    auditAccount(ctx, 'U', account, 'recovery codes renewed')
    return giveRecoveryCodes(ctx, account)
  })

export const removeTotp = (ctx: Ctx, code: string, address: string): Promise<void> =>
  withFactor(ctx, code, address, async (ctx, account) => {
    await deleteTotp(ctx.db, account)
    auditAccount(ctx, 'U', account, 'second factor removed')
  })

/** Does what only the holder of the second factor may do. */
async function withFactor<R>(
  ctx: Ctx,
  code: string,
  address: string,
  act: (ctx: Tx, account: string) => Promise<R>,
): Promise<R> {
  const account = accountOf(ctx)
  const attempt = await beginAttempt(ctx, factorName(account), { address }, { limits: FACTOR_LIMITS })
  return transact(ctx, async (ctx) => {
    if (!(await useFactor(ctx, account, code))) throw wrongCode()
    await forgive(ctx.db, attempt)
    return act(ctx, account)
  })
}

async function giveRecoveryCodes(ctx: Tx, account: string): Promise<Codes> {
  const recoveryCodes = newRecoveryCodes()
  const hashes: Buffer[] = []
  for (const code of recoveryCodes) hashes.push(await hashOfRecoveryCode(ctx, account, code))
  await replaceRecoveryCodes(ctx.db, account, hashes)
  return { recoveryCodes }
}

const wrongCode = () =>
  new Problem('business-rule', 'This code is wrong or was used before. Wait for the next one.', {
    errors: [{ pointer: '/body/code', detail: 'is wrong or was used before' }],
  })

const nothingOffered = () =>
  new Problem('business-rule', 'There is no second factor to confirm. Ask for a secret first.')
