import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Place } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type PlaceRow = Selectable<Place>

export const place = (db: Db, id: string) =>
  db.selectFrom('place').select(columns.place).where('id', '=', id).executeTakeFirst()

export const insertPlace = (tx: Tx, row: Insertable<Place>) =>
  tx.insertInto('place').values(row).returning(columns.place).executeTakeFirstOrThrow()

export const updatePlace = (tx: Tx, id: string, version: number | undefined, change: Partial<PlaceRow>, now: Date) =>
  tx
    .updateTable('place')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .$if(version !== undefined, (query) => query.where('version', '=', version as number))
    .returning(columns.place)
    .executeTakeFirst()

/** All of them, also those out of use, by id. */
export async function placesById(db: Db, after: string | undefined, limit: number): Promise<PlaceRow[]> {
  const { rows } = await sql<PlaceRow>`
    select ${PLACE} from place where ${after === undefined ? sql`true` : sql`id > ${after}`} order by id limit ${limit}`.execute(
    db,
  )
  return rows
}

/** Stands for all of them: it changes when one does. */
export async function placesMark(db: Db): Promise<string> {
  const { rows } = await sql<{ mark: string }>`
    select count(*) || ':' || coalesce(sum(hashtextextended(id::text || version, 0)::numeric), 0) as mark from place`.execute(
    db,
  )
  return rows[0]?.mark ?? ''
}

/** Words typed by people, as a pattern of LIKE that means them literally. */
export const containing = (q: string) => `%${q.replace(/[\\%_]/g, '\\$&')}%`

const PLACE = sql.raw(columns.place.join())

/** By part of the name or town, or by a likeness of words. */
const named = (q: string | undefined) =>
  q === undefined
    ? sql`true`
    : sql`(fold(name || ' ' || city) like fold(${containing(q)}) or fold(${q}) <% fold(name || ' ' || city))`

export function placesByName(
  db: Db,
  q: string | undefined,
  after: { name: string; id: string } | undefined,
  limit: number,
) {
  return sql<PlaceRow>`
    select ${PLACE} from place
    where deactivated_at is null and ${named(q)} and ${after ? sql`(name, id) > (${after.name}, ${after.id}::uuid)` : sql`true`}
    order by name, id limit ${limit + 1}`.execute(db)
}

/** A degree of latitude is never shorter than this. */
const KM_PER_DEGREE = 110.5

export interface Around {
  latitude: number
  longitude: number
  km: number
}

/** Nearest first. The band of latitudes is what the index gives; the circle decides. */
export function placesAround(
  db: Db,
  { latitude, longitude, km }: Around,
  q: string | undefined,
  after: { km: number; id: string } | undefined,
  limit: number,
) {
  const band = km / KM_PER_DEGREE
  return sql<PlaceRow & { km: number }>`
    select ${PLACE}, km from (
      select p.*, round(kilometres(${latitude}::float8, ${longitude}::float8, p.latitude, p.longitude)::numeric, 3)::float8 as km
      from place p where p.latitude between ${latitude - band}::float8 and ${latitude + band}::float8) near
    where km <= ${km}::float8 and deactivated_at is null and ${named(q)} and ${after ? sql`(km, id) > (${after.km}::float8, ${after.id}::uuid)` : sql`true`}
    order by km, id limit ${limit + 1}`.execute(db)
}
