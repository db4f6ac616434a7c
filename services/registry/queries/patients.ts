import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import type { NewPatientRow } from '../projection/show-new-patient.ts'
import { columns, type Patient } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type PatientRow = Selectable<Patient>

export const newPatient = (tx: Tx, row: Insertable<Patient>) => tx.insertInto('patient').values(row)

export const insertPatient = (tx: Tx, row: Insertable<Patient>) =>
  newPatient(tx, row).returning(columns.patient).executeTakeFirstOrThrow()

/**
 * A patient at an organisation in use where this account works, which looks after them from then on, with what a FHIR client said beyond the row. Where it does not
 * work there nobody would look after them, which is refused (`isOfNoDesk`).
 */
export const newAtDesk = (
  tx: Tx,
  row: NewPatientRow,
  { account, grant, said, now }: { account: string; grant: string; said: string | undefined; now: Date },
) =>
  sql`
    with made as (
      insert into patient (id, organisation_id, name, birth_date, gender, language, zone, phone, email, created_at, updated_at)
      values (${row.id}, (
          select id from organisation where id = ${row.organisation_id ?? null} and deactivated_at is null and platform.works_at(${account}, id, '{desk,manager}')),
        ${row.name}, ${row.birth_date}, ${row.gender}, ${row.language}, ${row.zone}, ${row.phone ?? null}, ${row.email ?? null}, ${now}, ${now})
      returning id, organisation_id),
    granted as (
      insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from)
      select ${grant}, organisation_id, 'Patient', id, id, ${now} from made)
    insert into said (type, id, resource) select 'Patient', id, ${said ?? null} from made where ${said !== undefined}`.compile(
    tx,
  )

export const isOfNoDesk = (error: unknown): boolean => {
  const { table, column } = error as { table?: string; column?: string }
  return table === 'desk_grant' && column === 'organisation_id'
}

export const patient = (db: Db, id: string) =>
  db.selectFrom('patient').select(columns.patient).where('id', '=', id).executeTakeFirst()

export const namesOf = (db: Db, ids: readonly string[]) =>
  db
    .selectFrom('patient')
    .select(['id', 'name'])
    .where('id', 'in', [...ids])
    .where('erased_at', 'is', null)
    .execute()

/** Gender, and the band of their age on a day. */
export async function factsOf(db: Db, ids: readonly string[], at: string) {
  const { rows } = await sql<{ id: string; gender: string; age: string }>`
    select id, gender, (array['0-4', '5-17', '18-39', '40-64', '65+'])[width_bucket(extract(year from age(${at}::date, birth_date)), array[-200, 5, 18, 40, 65])] as age
    from patient where id = any (${ids}::uuid[]) and erased_at is null`.execute(db)
  return rows
}

const PATIENT = sql.raw(columns.patient.map((name) => `p.${name}`).join())

/**
 * Of one that was replaced, the survivor. With the relationship under which this account may see the record; no row where there is none. That is
 * decided before the record is looked for: decided after it, whoever may not see it had waited 0.15 ms longer for a record that exists.
 */
export async function visiblePatient(db: Db, id: string, account: string, now: Date) {
  const { rows } = await sql<PatientRow & { relationship: string }>`
    select ${PATIENT}, relationship from (
      select asked.id, coalesce(platform.may(${account}, asked.id, 'see-record', ${now}), platform.may(${account}, asked.id, 'see-profile', ${now})) as relationship
      from (select survivor_of(${id}) as id offset 0) asked offset 0) seen
    join patient p on p.id = seen.id
    where relationship is not null`.execute(db)
  return rows[0]
}

/** The record that stands under this id. */
export const standingPatient = (db: Db, id: string) =>
  db
    .selectFrom('patient')
    .select(columns.patient)
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .where(sql<boolean>`survivor_of(id) = id`)
    .executeTakeFirst()

/** What every room looks at before it takes on something new for a patient. */
export const setOutOfUse = (tx: Tx, id: string, active: boolean, now: Date) =>
  (active
    ? sql`delete from platform.out_of_use where subject_id = ${id}`
    : sql`insert into platform.out_of_use (subject_id, since) values (${id}, ${now}) on conflict do nothing`
  ).execute(tx)

export const updatePatient = (tx: Tx, id: string, version: number, change: Partial<PatientRow>, now: Date) =>
  tx
    .updateTable('patient')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .where('version', '=', version)
    .returning(columns.patient)
    .executeTakeFirst()

/** Patients for whom this account acts now. */
export const actingFor = (db: Db, of: { account: string; now: Date; after: string | undefined; limit: number }) =>
  db
    .selectFrom('platform.access_grant as g')
    .innerJoin('patient as p', 'p.id', 'g.subject_id')
    .select(['p.id', 'p.name', 'g.relationship', 'g.valid_until'])
    .select(sql<string[]>`array_remove(g.powers, 'grant')`.as('powers')) // a guardian's, told by \`basis\`
    .where('g.account_id', '=', of.account)
    .where('g.relationship', 'in', ['self', 'mandate'])
    .where('g.subject_type', '=', 'Patient')
    .where('g.revoked_at', 'is', null)
    .where((eb) => eb.or([eb('p.deactivated_at', 'is', null), eb('g.relationship', '=', 'self')]))
    .where('g.valid_from', '<=', of.now)
    .where((eb) => eb.or([eb('g.valid_until', 'is', null), eb('g.valid_until', '>', of.now)]))
    .$if(of.after !== undefined, (query) => query.where('p.id', '>', of.after as string))
    .orderBy('p.id')
    .limit(of.limit + 1)
    .execute()

/**
 * Who stands for this patient now, held until the end of the transaction, so that nobody merges, erases or corrects it meanwhile; `alone`, so that nobody else
 * holds it either. Nobody where they were erased.
 */
export const lockPatient = (tx: Tx, id: string, how: 'shared' | 'alone' = 'shared') =>
  tx
    .selectFrom('patient')
    .select(columns.patient)
    .where('id', '=', sql<string>`survivor_of(${id})`)
    .where('erased_at', 'is', null)
    .$call((query) => (how === 'alone' ? query.forUpdate() : query.forShare()))
    .executeTakeFirst()
