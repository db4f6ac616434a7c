import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { toAppointment } from '../appointment-view.ts'
import type { readSeries as contract } from '../contract/series.ts'
import { membersOf, seriesOf } from '../queries/series.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'

/** A series is nobody's: it is seen by who sees a visit in it. */
export async function readSeries(
  ctx: Context<SchedulingTables>,
  id: string,
): Promise<Static<typeof contract.response>> {
  return transact(ctx, async (ctx) => {
    const who = viewerOf(ctx)
    const members = await membersOf(ctx.db, { series: id }, who)
    const series = members.length > 0 ? await seriesOf(ctx.db, id) : undefined
    if (!series) throw new Problem('not-found', 'There is no such series, or you may not see it.')
    for (const patient of new Set(members.map(({ patient_id }) => patient_id)))
      audit(ctx, { action: 'R', entity: `Series/${id}`, subject: `Patient/${patient}` })
    return { id, ...series, items: members.map(toAppointment) }
  })
}
