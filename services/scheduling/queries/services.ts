import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export interface ServiceRow {
  id: string
  practitioner_id: string
  code: string
  name: string
  speciality: string
  minutes: number
  before_minutes: number
  after_minutes: number
  notice_minutes: number
  window_days: number
  per_day: number | null
  per_week: number | null
  seats: number
}

const columns = sql.raw(
  'id, practitioner_id, code, name, speciality, minutes, before_minutes, after_minutes, notice_minutes, window_days, per_day, per_week, seats, version',
)

export async function liveService(db: Db, id: string): Promise<(ServiceRow & { version: number }) | undefined> {
  const { rows } = await sql<ServiceRow & { version: number }>`
    select ${columns} from service where id = ${id} and deleted_at is null`.execute(db)
  return rows[0]
}

/** By code, after one. */
export async function servicesOf(db: Db, practitioner: string, after: string, limit: number) {
  const { rows } = await sql<ServiceRow & { version: number }>`
    select ${columns} from service where practitioner_id = ${practitioner} and deleted_at is null and code > ${after}
    order by code limit ${limit}`.execute(db)
  return rows
}

/** Those of these that are not this practitioner's, or are offered no more. */
export async function foreignServices(db: Db, practitioner: string, ids: string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select x.id from unnest(${ids}::uuid[]) x(id)
    where not exists (select from service v where v.id = x.id and v.practitioner_id = ${practitioner} and v.deleted_at is null)`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}

/** Whether one of these is counted by the day or week, and is offered in another zone by another schedule. */
export async function countedElsewhere(db: Db, schedule: string, services: string[], zone: string): Promise<boolean> {
  const { rows } = await sql`
    select from service v join schedule s on s.practitioner_id = v.practitioner_id and v.id = any (s.services)
    where v.id = any (${services}::uuid[]) and (v.per_day is not null or v.per_week is not null)
      and s.id <> ${schedule} and s.deleted_at is null and s.zone <> ${zone} limit 1`.execute(db)
  return rows.length > 0
}

export async function insertService(tx: Tx, row: ServiceRow, now: Date): Promise<void> {
  await tx
    .insertInto('service')
    .values({ ...row, created_at: now })
    .execute()
}

/** False when the version is not the present one. */
export async function updateService(tx: Tx, { id, ...row }: ServiceRow, version: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('service')
    .set({ ...row, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function deleteService(tx: Tx, id: string, version: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('service')
    .set({ deleted_at: now, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Which days are full is not known any more, until each week has been counted. */
export async function forgetFull(tx: Tx, id: string): Promise<void> {
  await sql`update service set full_at = '{}' where id = ${id}`.execute(tx)
}

/** Of the schedules that list it. */
export async function zonesOffering(db: Db, id: string): Promise<string[]> {
  const { rows } = await sql<{ zone: string }>`
    select distinct s.zone from service v join schedule s on s.practitioner_id = v.practitioner_id and v.id = any (s.services)
    where v.id = ${id} and s.deleted_at is null order by s.zone`.execute(db)
  return rows.map(({ zone }) => zone)
}
