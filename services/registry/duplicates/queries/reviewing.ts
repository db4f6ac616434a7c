import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database.ts'
import { columns, type Duplicate } from '../../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type DuplicateRow = Selectable<Duplicate>

const pairs = (db: Db) => db.selectFrom('duplicate as d').select(columns.duplicate.map((name) => `d.${name}` as const))

/** Likeliest first. A pair of which one has been replaced is settled, whatever was merged with it. */
export const listPairs = (
  db: Db,
  of: { status: string; after: readonly (string | number)[] | undefined; limit: number },
) =>
  pairs(db)
    .where('d.status', '=', of.status)
    .$if(of.status === 'open', (query) =>
      query.where(
        sql<boolean>`not exists (select from patient_merge m where m.replaced_id in (d.one_id, d.other_id) and m.undone_at is null)`,
      ),
    )
    .$if(of.after !== undefined, (query) =>
      query.where(sql<boolean>`(d.score, d.id) < (${of.after?.[0]}::real, ${of.after?.[1]}::uuid)`),
    )
    .orderBy('d.score', 'desc')
    .orderBy('d.id', 'desc')
    .limit(of.limit + 1)
    .execute()

export const pair = (db: Db, id: string) => pairs(db).where('d.id', '=', id).executeTakeFirst()

export const dismiss = (tx: Tx, id: string, of: { version: number; by: string; reason: string; now: Date }) =>
  tx
    .updateTable('duplicate')
    .set((eb) => ({
      status: 'dismissed',
      reason: of.reason,
      decided_by: of.by,
      decided_at: of.now,
      updated_at: of.now,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('version', '=', of.version)
    .where('status', '=', 'open')
    .returning(columns.duplicate)
    .executeTakeFirst()

/** What becomes of a pair on the list when it is merged, and when that is undone. */
export const settlePair = (
  tx: Tx,
  of: { one: string; other: string; status: 'open' | 'merged'; by: string; now: Date },
) =>
  tx
    .updateTable('duplicate')
    .set((eb) => ({
      status: of.status,
      reason: null,
      decided_by: of.status === 'open' ? null : of.by,
      decided_at: of.status === 'open' ? null : of.now,
      updated_at: of.now,
      version: eb('version', '+', 1),
    }))
    .where('one_id', '=', [of.one, of.other].sort()[0] as string)
    .where('other_id', '=', [of.one, of.other].sort()[1] as string)
    .where('status', '!=', of.status)
    .execute()

export const comparedPatients = (db: Db, ids: readonly string[]) =>
  db
    .selectFrom('patient')
    .select(['id', 'name', 'birth_date', 'gender', 'phone'])
    .where('id', '=', sql<string>`any (${ids}::uuid[])`)
    .execute()
