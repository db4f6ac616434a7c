import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { announce, claimTime } from '../book-appointment.ts'
import { type bookSeries as contract, MAX_VISITS } from '../contract/series.ts'
import { seriesChanged } from '../contract.ts'
import { insertSeries, lockWhole, zoneAt } from '../queries/series.ts'
import type { SchedulingTables } from '../tables.ts'
import { checkTaken, type Outcome, outcomeOf } from './outcomes.ts'
import { startsOf } from './starts.ts'

type Ctx = Context<SchedulingTables>

/** Books visit after visit in one transaction, under a lock on all that they can claim: nobody can take the third while the second is being booked. */
export async function bookSeries(
  ctx: Ctx,
  { start: first, rule, zone: named, reason, take = 'all', ...of }: Static<typeof contract.body>,
): Promise<Static<typeof contract.response>> {
  const { practitioner } = of
  const zone = named ?? (await zoneAt(ctx.db, practitioner, new Date(first)))
  if (zone === undefined)
    throw new Problem('not-found', 'There is no such practitioner who takes appointments.', {
      reason: 'unknown-practitioner',
    })
  const starts = startsOf(rule, zone, new Date(first), MAX_VISITS)
  return transact(ctx, async (ctx) => {
    await lockWhole(ctx.db, practitioner)
    const series = newId()
    await insertSeries(ctx.db, { id: series, rule, zone, now: ctx.now() })
    const items: Outcome[] = []
    for (const [i, start] of starts.entries()) {
      const wanted = { ...of, start }
      const as = { status: 'booked', reason: reason ?? null, held_until: null, series_id: series, series_number: i + 1 }
      const one = { number: i + 1, start, wanted, before: items }
      items.push(await outcomeOf(ctx, one, async (ctx) => announce(ctx, await claimTime(ctx, wanted, as), series).id))
    }
    checkTaken(items, take)
    const appointments = items.flatMap(({ appointment }) => appointment ?? [])
    publish(ctx, seriesChanged, { series, change: 'booked', appointments })
    return { series, items }
  })
}
