import { randomInt } from 'node:crypto'
import type { Static } from 'typebox'
import { powers } from '#platform/access.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { digestsOf, digestToKeep, requireKey } from '#platform/data-keys.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { addJob } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { isAdministrator, notThere, unless } from '../caller.ts'
import { ALPHABET, foldCode } from '../caregivers.ts'
import type * as contract from '../contract/registrations.ts'
import { mandateAccepted, practitionerChanged } from '../contract.ts'
import type { Tables } from '../database.ts'
import { isGuardian } from '../keep-patient.ts'
import { OWN_PROFILE } from '../practitioners.ts'
import { handOverErasure } from '../privacy/claimed-erasure.ts'
import { projected } from '../projection/projector.ts'
import { insertGrant } from '../queries/grants.ts'
import { givenAtDesk } from '../queries/mandates.ts'
import { grantPractise } from '../verify-licence.ts'
import { keptAtDesk } from './keep.ts'
import * as queries from './queries.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>

const VALID_DAYS = 14
/** 30 to the twelfth is 5 × 10¹⁷: ten tries an hour find nothing in a lifetime. */
const LENGTH = 12
const TRIES = 10
/** Of one slip, whoever tries. */
const WRONG_DATES = 5
const HOUR_MS = 3_600_000

const newCode = () => Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
/** Digested under the data keys, so that who reads the database learns no code by trying them all. */
const partsOf = (code: string) => ['registry.claim_code', foldCode(code)]

export async function createClaimCode(
  ctx: Ctx,
  kind: 'patient' | 'practitioner',
  id: string,
): Promise<Static<typeof contract.createPatientClaimCode.response>> {
  const subject_type = kind === 'patient' ? 'Patient' : 'Practitioner'
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const giver = await giverOf(ctx, kind, id)
    const [code, now] = [newCode(), ctx.now()]
    const expires_at = new Date(now.getTime() + VALID_DAYS * 24 * HOUR_MS)
    await queries.replaceCode(ctx.db, id, now)
    const row = { id: newId(), subject_type, subject_id: id, code_hash: await digestToKeep(ctx, ...partsOf(code)) }
    await queries.insertCode(ctx.db, { ...row, made_by: accountOf(ctx), expires_at, created_at: now })
    audit(ctx, { action: 'C', entity: `ClaimCode/${row.id}`, subject: `${subject_type}/${id}`, ...giver })
    return { code: code.replace(/(.{4})(?=.)/g, '$1-'), expiresAt: expires_at.toISOString() }
  })
}

/** The desk that keeps it; and a child's guardian or an administrator, since who was registered by a guardian has no desk. */
async function giverOf(ctx: Tx, kind: 'patient' | 'practitioner', id: string): Promise<{ relationship?: string }> {
  if (await keptAtDesk(ctx, kind, id)) return { relationship: 'desk' }
  if (kind !== 'patient' || !(await queries.holdNobodys(ctx.db, id))) throw notThere(kind)
  if (await isGuardian(ctx, id)) return { relationship: 'mandate' }
  if (!isAdministrator(ctx)) throw notThere(kind)
  return {}
}

/** A person becomes the one who signs in for their own record. A wrong code is counted, and says no more than that it is wrong. */
export async function claimRecord(
  ctx: Ctx,
  { code, birthDate }: Static<typeof contract.claimRecord.body>,
): Promise<Static<typeof contract.claimRecord.response>> {
  const account = accountOf(ctx)
  const now = ctx.now()
  const attempt = { id: newId(), account, now, since: new Date(now.getTime() - HOUR_MS), most: TRIES }
  if (!(await transact({ ...ctx, once: undefined }, ({ db }) => queries.beginAttempt(db, attempt))))
    throw new Problem('throttled', 'Too many wrong codes. Try again in an hour, or ask the desk for a new slip.', {
      retryAfterSeconds: HOUR_MS / 1_000,
    })
  await requireKey(ctx)
  const hashes = await digestsOf(ctx, ...partsOf(code))
  const refused = new Problem(
    'business-rule',
    'This code, with this birth date, opens nothing. It may have been used or lapsed.',
  )
  try {
    return await unless('patient_one_per_account', hasOne, () =>
      unless('practitioner_one_per_account', hasOne, () =>
        projected(ctx, async (ctx) => {
          const found = await queries.useCode(ctx.db, { hashes, birthDate, account, now })
          const claimed = found && (await takeOver(ctx, found, account))
          if (!claimed) throw refused
          await queries.forgiveAttempt(ctx.db, attempt.id)
          return claimed
        }),
      ),
    )
  } catch (error) {
    if (error === refused)
      await transact({ ...ctx, once: undefined }, ({ db }) =>
        queries.countWrong(db, { hashes, most: WRONG_DATES, now, attempt: attempt.id }),
      )
    throw error
  }
}

const hasOne = () =>
  new Problem('duplicate', 'You have such a profile already. Keep the slip, and ask the desk to join the two.')

async function takeOver(ctx: Tx, { subject_type, subject_id }: queries.Claimed, account: string) {
  const now = ctx.now()
  const kind = subject_type === 'Patient' ? 'patient' : 'practitioner'
  if (!(await queries.giveAccount(ctx.db, kind, subject_id, account, now))) return undefined
  if (!(await handOverErasure(ctx, subject_id, account))) return undefined
  const self = { relationship: 'self', subject_type, subject_id, source_id: null, valid_from: now }
  await insertGrant(ctx.db, {
    id: newId(),
    account_id: account,
    ...self,
    powers: kind === 'patient' ? [...powers] : OWN_PROFILE,
  })
  for (const { id: mandate, caregiver_id: caregiver } of await givenAtDesk(ctx.db, subject_id, now))
    publish(ctx, mandateAccepted, { mandate, patient: subject_id, caregiver }) // so that they hear of it: theirs to end
  if (kind === 'practitioner') {
    for (const licence of await queries.licencesToGrant(ctx.db, subject_id, now)) await grantPractise(ctx, licence)
    publish(ctx, practitionerChanged, { practitioner: subject_id })
    addJob(ctx, 'begin-treatments', { practitioner: subject_id })
  }
  audit(ctx, {
    action: 'U',
    entity: `${subject_type}/${subject_id}`,
    subject: `${subject_type}/${subject_id}`,
    relationship: 'self',
    reason: 'claimed',
  })
  return { type: subject_type, record: subject_id }
}
