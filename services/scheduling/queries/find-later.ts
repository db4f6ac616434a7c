import { CompiledQuery, type Kysely } from 'kysely'
import type { SchedulingTables } from '../tables.ts'
import { bindings, type FindFilter, type FoundRow, firstSlot, firstSlotIn, matchClause } from './find-parts.ts'

/**
 * Practitioners by their first free slot in a window to come. Every schedule that matches is asked for it (6 µs each), since no index knows
 * who is free first at a time that is not now: the cost grows with the matches, to 0.8 s where anybody of 100,000 will do.
 */
export async function findLater(db: Kysely<SchedulingTables>, filter: FindFilter): Promise<FoundRow[]> {
  const { $, values, from, until, soon, now, channel, limit, near, which, after, between } = bindings(filter)
  const window = { from, until, soon, now, channel }
  const first = between ? firstSlotIn({ ...window, between }) : firstSlot(window)
  const text = `
with ${near ? `near as materialized (${near}),` : ''}
best as (
  select distinct on (o.practitioner_id) o.practitioner_id, o.card, o.minutes, f.slot, ${near ? 'n.km' : 'null::float8'} as km
  from offer o ${near ? 'join near n on n.id = o.place_id' : ''} ${between ? 'join schedule c on c.id = o.schedule_id' : ''}
  cross join lateral (${first}) f
  where o.${which} and o.licensed_until > ${from} and o.licensed_from < ${until} ${matchClause(filter, $)('o')}
  order by o.practitioner_id, f.slot)
select card, minutes, slot, km from best ${after ? `where ${after}` : ''} order by slot, practitioner_id limit ${limit}`
  return (await db.executeQuery<FoundRow>(CompiledQuery.raw(text, values))).rows
}
