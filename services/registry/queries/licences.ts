import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
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

/** Verified, ends in this time, and its holder has none that goes on longer. */
const endsLast = ({ from, until }: { from: Date; until: Date }) => sql<boolean>`(licence.status = 'verified'
  and licence.valid_until between ${from}::timestamptz::date and ${until}::timestamptz::date
  and not exists (select from licence n
    where n.practitioner_id = licence.practitioner_id and n.status = 'verified' and n.valid_until > licence.valid_until))`

/** Marks them as reminded, each once for the least of these days that it ends within. */
export async function licencesToRemind(tx: Tx, days: readonly number[], now: Date) {
  const until = new Date(now.getTime() + Math.max(...days) * 86_400_000)
  const { rows } = await sql<{ licence: string; practitioner: string; days: number }>`
    with due as (
      select licence.id, licence.practitioner_id,
        (select min(d) from unnest(${days}::int[]) d where licence.valid_until <= ${now}::timestamptz::date + d) as days
      from licence where ${endsLast({ from: now, until })}),
    marked as (
      insert into licence_reminder (licence_id, days, sent_at) select id, days, ${now} from due where days is not null
      on conflict do nothing returning licence_id, days)
    select due.id as licence, due.practitioner_id as practitioner, due.days
    from marked join due on due.id = marked.licence_id order by due.id`.execute(tx)
  return rows
}

/** Oldest first: whoever has waited longest. */
export const licencesWith = (
  db: Db,
  status: string | undefined,
  after: string | undefined,
  limit: number,
  ending?: { from: Date; until: Date },
) =>
  db
    .selectFrom('licence')
    .select(columns.licence)
    .$if(status !== undefined, (query) => query.where('status', '=', status as string))
    .$if(ending !== undefined, (query) => query.where(endsLast(ending as { from: Date; until: Date })))
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit + 1)
    .execute()

/** Verified licences that end in this time, where their holder has none that goes on longer. */
export async function licencesEnding(db: Db, from: Date, until: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from licence l
    where l.status = 'verified' and l.valid_until between ${from}::timestamptz::date and ${until}::timestamptz::date
      and not exists (select from licence n
        where n.practitioner_id = l.practitioner_id and n.status = 'verified' and n.valid_until > l.valid_until)`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}

export async function licencesPending(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (select from licence where status = 'pending' limit 10000) x`.execute(db)
  return rows[0]?.count ?? 0
}
