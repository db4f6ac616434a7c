import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { addDays, dateIn, tzdata } from '#platform/wall-clock.ts'
import { expandHours } from './expand-hours.ts'
import { horizonOf, ruleOf } from './own-calendar.ts'
import { dropPast, refreshOffers } from './queries/mirror.ts'
import { openRebookings } from './queries/rebookings.ts'
import {
  addShifts,
  lockCalendar,
  markExpanded,
  replaceShifts,
  type ScheduleRow,
  scheduleOf,
  schedulesOf,
  schedulesToExtend,
  uncovered,
} from './queries/schedules.ts'
import type { SchedulingTables } from './tables.ts'
import { freed } from './waitlist/freed.ts'
import { anybodyWaits } from './waitlist/queries/match.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>

const BATCH = 200
/** More schedules than one practitioner has. */
const MANY = 1_000
const FIRST = '00000000-0000-0000-0000-000000000000'

/**
 * Each night the hours of every schedule are expanded to the new horizon, and what is over goes. Hours that were expanded by other rules of the
 * zones than ours (a government moved its clocks, and the runtime was updated) are expanded anew.
 */
export async function extendHorizon(ctx: Ctx): Promise<void> {
  const horizon = horizonOf('UTC', ctx.now())
  const anew = new Set<string>()
  // By id: west of Greenwich it is still yesterday, so a schedule there ends before this horizon also when it has just been extended.
  for (let after: string | undefined = FIRST; after !== undefined; ) {
    const schedules = await schedulesToExtend(ctx.db, { horizon, tzdata, after, limit: BATCH })
    for (const { id, practitioner_id, current } of schedules) {
      if (current) await extend(ctx, id, practitioner_id)
      else if (!anew.has(practitioner_id)) await expandAnew(ctx, practitioner_id)
      if (!current) anew.add(practitioner_id)
    }
    after = schedules.at(BATCH - 1)?.id
  }
  await transact(ctx, (ctx) => dropPast(ctx.db, ctx.now()))
}

/** Where two schedules meet only beyond the old horizon, the one expanded first has the time. */
async function extend(ctx: Ctx, id: string, practitioner: string): Promise<void> {
  await transact(ctx, async (ctx) => {
    await lockCalendar(ctx.db, practitioner)
    const row = await scheduleOf(ctx.db, id)
    if (row) await expand(ctx, row, addDays(row.expanded_until, 1))
  })
}

async function expand(ctx: Tx, row: ScheduleRow, from: string): Promise<void> {
  const until = horizonOf(row.zone, ctx.now())
  const open = expandHours(await ruleOf(ctx, row), from, until).filter(([, end]) => end > ctx.now().getTime())
  await addShifts(ctx.db, row, ctx.now(), open, 'skip')
  await markExpanded(ctx.db, row.id, until, tzdata)
  const [first, last] = [open[0], open.at(-1)]
  if (first && last && (await anybodyWaits(ctx.db)))
    freed(ctx, { ...row, resources: [], start_at: new Date(first[0]), end_at: new Date(last[1]) })
}

/** All schedules of a practitioner at once: old hours of one would stand in the way of new ones of another. Appointments stay as they are. */
async function expandAnew(ctx: Ctx, practitioner: string): Promise<void> {
  const outside = await transact(ctx, async (ctx) => {
    const now = ctx.now()
    await lockCalendar(ctx.db, practitioner)
    const rows = await schedulesOf(ctx.db, practitioner, undefined, MANY)
    for (const row of rows) await replaceShifts(ctx.db, row, now, [])
    for (const row of rows) await expand(ctx, row, addDays(dateIn(row.zone, now), -1))
    await refreshOffers(ctx.db, [practitioner], now)
    const outside = (await Promise.all(rows.map(({ id }) => uncovered(ctx.db, id, now)))).flat()
    await openRebookings(ctx.db, outside, 'zone', now)
    return outside
  })
  if (outside.length > 0)
    ctx.log.warn(
      { practitioner, appointments: outside },
      'the rules of a time zone changed: appointments lie outside the hours now',
    )
}
