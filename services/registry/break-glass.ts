import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, notThere, wrong } from './caller.ts'
import type * as contract from './contract/break-glass.ts'
import { glassBroken } from './contract.ts'
import type { Tables } from './database.ts'
import * as queries from './queries/break-glass.ts'
import { insertGrant, revokeGrants } from './queries/grants.ts'
import { lockPatient } from './queries/patients.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.BreakGlass>

const OPEN_HOURS = 4

function toBreakGlass(row: queries.BreakGlassRow): View {
  return {
    id: row.id,
    patient: row.patient_id,
    practitioner: row.practitioner_id,
    practitionerName: row.practitioner_name,
    reason: row.reason,
    openedAt: row.opened_at.toISOString(),
    openUntil: row.open_until.toISOString(),
    ...(row.verdict !== null && { verdict: row.verdict as NonNullable<View['verdict']> }),
    ...(row.note !== null && { note: row.note }),
    ...(row.reviewed_at !== null && { reviewedAt: row.reviewed_at.toISOString() }),
    version: row.version,
  }
}

/** Whoever lies there can often say a name. Each patient who is shown finds it in their access log. */
export function findInEmergency(
  ctx: Ctx,
  { name, birthDate }: Static<typeof contract.findInEmergency.body>,
): Promise<Static<typeof contract.findInEmergency.response>> {
  return transact(ctx, async (ctx) => {
    const rows = await queries.patientsNamed(ctx.db, name, birthDate)
    for (const { id } of rows)
      audit(ctx, { action: 'R', entity: `Patient/${id}`, subject: `Patient/${id}`, reason: 'emergency look-up' })
    const items = rows.map((row) => ({ id: row.id, name: row.name, birthDate: row.birth_date, gender: row.gender }))
    return { items } as Static<typeof contract.findInEmergency.response>
  })
}

export function breakGlass(ctx: Ctx, { patient, reason }: Static<typeof contract.breakGlass.body>): Promise<View> {
  const practitioner_id = practising(ctx)
  if (practitioner_id === undefined) throw new Problem('forbidden', 'Only who may practise now opens a record.')
  if (reason.trim().length < 10) throw wrong('/body/reason', 'must say why, in ten characters or more')
  const opened_at = ctx.now()
  const open_until = new Date(opened_at.getTime() + OPEN_HOURS * 3_600_000)
  return transact(ctx, async (ctx) => {
    const standing = await lockPatient(ctx.db, patient)
    if (!standing) throw notThere('patient')
    const [id, account_id, patient_id] = [newId(), accountOf(ctx), standing.id]
    await queries.insertBreakGlass(ctx.db, {
      id,
      patient_id,
      practitioner_id,
      account_id,
      reason,
      opened_at,
      open_until,
    })
    await insertGrant(ctx.db, {
      id: newId(),
      account_id,
      relationship: 'break-glass',
      subject_type: 'Patient',
      subject_id: patient_id,
      powers: ['see-record', 'see-sensitive'],
      source_id: id,
      valid_from: opened_at,
      valid_until: open_until,
    })
    // FHIR's purpose of use for it is BTG. The reason itself stays here: the audit repeats nothing that people wrote.
    const about = { subject: `Patient/${patient_id}`, relationship: 'break-glass', reason: 'BTG' }
    audit(ctx, { action: 'E', entity: `BreakGlass/${id}`, ...about })
    publish(ctx, glassBroken, { breakGlass: id, patient: patient_id, practitioner: practitioner_id })
    return toBreakGlass((await queries.breakGlassBy(ctx.db, id)) as queries.BreakGlassRow)
  })
}

export function listBreakGlass(
  ctx: Ctx,
  { reviewed, limit = 20, cursor }: Static<typeof contract.listBreakGlass.query>,
): Promise<Static<typeof contract.listBreakGlass.response>> {
  const after = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const rows = await queries.listBreakGlass(ctx.db, { reviewed, after, limit })
    for (const { id, patient_id } of rows.slice(0, limit))
      audit(ctx, { action: 'R', entity: `BreakGlass/${id}`, subject: `Patient/${patient_id}` })
    return pageOf(rows, limit, ({ id }) => [id], toBreakGlass)
  })
}

export function reviewBreakGlass(
  ctx: Ctx,
  id: string,
  { verdict, note }: Static<typeof contract.reviewBreakGlass.body>,
  version: number,
): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.breakGlassBy(ctx.db, id)
    if (!row) throw notThere('emergency')
    if (row.account_id === accountOf(ctx))
      throw new Problem('forbidden', 'Nobody reviews what they did themselves. Ask another administrator.')
    if (row.verdict !== null) throw new Problem('business-rule', 'This has been looked into already.')
    if (verdict === 'unjustified' && !note?.trim())
      throw new Problem('business-rule', 'Say why it was not justified.', {
        errors: [{ pointer: '/body/note', detail: 'is needed where it was not justified' }],
      })
    const now = ctx.now()
    const change = { verdict, note: note ?? null, reviewed_by: accountOf(ctx), reviewed_at: now }
    if (!(await queries.setVerdict(ctx.db, id, version, change))) throw changedMeanwhile()
    if (verdict === 'unjustified') await revokeGrants(ctx.db, id, now)
    audit(ctx, { action: 'U', entity: `BreakGlass/${id}`, subject: `Patient/${row.patient_id}` })
    return toBreakGlass((await queries.breakGlassBy(ctx.db, id)) as queries.BreakGlassRow)
  })
}
