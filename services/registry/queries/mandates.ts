import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Mandate } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type MandateRow = Selectable<Mandate>
export type NamedMandateRow = MandateRow & { patient_name: string; caregiver_name: string }

/** What the caller may be to a mandate: one of its two sides, guardian of its patient, staff of the desk that wrote it down, or an administrator, who sees all. */
export interface Eyes {
  account: string
  patient: string | null
  caregiver: string | null
  administrator: boolean
  desk: boolean
  now: Date
}

export const insertMandate = (tx: Tx, row: Insertable<Mandate>) =>
  tx.insertInto('mandate').values(row).returning(columns.mandate).executeTakeFirstOrThrow()

const status = (now: Date) => sql<string>`case
  when m.revoked_at is not null then 'revoked' when m.valid_until <= ${now} then 'expired'
  when m.basis = 'guardian' and m.verified_at is null then 'unverified' when m.accepted_at is null then 'proposed' else 'active' end`

/** Those that a desk wrote down, while it keeps the record. */
const keptAtDesk = ({ account, now }: Eyes) =>
  sql`or (m.basis = 'desk' and p.account_id is null and not is_somebodys(p.id) and platform.may(${account}, p.id, 'keep-profile', ${now}) = 'desk')`

const visible = (eyes: Eyes) => {
  const { account, patient, caregiver, administrator, now } = eyes
  return sql<boolean>`(m.patient_id = ${patient} or m.caregiver_id = ${caregiver} or ${administrator}
    or m.patient_id in (
      select g.subject_id from platform.access_grant g
      where g.account_id = ${account} and 'grant' = any (g.powers)
        and g.revoked_at is null and g.valid_from <= ${now} and (g.valid_until is null or g.valid_until > ${now}))
    ${eyes.desk ? keptAtDesk(eyes) : sql``})`
}

const named = (db: Db) =>
  db
    .selectFrom('mandate as m')
    .innerJoin('patient as p', 'p.id', 'm.patient_id')
    .innerJoin('caregiver as c', 'c.id', 'm.caregiver_id')
    .select(columns.mandate.map((name) => `m.${name}` as const))
    .select(['p.name as patient_name', 'c.name as caregiver_name'])

export const mandate = (db: Db, id: string, eyes: Eyes) =>
  named(db).where(visible(eyes)).where('m.id', '=', id).executeTakeFirst()

/** For whoever holds the slip; see mandate-slips.ts. */
export const mandateOfSlip = (db: Db, id: string) => named(db).where('m.id', '=', id).executeTakeFirst()

/** As `mandate`, locked until the end of the transaction. */
export const lockMandate = (tx: Tx, id: string, eyes: Eyes) =>
  named(tx).where(visible(eyes)).where('m.id', '=', id).forUpdate('m').executeTakeFirst()

/** Newest first. */
export const listMandates = (
  db: Db,
  eyes: Eyes,
  of: { status: string | undefined; before: string | undefined; now: Date; limit: number },
) =>
  named(db)
    .where(visible(eyes))
    .$if(of.status !== undefined, (query) => query.where(status(of.now), '=', of.status as string))
    .$if(of.before !== undefined, (query) => query.where('m.id', '<', of.before as string))
    .orderBy('m.id', 'desc')
    .limit(of.limit + 1)
    .execute()

/** `false` when it has ended already. */
export async function revokeMandate(
  tx: Tx,
  id: string,
  of: { by: string; reason: string | null; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('mandate')
    .set((eb) => ({
      revoked_at: of.now,
      revoked_by: of.by,
      revoke_reason: of.reason,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('valid_until', '>', of.now)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const updateMandate = (tx: Tx, id: string, change: Partial<MandateRow>) =>
  tx
    .updateTable('mandate')
    .set((eb) => ({ ...change, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute()

/** Mandates that a guardian has given for the child, and that have not ended. */
export const delegatedBy = (tx: Tx, of: { patient: string; account: string; now: Date }) =>
  tx
    .selectFrom('mandate')
    .select(columns.mandate)
    .where('patient_id', '=', of.patient)
    .where('granted_by', '=', of.account)
    .where('basis', '=', 'delegated')
    .where('revoked_at', 'is', null)
    .where('valid_until', '>', of.now)
    .execute()

/** Those in force that end within this time and whose sides have not been told; marks them as told. */
export async function tellOfEnd(tx: Tx, now: Date, until: Date) {
  return await tx
    .updateTable('mandate')
    .set({ told_of_end_at: now })
    .where('revoked_at', 'is', null)
    .where('told_of_end_at', 'is', null)
    .where('accepted_at', 'is not', null)
    .where((eb) => eb.or([eb('basis', '<>', 'guardian'), eb('verified_at', 'is not', null)]))
    .where('valid_until', '>', now)
    .where('valid_until', '<=', until)
    .returning(['id', 'patient_id', 'caregiver_id'])
    .execute()
}

/** Nobody else counts their mandates meanwhile, nor takes them out of use. */
export const lockCaregiver = (tx: Tx, id: string) =>
  tx.selectFrom('caregiver').select('deactivated_at').where('id', '=', id).forNoKeyUpdate().executeTakeFirst()

/** Guardianships that nobody has verified: those that wait, and those that were given up since then, so that giving up makes no room for more. */
export async function countUnverified(tx: Tx, of: { caregiver: string; now: Date; since: Date }): Promise<number> {
  const { count } = await tx
    .selectFrom('mandate')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('caregiver_id', '=', of.caregiver)
    .where('basis', '=', 'guardian')
    .where('verified_at', 'is', null)
    .where('valid_until', '>', of.now)
    .where((eb) => eb.or([eb('revoked_at', 'is', null), eb('created_at', '>', of.since)]))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** A guardian's time, and of what they gave, ends with the childhood of who they turn out to be guardian of. It never gets longer. */
export async function endWithChildhood(tx: Tx, patient: string, majority: Date, now: Date): Promise<void> {
  if (majority <= now) return
  const { rows } = await sql<{ id: string }>`
    update mandate set valid_until = ${majority}, version = version + 1
    where patient_id = ${patient} and basis in ('guardian', 'delegated') and revoked_at is null and valid_from < ${majority} and valid_until > ${majority}
    returning id`.execute(tx)
  await sql`update platform.access_grant set valid_until = ${majority} where source_id = any (${rows.map((row) => row.id)}::uuid[]) and valid_from < ${majority}`.execute(
    tx,
  )
}

/** In force, and written down at a desk: whoever takes the record over did not give it. */
export const givenAtDesk = (tx: Tx, patient: string, now: Date) =>
  tx
    .selectFrom('mandate')
    .select(['id', 'caregiver_id'])
    .where('patient_id', '=', patient)
    .where('basis', '=', 'desk')
    .where('accepted_at', 'is not', null)
    .where('revoked_at', 'is', null)
    .where('valid_until', '>', now)
    .execute()
