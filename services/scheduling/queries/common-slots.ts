import { type Kysely, sql } from 'kysely'
import type { DayHours } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import type { Participant } from './together.ts'

export interface CommonSlotRow {
  start_at: Date
  end_at: Date
  modes: string[]
  place_id: string | null
}

export interface CommonWanted {
  participants: readonly Participant[]
  /** Of whoever asks: what is kept for others is not there. */
  channel: string
  now: Date
  from: Date
  until: Date
  mode?: string | undefined
  between?: DayHours | undefined
  after?: Date | undefined
  /** Nearest to this time first. */
  near?: Date | undefined
  /** Leave out what this patient has already at the time. */
  patient?: string | undefined
  /** But for this appointment, which is to be moved. */
  except?: string | undefined
  limit: number
}

/**
 * When all of them are free together. A visit is as long as the longest of its parts; so for each length that there is among what they offer, for each way
 * to meet and, where they meet in person, for each place: when each could begin one (an intersection of multiranges), and somebody needs all of that length.
 * Starts go in steps of a whole visit from the beginning of what they have in common, on the grid of five minutes, as those of one practitioner do from
 * that of theirs.
 */
export async function commonSlots(db: Kysely<SchedulingTables>, w: CommonWanted): Promise<CommonSlotRow[]> {
  const order = w.near ? sql`abs(extract(epoch from t - ${w.near}::timestamptz)), t` : sql`t`
  const { rows } = await sql<CommonSlotRow>`
    with asked as (
      select n, practitioner, service
      from unnest(${w.participants.map(({ practitioner }) => practitioner)}::uuid[], ${w.participants.map(({ service }) => service ?? null)}::uuid[]) with ordinality a(practitioner, service, n)),
    part as (
      select a.n, o.schedule_id, o.modes, o.place_id, o.minutes, o.before_minutes, o.whole_minutes - o.minutes - o.before_minutes as after_minutes, c.reserved,
        case when b.soonest < b.latest then tstzmultirange(tstzrange(b.soonest, b.latest)) - o.full_at else '{}' end as allowed
      from asked a
      join offer o on o.practitioner_id = a.practitioner and o.first and o.seats = 1 and (a.service is null or o.service_id = a.service)
      join schedule c on c.id = o.schedule_id and (a.service is not null or cardinality(c.services) <= 1)
      cross join lateral (select
        greatest(o.licensed_from, ${w.now}::timestamptz + make_interval(mins => o.notice_minutes), ${w.from}) as soonest,
        least(o.licensed_until, ${w.now}::timestamptz + make_interval(days => o.window_days), ${w.until}) as latest) b),
    length as (select distinct minutes from part),
    opening as (
      select l.minutes, m.mode, case when m.mode = 'in-person' then p.place_id end as place_id, p.n,
        range_agg(s.starts) as starts, range_agg(s.starts) filter (where p.minutes = l.minutes) as longest,
        range_agg(ok.starts) as allowed, max(p.before_minutes + p.after_minutes) as around
      from length l
      join part p on p.minutes <= l.minutes
      cross join lateral unnest(p.modes) m(mode)
      join free_range f on f.schedule_id = p.schedule_id and f.end_at > ${w.from} and f.start_at < ${w.until}::timestamptz + make_interval(mins => p.before_minutes)
        and f.end_at - f.start_at >= make_interval(mins => p.before_minutes + l.minutes + p.after_minutes)
      cross join lateral (select tstzrange(f.start_at + make_interval(mins => p.before_minutes), f.end_at - make_interval(mins => l.minutes + p.after_minutes), '[]') as starts) s
      cross join lateral (select tstzmultirange(s.starts) * p.allowed as starts) ok
      where (${w.mode ?? null}::text is null or m.mode = ${w.mode ?? null})
        and (p.reserved is null or minutes_open(p.schedule_id, f.start_at, ${w.channel}, ${w.now}) >= p.before_minutes + l.minutes + p.after_minutes)
      group by 1, 2, 3, 4),
    common as (
      select minutes, mode, place_id, range_intersect_agg(starts) * range_agg(longest) as starts, range_intersect_agg(allowed) as allowed, max(around) as around
      from opening group by 1, 2, 3 having count(*) = ${w.participants.length}),
    slot as (
      select t, c.minutes, c.mode, c.place_id
      from common c cross join lateral unnest(c.starts) u
      cross join lateral generate_series(date_bin('5 minutes', lower(u) - interval '1 microsecond', 'epoch') + interval '5 minutes', upper(u), make_interval(mins => c.minutes + c.around)) t
      where c.allowed @> t)
    select t as start_at, t + make_interval(mins => minutes) as end_at, array_agg(distinct mode order by mode) as modes, (array_agg(place_id) filter (where place_id is not null))[1] as place_id
    from slot
    where (${w.after ?? null}::timestamptz is null or t > ${w.after ?? null})
      and not exists (select from claim k where k.resource_id = ${w.patient ?? null}::uuid and k.holder_id is distinct from ${w.except ?? null}::uuid and k.during && tstzrange(t, t + make_interval(mins => minutes)))
      ${withinHours(w)}
    group by t, minutes
    order by ${order} limit ${w.limit}`.execute(db)
  return rows
}

/** On the clock of the first of them. */
const withinHours = ({ between, participants }: CommonWanted) => {
  if (!between) return sql``
  const zone = sql`(select zone from schedule where practitioner_id = ${participants[0]?.practitioner} and deleted_at is null order by id limit 1)`
  const clock = sql`(t at time zone ${zone})::time`
  return between.from < between.until
    ? sql`and ${clock} >= ${between.from}::time and ${clock} < ${between.until}::time`
    : sql`and (${clock} >= ${between.from}::time or ${clock} < ${between.until}::time)`
}
