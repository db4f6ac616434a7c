import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Speciality } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
const SPECIALITY = sql.raw(columns.speciality.join())
export type SpecialityRow = Selectable<Speciality>

/** Below this likeness of trigrams a match is chance. */
const LIKENESS = 0.5

/** Exact words before beginnings, beginnings before words within, and those before slips of spelling. */
export async function searchSpecialities(
  db: Db,
  q: string | undefined,
  after: { score: number; code: string } | undefined,
  limit: number,
) {
  const score = sql`case when ${q ?? null}::text is null then 1 else max(case
      when fold(word) = fold(${q ?? ''}) then 4
      when starts_with(fold(word), fold(${q ?? ''})) then 3
      when position(' ' || fold(${q ?? ''}) in fold(word)) > 0 then 2
      else word_similarity(fold(${q ?? ''}), fold(word)) end) end`
  const { rows } = await sql<SpecialityRow & { score: number }>`
    select ${SPECIALITY}, score from (
      select s.*, round((${score})::numeric, 4)::float8 as score
      from speciality s, unnest(array[s.code, s.display] || s.synonyms) word where s.deactivated_at is null group by s.code) found
    where score >= ${LIKENESS}
      and (${after?.score ?? null}::float8 is null or score < ${after?.score ?? null}
        or (score = ${after?.score ?? null} and code > ${after?.code ?? null}))
    order by score desc, code limit ${limit + 1}`.execute(db)
  return rows
}

/** Those of these codes that do not exist. */
export async function unknownSpecialities(db: Db, codes: string[]): Promise<string[]> {
  const { rows } = await sql<{ code: string }>`
    select wanted.code from unnest(${codes}::text[]) wanted(code)
    where not exists (select from speciality s where s.code = wanted.code and s.deactivated_at is null)`.execute(db)
  return rows.map(({ code }) => code)
}

export const insertSpeciality = (tx: Tx, row: Pick<SpecialityRow, 'code' | 'display' | 'synonyms'>, now: Date) =>
  tx
    .insertInto('speciality')
    .values({ ...row, updated_at: now })
    .onConflict((c) => c.doNothing())
    .returning(columns.speciality)
    .executeTakeFirst()

export const updateSpeciality = (
  tx: Tx,
  code: string,
  version: number,
  change: Partial<Pick<SpecialityRow, 'display' | 'synonyms' | 'deactivated_at' | 'deactivated_by'>>,
  now: Date,
) =>
  tx
    .updateTable('speciality')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('code', '=', code)
    .where('version', '=', version)
    .returning(columns.speciality)
    .executeTakeFirst()

export const speciality = (db: Db, code: string) =>
  db.selectFrom('speciality').select(columns.speciality).where('code', '=', code).executeTakeFirst()
