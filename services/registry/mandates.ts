import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { notThere } from './caller.ts'
import type * as contract from './contract/mandates.ts'
import { mandateRevoked } from './contract.ts'
import type { Tables } from './database.ts'
import { revokeGrants } from './queries/grants.ts'
import * as queries from './queries/mandates.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Mandate>
type Search = Static<typeof contract.listMandates.query>

export function toMandate(row: queries.NamedMandateRow, now: Date): View {
  return {
    id: row.id,
    patient: row.patient_id,
    patientName: row.patient_name,
    caregiver: row.caregiver_id,
    caregiverName: row.caregiver_name,
    powers: row.powers as View['powers'],
    ...(row.evidence !== null && { evidence: row.evidence }),
    status: row.revoked_at ? 'revoked' : row.valid_until <= now ? 'expired' : 'active',
    validFrom: row.valid_from.toISOString(),
    validUntil: row.valid_until.toISOString(),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at.toISOString() }),
    ...(row.revoke_reason !== null && { revokeReason: row.revoke_reason }),
    version: row.version,
  }
}

/** Who the caller can be in a mandate. */
export const sidesOf = ({ actor }: Pick<Ctx, 'actor'>): queries.Sides => ({
  patient: actor.self.patient ?? null,
  caregiver: actor.self.caregiver ?? null,
})

function auditMandate(ctx: TransactionContext<Tables>, action: 'R' | 'U', row: queries.MandateRow): void {
  const relationship = row.patient_id === ctx.actor.self.patient ? 'self' : 'mandate'
  audit(ctx, { action, entity: `Mandate/${row.id}`, subject: `Patient/${row.patient_id}`, relationship })
}

export function listMandates(
  ctx: Ctx,
  { status, limit = 20, cursor }: Search,
): Promise<Static<typeof contract.listMandates.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    const rows = await queries.listMandates(ctx.db, sidesOf(ctx), { status, before, now, limit })
    for (const row of rows.slice(0, limit)) auditMandate(ctx, 'R', row)
    return pageOf(
      rows,
      limit,
      ({ id }) => [id],
      (row) => toMandate(row, now),
    )
  })
}

export function readMandate(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.mandate(ctx.db, id, sidesOf(ctx))
    if (!row) throw notThere('mandate')
    auditMandate(ctx, 'R', row)
    return toMandate(row, ctx.now())
  })
}

/** Either side ends it, at any time, without having to say why. */
export function revokeMandate(ctx: Ctx, id: string, reason: string | undefined): Promise<View> {
  return transact(ctx, async (ctx) => {
    const sides = sidesOf(ctx)
    const row = await queries.mandate(ctx.db, id, sides)
    if (!row) throw notThere('mandate')
    const now = ctx.now()
    if (!(await queries.revokeMandate(ctx.db, id, { by: accountOf(ctx), reason: reason ?? null, now })))
      throw new Problem('business-rule', 'This mandate has ended already.')
    await revokeGrants(ctx.db, id, now)
    auditMandate(ctx, 'U', row)
    publish(ctx, mandateRevoked, { mandate: id, patient: row.patient_id, caregiver: row.caregiver_id })
    return toMandate((await queries.mandate(ctx.db, id, sides)) as queries.NamedMandateRow, now)
  })
}
