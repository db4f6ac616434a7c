import { type Kysely, sql } from 'kysely'

type Db = Kysely<unknown>

export interface Period {
  organisation: string
  from: Date
  until: Date
}

/** Of one age and sex, or of none where nobody knows. */
export interface Group {
  age: string
  sex: string
  patients: number
}

export interface Activity {
  consultations: number
  groups: Group[]
  problems: { system: string; code: string; patients: number }[]
}

/** No visit: it was none, or has not been yet. */
const NONE = ['planned', 'cancelled', 'entered-in-error'].map((status) => `Encounter.status=${status}`)
const NOT_SO = ['entered-in-error', 'refuted'].map((status) => `Condition.verification-status=${status}`)

/**
 * What an organisation did in a period, in counts: consultations of visits at its places, and, of those without an appointment, what practitioners who work there gave. It is
 * read of everybody, whoever asks: which counts are shown is for who asks for them. What is sensitive is among no problems.
 */
export async function activityOf(db: Db, { organisation, from, until }: Period): Promise<Activity> {
  const { rows } = await sql<{ consultations: number; groups: Group[]; problems: Activity['problems'] }>`
    with given as (
      select array(select replace(p.ref, 'PractitionerRole.practitioner=', 'Encounter.practitioner=') from platform.fhir_resource r, unnest(r.refs) p(ref)
        where r.type = 'PractitionerRole' and r.body is not null and r.refs && ${[`PractitionerRole.organization=Organization/${organisation}`]}::text[]
          and starts_with(p.ref, 'PractitionerRole.practitioner=')) as practitioners),
    visit as materialized (
      select r.id, r.about[1] as patient, r.refs from platform.fhir_date i join platform.fhir_resource r on r.key = i.key
      where i.parameter = 'Encounter.date' and i.low >= ${from} and i.low < ${until} and r.type = 'Encounter' and r.body is not null and not r.tokens && ${NONE}::text[]),
    mine as materialized (
      select v.id, v.patient from visit v cross join given g
      left join lateral (select substr(ref, length('Encounter.appointment=Appointment/') + 1) as id from unnest(v.refs) ref
        where starts_with(ref, 'Encounter.appointment=Appointment/') limit 1) a on true
      where case when a.id is null then v.refs && g.practitioners
        else a.id in (select d.source_id::text from platform.desk_grant d where d.organisation_id = ${organisation}) end),
    person as (
      select m.patient, b.low as born, (select substr(t, length('Patient.gender=') + 1) from unnest(r.tokens) t where starts_with(t, 'Patient.gender=') and strpos(t, '|') = 0 limit 1) as sex
      from (select distinct patient from mine) m
      left join platform.fhir_resource r on r.type = 'Patient' and r.id = m.patient and r.body is not null
      left join platform.fhir_date b on b.key = r.key and b.parameter = 'Patient.birthdate'),
    grouped as (
      select coalesce((array['0-4', '5-17', '18-39', '40-64', '65+'])[width_bucket(extract(year from age(${until}, born)), array[-200, 5, 18, 40, 65])], 'unknown') as age,
        coalesce(sex, 'unknown') as sex, count(*)::int as patients from person group by 1, 2),
    found as (
      select split_part(t, '|', 1) as system, split_part(t, '|', 2) as code, count(distinct m.patient)::int as patients
      from mine m join platform.fhir_resource c on c.refs && array['Condition.encounter=Encounter/' || m.id] and c.type = 'Condition' and c.body is not null and c.categories = '{general}'
        and not c.tokens && ${NOT_SO}::text[]
      cross join lateral (select substr(k, length('Condition.code=') + 1) as t from unnest(c.tokens) k where starts_with(k, 'Condition.code=') and strpos(k, '|') > 0 and right(k, 1) <> '|') coded
      group by 1, 2)
    select (select count(*)::int from mine) as consultations, coalesce((select json_agg(grouped) from grouped), '[]') as groups,
      coalesce((select json_agg(top) from (select * from found order by patients desc, system, code limit 20) top), '[]') as problems`.execute(
    db,
  )
  return rows[0] ?? { consultations: 0, groups: [], problems: [] }
}
