import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

interface TurnedAway {
  patient: string
  practitioner: string
  start: Date
  service?: string | null | undefined
  channel: string
}

/** The first try of a day counts; where the hours have gone meanwhile, none does. */
export async function turnAway(tx: Tx, { patient, practitioner, start, service, channel }: TurnedAway, now: Date) {
  await sql`
    insert into turned_away (patient_id, practitioner_id, wanted_on, wanted_at, schedule_id, service_id, place_id, channel, first_at)
    select ${patient}, s.practitioner_id, (${start}::timestamptz at time zone c.zone)::date, ${start}, c.id, ${service ?? null}::uuid, c.place_id, ${channel}, ${now}
    from shift s join schedule c on c.id = s.schedule_id where s.practitioner_id = ${practitioner} and s.during @> ${start}::timestamptz
    on conflict do nothing`.execute(tx)
}

export const turnedAwayOf = (db: Db, patient: string) =>
  db
    .selectFrom('turned_away')
    .select(['practitioner_id', 'wanted_at', 'channel', 'first_at'])
    .where('patient_id', '=', patient)
    .orderBy('first_at')
    .execute()

export async function eraseTurnedAway(tx: Tx, patient: string): Promise<number> {
  const { numAffectedRows } = await sql`delete from turned_away where patient_id = ${patient}`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

export async function forgetTurnedAway(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from turned_away where ctid in (select ctid from turned_away where first_at < ${before} order by first_at limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}
