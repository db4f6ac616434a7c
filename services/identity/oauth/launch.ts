import { randomBytes } from 'node:crypto'
import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { requireKey } from '#platform/data-keys.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { readPatient } from '../../registry/contract/patients.ts'
import type { createLaunch as contract } from '../contract/oauth.ts'
import type { Tables } from '../database.ts'
import { consumeState, findState, putState, seesPatient } from './queries.ts'
import { hashOf, sealState, unsealState } from './state.ts'

type Ctx = Context<Tables>

const MODEL = 'Launch'
const MINUTES = 5

interface Bound {
  account: string
  patient: string
}

/** A handle that stands for the patient whose record is open. Registry says whether the caller may see that record, and notes the look. */
export async function createLaunch(ctx: Ctx, patient: string): Promise<Static<typeof contract.response>> {
  const { id: standing } = await ctx.call(readPatient, { params: { id: patient } })
  const account = accountOf(ctx)
  if (!(await seesPatient(ctx.db, account, standing, ctx.now())))
    throw new Problem('not-found', 'There is no such patient, or you may not see it.')
  const launch = randomBytes(24).toString('base64url')
  const key = hashOf(launch)
  const expires_at = new Date(ctx.now().getTime() + MINUTES * 60_000)
  await requireKey(ctx)
  await transact(ctx, async (ctx) => {
    const payload = await sealState(ctx, MODEL, key, { account, patient } satisfies Bound)
    const nothing = { uid: null, grant_id: null, signed_in_at: null }
    await putState(ctx.db, { model: MODEL, key, payload, account_id: account, expires_at, ...nothing })
    audit(ctx, { action: 'C', entity: 'Launch', subject: `Patient/${patient}` })
  })
  return { launch, iss: `${ctx.config.PUBLIC_URL}/fhir/R4`, expiresAt: expires_at.toISOString() }
}

/** The patient that a launch stands for, while it is good and this account made it. */
export async function patientOfLaunch(ctx: Ctx, launch: string, account: string): Promise<string | undefined> {
  const key = hashOf(launch)
  const row = await findState(ctx.db, MODEL, { key }, ctx.now())
  if (!row || row.consumed_at) return undefined
  const bound = await unsealState<Bound>(ctx, MODEL, row)
  return bound.account === account ? bound.patient : undefined
}

/** `false` when it has been used: of two who come at once one wins. */
export const consumeLaunch = (tx: Parameters<typeof consumeState>[0], launch: string, now: Date): Promise<boolean> =>
  consumeState(tx, MODEL, hashOf(launch), now)
