import { CompiledQuery, type Kysely } from 'kysely'
import type { SchedulingTables } from '../tables.ts'
import { bindings, type FindFilter, type FoundRow, firstSlot, matchClause } from './find-parts.ts'

/**
 * The search that nearly everybody makes: who is free next? Each offer carries its next slot, so a page is read off an index in the order
 * in which it is shown, and costs the same in a town and in a country; in a circle it is as many offers as are there. Offers whose next slot has just passed are looked up in the free
 * ranges; the minute job leaves few of them.
 */
export async function findNext(db: Kysely<SchedulingTables>, filter: FindFilter): Promise<FoundRow[]> {
  const { $, values, from, until, soon, now, channel, limit, near, which, after } = bindings(filter)
  const open = (o: string) => `${o}.next_at < ${soon} + make_interval(days => ${o}.window_days)`
  const matches = matchClause(filter, $)
  // In a circle every offer is read once, and of those each practitioner's earliest is kept. Elsewhere one reads on until a page is full, and
  // must see whether a practitioner has an earlier offer that matches. `offset 0` makes this a look-up of their few offers.
  const offers = near
    ? 'select * from around'
    : `select *, null::float8 as km from offer where ${which} ${matches('offer')}`
  const alone = (earlier: string) =>
    near
      ? 'true'
      : `(not several or not exists (select from (select * from offer where practitioner_id = o.practitioner_id offset 0) p where p.${which} and p.due_at >= ${from} and ${open('p')} and ${earlier} ${matches('p')}))`
  // late: offers whose next slot has passed, looked up. coming: a page of the others. best: one row each.
  const passed = `next_at < ${from}`
  const noticed = `notice_minutes > 0 and due_at < ${from} and next_at >= ${from}`
  const past = near
    ? `select * from around where ${passed} or ${noticed}`
    : `select * from (${offers}) o where ${passed} union all select * from (${offers}) o where ${noticed}`
  const text = `
with ${near ? `around as materialized (select o.*, n.km from (${near}) n cross join lateral (select * from offer where place_id = n.id and ${which} ${matches('offer')} offset 0) o),` : ''}
late as materialized (
  select practitioner_id, card, minutes, slot, km from (${past}) o
  cross join lateral (${firstSlot({ from, until, soon, now, channel })}) f where ${alone('p.next_at < f.slot')}),
coming as (
  select practitioner_id, card, minutes, slot, km from (select *, next_at as slot from (${offers}) o) o
  where due_at >= ${from} and next_at >= ${from} and next_at < ${until} and ${open('o')} and ${alone('(p.next_at, p.schedule_id, p.service) < (o.next_at, o.schedule_id, o.service)')}
  ${near ? '' : `and not (several and exists (select from late l where l.practitioner_id = o.practitioner_id and l.slot < o.slot)) ${after ? `and ${after}` : ''} order by slot, practitioner_id limit ${limit}`}),
best as (select distinct on (practitioner_id) * from (table late union all table coming) x order by practitioner_id, slot)
select card, minutes, slot, km from best ${after ? `where ${after}` : ''} order by slot, practitioner_id limit ${limit}`
  return (await db.executeQuery<FoundRow>(CompiledQuery.raw(text, values))).rows
}
