import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>

export interface ReportScope {
  practitioner: string | null
  place: string | null
  speciality: string | null
  from: Date
  until: Date
}

/** Of the report: who comes, in which group. */
export interface PatientFacts {
  id: string
  gender: string
  age: string
}

export interface CellRow {
  dimension: string
  value: string
  visits: number
  refused: number
  offered: number
  median: number | null
  p90: number | null
}

const inScope = (s: ReportScope, row: 'a' | 't', at: RawBuilder<unknown>) => {
  const of = (name: string) => sql.ref(`${row}.${name}`)
  return sql`${at} >= ${s.from} and ${at} < ${s.until}
    ${s.practitioner === null ? sql`` : sql`and ${of('practitioner_id')} = ${s.practitioner}`}
    ${s.place === null ? sql`` : sql`and ${of('place_id')} = ${s.place}`}
    ${
      s.speciality === null
        ? sql``
        : sql`and exists (select from schedule c left join service v on v.id = ${of('service_id')}
      where c.id = ${of('schedule_id')} and (v.speciality = ${s.speciality} or v.id is null and ${s.speciality} = any (c.specialities)))`
    }`
}

const visits = (s: ReportScope) =>
  sql`appointment a where ${inScope(s, 'a', sql`a.start_at`)} and a.status not in ('pending', 'cancelled', 'entered-in-error')`

const turned = (s: ReportScope) => sql`turned_away t where ${inScope(s, 't', sql`t.wanted_at`)}`

/** Whoever is in the report; what kind of people they are, registry knows. */
export async function patientsIn(db: Db, s: ReportScope, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select a.patient_id as id from ${visits(s)} union select stands_for(t.patient_id) from ${turned(s)} limit ${limit}`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}

/**
 * Visits, and tries for which there was no time, by whatever can be told of them. Somebody’s wish began when they joined the waiting list for it, or were
 * first turned away by this practitioner since their visit before, ninety days ago at most; else when they booked.
 */
export async function reportCells(db: Db, s: ReportScope, patients: readonly PatientFacts[]): Promise<CellRow[]> {
  const { rows } = await sql<CellRow>`
    with person as materialized (select * from json_to_recordset(${JSON.stringify(patients)}::json) as p(id uuid, gender text, age text)),
    fact as (
      select 'visit' as kind, a.patient_id, a.channel, a.place_id, a.id in (select o.id from waitlist_offer o where o.id = a.id) as offered,
        exists (select from appointment e where e.patient_id = a.patient_id and e.practitioner_id = a.practitioner_id and e.start_at < a.start_at
          and e.status not in ('pending', 'cancelled', 'entered-in-error')) as known,
        extract(epoch from a.start_at - least(a.created_at, waited.since, tried.since)) / 86400 as days
      from (select * from ${visits(s)}) a
      left join lateral (
        select min(w.created_at) as since from waitlist_entry w where w.patient_id = a.patient_id and w.status = 'met'
          and (w.ended_at = a.created_at or w.id = (select o.entry_id from waitlist_offer o where o.id = a.id))) waited on true
      left join lateral (
        select min(t.first_at) as since from turned_away t where t.patient_id = a.patient_id and t.practitioner_id = a.practitioner_id
          and t.first_at between a.created_at - interval '90 days' and a.created_at
          and not exists (select from appointment e where e.patient_id = a.patient_id and e.practitioner_id = a.practitioner_id
            and e.created_at >= t.first_at and e.created_at < a.created_at and e.status <> 'pending')) tried on true
      union all
      select 'refused', stands_for(t.patient_id), t.channel, t.place_id, false,
        exists (select from appointment e where e.patient_id = stands_for(t.patient_id) and e.practitioner_id = t.practitioner_id and e.start_at < t.first_at
          and e.status not in ('pending', 'cancelled', 'entered-in-error')), null
      from ${turned(s)} and not exists (select from appointment e where e.patient_id = stands_for(t.patient_id) and e.practitioner_id = t.practitioner_id
        and e.created_at >= t.first_at and e.created_at < t.first_at + interval '1 day' and e.status <> 'pending'))
    select d.dimension, d.value, (count(*) filter (where kind = 'visit'))::int as visits, (count(*) filter (where kind = 'refused'))::int as refused,
      (count(*) filter (where offered))::int as offered,
      percentile_cont(0.5) within group (order by days) filter (where kind = 'visit') as median,
      percentile_cont(0.9) within group (order by days) filter (where kind = 'visit') as p90
    from fact f left join person p on p.id = f.patient_id
    cross join lateral (values ('total', ''), ('channel', f.channel), ('age', coalesce(p.age, 'unknown')), ('gender', coalesce(p.gender, 'unknown')),
      ('place', coalesce(f.place_id::text, 'none')), ('patient', case when f.known then 'known' else 'new' end)) d(dimension, value)
    group by 1, 2 order by 1, 2`.execute(db)
  return rows
}
