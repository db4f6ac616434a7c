import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { type BreakGlass, columns } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type BreakGlassRow = Selectable<BreakGlass> & { practitioner_name: string }

export const insertBreakGlass = (tx: Tx, row: Insertable<BreakGlass>) =>
  tx.insertInto('break_glass').values(row).execute()

const named = (db: Db) =>
  db
    .selectFrom('break_glass as b')
    .innerJoin('practitioner as p', 'p.id', 'b.practitioner_id')
    .select(columns.break_glass.map((name) => `b.${name}` as const))
    .select('p.name as practitioner_name')

export const breakGlassBy = (db: Db, id: string) => named(db).where('b.id', '=', id).executeTakeFirst()

/** Oldest first: what has waited longest is looked into first. */
export const listBreakGlass = (
  db: Db,
  of: { reviewed: boolean | undefined; after: string | undefined; limit: number },
) =>
  named(db)
    .$if(of.reviewed !== undefined, (query) => query.where('b.verdict', of.reviewed ? 'is not' : 'is', null))
    .$if(of.after !== undefined, (query) => query.where('b.id', '>', of.after as string))
    .orderBy('b.id')
    .limit(of.limit + 1)
    .execute()

/** `false` when it is another version, or was looked into already. */
export async function setVerdict(
  tx: Tx,
  id: string,
  version: number,
  change: { verdict: string; note: string | null; reviewed_by: string; reviewed_at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('break_glass')
    .set((eb) => ({ ...change, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .where('version', '=', version)
    .where('verdict', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Exact but for case, accents and spaces. More than a handful of namesakes born on one day is no look-up but a list. */
export const patientsNamed = (db: Db, name: string, birthDate: string) =>
  db
    .selectFrom('patient')
    .select(['id', 'name', 'birth_date', 'gender'])
    .where('birth_date', '=', birthDate)
    .where('erased_at', 'is', null)
    .where(sql<boolean>`id = survivor_of(id)`)
    .where(
      sql<boolean>`fold(regexp_replace(trim(name), '\\s+', ' ', 'g')) = fold(regexp_replace(trim(${name}::text), '\\s+', ' ', 'g'))`,
    )
    .orderBy('id')
    .limit(10)
    .execute()
