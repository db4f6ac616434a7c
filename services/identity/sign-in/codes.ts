import { randomInt } from 'node:crypto'
import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { sendCode } from '../../notifications/contract.ts'
import type {
  confirmContact as confirmContract,
  requestContactCode as contactContract,
  requestCode as requestContract,
  createSessionByCode as sessionContract,
} from '../contract/codes.ts'
import type { NewSession } from '../contract.ts'
import type { Tables } from '../database.ts'
import { beginAttempt, type From, rememberNetwork } from '../limit-sign-in.ts'
import { auditAccount } from '../own-account.ts'
import { type AccountRow, accountById } from '../queries/accounts.ts'
import { accountByContact, type CodeRow, insertCode, takeTry, useCode, verifyContact } from '../queries/codes.ts'
import { confirmOwner } from './confirm-owner.ts'
import { type Contact, contactOf, isTarget, namedBy, ownContact, targetOf } from './contact.ts'
import { deviceOf } from './device-token.ts'
import { digest, isDigest } from './sealing.ts'
import { admitOrAsk } from './second-step.ts'

type Ctx = Context<Tables>
type Sent = Static<typeof requestContract.response>

const LIFE_MINUTES = 10

/** Messages cost money and patience: to one address a few in a quarter of an hour, and a few more in a day. */
const QUARTER = { minutes: 15, fromOneNetwork: 5, fromEverywhere: 5, atAllNames: 40, onOneDevice: 5 }
const DAY = { minutes: 1_440, fromOneNetwork: 10, fromEverywhere: 10, atAllNames: 200, onOneDevice: 20 }
/** Beside the five tries that each code has. */
const TRIES = { minutes: 15, fromOneNetwork: 20, fromEverywhere: 50, atAllNames: 60, onOneDevice: 20 }

const quarterOf = (name: string) => `code to ${name}`
const dayOf = (name: string) => `codes of a day to ${name}`

async function countRequest(ctx: Ctx, name: string, from: From): Promise<void> {
  await beginAttempt(ctx, quarterOf(name), from, { limits: QUARTER })
  await beginAttempt(ctx, dayOf(name), from, { limits: DAY })
}

/** The same statements, the same answer, and no waiting for the message, whether somebody has this address or nobody does. */
export async function requestCode(
  ctx: Ctx,
  { voice = false, deviceToken, ...given }: Static<typeof requestContract.body>,
  address: string,
): Promise<Sent> {
  const contact = contactOf(given)
  const target = targetOf(ctx, contact)
  const found = await accountByContact(ctx.db, contact)
  // It counts while the account still names it: a mailbox that was changed since opens nothing.
  const account = found && ownContact(found, contact.kind)?.address === contact.address ? found : undefined
  const device = deviceOf(ctx, deviceToken)
  const own = device && device.account === account?.id ? device : undefined
  await countRequest(ctx, target.toString('hex'), { address, device: own })
  const { sent, code } = await writeCode(ctx, { purpose: 'sign-in', account_id: account?.id ?? null, target })
  if (account)
    setImmediate(() => void deliver(ctx, account, contact.kind, code, voice).catch((err) => refusedBy(ctx, err)))
  return sent
}

const refusedBy = ({ log }: Ctx, err: unknown) => log.warn({ err }, 'a one-time code was not delivered')

async function writeCode(
  ctx: Ctx,
  row: { purpose: 'sign-in' | 'verify'; account_id: string | null; target: Buffer },
): Promise<{ sent: Sent; code: string }> {
  const id = newId()
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  const expires_at = new Date(ctx.now().getTime() + LIFE_MINUTES * 60_000)
  await transact(ctx, ({ db }) => insertCode(db, { ...row, id, hash: hashOf(ctx, id, code), expires_at }))
  return { sent: { challenge: id, expiresAt: expires_at.toISOString() }, code }
}

const CODE = 'one-time code'
const hashOf = (ctx: Ctx, id: string, code: string) => digest(ctx, CODE, `${id} ${code}`)

/** By the room that writes to people, at once: a code is in no queue and no log. */
async function deliver(
  ctx: Ctx,
  account: Pick<AccountRow, 'phone' | 'email' | 'language'>,
  kind: Contact['kind'],
  code: string,
  voice: boolean,
): Promise<void> {
  const channel = kind === 'email' ? 'email' : voice ? 'voice' : 'sms'
  const to = namedBy(account, kind) ?? ''
  const body = { channel, to, code, minutes: LIFE_MINUTES, language: account.language } as const
  const { sent, reason } = await ctx.call(sendCode, { body })
  if (!sent) throw new Error(`not sent: ${reason}`)
}

export async function createSessionByCode(
  ctx: Ctx,
  { challenge, code, deviceToken, ...wishes }: Static<typeof sessionContract.body>,
  address: string,
): Promise<Static<typeof NewSession>> {
  const row = await tryCode(ctx, 'sign-in', challenge, code, { address }, deviceToken)
  const account = row.right && row.account_id !== null ? await accountById(ctx.db, row.account_id) : undefined
  if (!account) throw wrong()
  const name = row.target.toString('hex')
  const { attempt } = row
  const entrance = { account, attempt, way: 'one-time code', refusal: wrong, ...wishes }
  return admitOrAsk(ctx, {
    ...entrance,
    async also(tx) {
      if (!(await useCode(tx.db, challenge, tx.now()))) throw wrong()
      for (const each of [quarterOf(name), dayOf(name)]) await rememberNetwork(tx, each, address)
    },
  })
}

/** Counts the try before the code is looked at, whatever becomes of it. */
async function tryCode(
  ctx: Ctx,
  purpose: 'sign-in' | 'verify',
  id: string,
  code: string,
  from: From,
  deviceToken?: string,
): Promise<CodeRow & { right: boolean; attempt: Awaited<ReturnType<typeof beginAttempt>> }> {
  const row = await transact(ctx, ({ db }) => takeTry(db, { id, purpose, now: ctx.now() }))
  const device = deviceOf(ctx, deviceToken)
  const own = row?.account_id && device?.account === row.account_id ? device : undefined
  const name = `tries at ${row ? row.target.toString('hex') : 'nothing'}`
  const attempt = await beginAttempt(ctx, name, { ...from, device: own }, { limits: TRIES, shared: !row })
  if (!row) throw wrong()
  return { ...row, attempt, right: isDigest(ctx, CODE, `${id} ${code}`, row.hash) }
}

const wrong = () =>
  new Problem('login', 'The code is wrong, was used before or is no longer valid. Ask for another one.')

/** Sends a code to the caller's own address. Here one waits for the message: there is nothing to hide from its owner. */
export async function requestContactCode(
  ctx: Ctx,
  { kind, voice = false, password }: Static<typeof contactContract.body>,
  address: string,
): Promise<Sent> {
  const account = await confirmOwner(ctx, password, address)
  const contact = ownContact(account, kind)
  if (!contact) throw nothingNamed()
  const target = targetOf(ctx, contact)
  await countRequest(ctx, `account ${account.id}`, { address })
  await countRequest(ctx, target.toString('hex'), { address })
  const { sent, code } = await writeCode(ctx, { purpose: 'verify', account_id: account.id, target })
  try {
    await deliver(ctx, account, kind, code, voice)
  } catch (err) {
    refusedBy(ctx, err)
    throw new Problem('transient', 'The code could not be sent at the moment. Try again later.')
  }
  return sent
}

export async function confirmContact(
  ctx: Ctx,
  { challenge, code }: Static<typeof confirmContract.body>,
  address: string,
): Promise<void> {
  const account = await ownAccount(ctx)
  const row = await tryCode(ctx, 'verify', challenge, code, { address }).catch(asBody)
  const contact = (['phone', 'email'] as const)
    .flatMap((kind) => ownContact(account, kind) ?? [])
    .find((contact) => isTarget(ctx, contact, row.target))
  if (!row.right || row.account_id !== account.id || !contact) return asBody(wrong())
  await transact(ctx, async (ctx) => {
    if (!(await useCode(ctx.db, challenge, ctx.now()))) asBody(wrong())
    await verifyContact(ctx.db, contact, account.id, ctx.now())
    auditAccount(ctx, 'U', account.id, `${contact.kind} verified`)
  })
}

/** Whoever is signed in has given a wrong code, and needs not sign in again. */
function asBody(problem: unknown): never {
  if (!(problem instanceof Problem) || problem.code !== 'login') throw problem
  throw new Problem('business-rule', problem.message, {
    errors: [{ pointer: '/body/code', detail: 'is wrong, was used before or is no longer valid' }],
  })
}

async function ownAccount(ctx: Ctx): Promise<AccountRow> {
  const account = await accountById(ctx.db, accountOf(ctx))
  if (!account) throw new Problem('deleted', 'This account is closed.')
  return account
}

const nothingNamed = () =>
  new Problem('business-rule', 'Your account names no such address. Add it first.', {
    errors: [{ pointer: '/body/kind', detail: 'is not set in your account' }],
  })
