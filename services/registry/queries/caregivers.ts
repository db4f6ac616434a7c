import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { type Caregiver, columns } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type CaregiverRow = Selectable<Caregiver>

export const insertCaregiver = (tx: Tx, row: Insertable<Caregiver>) =>
  tx.insertInto('caregiver').values(row).returning(columns.caregiver).executeTakeFirstOrThrow()

/** Oneself, or one who has or had a mandate for this patient. */
export const visibleCaregiver = (db: Db, id: string, eyes: { account: string; patient: string | null }) =>
  db
    .selectFrom('caregiver')
    .select(columns.caregiver)
    .where('id', '=', id)
    .where(
      sql<boolean>`(account_id = ${eyes.account} or exists (
        select from mandate m where m.caregiver_id = caregiver.id and m.patient_id = ${eyes.patient}))`,
    )
    .executeTakeFirst()

export const caregiverBy = (db: Db, by: { id: string } | { code: string }) =>
  db
    .selectFrom('caregiver')
    .select(columns.caregiver)
    .where((eb) => ('id' in by ? eb('id', '=', by.id) : eb('code', '=', by.code)))
    .executeTakeFirst()

export const updateCaregiver = (tx: Tx, id: string, version: number, change: Partial<CaregiverRow>, now: Date) =>
  tx
    .updateTable('caregiver')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .where('version', '=', version)
    .returning(columns.caregiver)
    .executeTakeFirst()

export const caregiverAccount = async (db: Db, id: string): Promise<string | undefined> =>
  (await db.selectFrom('caregiver').select('account_id').where('id', '=', id).executeTakeFirst())?.account_id
