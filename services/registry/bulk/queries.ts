import type { Insertable, Kysely, Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Patient } from '../tables.ts'

type Row = Insertable<Patient>

/** Those of them that there are, also under ids that are somebody else's by now. */
export const patientsBy = (db: Kysely<Tables>, ids: readonly string[]) =>
  db
    .selectFrom('patient')
    .leftJoin('said', (join) => join.onRef('said.id', '=', 'patient.id').on('said.type', '=', 'Patient'))
    .select([
      'patient.id',
      'name',
      'birth_date',
      'gender',
      'language',
      'zone',
      'phone',
      'email',
      'erased_at',
      'said.resource as said',
    ])
    .where('patient.id', 'in', [...ids])
    .execute()

/** The ids of those that were free: nobody's, in any role. */
export async function insertPatients(tx: Transaction<Tables>, rows: Row[]): Promise<string[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const taken = await tx.selectFrom('subject').select('id').where('id', 'in', ids).execute()
  const free = rows.filter((row) => !taken.some(({ id }) => id === row.id))
  if (free.length === 0) return []
  const made = await tx
    .insertInto('patient')
    .values(free)
    .onConflict((c) => c.column('id').doNothing())
    .returning('id')
    .execute()
  return made.map(({ id }) => id)
}

/** Those of them who were patients, and have been erased. */
export async function erasedAmong(db: Kysely<Tables>, ids: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('patient')
    .select('id')
    .where('id', 'in', [...ids])
    .where('erased_at', 'is not', null)
    .execute()
  return rows.map(({ id }) => id)
}

/** What a client said of these when they came, by `Type/id`. */
export async function saidOfThese(
  db: Kysely<Tables>,
  types: readonly string[],
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('said')
    .select(columns.said)
    .where('type', 'in', [...types])
    .where('id', 'in', [...ids])
    .execute()
  return new Map(rows.map(({ type, id, resource }) => [`${type}/${id}`, resource]))
}

/** Whether this is a practitioner who was brought in, and whom nobody looks after yet; nobody else changes that until the transaction ends. */
export async function isUnkept(tx: Transaction<Tables>, practitioner: string): Promise<boolean> {
  const found = tx
    .selectFrom('practitioner')
    .select('id')
    .where('id', '=', practitioner)
    .where('account_id', 'is', null)
    .where('organisation_id', 'is', null)
    .where('erased_at', 'is', null)
  return (await found.forNoKeyUpdate().executeTakeFirst()) !== undefined
}
