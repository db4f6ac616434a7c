import { CompiledQuery, type Kysely } from 'kysely'
import type { SchedulingTables } from '../tables.ts'
import { type FindFilter, type FoundRow, matchClause, nearClause } from './find.ts'

/**
 * The search that nearly everybody makes: who is free next? Each offer carries its next slot, so a page is read off an index in the order
 * in which it is shown, and costs the same in a town and in a country. Offers whose next slot has just passed are looked up in the free
 * ranges; the minute job leaves few of them.
 */
export async function findNext(db: Kysely<SchedulingTables>, filter: FindFilter): Promise<FoundRow[]> {
  const { text, values } = findNextStatement(filter)
  return (await db.executeQuery<FoundRow>(CompiledQuery.raw(text, values))).rows
}

export function findNextStatement(filter: FindFilter): { text: string; values: unknown[] } {
  const values: unknown[] = []
  const $ = (value: unknown, type: string) => `$${values.push(value)}::${type}`
  const from = $(filter.from, 'timestamptz')
  const until = $(filter.until, 'timestamptz')
  const near = filter.near && nearClause(filter.near, $)
  const matches = matchClause(filter, { from, until }, $)
  const which = filter.speciality === undefined ? 'first' : `speciality = ${$(filter.speciality, 'text')}`
  const after =
    filter.after && `(slot, practitioner_id) > (${$(filter.after[0], 'timestamptz')}, ${$(filter.after[1], 'uuid')})`
  const limit = $(filter.limit, 'int')
  const offers = (where: string) =>
    near
      ? `select o.*, n.km from near n cross join lateral (select * from offer where place_id = n.id and ${which} and ${where} offset 0) o where ${matches('o')}`
      : `select o.*, null::float8 as km from (select * from offer where ${which} and ${where}) o where ${matches('o')}`
  const shown = 'practitioner_id, schedule_id, place_id, modes, minutes, km, slot'
  // A practitioner is shown once: with the earliest of their offers that match. `offset 0` makes this a look-up of their few offers.
  const other = (condition: string) =>
    `not exists (select 1 from (select * from offer where practitioner_id = o.practitioner_id offset 0) p where p.next_at >= ${from} and ${condition} and p.${which} and ${matches('p')} ${near ? 'and p.place_id in (select id from near)' : ''})`
  const slot = `case when f.start_at >= ${from} then f.start_at else f.start_at + make_interval(mins => o.minutes * ceil(extract(epoch from ${from} - f.start_at) / 60 / o.minutes)::int) end`
  // near: places in the circle. late: offers whose next slot has passed, looked up. coming: a page of the others. best: one row each.
  const text = `
with ${near ? `near as materialized (${near}),` : ''}
late as materialized (
  select ${shown} from (select o.*, s.slot from (${offers(`next_at < ${from}`)}) o cross join lateral (
    select slot from (
      select ${slot} as slot, f.end_at from free_range f
      where f.schedule_id = o.schedule_id and f.speciality = o.speciality and f.end_at >= ${from} + make_interval(mins => o.minutes)
      order by f.end_at) f
    where slot + make_interval(mins => o.minutes) <= f.end_at and slot >= o.licensed_from and slot < o.licensed_until and slot < ${until}
    limit 1) s) o
  where ${other('p.next_at < o.slot')}),
coming as (
  select ${shown} from (select o.*, o.next_at as slot from (${offers(`next_at >= ${from} and next_at < ${until}`)}) o) o
  where ${other('(p.next_at, p.schedule_id) < (o.next_at, o.schedule_id)')} ${after ? `and ${after}` : ''} order by slot, practitioner_id limit ${limit}),
best as (
  select distinct on (practitioner_id) ${shown} from (table late union all table coming) x order by practitioner_id, slot)
select p.id, p.name, p.gender, p.languages, p.specialities, b.modes, b.minutes, b.slot, b.km, l.id as place_id, l.name as place_name, c.zone
from (select * from best ${after ? `where ${after}` : ''} order by slot, practitioner_id limit ${limit}) b
join practitioner p on p.id = b.practitioner_id join schedule c on c.id = b.schedule_id left join place l on l.id = b.place_id
order by b.slot, b.practitioner_id`
  return { text, values }
}
