import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database.ts'
import { looksAfter } from '../../desk/queries.ts'
import type { Match } from '../name-keys.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>

export interface Candidate {
  patient_id: string
  score: number
  /** `name:sounds-alike`, `birthDate:same`… */
  agrees: string[]
}

/** One comparison after another, until the transaction ends: two at once would each be over before the other is there to be found. */
export const takeTurn = (tx: Tx) =>
  sql`select pg_advisory_xact_lock(hashtextextended('patients are compared', 0))`.execute(tx)

/** Compares with the facts as they were when this was written; a later version is written over an earlier one only. */
export const keepMatch = (tx: Tx, of: { id: string; version: number }, match: Match) =>
  tx
    .insertInto('patient_match')
    .values({ patient_id: of.id, patient_version: of.version, ...match })
    .onConflict((c) => c.column('patient_id').doUpdateSet({ patient_version: of.version, ...match }))
    .execute()

/** Best first. Without an id the facts are those of nobody who is registered. `among`: of whom an organisation looks after. */
export async function candidates(
  db: Db,
  id: string | null,
  match: Match,
  limit: number,
  among?: { organisation: string; now: Date },
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select patient_id, score, agrees from (select distinct on (patient_id) patient_id, score, agrees from match_candidates(row(${id}::uuid, 0, ${match.tokens}::text[], ${match.skeletons}::text[],
      ${match.letters}::text[], ${match.birth_date}::date, ${match.gender}::text, ${match.phone}::text, ${match.keys}::text[])::patient_match)
      order by patient_id, score desc) best
    where ${among === undefined ? sql`true` : looksAfter(among.organisation, 'patient_id', among.now)}
    order by score desc, patient_id limit ${limit}`.execute(db)
  return rows
}

/** Pairs for the review list. One that was looked at and dismissed stays so; one that waits gets its present score. */
export const suspect = (tx: Tx, pairs: readonly { id: string; of: string; candidate: Candidate }[], now: Date) =>
  tx
    .insertInto('duplicate')
    .values(
      pairs.map(({ id, of, candidate }) => {
        const [one_id, other_id] = [of, candidate.patient_id].sort() as [string, string]
        const { score, agrees } = candidate
        return { id, one_id, other_id, score, agrees, created_at: now, updated_at: now }
      }),
    )
    .onConflict((c) =>
      c
        .columns(['one_id', 'other_id'])
        .doUpdateSet((eb) => ({ score: eb.ref('excluded.score'), agrees: eb.ref('excluded.agrees') }))
        .where('duplicate.status', '=', 'open'),
    )
    .execute()

const FACTS = ['p.id', 'p.version', 'p.name', 'p.birth_date', 'p.gender', 'p.phone'] as const

export const comparable = (db: Db, id: string) =>
  db
    .selectFrom('patient as p')
    .select(FACTS)
    .where('p.id', '=', id)
    .where('p.erased_at', 'is', null) // all of whom have one name
    .executeTakeFirst()

/** Patients whose facts have changed, or were written, since they were last made comparable. */
export const withoutMatch = (db: Db, limit: number) =>
  db
    .selectFrom('patient as p')
    .leftJoin('patient_match as m', 'm.patient_id', 'p.id')
    .select(FACTS)
    .where('p.erased_at', 'is', null)
    .where((eb) => eb.or([eb('m.patient_id', 'is', null), eb('m.patient_version', '<', eb.ref('p.version'))]))
    .limit(limit)
    .execute()
