import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { notThere } from '../caller.ts'
import type { Mandate } from '../contract/mandates.ts'
import { mandateAccepted } from '../contract.ts'
import type { Tables } from '../database.ts'
import { projected } from '../projection/projector.ts'
import { lockMandate, updateMandate } from '../queries/mandates.ts'
import { auditMandate, eyesOf, putInForce, shown, statusOf } from './mandates.ts'

/** Nobody is made to act for somebody else: a mandate permits nothing before its caregiver has said yes. */
export function acceptMandate(ctx: Context<Tables>, id: string): Promise<Static<typeof Mandate>> {
  return projected(ctx, async (ctx) => {
    const row = await lockMandate(ctx.db, id, eyesOf(ctx))
    if (!row || row.caregiver_id !== ctx.actor.self.caregiver) throw notThere('mandate')
    const status = statusOf(row, ctx.now())
    if (status !== 'proposed')
      throw new Problem('business-rule', `This mandate does not wait to be accepted: it is ${status}.`)
    await updateMandate(ctx.db, id, { accepted_at: ctx.now() })
    await putInForce(ctx, row, accountOf(ctx))
    auditMandate(ctx, 'U', row)
    publish(ctx, mandateAccepted, { mandate: id, patient: row.patient_id, caregiver: row.caregiver_id })
    return await shown(ctx, id)
  })
}
