import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Licence } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type LicenceRow = Selectable<Licence>

export const insertLicence = (tx: Tx, row: Insertable<Licence>) =>
  tx.insertInto('licence').values(row).returning(columns.licence).executeTakeFirstOrThrow()

export const licence = (db: Db, id: string) =>
  db.selectFrom('licence').select(columns.licence).where('id', '=', id).executeTakeFirst()

/** Locked, with the account of its holder: two decisions on one licence are taken one after the other. */
export const lockLicence = (tx: Tx, id: string) =>
  tx
    .selectFrom('licence')
    .innerJoin('practitioner', 'practitioner.id', 'licence.practitioner_id')
    .select(columns.licence.map((name) => `licence.${name}` as const))
    .select('practitioner.account_id')
    .where('licence.id', '=', id)
    .forUpdate('licence')
    .executeTakeFirst()

export const updateLicence = (
  tx: Tx,
  id: string,
  change: Partial<Omit<LicenceRow, 'holds' | 'version'>>,
  now: Date,
): Promise<LicenceRow> =>
  tx
    .updateTable('licence')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .returning(columns.licence)
    .executeTakeFirstOrThrow()

/** Newest first. */
export const licencesOf = (db: Db, practitioner: string, before: string | undefined, limit: number) =>
  db
    .selectFrom('licence')
    .select(columns.licence)
    .where('practitioner_id', '=', practitioner)
    .$if(before !== undefined, (query) => query.where('id', '<', before as string))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()

/** Oldest first: whoever has waited longest. */
export const licencesWith = (db: Db, status: string | undefined, after: string | undefined, limit: number) =>
  db
    .selectFrom('licence')
    .select(columns.licence)
    .$if(status !== undefined, (query) => query.where('status', '=', status as string))
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit + 1)
    .execute()
