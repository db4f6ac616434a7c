import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Practitioner } from '../tables.ts'
import { containing } from './places.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type PractitionerRow = Selectable<Practitioner> & { licensed: boolean }

const licensed = (now: Date) => sql<boolean>`exists (
  select from licence l where l.practitioner_id = practitioner.id and l.status = 'verified' and l.holds @> ${now}::timestamptz)`

/** Whoever asks: practitioners without a verified licence are seen by themselves and by administrators. */
export interface Eyes {
  account: string
  administrator: boolean
  now: Date
}

export const visiblePractitioner = (db: Db, id: string, { account, administrator, now }: Eyes) =>
  db
    .selectFrom('practitioner')
    .select(columns.practitioner)
    .select(licensed(now).as('licensed'))
    .where('id', '=', id)
    .where(
      sql<boolean>`(${administrator} or account_id = ${account} or platform.may(${account}, practitioner.id, 'keep-profile', ${now}) is not null or (deactivated_at is null and exists (
        select from licence l where l.practitioner_id = practitioner.id and l.status = 'verified')))`,
    )
    .executeTakeFirst()

export const insertPractitioner = (tx: Tx, row: Insertable<Practitioner>) =>
  tx.insertInto('practitioner').values(row).returning(columns.practitioner).executeTakeFirstOrThrow()

/** Without a version, whatever the present one is: for a photo, which replaces no words. */
export const updatePractitioner = (
  tx: Tx,
  id: string,
  version: number | undefined,
  change: Partial<Selectable<Practitioner>>,
  now: Date,
) =>
  tx
    .updateTable('practitioner')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .$if(version !== undefined, (query) => query.where('version', '=', version as number))
    .returning(columns.practitioner)
    .returning(licensed(now).as('licensed'))
    .executeTakeFirst()

export const listPractitioners = (
  db: Db,
  of: {
    status: 'pending' | 'licensed' | undefined
    q: string | undefined
    before: string | undefined
    now: Date
    limit: number
  },
) =>
  db
    .selectFrom('practitioner')
    .select(columns.practitioner)
    .select(licensed(of.now).as('licensed'))
    .$if(of.status === 'licensed', (query) => query.where(licensed(of.now)))
    .$if(of.status === 'pending', (query) =>
      query.where(
        sql<boolean>`exists (select from licence l where l.practitioner_id = practitioner.id and l.status = 'pending')`,
      ),
    )
    .$if(of.q !== undefined, (query) =>
      query.where(
        sql<boolean>`(fold(name) like fold(${containing(of.q as string)}) or fold(${of.q as string}) <% fold(name))`,
      ),
    )
    .$if(of.before !== undefined, (query) => query.where('id', '<', of.before as string))
    .orderBy('id', 'desc')
    .limit(of.limit + 1)
    .execute()

export const practitionersRegisteredAt = (
  db: Db,
  organisation: string,
  of: { before: string | undefined; now: Date; limit: number },
) =>
  db
    .selectFrom('practitioner')
    .select(columns.practitioner)
    .select(licensed(of.now).as('licensed'))
    .where('organisation_id', '=', organisation)
    .$if(of.before !== undefined, (query) => query.where('id', '<', of.before as string))
    .orderBy('id', 'desc')
    .limit(of.limit + 1)
    .execute()

export interface CardRow extends Selectable<Practitioner> {
  licensed_from: Date | null
  licensed_until: Date | null
}

const OF_P = sql.raw(columns.practitioner.map((name) => `p.${name}`).join())

/** With the period of verified licences that holds now or comes next; licences that follow one another make one period. */
export async function practitionerCard(db: Db, id: string, now: Date): Promise<CardRow | undefined> {
  const { rows } = await sql<CardRow>`
    select ${OF_P}, lower(period.during) as licensed_from, upper(period.during) as licensed_until
    from practitioner p
    left join lateral (
      select during from unnest((
        select range_agg(l.holds) from licence l where l.practitioner_id = p.id and l.status = 'verified')) during
      where upper(during) > ${now} order by lower(during) limit 1) period on p.deactivated_at is null
    where p.id = ${id}`.execute(db)
  return rows[0]
}

/** Those with a verified licence that ended since then, and another that ends later. */
export async function practitionersBetweenLicences(db: Db, since: Date, now: Date): Promise<string[]> {
  const { rows } = await sql<{ practitioner_id: string }>`
    select distinct ended.practitioner_id from licence ended
    where ended.status = 'verified' and upper(ended.holds) > ${since} and upper(ended.holds) <= ${now}
      and exists (
        select from licence next
        where next.practitioner_id = ended.practitioner_id and next.status = 'verified' and upper(next.holds) > ${now})`.execute(
    db,
  )
  return rows.map(({ practitioner_id }) => practitioner_id)
}
