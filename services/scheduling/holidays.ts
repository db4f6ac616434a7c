import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { dateIn } from '#platform/wall-clock.ts'
import { readPlaceCard } from '../registry/contract.ts'
import type { createHolidays, listHolidays } from './contract/holidays.ts'
import { horizonOf, reexpand } from './own-calendar.ts'
import { projected } from './projection/projector.ts'
import { deleteHoliday, holidaysOf, insertHolidays, worksFor } from './queries/holidays.ts'
import { keepPlace, lockPractitioners, practitionersAt, schedulesAt } from './queries/mirror.ts'
import { scheduleOf } from './queries/schedules.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>

/** Closes a place on some days, for everybody who has hours there at once: all of it, or nothing. */
export async function closePlace(
  ctx: Ctx,
  place: string,
  { days }: Static<typeof createHolidays.body>,
  acceptAffected: boolean,
): Promise<Static<typeof createHolidays.response>> {
  const card = await closable(ctx, place)
  const rows = days.map((day) => ({ id: newId(), ...day }))
  if (new Set(days.map(({ date }) => date)).size < days.length)
    throw new Problem('business-rule', 'A day is named twice.')
  return orClosedAlready(() =>
    projected(ctx, async (ctx) => {
      await keepPlace(ctx.db, card)
      await insertHolidays(ctx.db, place, rows, ctx.now())
      const affected = await expandThere(ctx, place)
      if (affected.length > 0 && !acceptAffected) throw booked(affected)
      audit(ctx, { action: 'C', entity: `Place/${place}`, reason: 'holidays' })
      return { items: rows, affected }
    }),
  )
}

export async function openPlaceAgain(ctx: Ctx, place: string, holiday: string): Promise<void> {
  await closable(ctx, place)
  await transact(ctx, async (ctx) => {
    if ((await deleteHoliday(ctx.db, place, holiday)) === undefined)
      throw new Problem('not-found', 'There is no such holiday.')
    await expandThere(ctx, place)
    audit(ctx, { action: 'D', entity: `Place/${place}`, reason: 'holidays' })
  })
}

export async function holidaysPage(
  ctx: Ctx,
  place: string,
  { limit = 20, cursor }: Static<typeof listHolidays.query>,
): Promise<Static<typeof listHolidays.response>> {
  const { zone } = await ctx.call(readPlaceCard, { params: { id: place } })
  const [after = '0001-01-01'] = decodeCursor(cursor, ['date']) ?? []
  const from = dateIn(zone, ctx.now())
  const rows = await holidaysOf(ctx.db, place, { from, after: String(after), limit: limit + 1 })
  return pageOf(
    rows,
    limit,
    ({ date }) => [date],
    (row) => row,
  )
}

/** The place, if the caller may close it. */
async function closable(ctx: Ctx, place: string) {
  const card = await ctx.call(readPlaceCard, { params: { id: place } })
  if (ctx.actor.roles.includes('administrator')) return card
  if (card.organisation !== undefined && (await worksFor(ctx.db, accountOf(ctx), card.organisation))) return card
  throw new Problem('not-found', 'There is no such place, or it is not yours to close.')
}

/** Under the locks of all calendars there, so that nobody books meanwhile what is about to go. Which visits lie outside of the hours now. */
async function expandThere(ctx: Tx, place: string): Promise<string[]> {
  await lockPractitioners(ctx.db, await practitionersAt(ctx.db, place))
  const affected: string[] = []
  for (const id of await schedulesAt(ctx.db, place)) {
    const row = await scheduleOf(ctx.db, id)
    if (row)
      affected.push(
        ...(await reexpand(ctx, { ...row, expanded_until: horizonOf(row.zone, ctx.now()) }, true, 'holiday')),
      )
  }
  return affected
}

const booked = (affected: string[]) =>
  new Problem(
    'conflict',
    'Visits are booked on these days. Move or cancel them first, or repeat with acceptAffected=true.',
    {
      details: { affected },
    },
  )

async function orClosedAlready<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    if ((error as { constraint?: string }).constraint !== 'place_holiday_once') throw error
    throw new Problem('business-rule', 'The place is closed on one of these days already.', { cause: error })
  }
}
