import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import type { patientFacts } from '../queries/about.ts'
import type { Patient } from '../tables.ts'

type Facts = Awaited<ReturnType<typeof patientFacts>>[number]

interface Wanted {
  client: string
  after: string
  since: Date | undefined
  patients: readonly string[] | undefined
  now: Date
  limit: number
}

/** Who stands as a patient and may be had by this app, among the next so many of all, in the order of ids; and where those end. */
export async function patientsFor(db: Kysely<Tables>, { client, after, since, patients, now, limit }: Wanted) {
  const { rows } = await sql<Facts & { may: boolean }>`
    with page as materialized (
      select id, name, birth_date, gender, language, zone, phone, email, created_at, updated_at, deactivated_at, deactivate_reason, erased_at, null as replaced_by
      from patient p where id > ${after}::uuid${patients ? sql` and id::text = any (${[...patients]}::text[])` : sql``} order by id limit ${limit})
    select id, name, birth_date, gender, language, zone, phone, email, created_at, updated_at, deactivated_at, deactivate_reason, replaced_by,
      erased_at is null and survivor_of(id) = id and (${since ?? null}::timestamptz is null or updated_at > ${since ?? null})
        and platform.client_may_see(${client}, array[id::text], '{general}', ${now}) as may
    from page order by id`.execute(db)
  return { rows: rows.filter(({ may }) => may), last: rows.length === limit ? rows.at(-1)?.id : undefined }
}

type Row = Insertable<Patient>

/** Those of them that there are, also under ids that are somebody else's by now. */
export const patientsBy = (db: Kysely<Tables>, ids: readonly string[]) =>
  db
    .selectFrom('patient')
    .select(['id', 'name', 'birth_date', 'gender', 'language', 'zone', 'phone', 'email', 'erased_at'])
    .where('id', 'in', [...ids])
    .execute()

/** The ids of those that were free. */
export async function insertPatients(tx: Transaction<Tables>, rows: Row[]): Promise<string[]> {
  if (rows.length === 0) return []
  const made = await tx
    .insertInto('patient')
    .values(rows)
    .onConflict((c) => c.column('id').doNothing())
    .returning('id')
    .execute()
  return made.map(({ id }) => id)
}
