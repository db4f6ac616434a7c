import type { Static } from 'typebox'
import { powers } from '#platform/access.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import type { Shown } from '#platform/keeper.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { sendAlong, transact } from '#platform/transaction.ts'
import { changedMeanwhile, isAdministrator, notThere, unless, wrong } from './caller.ts'
import type * as contract from './contract/patients.ts'
import type { Tables } from './database.ts'
import { compareSoon } from './duplicates/suspect.ts'
import { checkBirthDate, reachOf } from './facts.ts'
import { keepsPatient } from './keep-patient.ts'
import { isMinor, majorityOf } from './mandates/majority.ts'
import { activityOf, checkOnlyActive } from './profiles/activity.ts'
import { projected } from './projection/projector.ts'
import { newlySaid } from './projection/queries.ts'
import { type NewPatientRow, showNewPatient } from './projection/show-new-patient.ts'
import { newGrant } from './queries/grants.ts'
import { endWithChildhood } from './queries/mandates.ts'
import * as queries from './queries/patients.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Patient>
type ListPage = Static<typeof contract.listPatients.response>
type ActingFor = ListPage['items'][number]

type Row = Pick<
  queries.PatientRow,
  | 'id'
  | 'name'
  | 'birth_date'
  | 'gender'
  | 'language'
  | 'zone'
  | 'phone'
  | 'email'
  | 'version'
  | 'deactivated_at'
  | 'deactivate_reason'
>

export function toPatient(row: Row): View {
  return {
    id: row.id,
    name: row.name,
    birthDate: row.birth_date,
    gender: row.gender as View['gender'],
    language: row.language,
    zone: row.zone,
    ...(row.phone !== null && { phone: row.phone }),
    ...(row.email !== null && { email: row.email }),
    active: row.deactivated_at === null,
    ...(row.deactivate_reason !== null && { reason: row.deactivate_reason }),
    version: row.version,
  }
}

/** One's own profile, with every power over one's own record. */
export const createPatient = (ctx: Ctx, given: Static<typeof contract.NewPatient>): Promise<View> =>
  unless('patient_one_per_account', onlyOnePatient, async () => {
    return transact(ctx, async (ctx) => toNewPatient((await insertOwnPatient(ctx, { id: newId() }, given)).row))
  })

/** Under this id, with what a FHIR client said beyond the columns. */
export interface As {
  id: string
  said?: string
}

/** As it will stand, and as FHIR. It is not waited for: the transaction fails where it does. */
export interface Made {
  row: NewPatientRow
  shown: Shown
}

export const toNewPatient = ({ phone = null, email = null, ...row }: NewPatientRow): View =>
  toPatient({ ...row, phone, email, deactivated_at: null, deactivate_reason: null, version: 1 })

export async function insertOwnPatient(
  ctx: Tx,
  { id, said }: As,
  given: Static<typeof contract.NewPatient>,
): Promise<Made> {
  checkBirthDate(given.birthDate, ctx.now())
  const [account_id, now] = [accountOf(ctx), ctx.now()]
  const { name, birthDate: birth_date, gender, language, zone } = given
  const row = { id, account_id, name, birth_date, gender, language, zone, ...reachOf(given) }
  const self = { relationship: 'self', subject_type: 'Patient', subject_id: id, source_id: null }
  sendAlong(ctx, queries.newPatient(ctx.db, { ...row, created_at: now, updated_at: now }).compile())
  if (said !== undefined) sendAlong(ctx, newlySaid(ctx.db, [{ type: 'Patient', id, resource: said }]).compile())
  sendAlong(ctx, newGrant(ctx.db, { id: newId(), account_id, ...self, powers: [...powers], valid_from: now }).compile())
  const shown = showNewPatient(ctx, row, said)
  compareSoon(ctx, id)
  audit(ctx, { action: 'C', entity: `Patient/${id}`, subject: `Patient/${id}`, relationship: 'self' })
  return { row, shown }
}

export const onlyOnePatient = () =>
  new Problem('duplicate', 'You have a patient profile already; an account has one. Change that.')

/** A refused look is recorded too, whether or not there is such a patient: so the two take equally long, and the patient sees who tried. */
export async function readPatient(ctx: Ctx, id: string): Promise<View> {
  const row = await transact(ctx, async (ctx) => {
    const row = (await queries.visiblePatient(ctx.db, id, accountOf(ctx), ctx.now())) ?? (await forOffice(ctx, id))
    const how = row ? { relationship: row.relationship } : { reason: 'refused' }
    const subject = `Patient/${row?.id ?? id}`
    audit(ctx, { action: 'R', entity: `Patient/${id}`, subject, ...how })
    return row
  })
  if (!row) throw notThere('patient')
  return toPatient(row)
}

type Tx = TransactionContext<Tables>

/** An administrator sees who somebody is, so as to know whom they take out of use; not how to reach them, and nothing else. */
async function forOffice(ctx: Tx, id: string) {
  const row = isAdministrator(ctx) ? await queries.standingPatient(ctx.db, id) : undefined
  return row && { ...row, phone: null, email: null, relationship: 'administrator' }
}

/** On what the caller changes this record. */
async function changedBy(ctx: Tx, id: string): Promise<'self' | 'desk' | 'mandate' | 'administrator'> {
  const relationship = (await keepsPatient(ctx, id)) ?? (isAdministrator(ctx) ? 'administrator' : undefined)
  if (!relationship) throw notThere('patient')
  return relationship
}

/** Who takes a record out of use may say why; an administrator has to. In use, there is nothing to say. */
function reasonOf(by: string, active: boolean | undefined, reason: string | undefined) {
  if (active === true) return { deactivate_reason: null }
  if (active === undefined && reason !== undefined)
    throw wrong('/body/reason', 'is said where a record is taken out of use')
  if (active === false && by === 'administrator' && !reason?.trim())
    throw new Problem('business-rule', 'Say why, so that the patient can understand it.', {
      errors: [{ pointer: '/body/reason', detail: 'is needed to take a patient out of use' }],
    })
  return reason === undefined ? {} : { deactivate_reason: reason }
}

type PatientChange = Static<typeof contract.updatePatient.body>

export const updatePatient = (ctx: Ctx, id: string, given: PatientChange, version: number): Promise<View> =>
  projected(ctx, (ctx) => changePatient(ctx, id, given, version))

/** Without a version, whatever the present one is: of whoever holds the row. */
export async function changePatient(ctx: Tx, id: string, given: PatientChange, version?: number): Promise<View> {
  checkBirthDate(given.birthDate, ctx.now())
  const { birthDate, phone: _phone, email: _email, active, reason, ...facts } = given
  const changed = { ...facts, ...(birthDate !== undefined && { birth_date: birthDate }), ...reachOf(given) }
  const relationship = await changedBy(ctx, id)
  const was = await queries.standingPatient(ctx.db, id)
  if (!was) throw notThere('patient')
  checkOnlyActive(relationship !== 'administrator', given, 'reason')
  if (was.version !== (version ?? was.version)) throw changedMeanwhile()
  if (relationship === 'mandate') await checkChild(ctx, { ...was, ...changed }, active)
  const owner = relationship === 'self' ? accountOf(ctx) : was.account_id
  const out = activityOf(ctx, active, { ...was, account_id: owner })
  const said = reasonOf(relationship, active, reason)
  const change = { ...changed, ...out, ...(out.deactivated_by !== undefined && said) }
  const row = await queries.updatePatient(ctx.db, id, was.version, change, ctx.now())
  if (!row) throw changedMeanwhile()
  if (active !== undefined) await queries.setOutOfUse(ctx.db, id, active, ctx.now())
  compareSoon(ctx, id)
  audit(ctx, { action: 'U', entity: `Patient/${id}`, subject: `Patient/${id}`, relationship })
  return toPatient(relationship === 'administrator' ? { ...row, phone: null, email: null } : row)
}

/** What a guardian may not change: whether the record is in use, and that it is a child's. Their own time never gets longer by it. */
async function checkChild(ctx: Tx, child: queries.PatientRow, active: boolean | undefined) {
  if (active !== undefined) throw new Problem('forbidden', 'A guardian does not take the record of a child out of use.')
  if (!isMinor(child, ctx)) throw wrong('/body/birthDate', 'is not a child’s')
  await endWithChildhood(ctx.db, child.id, majorityOf(child, ctx.config), ctx.now())
}

export function listPatients(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof contract.listPatients.query>,
): Promise<ListPage> {
  const after = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const rows = await queries.actingFor(ctx.db, { account: accountOf(ctx), now: ctx.now(), after, limit })
    for (const { id, relationship } of rows.slice(0, limit))
      audit(ctx, { action: 'R', entity: `Patient/${id}`, subject: `Patient/${id}`, relationship })
    return pageOf(
      rows,
      limit,
      ({ id }) => [id],
      ({ id, name, relationship, powers, valid_until }) => ({
        id,
        name,
        relationship: relationship as ActingFor['relationship'],
        powers: powers as ActingFor['powers'],
        ...(valid_until !== null && { until: valid_until.toISOString() }),
      }),
    )
  })
}
