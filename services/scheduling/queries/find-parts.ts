// What the two searches have in common: the criteria, the circle, the first slot of an offer.

import type { DayHours } from '../search-window.ts'

export interface FindFilter {
  speciality?: string | undefined
  place?: string | undefined
  near?: { latitude: number; longitude: number; withinKm: number } | undefined
  mode?: string | undefined
  languages?: readonly string[] | undefined
  gender?: string | undefined
  minutes?: number | undefined
  newPatient?: boolean | undefined
  practitioners?: readonly string[] | undefined
  service?: string | undefined
  now: Date
  /** Of whoever asks: what is kept for others is not there. */
  channel: string
  /** The soonest time that is offered at all; a service's notice and window are counted from it. */
  soon: Date
  from: Date
  until: Date
  /** Hours of the day, which the search of later windows knows alone. */
  between?: DayHours | undefined
  after?: readonly (string | number)[] | undefined
  limit: number
}

/** What a page shows of a schedule, as refresh_offers() puts it together. */
export interface Card {
  id: string
  name: string
  gender: string
  languages: string[]
  specialities: string[]
  modes: string[]
  place?: { id: string; name: string; zone: string }
  service?: { id: string; code: string; name: string }
}

export interface FoundRow {
  card: Card
  slot: Date
  minutes: number
  km: number | null
}

type Bind = (value: unknown, type: string) => string

/** The parts that both searches have. The text of a search varies only with which criteria are given. */
export function bindings(filter: FindFilter) {
  const values: unknown[] = []
  const $: Bind = (value, type) => `$${values.push(value)}::${type}`
  return {
    $,
    values,
    from: $(filter.from, 'timestamptz'),
    until: $(filter.until, 'timestamptz'),
    soon: $(filter.soon, 'timestamptz'),
    now: $(filter.now, 'timestamptz'),
    channel: $(filter.channel, 'text'),
    limit: $(filter.limit, 'int'),
    between: filter.between && hoursClause(filter.between, $),
    near: filter.near && nearClause(filter.near, $),
    which: whichClause(filter, $),
    after:
      filter.after && `(slot, practitioner_id) > (${$(filter.after[0], 'timestamptz')}, ${$(filter.after[1], 'uuid')})`,
  }
}

/** The one criterion that an index begins with. */
function whichClause({ speciality, service }: FindFilter, $: Bind): string {
  if (service !== undefined) return `service = ${$(service, 'text')} and service <> ''`
  return speciality === undefined ? 'first' : `speciality = ${$(speciality, 'text')}`
}

const boundsOf = ({ from, until, soon }: Record<'from' | 'until' | 'soon', string>) => ({
  at: `greatest(${from}, ${soon} + make_interval(mins => o.notice_minutes), o.licensed_from)`,
  past: `least(o.licensed_until, ${until}, ${soon} + make_interval(days => o.window_days))`,
})

/** Offers of which a share is kept are those without a next slot; see next_slots in migrations/0019_fair_access.sql. */
const notKept = ({ now, channel }: Record<'now' | 'channel', string>, slot: string) =>
  `(o.next_at > '-infinity' or minutes_open(o.schedule_id, ${slot}, ${channel}, ${now}) >= o.whole_minutes)`

/**
 * The first slot of an offer `o` in a window, under its licence and its rules: in a free range, or in a group that has seats left. Of a visit of the schedule's
 * own length as slot_at() has it, spelt out: PostgreSQL does not inline a function that is called immutable and adds an interval to an instant, and a call is dear.
 */
export function firstSlot({
  from,
  until,
  soon,
  now,
  channel,
}: Record<'from' | 'until' | 'soon' | 'now' | 'channel', string>): string {
  const { at, past } = boundsOf({ from, until, soon })
  const free = `
    select slot from (
      select case when o.service <> '' then visit_at(start_at, end_at, at, o.before_minutes, o.whole_minutes, o.full_at)
        when start_at >= at then start_at
        else start_at + make_interval(mins => o.minutes * ceil(extract(epoch from at - start_at) / 60 / o.minutes)::int) end as slot, end_at
      from free_range where schedule_id = o.schedule_id and end_at > at order by end_at offset 0) r
    where slot + make_interval(mins => o.whole_minutes - o.before_minutes) <= end_at and slot < past
      and ${notKept({ now, channel }, 'slot')} limit 1`
  const group = `
    select min(start_at) from group_visit
    where schedule_id = o.schedule_id and service_id = o.service_id and taken < seats and start_at >= at and start_at < past`
  // `offset 0`: else each mention of the slot would be the whole expression again, and making one ready costs more than most searches.
  return `select slot from (select least((${free}), case when o.seats > 1 then (${group}) end) as slot from (select ${at} as at, ${past} as past offset 0) b offset 0) s where slot is not null`
}

/** As firstSlot, within some hours of the day: every slot is tried. `c` is the schedule. */
export function firstSlotIn({
  between,
  ...$
}: Record<'from' | 'until' | 'soon' | 'now' | 'channel' | 'between', string>): string {
  const { at, past } = boundsOf($)
  const free = `
    select t as slot from (select start_at, end_at from free_range where schedule_id = o.schedule_id and end_at > ${at} order by end_at) r
    cross join lateral generate_series(slot_at(r.start_at, ${at} - make_interval(mins => o.before_minutes), o.whole_minutes) + make_interval(mins => o.before_minutes),
      r.end_at - make_interval(mins => o.whole_minutes - o.before_minutes), make_interval(mins => o.whole_minutes)) t
    where t < ${past} and not o.full_at @> t and ${between} and ${notKept($, 't')} limit 1`
  const group = `
    select min(start_at) from (select start_at, start_at as t from group_visit
      where schedule_id = o.schedule_id and service_id = o.service_id and taken < seats) g where t >= ${at} and t < ${past} and ${between}`
  return `select slot from (select least((${free}), case when o.seats > 1 then (${group}) end) as slot) s where slot is not null`
}

/** Whether a time `t` lies in some hours of the day where a schedule `c` is. */
export function hoursClause({ from, until }: DayHours, $: Bind): string {
  const clock = '(t at time zone c.zone)::time'
  return `(${clock} >= ${$(from, 'time')} ${from < until ? 'and' : 'or'} ${clock} < ${$(until, 'time')})`
}

/** The criteria on an offer, for an alias of that table; each begins with `and`. */
export function matchClause(filter: FindFilter, $: Bind) {
  const { speciality, service, place, mode, languages, gender, minutes, newPatient, practitioners } = filter
  const conditions = [
    ...(service === undefined || speciality === undefined ? [] : [`speciality = ${$(speciality, 'text')}`]),
    ...(place === undefined ? [] : [`place_id = ${$(place, 'uuid')}`]),
    ...(practitioners === undefined ? [] : [`practitioner_id = any (${$(practitioners, 'uuid[]')})`]),
    ...(newPatient ? ['new_patients'] : []),
    ...(minutes === undefined ? [] : [`minutes >= ${$(minutes, 'int')}`]),
    ...(gender === undefined ? [] : [`gender = ${$(gender, 'text')}`]),
    // Lists last: they cost the most to look into.
    ...(mode === undefined ? [] : [`modes @> array[${$(mode, 'text')}]`]),
    ...(languages?.length ? [`languages @> ${$(languages, 'text[]')}`] : []),
  ]
  return (o: string) => conditions.map((condition) => `and ${o}.${condition}`).join(' ')
}

/** Mean radius of the Earth in km (IUGG). */
const RADIUS = 6371.0088
const KM_PER_DEGREE = (RADIUS * Math.PI) / 180

/** Places in the circle: a band of latitudes from the index, what is too far east or west of it left out, then the haversine formula. */
function nearClause({ latitude, longitude, withinKm }: NonNullable<FindFilter['near']>, $: Bind): string {
  const lat = $(latitude, 'float8')
  const lon = $(longitude, 'float8')
  const within = $(withinKm, 'float8')
  const north = $(latitude + withinKm / KM_PER_DEGREE, 'float8')
  const south = $(latitude - withinKm / KM_PER_DEGREE, 'float8')
  const aside = $(degreesAside(latitude, withinKm), 'float8')
  const haversine = `2 * ${RADIUS} * asin(sqrt(least(1, sin(radians(latitude - ${lat}) / 2) ^ 2 + cos(radians(${lat})) * cos(radians(latitude)) * sin(radians(longitude - ${lon}) / 2) ^ 2)))`
  return `select id, km from (
    select id, ${haversine} as km from place
    where latitude between ${south} and ${north} and 180 - abs(180 - abs(longitude - ${lon})) <= ${aside} offset 0) c where km <= ${within}`
}

/** Degrees of longitude by which the circle reaches to its sides: all around where it holds a pole. */
function degreesAside(latitude: number, withinKm: number): number {
  const widest = Math.sin(withinKm / RADIUS) / Math.cos((latitude * Math.PI) / 180)
  return widest < 1 ? (Math.asin(widest) * 180) / Math.PI + 1e-9 : 180
}
