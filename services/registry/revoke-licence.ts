import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { changedMeanwhile, notThere } from './caller.ts'
import type { Licence } from './contract/licences.ts'
import { licenceRevoked, practitionerChanged } from './contract.ts'
import type { Tables } from './database.ts'
import { auditLicence, toLicence } from './licences.ts'
import { projected } from './projection/projector.ts'
import { revokeGrants } from './queries/grants.ts'
import { lockLicence, updateLicence } from './queries/licences.ts'

/** Withdraws what was verified. What made its holder a practitioner ends in the same transaction. */
export function revokeLicence(
  ctx: Context<Tables>,
  id: string,
  reason: string,
  version: number,
): Promise<Static<typeof Licence>> {
  return projected(ctx, async (ctx) => {
    const row = await lockLicence(ctx.db, id)
    if (!row) throw notThere('licence')
    if (row.version !== version) throw changedMeanwhile()
    if (row.status !== 'verified') throw new Problem('business-rule', 'Only a licence that was verified is revoked.')
    if (row.account_id === accountOf(ctx))
      throw new Problem('forbidden', 'Nobody decides on a licence of their own. Ask another administrator.')
    const now = ctx.now()
    const decided = { status: 'revoked', reason, decided_by: accountOf(ctx), decided_at: now }
    const updated = await updateLicence(ctx.db, id, decided, now)
    await revokeGrants(ctx.db, id, now)
    auditLicence(ctx, 'E', row)
    const practitioner = row.practitioner_id
    publish(ctx, licenceRevoked, { licence: id, practitioner })
    publish(ctx, practitionerChanged, { practitioner })
    return toLicence(updated)
  })
}
