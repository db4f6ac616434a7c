import { randomBytes } from 'node:crypto'
import { generateSecret, generateURI, verifySync } from 'otplib'
import type { Context, TransactionContext } from '#platform/context.ts'
import { digestsOf, digestToKeep, keysForWriting, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import type { Tables } from '../database.ts'
import { lockTotp, useRecoveryCode, useStep } from '../queries/second-factor.ts'

type Ctx = Pick<Context<Tables>, 'config' | 'db'>
type Tx = TransactionContext<Tables>

const ISSUER = 'OpenHCS'
/** Clocks differ, and typing takes time: the step before and the one after pass as well. */
const TOLERANCE_SECONDS = 30

/** Names the row: in another it does not open. */
export const boundToTotp = (account: string): string => JSON.stringify(['identity.totp', account])

export function newSecret(label: string) {
  const secret = generateSecret()
  return { secret, uri: generateURI({ issuer: ISSUER, label, secret }) }
}

export async function sealSecret(ctx: Tx, account: string, secret: string): Promise<string> {
  return encrypt((await keysForWriting(ctx)).current, secret, boundToTotp(account))
}

/** Uses up a code of the app or a recovery code: which of them it was, or undefined when it opens nothing. */
export async function useFactor(ctx: Tx, account: string, code: string): Promise<'totp' | 'recovery code' | undefined> {
  if (!isDigits(code))
    return (await useRecoveryCode(ctx.db, account, await digestsOf(ctx, ...partsOf(account, code)), ctx.now()))
      ? 'recovery code'
      : undefined
  const row = await lockTotp(ctx.db, account)
  if (!row?.confirmed_at) return undefined
  const step = await stepOf(ctx, account, row.secret, code)
  return step !== undefined && (await useStep(ctx.db, account, row.secret, step)) ? 'totp' : undefined
}

const isDigits = (code: string) => /^\d{6}$/.test(code)

/** The time step that a code belongs to, or undefined. */
export async function stepOf(ctx: Tx, account: string, sealed: string, code: string): Promise<number | undefined> {
  if (!isDigits(code)) return undefined
  const secret = await unseal(ctx, sealed, boundToTotp(account))
  const epoch = Math.floor(ctx.now().getTime() / 1_000)
  const result = verifySync({ secret, token: code, epoch, epochTolerance: TOLERANCE_SECONDS })
  return result.valid && 'timeStep' in result ? result.timeStep : undefined
}

const RECOVERY_CODES = 10
const RECOVERY_SIGNS = 10
/** Crockford's base 32: no letter that looks like a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Ten codes of 50 bits. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    [...randomBytes(RECOVERY_SIGNS)]
      .map((byte) => ALPHABET.charAt(byte % ALPHABET.length))
      .join('')
      .replace(/^(.{4})(.{4})/, '$1-$2-'),
  )
}

/** As it was read off a paper: any case, any gaps, O for 0, I and L for 1. */
function partsOf(account: string, code: string): string[] {
  const read = code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
  return ['identity.recovery_code', account, read]
}

export const hashOfRecoveryCode = (ctx: Ctx, account: string, code: string): Promise<Buffer> =>
  digestToKeep(ctx, ...partsOf(account, code))
