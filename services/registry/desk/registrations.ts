import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { toE164 } from '#platform/phone.ts'
import { sendAlong, telling, transact } from '#platform/transaction.ts'
import { notThere } from '../caller.ts'
import type { NewPatient, Patient } from '../contract/patients.ts'
import type { NewPractitioner, Practitioner } from '../contract/practitioners.ts'
import type * as contract from '../contract/registrations.ts'
import type { Tables } from '../database.ts'
import { compareSoon } from '../duplicates/suspect.ts'
import { checkBirthDate, reachOf } from '../facts.ts'
import { type As, type Made, toNewPatient } from '../patients.ts'
import { auditPractitioner, checkSpecialities, toPractitioner } from '../practitioners.ts'
import { projected } from '../projection/projector.ts'
import { showNewPatient } from '../projection/show-new-patient.ts'
import { isOfNoDesk, newAtDesk } from '../queries/patients.ts'
import { insertPractitioner, practitionersRegisteredAt } from '../queries/practitioners.ts'
import * as queries from './queries.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>

/** Throws unless the caller works there. */
export async function checkWorkplace(ctx: Pick<Ctx, 'db' | 'actor'>, organisation: string): Promise<void> {
  const of = { account: accountOf(ctx), functions: ['desk', 'manager'] as const }
  if (!(await queries.workplace(ctx.db, organisation, of))) throw notThere('organisation')
}

export const lookAfter = (ctx: Tx, organisation: string, type: 'Patient' | 'Practitioner', id: string) =>
  queries.insertDeskGrant(ctx.db, {
    id: newId(),
    organisation_id: organisation,
    subject_type: type,
    subject_id: id,
    source_id: id,
    valid_from: ctx.now(),
  })

/** Whom a desk registers: under an id, at the organisation where the caller works. */
interface At {
  id: string
  organisation: string
}

export const registerPatient = (ctx: Ctx, organisation: string, given: Static<typeof NewPatient>) =>
  transact(ctx, async (ctx) =>
    toNewPatient((await insertRegisteredPatient(ctx, { id: newId(), organisation }, given)).row),
  )

export async function insertRegisteredPatient(
  ctx: Tx,
  { id, said, organisation }: At & As,
  given: Static<typeof NewPatient>,
): Promise<Made> {
  checkBirthDate(given.birthDate, ctx.now())
  const { name, birthDate: birth_date, gender, language, zone } = given
  const row = { id, organisation_id: organisation, name, birth_date, gender, language, zone, ...reachOf(given) }
  const by = { account: accountOf(ctx), grant: newId(), said, now: ctx.now() }
  const told = (error: unknown) => (isOfNoDesk(error) ? notThere('organisation') : error)
  await telling(ctx, told, (ctx) => sendAlong(ctx, newAtDesk(ctx.db, row, by)))
  const shown = showNewPatient(ctx, row, said)
  compareSoon(ctx, id)
  audit(ctx, { action: 'C', entity: `Patient/${id}`, subject: `Patient/${id}`, relationship: 'desk' })
  return { row, shown }
}

export function searchRegisteredPatients(
  ctx: Ctx,
  organisation: string,
  { name, birthDate, phone }: Static<typeof contract.searchRegisteredPatients.body>,
  { limit = 20, cursor }: Static<typeof contract.searchRegisteredPatients.query>,
): Promise<Static<typeof contract.searchRegisteredPatients.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const sought = { name, birthDate, phone: phone === undefined ? undefined : toE164(phone, '/body/phone') }
  return transact(ctx, async (ctx) => {
    await checkWorkplace(ctx, organisation)
    const rows = await queries.patientsOf(ctx.db, organisation, { ...sought, before, now: ctx.now(), limit })
    for (const { id } of rows.slice(0, limit))
      audit(ctx, { action: 'R', entity: `Patient/${id}`, subject: `Patient/${id}`, relationship: 'desk' })
    return pageOf(rows, limit, ({ id }) => [id], toFound)
  })
}

const toFound = ({ birth_date, phone, account_id, gender, ...row }: queries.FoundPatient) => ({
  ...row,
  gender: gender as Static<typeof Patient>['gender'],
  birthDate: birth_date,
  ...(phone !== null && { phone }),
  account: account_id !== null,
})

export async function registerPractitioner(
  ctx: Ctx,
  organisation: string,
  given: Static<typeof NewPractitioner>,
): Promise<Static<typeof Practitioner>> {
  await checkSpecialities(ctx, given.specialities)
  return projected(ctx, (ctx) => insertRegisteredPractitioner(ctx, { id: newId(), organisation }, given))
}

export async function insertRegisteredPractitioner(
  ctx: Tx,
  { id, organisation }: At,
  given: Static<typeof NewPractitioner>,
): Promise<Static<typeof Practitioner>> {
  await checkWorkplace(ctx, organisation)
  const row = { id, organisation_id: organisation, ...given, created_at: ctx.now(), updated_at: ctx.now() }
  const made = await insertPractitioner(ctx.db, row)
  await lookAfter(ctx, organisation, 'Practitioner', id)
  auditPractitioner(ctx, 'C', id)
  return toPractitioner({ ...made, licensed: false })
}

export function listRegisteredPractitioners(
  ctx: Ctx,
  organisation: string,
  { limit = 20, cursor }: Static<typeof contract.listRegisteredPractitioners.query>,
): Promise<Static<typeof contract.listRegisteredPractitioners.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    await checkWorkplace(ctx, organisation)
    const rows = await practitionersRegisteredAt(ctx.db, organisation, { before, now: ctx.now(), limit })
    const page = pageOf(rows, limit, ({ id }) => [id], toPractitioner)
    for (const { id } of page.items) auditPractitioner(ctx, 'R', id)
    return page
  })
}
