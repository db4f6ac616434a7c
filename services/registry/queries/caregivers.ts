import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { type Caregiver, columns } from '../tables.ts'
import { containing } from './places.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type CaregiverRow = Selectable<Caregiver>

export const insertCaregiver = (tx: Tx, row: Insertable<Caregiver>) =>
  tx.insertInto('caregiver').values(row).returning(columns.caregiver).executeTakeFirstOrThrow()

/** Oneself, or one who has or had a mandate for this patient; administrators see all. */
export const visibleCaregiver = (
  db: Db,
  id: string,
  eyes: { account: string; patient: string | null; administrator: boolean },
) =>
  db
    .selectFrom('caregiver')
    .select(columns.caregiver)
    .where('id', '=', id)
    .where(
      sql<boolean>`(${eyes.administrator} or account_id = ${eyes.account} or exists (
        select from mandate m where m.caregiver_id = caregiver.id and m.patient_id = ${eyes.patient}))`,
    )
    .executeTakeFirst()

/** Newest first. */
export const caregivers = (
  db: Db,
  { q, before, limit }: { q: string | undefined; before: string | undefined; limit: number },
) =>
  db
    .selectFrom('caregiver')
    .select(columns.caregiver)
    .where('erased_at', 'is', null)
    .$if(q !== undefined, (query) => query.where(sql<boolean>`fold(name) like fold(${containing(q as string)})`))
    .$if(before !== undefined, (query) => query.where('id', '<', before as string))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()

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
