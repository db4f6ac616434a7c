import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { changedMeanwhile, notThere, unless } from './caller.ts'
import type { verifyLicence as contract, Licence } from './contract/licences.ts'
import { licenceRejected, licenceVerified, practitionerChanged } from './contract.ts'
import type { Tables } from './database.ts'
import { auditLicence, toLicence } from './licences.ts'
import { projected } from './projection/projector.ts'
import { holdPractitioner, insertGrant } from './queries/grants.ts'
import { lockLicence, updateLicence } from './queries/licences.ts'

type Tx = TransactionContext<Tables>
type Locked = NonNullable<Awaited<ReturnType<typeof lockLicence>>>
type Decision = Static<typeof contract.body>

/** Decides on a licence. What makes somebody a practitioner is the grant written here, and it lasts as long as the licence. */
export function verifyLicence(
  ctx: Context<Tables>,
  id: string,
  given: Decision,
  version: number,
): Promise<Static<typeof Licence>> {
  return unless('licence_verified_once', heldByAnother, () =>
    projected(ctx, async (ctx) => {
      const row = await lockLicence(ctx.db, id)
      if (!row) throw notThere('licence')
      checkDecision(ctx, row, given, version)
      const { decision, reason } = given
      const now = ctx.now()
      const decided = { status: decision, reason: reason ?? null, decided_by: accountOf(ctx), decided_at: now }
      const updated = await updateLicence(ctx.db, id, decided, now)
      if (decision === 'verified') await grantPractise(ctx, row)
      auditLicence(ctx, 'E', row)
      const practitioner = row.practitioner_id
      publish(ctx, decision === 'verified' ? licenceVerified : licenceRejected, { licence: id, practitioner })
      publish(ctx, practitionerChanged, { practitioner })
      return toLicence(updated)
    }),
  )
}

function checkDecision(ctx: Tx, row: Locked, { decision, reason }: Decision, version: number): void {
  if (row.version !== version) throw changedMeanwhile()
  if (row.status !== 'pending') throw new Problem('business-rule', 'This licence has been decided on already.')
  if (row.account_id === accountOf(ctx))
    throw new Problem('forbidden', 'Nobody decides on a licence of their own. Ask another administrator.')
  if (decision === 'rejected' && !reason?.trim())
    throw new Problem('business-rule', 'Say why, so that the practitioner can mend it.', {
      errors: [{ pointer: '/body/reason', detail: 'is needed to reject' }],
    })
  if (decision === 'verified' && row.certificate_key === null)
    throw new Problem('business-rule', 'There is no certificate yet; nothing can be verified without one.')
  if (decision === 'verified' && row.valid_until < ctx.now().toISOString().slice(0, 10))
    throw new Problem('business-rule', 'This licence has ended. It can be rejected.')
}

type Granted = Pick<Locked, 'id' | 'practitioner_id' | 'valid_from' | 'valid_until'>

/** To whoever signs in for the profile now. It rests where somebody else took that out of use. */
export async function grantPractise({ db, now }: Tx, row: Granted): Promise<void> {
  const holder = await holdPractitioner(db, row.practitioner_id)
  if (!holder || holder.account_id === null) return
  const rests = holder.deactivated_at !== null && holder.deactivated_by !== holder.account_id
  const dayAfter = new Date(`${row.valid_until}T00:00:00Z`)
  dayAfter.setUTCDate(dayAfter.getUTCDate() + 1)
  await insertGrant(db, {
    id: newId(),
    account_id: holder.account_id,
    relationship: 'licence',
    subject_type: 'Practitioner',
    subject_id: row.practitioner_id,
    powers: ['practise'],
    source_id: row.id,
    valid_from: new Date(`${row.valid_from}T00:00:00Z`),
    valid_until: dayAfter,
    revoked_at: rests ? now() : null,
  })
}

const heldByAnother = () =>
  new Problem('duplicate', 'A licence of this issuer with this number has been verified for somebody already.')
