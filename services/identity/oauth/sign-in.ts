import { authenticate, newToken } from '#platform/auth.ts'
import type { Context, Errand } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { listPatients } from '../../registry/contract/patients.ts'
import { createSession } from '../create-session.ts'
import type { Tables } from '../database.ts'
import { answerSecondFactor } from '../sign-in/second-step.ts'
import type { Choice } from './pages.ts'
import { endToken, insertToken, openSession, SIGN_IN } from './queries.ts'

type Ctx = Context<Tables>

const PHONE = /^\+[0-9 ().-]{5,31}$/

/**
 * The rules of POST /v1/sessions, by its own function: the same counts, the same answers. Its session stands in the person's list; the
 * provider's cookie is good for as long as that is, and its token is given to nobody.
 */
export async function signIn(ctx: Ctx, given: { name: string; password: string }, address: string) {
  const name = given.name.trim()
  const who = PHONE.test(name) ? { phone: name } : { userName: name }
  const { id } = await createSession(ctx, { ...who, password: given.password, device: SIGN_IN }, address)
  return await loginOf(ctx, id)
}

/** Where the account has a second factor: the rules of POST /v1/sessions/second-factor. */
export async function signInWithFactor(ctx: Ctx, given: { challenge: string; code: string }, address: string) {
  const { id } = await answerSecondFactor(ctx, { ...given, device: SIGN_IN }, address)
  return await loginOf(ctx, id)
}

async function loginOf(ctx: Ctx, id: string) {
  const session = await openSession(ctx.db, id, ctx.now())
  if (!session) throw new Problem('login', 'The sign-in has ended meanwhile. Sign in again.')
  return { accountId: session.account_id, ts: Math.floor(session.created_at.getTime() / 1_000), remember: false }
}

const SECONDS = 60

/** Whom this account may act for, asked of registry as that account: with a token for this one question, since registry may run elsewhere. */
export async function patientsFor(ctx: Ctx, account: string, open: (errand: Errand) => Ctx): Promise<Choice[]> {
  const { token, hash: token_hash } = newToken()
  const created_at = ctx.now()
  const expires_at = new Date(created_at.getTime() + SECONDS * 1_000)
  const row = { id: newId(), account_id: account, token_hash, device: null, created_at, expires_at }
  await transact(ctx, ({ db }) => insertToken(db, { ...row, kind: 'access-token', scopes: ['user/Patient.s'] }))
  try {
    const actor = await authenticate(ctx.db as never, token, created_at)
    if (!actor) return []
    const asAccount = open({ actor, token, traceId: ctx.traceId, doing: 'authorizeApp' })
    const { items } = await asAccount.call(listPatients, { query: { limit: 100 } })
    return items.map(({ id, name }) => ({ id, name }))
  } finally {
    await transact(ctx, ({ db }) => endToken(db, token_hash, ctx.now()))
  }
}
