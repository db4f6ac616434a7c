import { CompiledQuery, type Kysely } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

/**
 * Up to this many schedules that match are asked one by one for their next free range (5 µs each). With more, ranges are read in the
 * order of their starts, and the first page is full after a few dozen rows. Either way the cost does not grow with the country.
 */
const FEW = 200
/** Ranges read in order of start when many schedules match, for each practitioner on the page: several may be of the same one. */
const RANGES_EACH = 6

export interface FindFilter {
  speciality?: string | undefined
  place?: string | undefined
  near?: { latitude: number; longitude: number; withinKm: number } | undefined
  mode?: string | undefined
  languages?: readonly string[] | undefined
  gender?: string | undefined
  from: Date
  until: Date
  after?: readonly (string | number)[] | undefined
  limit: number
}

export interface FoundRow {
  id: string
  name: string
  gender: string
  languages: string[]
  specialities: string[]
  modes: string[]
  minutes: number
  slot: Date
  place_id: string | null
  place_name: string | null
  zone: string
  km: number | null
}

/** Practitioners with their next free slot, in one statement. Its text varies only with which criteria are given. */
export async function find(db: Kysely<SchedulingTables>, filter: FindFilter): Promise<FoundRow[]> {
  const { text, values } = findStatement(filter)
  return (await db.executeQuery<FoundRow>(CompiledQuery.raw(text, values))).rows
}

export function findStatement(filter: FindFilter): { text: string; values: unknown[] } {
  const values: unknown[] = []
  const $ = (value: unknown, type: string) => `$${values.push(value)}::${type}`
  const from = $(filter.from, 'timestamptz')
  const until = $(filter.until, 'timestamptz')
  const near = filter.near && nearClause(filter.near, $)
  const matches = matchClause(filter, { from, until }, $)
  const which = filter.speciality === undefined ? 'first' : `speciality = ${$(filter.speciality, 'text')}`
  const after = filter.after && { slot: $(filter.after[0], 'timestamptz'), id: $(filter.after[1], 'uuid') }
  const limit = $(filter.limit, 'int')
  const join = (o: string, n: string) => (near ? `join near ${n} on ${n}.id = ${o}.place_id` : '')
  const km = near ? 'n.km' : 'null::float8'
  // slot_at() spelt out: PostgreSQL does not inline a function that is called immutable and adds an interval to an instant, and a call is dear.
  const slot = (o: string, f: string) =>
    `case when ${f}.start_at >= ${from} then ${f}.start_at else ${f}.start_at + make_interval(mins => ${o}.minutes * ceil(extract(epoch from ${from} - ${f}.start_at) / 60 / ${o}.minutes)::int) end`
  // The slot must lie in the range, in the window and under the licence.
  const fits = (o: string, f: string) =>
    `(${slot(o, f)}) + make_interval(mins => ${o}.minutes) <= ${f}.end_at and (${slot(o, f)}) < ${until} and (${slot(o, f)}) >= ${o}.licensed_from and (${slot(o, f)}) < ${o}.licensed_until`
  // On later pages: whoever has an earlier fitting slot was shown before.
  const shownBefore = `exists (
    select 1 from offer o2 ${join('o2', 'n2')} join free_range f2 on f2.schedule_id = o2.schedule_id and f2.speciality = o2.speciality
    where o2.practitioner_id = o.practitioner_id and o2.${which} and ${matches('o2')} and f2.end_at > ${from} and ${fits('o2', 'f2')} and (${slot('o2', 'f2')}) < (${slot('o', 'f')}))`
  // `offset 0` keeps the look-up of each range's offer a look-up: the planner does not see that the limit is reached soon.
  const scan = (ranges: string) => `
  select o.practitioner_id, o.schedule_id, o.place_id, o.modes, o.minutes, ${km} as km, ${slot('o', 'f')} as slot
  from (select * from free_range where ${which} and ${ranges} and not (select few from size) order by start_at) f
  cross join lateral (select * from offer o where o.schedule_id = f.schedule_id and o.speciality = f.speciality offset 0) o ${join('o', 'n')}
  where ${matches('o')} and ${fits('o', 'f')} ${after ? `and not ${shownBefore}` : ''}`
  const text = `
with ${near ? `near as materialized (${near}),` : ''}
candidate as materialized (
  select o.practitioner_id, o.schedule_id, o.place_id, o.modes, o.minutes, o.licensed_from, o.licensed_until, o.speciality, ${km} as km
  from offer o ${join('o', 'n')} where o.${which} and ${matches('o')} limit ${FEW + 1}),
size as materialized (select count(*) <= ${FEW} as few from candidate),
probed as (
  select o.practitioner_id, o.schedule_id, o.place_id, o.modes, o.minutes, o.km, f.slot from candidate o
  cross join lateral (
    select ${slot('o', 'f')} as slot from free_range f
    where f.schedule_id = o.schedule_id and f.speciality = o.speciality and f.end_at > ${from} and f.start_at < ${until} and ${fits('o', 'f')}
    order by f.end_at limit 1) f
  where (select few from size)),
begun as (${scan(`start_at > ${from} - interval '1 day' and start_at < ${from} and end_at > ${from}`)}),
coming as (${scan(`start_at >= ${after ? `greatest(${from}, ${after.slot})` : from} and start_at < ${until}`)} limit ${limit} * ${RANGES_EACH}),
best as (
  select distinct on (practitioner_id) * from (table probed union all table begun union all table coming) x order by practitioner_id, slot)
select p.id, p.name, p.gender, p.languages, p.specialities, b.modes, b.minutes, b.slot, b.km, l.id as place_id, l.name as place_name, c.zone
from (select * from best ${after ? `where (slot, practitioner_id) > (${after.slot}, ${after.id})` : ''} order by slot, practitioner_id limit ${limit}) b
join practitioner p on p.id = b.practitioner_id join schedule c on c.id = b.schedule_id left join place l on l.id = b.place_id
order by b.slot, b.practitioner_id`
  return { text, values }
}

type Bind = (value: unknown, type: string) => string

/** The criteria on an offer, for an alias of that table. */
export function matchClause(
  { place, mode, languages, gender }: FindFilter,
  { from, until }: { from: string; until: string },
  $: Bind,
) {
  const conditions = [
    (o: string) => `${o}.licensed_until > ${from} and ${o}.licensed_from < ${until}`,
    ...(place === undefined ? [] : [is('place_id', '=', $(place, 'uuid'))]),
    ...(mode === undefined ? [] : [is('modes', '@>', `array[${$(mode, 'text')}]`)]),
    ...(languages?.length ? [is('languages', '@>', $(languages, 'text[]'))] : []),
    ...(gender === undefined ? [] : [is('gender', '=', $(gender, 'text'))]),
  ]
  return (o: string) => conditions.map((condition) => condition(o)).join(' and ')
}

const is = (column: string, operator: string, value: string) => (o: string) => `${o}.${column} ${operator} ${value}`

const KM_PER_DEGREE = 111.195
/** Mean radius of the Earth in km (IUGG). */
const RADIUS = 6371.0088

/** Places in the circle: a band of latitudes from the index, then the haversine formula. */
export function nearClause({ latitude, longitude, withinKm }: NonNullable<FindFilter['near']>, $: Bind): string {
  const lat = $(latitude, 'float8')
  const lon = $(longitude, 'float8')
  const within = $(withinKm, 'float8')
  const band = $(withinKm / KM_PER_DEGREE, 'float8')
  const haversine = `2 * ${RADIUS} * asin(sqrt(least(1, sin(radians(latitude - ${lat}) / 2) ^ 2 + cos(radians(${lat})) * cos(radians(latitude)) * sin(radians(longitude - ${lon}) / 2) ^ 2)))`
  return `select id, km from (select id, ${haversine} as km from place where latitude between ${lat} - ${band} and ${lat} + ${band}) c where km <= ${within}`
}
