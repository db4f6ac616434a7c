import type { Static } from 'typebox'
import { powers } from '#platform/access.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, notThere, wrong } from '../caller.ts'
import type * as contract from '../contract/mandates.ts'
import { mandateAccepted } from '../contract.ts'
import type { Tables } from '../database.ts'
import { compareSoon } from '../duplicates/suspect.ts'
import { checkBirthDate } from '../facts.ts'
import { earlier, inYears } from '../instants.ts'
import { caregiverAccount } from '../queries/caregivers.ts'
import { holdCaregiver } from '../queries/grants.ts'
import { insertMandate, lockMandate, updateMandate } from '../queries/mandates.ts'
import { insertPatient, lockPatient } from '../queries/patients.ts'
import { LONGEST_YEARS } from './create-mandate.ts'
import { isMinor, majorityOf } from './majority.ts'
import { auditMandate, eyesOf, putInForce, shown, statusOf } from './mandates.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Mandate>

/** A child needs no account: somebody who answers for it registers it, and acts for it once an administrator has seen why they may. */
export function createGuardianship(
  ctx: Ctx,
  { child, evidence }: Static<typeof contract.createGuardianship.body>,
): Promise<View> {
  const caregiver_id = ctx.actor.self.caregiver
  if (caregiver_id === undefined) throw notThere('caregiver')
  if (!evidence.trim()) throw wrong('/body/evidence', 'must say what shows that you are the guardian')
  const { birthDate: birth_date, ...facts } = child
  const now = ctx.now()
  checkBirthDate(birth_date, now)
  const majority = majorityOf({ birth_date, zone: facts.zone }, ctx.config)
  if (majority <= now)
    throw new Problem('business-rule', 'Who is of age gives a mandate themselves, or at a desk.', {
      errors: [{ pointer: '/body/child/birthDate', detail: 'is not a child’s' }],
    })
  return transact(ctx, async (ctx) => {
    if ((await holdCaregiver(ctx.db, caregiver_id))?.deactivated_at !== null)
      throw new Problem('business-rule', 'Your caregiver profile is out of use. It has to be back in use first.')
    const patient_id = newId()
    const made = await insertPatient(ctx.db, { id: patient_id, ...facts, birth_date, created_at: now, updated_at: now })
    compareSoon(ctx, made.id)
    const row = {
      id: newId(),
      patient_id,
      caregiver_id,
      basis: 'guardian',
      powers: [...powers],
      evidence,
      valid_from: now,
      valid_until: earlier(majority, inYears(now, LONGEST_YEARS)),
      granted_by: accountOf(ctx),
      accepted_at: now,
      created_at: now,
    }
    await insertMandate(ctx.db, row)
    auditMandate(ctx, 'C', row)
    return await shown(ctx, row.id)
  })
}

export function verifyMandate(ctx: Ctx, id: string, version: number): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await lockMandate(ctx.db, id, eyesOf(ctx))
    if (!row) throw notThere('mandate')
    if (row.version !== version) throw changedMeanwhile()
    if (statusOf(row, ctx.now()) !== 'unverified')
      throw new Problem('business-rule', 'Only a guardian’s mandate that waits for it is verified.')
    const child = await lockPatient(ctx.db, row.patient_id)
    if (!child || !isMinor(child, ctx))
      throw new Problem('business-rule', 'The patient is of age; a guardian ends then.')
    const account = await caregiverAccount(ctx.db, row.caregiver_id)
    if (account === undefined) throw notThere('mandate')
    if (account === accountOf(ctx))
      throw new Problem('forbidden', 'Nobody verifies a guardianship of their own. Ask another administrator.')
    await updateMandate(ctx.db, id, { verified_at: ctx.now(), verified_by: accountOf(ctx) })
    await putInForce(ctx, row, account)
    auditMandate(ctx, 'U', row)
    publish(ctx, mandateAccepted, { mandate: id, patient: row.patient_id, caregiver: row.caregiver_id })
    return await shown(ctx, id)
  })
}
