import { type Kysely, sql, type Transaction } from 'kysely'
import { type AppointmentRow, appointmentColumns } from '../queries/booking.ts'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>

// What resources follow from. Each list holds the rows of these ids that are there.

export async function visitsById(db: Db, ids: readonly string[]): Promise<AppointmentRow[]> {
  const { rows } = await sql<AppointmentRow>`
    select ${appointmentColumns('a.')} from appointment a where a.id = any (${[...ids]}::uuid[])`.execute(db)
  return rows
}

/** In one order, so that no two who lock several wait for each other. */
export async function lockVisits(tx: Transaction<SchedulingTables>, ids: readonly string[]): Promise<void> {
  await sql`select from appointment a where a.id = any (${[...ids]}::uuid[]) order by a.id for no key update`.execute(
    tx,
  )
}

export interface ServiceFacts {
  id: string
  code: string
  name: string
  speciality: string
  minutes: number
  offered: boolean
  /** Where the hours are in which it is given, as far as these are at a place. */
  places: string[]
  /** Whose those are, where they are one organisation's. */
  organisations: string[]
  modes: string[]
}

export async function serviceFacts(db: Db, ids: readonly string[]): Promise<ServiceFacts[]> {
  const { rows } = await sql<ServiceFacts>`
    select v.id, v.code, v.name, v.speciality, v.minutes, v.deleted_at is null as offered,
      array(select distinct s.place_id from schedule s where ${offers} and s.place_id is not null order by 1) as places,
      array(select distinct p.organisation_id from schedule s join place p on p.id = s.place_id where ${offers} and p.organisation_id is not null order by 1) as organisations,
      array(select distinct m from schedule s cross join lateral unnest(s.modes) m where ${offers} order by 1) as modes
    from service v where v.id = any (${[...ids]}::uuid[])`.execute(db)
  return rows
}
/** The schedule `s` the service `v`. */
const offers = sql`s.practitioner_id = v.practitioner_id and v.id = any (s.services) and s.deleted_at is null`

export interface ScheduleFacts {
  id: string
  practitioner_id: string
  place_id: string | null
  modes: string[]
  specialities: string[]
  services: { code: string; name: string }[]
  valid_from: string
  valid_until: string | null
  offered: boolean
}

export async function scheduleFacts(db: Db, ids: readonly string[]): Promise<ScheduleFacts[]> {
  const { rows } = await sql<ScheduleFacts>`
    select s.id, s.practitioner_id, s.place_id, s.modes, s.specialities, s.valid_from, s.valid_until, s.deleted_at is null and p.licensed_from is not null as offered,
      coalesce((select json_agg(json_build_object('code', v.code, 'name', v.name) order by v.code) from service v where v.id = any (s.services) and v.deleted_at is null), '[]') as services
    from schedule s join practitioner p on p.id = s.practitioner_id where s.id = any (${[...ids]}::uuid[])`.execute(db)
  return rows
}
