import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { TransactionContext } from '#platform/context.ts'
import { sendAlong } from '#platform/transaction.ts'
import type { NewPatient } from '../contract/patients.ts'
import type { NewPractitioner } from '../contract/practitioners.ts'
import type { Tables } from '../database.ts'
import { organisation as organisationById } from '../desk/queries.ts'
import { lookAfter } from '../desk/registrations.ts'
import { compareSoon } from '../duplicates/suspect.ts'
import { checkBirthDate, reachOf } from '../facts.ts'
import type { Made } from '../patients.ts'
import { auditPractitioner } from '../practitioners.ts'
import { newlySaid } from '../projection/queries.ts'
import { refused } from '../projection/said.ts'
import { showNewPatient } from '../projection/show-new-patient.ts'
import { newPatient } from '../queries/patients.ts'
import { insertPractitioner, updatePractitioner } from '../queries/practitioners.ts'

// People whom another system knows. No account is theirs, so nothing is open to anybody by it.

type Tx = TransactionContext<Tables>

export async function insertBroughtPatient(
  ctx: Tx,
  { id, said }: { id: string; said: string },
  given: Static<typeof NewPatient>,
): Promise<Made> {
  checkBirthDate(given.birthDate, ctx.now())
  const { name, birthDate: birth_date, gender, language, zone } = given
  const row = { id, name, birth_date, gender, language, zone, ...reachOf(given) }
  sendAlong(ctx, newPatient(ctx.db, { ...row, created_at: ctx.now(), updated_at: ctx.now() }).compile())
  sendAlong(ctx, newlySaid(ctx.db, [{ type: 'Patient', id, resource: said }]).compile())
  const shown = showNewPatient(ctx, row, said)
  compareSoon(ctx, id)
  audit(ctx, { action: 'C', entity: `Patient/${id}`, subject: `Patient/${id}` })
  return { row, shown }
}

interface At {
  id: string
  organisation: string | undefined
}

/** In no directory until a licence is verified. The desk of the organisation where they work, if that is said, looks after the profile. */
export async function insertBroughtPractitioner(
  ctx: Tx,
  { id, organisation }: At,
  given: Static<typeof NewPractitioner>,
): Promise<void> {
  const row = { id, ...given, created_at: ctx.now(), updated_at: ctx.now() }
  await insertPractitioner(ctx.db, { ...row, organisation_id: await deskAt(ctx, { id, organisation }) })
  auditPractitioner(ctx, 'C', id)
}

/** What their role says, which came after them. */
export async function takeUpBrought(ctx: Tx, { id, organisation }: At, specialities: string[]): Promise<void> {
  const organisation_id = await deskAt(ctx, { id, organisation })
  await updatePractitioner(ctx.db, id, undefined, { organisation_id, specialities }, ctx.now())
  auditPractitioner(ctx, 'U', id)
}

async function deskAt(ctx: Tx, { id, organisation }: At): Promise<string | null> {
  if (organisation === undefined) return null
  if (!(await organisationById(ctx.db, organisation)))
    throw refused('/organization', 'names no organisation that is here')
  await lookAfter(ctx, organisation, 'Practitioner', id)
  return organisation
}
