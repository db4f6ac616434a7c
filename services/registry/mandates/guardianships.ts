import type { Static } from 'typebox'
import { powers } from '#platform/access.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { changedMeanwhile, notThere, unless, wrong } from '../caller.ts'
import type * as contract from '../contract/mandates.ts'
import { mandateAccepted } from '../contract.ts'
import type { Tables } from '../database.ts'
import { compareSoon } from '../duplicates/suspect.ts'
import { checkBirthDate } from '../facts.ts'
import { projected } from '../projection/projector.ts'
import { caregiverAccount } from '../queries/caregivers.ts'
import { countUnverified, insertMandate, lockCaregiver, lockMandate, updateMandate } from '../queries/mandates.ts'
import { insertPatient, lockPatient } from '../queries/patients.ts'
import { onlyOne } from './create-mandate.ts'
import { isMinor, majorityOf } from './majority.ts'
import { auditMandate, eyesOf, putInForce, shown, statusOf } from './mandates.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type View = Static<typeof contract.Mandate>
type Request = Static<typeof contract.createGuardianship.body>

/** Reading evidence is work for somebody: whoever sends in more than this is no family. */
const MOST_UNVERIFIED = 5
const UNVERIFIED_DAYS = 30

/**
 * A child needs no account: somebody who answers for it registers it, or says whose guardian they are where it is registered already, and acts for it
 * once an administrator has seen why they may.
 */
export function createGuardianship(ctx: Ctx, given: Request): Promise<View> {
  const caregiver = ctx.actor.self.caregiver
  if (caregiver === undefined) throw notThere('caregiver')
  check(ctx, given)
  return unless('mandate_one_at_a_time', onlyOne, () =>
    unless('patient_replaced', noSuchChild, () =>
      projected(ctx, async (ctx) => {
        await checkCaregiver(ctx, caregiver)
        const { id: patient_id, ...born } = given.child
          ? await registerChild(ctx, given.child)
          : await named(ctx, given)
        const [id, now] = [newId(), ctx.now()]
        const until = { valid_from: now, valid_until: majorityOf(born, ctx.config) }
        const registered_id = given.child ? patient_id : null
        const row = { id, patient_id, registered_id, caregiver_id: caregiver, basis: 'guardian', powers: [...powers] }
        const said = { evidence: given.evidence, granted_by: accountOf(ctx), accepted_at: now, created_at: now }
        await insertMandate(ctx.db, { ...row, ...until, ...said })
        audit(ctx, { action: 'C', entity: `Mandate/${id}`, subject: `Patient/${patient_id}` })
        return await shown(ctx, id)
      }),
    ),
  )
}

function check(ctx: Ctx, { child, patient, evidence }: Request): void {
  if ((child === undefined) === (patient === undefined))
    throw new Problem('business-rule', 'Either register the child, or name one who is registered.', {
      errors: [{ pointer: '/body', detail: 'needs one of child and patient' }],
    })
  if (!evidence.trim()) throw wrong('/body/evidence', 'must say what shows that you are the guardian')
  if (patient !== undefined && patient === ctx.actor.self.patient) throw wrong('/body/patient', 'is yourself')
  if (child === undefined) return
  checkBirthDate(child.birthDate, ctx.now())
  if (!isMinor({ birth_date: child.birthDate, zone: child.zone }, ctx))
    throw new Problem('business-rule', 'Who is of age gives a mandate themselves, or at a desk.', {
      errors: [{ pointer: '/body/child/birthDate', detail: 'is not a child’s' }],
    })
}

async function checkCaregiver(ctx: Tx, caregiver: string): Promise<void> {
  if ((await lockCaregiver(ctx.db, caregiver))?.deactivated_at !== null)
    throw new Problem('business-rule', 'Your caregiver profile is out of use. It has to be back in use first.')
  const now = ctx.now()
  const since = new Date(now.getTime() - UNVERIFIED_DAYS * 86_400_000)
  if ((await countUnverified(ctx.db, { caregiver, now, since })) >= MOST_UNVERIFIED)
    throw new Problem(
      'business-rule',
      'At most five guardianships that nobody has verified: those that wait, and those given up within thirty days. Ask an administrator to verify those that wait.',
    )
}

async function registerChild(ctx: Tx, { birthDate: birth_date, ...facts }: NonNullable<Request['child']>) {
  const now = ctx.now()
  const made = await insertPatient(ctx.db, { id: newId(), ...facts, birth_date, created_at: now, updated_at: now })
  compareSoon(ctx, made.id)
  return made
}

const noSuchChild = () => notThere('child')

/** Nothing is said of who is there: no such record, one that was replaced, and somebody of age are answered alike. */
async function named(ctx: Tx, { patient = '' }: Request) {
  const found = await lockPatient(ctx.db, patient)
  if (found?.id !== patient || !isMinor(found, ctx)) throw noSuchChild()
  return found
}

export function verifyMandate(ctx: Ctx, id: string, version: number): Promise<View> {
  return projected(ctx, async (ctx) => {
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
    const valid_until = majorityOf(child, ctx.config) // the birth date may have been corrected since
    await updateMandate(ctx.db, id, { verified_at: ctx.now(), verified_by: accountOf(ctx), valid_until })
    await putInForce(ctx, { ...row, valid_until }, account)
    auditMandate(ctx, 'U', row)
    publish(ctx, mandateAccepted, { mandate: id, patient: row.patient_id, caregiver: row.caregiver_id })
    return await shown(ctx, id)
  })
}
