import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { notThere, wrong } from './caller.ts'
import { consentTexts } from './consent-texts.ts'
import type * as contract from './contract/consents.ts'
import type { Tables } from './database.ts'
import * as queries from './queries/consents.ts'
import { guardianOf } from './queries/grants.ts'
import { lockPatient } from './queries/patients.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Consent>

/** Only the patient and a guardian answer for the patient; a mandate, however wide, does not reach so far. */
export async function answersFor(
  ctx: TransactionContext<Tables>,
  patient: string,
): Promise<'self' | 'mandate' | undefined> {
  if (ctx.actor.self.patient === patient) return 'self'
  const guardian = await guardianOf(ctx.db, { account: accountOf(ctx), patient, now: ctx.now() })
  return guardian && 'mandate'
}

async function answering(ctx: TransactionContext<Tables>, patient: string): Promise<'self' | 'mandate'> {
  const relationship = await answersFor(ctx, patient)
  if (!relationship) throw notThere('patient')
  return relationship
}

export const auditConsent = (
  ctx: TransactionContext<Tables>,
  action: 'R' | 'C',
  patient: string,
  relationship: string,
) => audit(ctx, { action, entity: 'Consent', subject: `Patient/${patient}`, relationship })

export function listConsents(ctx: Ctx, patient: string): Promise<{ items: View[] }> {
  return transact(ctx, async (ctx) => {
    auditConsent(ctx, 'R', patient, await answering(ctx, patient))
    const rows = await queries.newestConsents(ctx.db, patient)
    const answered = new Map(rows.map((row) => [`${row.purpose} ${row.category}`, toConsent(row)]))
    const items = consentTexts.map(
      ({ purpose, category, version, default: decision }) =>
        answered.get(`${purpose} ${category}`) ?? { purpose, category, decision, textVersion: version },
    )
    return { items }
  })
}

const toConsent = (row: queries.ConsentRow): View => ({
  purpose: row.purpose as View['purpose'],
  category: row.category as View['category'],
  decision: row.decision as View['decision'],
  textVersion: row.text_version,
  recordedAt: row.recorded_at.toISOString(),
})

/** The answer is kept for ever, with who gave it on which words; a refusal is also where every room looks. */
export function recordConsent(
  ctx: Ctx,
  patient: string,
  { purpose, category, decision, textVersion }: Static<typeof contract.recordConsent.body>,
): Promise<View> {
  const text = consentTexts.find((one) => one.purpose === purpose && one.category === category)
  if (text?.version !== textVersion)
    throw wrong('/body/textVersion', 'is not the present version: read GET /v1/consent-texts, and ask again')
  return transact(ctx, async (ctx) => {
    const relationship = await answering(ctx, patient)
    // Two answers at once: the newest row and what is refused must say the same.
    if (!(await lockPatient(ctx.db, patient, 'alone'))) throw notThere('patient')
    const recorded_at = ctx.now()
    const row = { id: newId(), patient_id: patient, purpose, category, decision, text_version: textVersion }
    const made = await queries.insertConsent(ctx.db, { ...row, recorded_by: accountOf(ctx), relationship, recorded_at })
    await queries.setRefusal(ctx.db, { subject_id: patient, purpose, category }, decision === 'deny', recorded_at)
    auditConsent(ctx, 'C', patient, relationship)
    return toConsent(made)
  })
}
