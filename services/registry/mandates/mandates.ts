import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { isAdministrator, notThere } from '../caller.ts'
import type * as contract from '../contract/mandates.ts'
import { mandateRevoked } from '../contract.ts'
import type { Tables } from '../database.ts'
import { later } from '../instants.ts'
import { projected } from '../projection/projector.ts'
import { caregiverAccount } from '../queries/caregivers.ts'
import { holdCaregiver, insertGrant, revokeGrants } from '../queries/grants.ts'
import * as queries from '../queries/mandates.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Mandate>
type Search = Static<typeof contract.listMandates.query>

/** As `status` in queries/mandates.ts. */
export function statusOf(row: queries.MandateRow, now: Date): View['status'] {
  if (row.revoked_at) return 'revoked'
  if (row.valid_until <= now) return 'expired'
  if (row.basis === 'guardian' && row.verified_at === null) return 'unverified'
  return row.accepted_at === null ? 'proposed' : 'active'
}

/** Whether its caregiver may know who the patient is. Until a guardian is verified, only of the child whom they have registered. */
export const knowsPatient = ({ basis, verified_at, registered_id, patient_id }: queries.MandateRow): boolean =>
  basis !== 'guardian' || verified_at !== null || registered_id === patient_id

export function toMandate(row: queries.NamedMandateRow, { actor, now: clock }: Pick<Ctx, 'actor' | 'now'>): View {
  const now = clock()
  const open = row.caregiver_id !== actor.self.caregiver || knowsPatient(row)
  return {
    id: row.id,
    patient: row.patient_id,
    ...(open && { patientName: row.patient_name }),
    caregiver: row.caregiver_id,
    caregiverName: row.caregiver_name,
    powers: row.powers as View['powers'],
    ...(row.evidence !== null && { evidence: row.evidence }),
    basis: row.basis as View['basis'],
    status: statusOf(row, now),
    validFrom: row.valid_from.toISOString(),
    ...(open && { validUntil: row.valid_until.toISOString() }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at.toISOString() }),
    ...(row.revoke_reason !== null && { revokeReason: row.revoke_reason }),
    version: row.version,
  }
}

/** What the caller can be to a mandate. */
export const eyesOf = (ctx: Pick<Ctx, 'actor' | 'now'>): queries.Eyes => ({
  account: accountOf(ctx),
  patient: ctx.actor.self.patient ?? null,
  caregiver: ctx.actor.self.caregiver ?? null,
  administrator: isAdministrator(ctx),
  desk: ctx.actor.roles.includes('clerk'),
  now: ctx.now(),
})

type Named = Pick<queries.MandateRow, 'id' | 'patient_id' | 'caregiver_id' | 'basis'>

export function auditMandate(ctx: TransactionContext<Tables>, action: 'C' | 'R' | 'U', row: Named): void {
  const { patient, caregiver } = ctx.actor.self
  const relationship =
    row.patient_id === patient ? 'self' : row.caregiver_id === caregiver ? 'mandate' : besideOf(ctx, row.basis)
  audit(ctx, { action, entity: `Mandate/${row.id}`, subject: `Patient/${row.patient_id}`, relationship })
}

/** Of who is neither side. */
function besideOf(ctx: Pick<Ctx, 'actor'>, basis: string): string | undefined {
  if (isAdministrator(ctx)) return undefined
  return basis === 'desk' && ctx.actor.roles.includes('clerk') ? 'desk' : 'mandate'
}

/** What it permits, from now on: to be read back by whoever asks next. A guardian may also give mandates. */
export async function putInForce(ctx: TransactionContext<Tables>, row: queries.MandateRow, account_id: string) {
  const now = ctx.now()
  if ((await holdCaregiver(ctx.db, row.caregiver_id))?.deactivated_at !== null)
    throw new Problem('business-rule', 'The caregiver’s profile is out of use. It has to be back in use first.')
  await insertGrant(ctx.db, {
    id: newId(),
    account_id,
    relationship: 'mandate',
    subject_type: 'Patient',
    subject_id: row.patient_id,
    powers: row.basis === 'guardian' ? [...row.powers, 'grant'] : row.powers,
    source_id: row.id,
    valid_from: later(row.valid_from, now),
    valid_until: row.valid_until,
  })
}

export async function shown(ctx: TransactionContext<Tables>, id: string): Promise<View> {
  const row = await queries.mandate(ctx.db, id, eyesOf(ctx))
  if (!row) throw notThere('mandate') // what let the caller see it has just ended
  return toMandate(row, ctx)
}

export function listMandates(
  ctx: Ctx,
  { status, limit = 20, cursor }: Search,
): Promise<Static<typeof contract.listMandates.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    // Not those of a desk: it would have to be asked about each.
    const rows = await queries.listMandates(ctx.db, { ...eyesOf(ctx), desk: false }, { status, before, now, limit })
    for (const row of rows.slice(0, limit)) auditMandate(ctx, 'R', row)
    return pageOf(
      rows,
      limit,
      ({ id }) => [id],
      (row) => toMandate(row, ctx),
    )
  })
}

export function readMandate(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.mandate(ctx.db, id, eyesOf(ctx))
    if (!row) throw notThere('mandate')
    auditMandate(ctx, 'R', row)
    return toMandate(row, ctx)
  })
}

/** Either side ends it, at any time, without having to say why; with a reason so does who gave it, for a desk’s the child’s guardian, or an administrator. */
export function revokeMandate(ctx: Ctx, id: string, reason: string | undefined): Promise<View> {
  return projected(ctx, async (ctx) => {
    const row = await queries.mandate(ctx.db, id, eyesOf(ctx))
    if (!row) throw notThere('mandate')
    if (!isParty(ctx, row) && !isAdministrator(ctx) && row.basis !== 'desk' && row.granted_by !== accountOf(ctx))
      throw new Problem(
        'forbidden',
        'A guardian ends the mandates that they or a desk gave; an administrator can end others.',
      )
    if (!isParty(ctx, row) && !reason?.trim())
      throw new Problem('business-rule', 'Say why, so that both sides can understand it.', {
        errors: [{ pointer: '/body/reason', detail: 'is needed where the mandate is not one’s own' }],
      })
    if (!(await end(ctx, row, reason))) throw new Problem('business-rule', 'This mandate has ended already.')
    return await shown(ctx, id)
  })
}

const isParty = ({ actor }: Pick<Ctx, 'actor'>, row: Pick<Named, 'patient_id' | 'caregiver_id'>) =>
  row.patient_id === actor.self.patient || row.caregiver_id === actor.self.caregiver

/** `false` when it has ended already. What a guardian gave ends with the guardian. */
async function end(ctx: TransactionContext<Tables>, row: queries.MandateRow, reason: string | undefined) {
  const now = ctx.now()
  const change = { by: accountOf(ctx), reason: reason ?? null, now }
  if (!(await queries.revokeMandate(ctx.db, row.id, change))) return false
  const account = row.basis === 'guardian' ? await caregiverAccount(ctx.db, row.caregiver_id) : undefined
  const given = account ? await queries.delegatedBy(ctx.db, { patient: row.patient_id, account, now }) : []
  for (const one of given) await queries.revokeMandate(ctx.db, one.id, change)
  for (const one of [row, ...given]) {
    await revokeGrants(ctx.db, one.id, now)
    auditMandate(ctx, 'U', one)
    // The message names the patient.
    if (knowsPatient(one))
      publish(ctx, mandateRevoked, { mandate: one.id, patient: one.patient_id, caregiver: one.caregiver_id })
  }
  return true
}
