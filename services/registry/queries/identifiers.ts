import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Identifier } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type IdentifierRow = Selectable<Identifier>
export type Owner = { patient_id: string } | { practitioner_id: string }

export interface Index {
  key_name: string
  digest: Buffer
}

export async function isThere(db: Db, owner: Owner): Promise<boolean> {
  const table = 'patient_id' in owner ? 'patient' : 'practitioner'
  const there = db.selectFrom(table).select('id').where('id', '=', value(owner)).where('erased_at', 'is', null)
  return (await there.executeTakeFirst()) !== undefined
}

export async function insertIdentifier(tx: Tx, row: Insertable<Identifier>, indexes: Index[]): Promise<IdentifierRow> {
  const made = await tx.insertInto('identifier').values(row).returning(columns.identifier).executeTakeFirstOrThrow()
  await insertIndexes(tx, made, indexes)
  return made
}

const insertIndexes = (tx: Tx, { id, verified_at }: IdentifierRow, indexes: Index[]) =>
  tx
    .insertInto('identifier_index')
    .values(indexes.map((index) => ({ identifier_id: id, verified: verified_at !== null, ...index })))
    .onConflict((conflict) => conflict.columns(['identifier_id', 'key_name']).doNothing())
    .execute()

const column = (owner: Owner) => ('patient_id' in owner ? 'patient_id' : 'practitioner_id')
const value = (owner: Owner) => ('patient_id' in owner ? owner.patient_id : owner.practitioner_id)

/** Oldest first. */
export const identifiersOf = (db: Db, owner: Owner, after: string | undefined, limit: number) =>
  db
    .selectFrom('identifier')
    .select(columns.identifier)
    .where(column(owner), '=', value(owner))
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit + 1)
    .execute()

export const identifier = (db: Db, id: string) =>
  db.selectFrom('identifier').select(columns.identifier).where('id', '=', id).executeTakeFirst()

export async function deleteIdentifier(tx: Tx, owner: Owner, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('identifier')
    .where('id', '=', id)
    .where(column(owner), '=', value(owner))
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export async function setVerified(tx: Tx, id: string, by: string, now: Date): Promise<IdentifierRow | undefined> {
  await tx.updateTable('identifier_index').set({ verified: true }).where('identifier_id', '=', id).execute()
  return tx
    .updateTable('identifier')
    .set((eb) => ({
      verified_by: eb.fn.coalesce('verified_by', sql<string>`${by}::uuid`),
      verified_at: eb.fn.coalesce('verified_at', sql<Date>`${now}::timestamptz`),
    }))
    .where('id', '=', id)
    .returning(columns.identifier)
    .executeTakeFirst()
}

/** `owner`: this person's alone. */
export const found = (db: Db, indexes: Index[], limit: number, owner?: Owner) =>
  db
    .selectFrom('identifier')
    .select(columns.identifier)
    .where((eb) =>
      eb(
        'id',
        'in',
        eb
          .selectFrom('identifier_index')
          .select('identifier_id')
          .where((of) => of.or(indexes.map((index) => of.and(index)))),
      ),
    )
    .$if(owner !== undefined, (query) => query.where(column(owner as Owner), '=', value(owner as Owner)))
    .orderBy(sql`verified_at is null`)
    .orderBy('id')
    .limit(limit)
    .execute()

/** Under whatever key but this one, locked. */
export const underOtherKeys = (tx: Tx, current: string, limit: number) =>
  tx
    .selectFrom('identifier')
    .select(columns.identifier)
    .where((eb) => eb.or([eb('key_name', '<', current), eb('key_name', '>', current)]))
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute()

export async function reseal(tx: Tx, row: IdentifierRow, sealed: string, indexes: Index[]): Promise<void> {
  await insertIndexes(tx, row, indexes)
  await tx.updateTable('identifier').set({ sealed }).where('id', '=', row.id).execute()
}

/** Of keys that are retired. */
export async function dropIndexes(tx: Tx, live: string[], limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from identifier_index where (identifier_id, key_name) in (
      select identifier_id, key_name from identifier_index where key_name <> all (${live}) limit ${limit})`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

export const countByKey = (db: Db) =>
  db
    .selectFrom('identifier')
    .select(({ fn }) => ['key_name as key', fn.countAll<number>().as('count')])
    .groupBy('key_name')
    .execute()
