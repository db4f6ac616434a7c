import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { createException, listExceptions } from './contract/schedules.ts'
import { auditSchedule, horizonOf, keeperOf, reexpand, toSchedule } from './own-calendar.ts'
import { notThere, practitionerWith } from './place-hours.ts'
import {
  bumpSchedule,
  deleteException,
  type ExceptionRow,
  exceptionsOf,
  insertException,
  keptSchedule,
  lockCalendar,
} from './queries/schedules.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>

/** Adds or withdraws hours on one day. */
export async function addException(
  ctx: Ctx,
  schedule: string,
  { kind, date, from, until, reason }: Static<typeof createException.body>,
  acceptAffected: boolean,
): Promise<Static<typeof createException.response>> {
  if ((from === undefined) !== (until === undefined))
    throw new Problem('business-rule', 'Give both from and until, or neither for the whole day.')
  if (kind === 'add' && from === undefined)
    throw new Problem('business-rule', 'Hours that are added need from and until.')
  if (from !== undefined && until !== undefined && until <= from)
    throw new Problem('business-rule', 'Hours end after they begin.')
  const exception: ExceptionRow = {
    id: newId(),
    kind,
    date,
    from: from ?? null,
    until: until ?? null,
    reason: reason ?? null,
  }
  return change(ctx, schedule, acceptAffected, async (ctx) => {
    await insertException(ctx.db, { ...exception, schedule }, ctx.now())
    return exception.id
  })
}

export async function removeException(
  ctx: Ctx,
  schedule: string,
  exception: string,
  acceptAffected: boolean,
): Promise<void> {
  await change(ctx, schedule, acceptAffected, async (ctx) => {
    if (!(await deleteException(ctx.db, schedule, exception)))
      throw new Problem('not-found', 'There is no such exception.')
    return exception
  })
}

type Write = (ctx: Parameters<Parameters<typeof transact<SchedulingTables, string>>[1]>[0]) => Promise<string>

async function change(ctx: Ctx, schedule: string, acceptAffected: boolean, write: Write) {
  const practitioner = await practitionerWith(ctx, schedule)
  return transact(ctx, async (ctx) => {
    await lockCalendar(ctx.db, practitioner)
    const row = await keptSchedule(ctx.db, schedule, keeperOf(ctx))
    if (!row) throw notThere()
    const id = await write(ctx)
    const expanded_until = horizonOf(row.zone, ctx.now())
    await bumpSchedule(ctx.db, schedule)
    const affected = await reexpand(ctx, { ...row, expanded_until }, acceptAffected, 'exception')
    auditSchedule(ctx, 'U', schedule, practitioner)
    return { id, schedule: toSchedule({ ...row, version: row.version + 1 }, affected) }
  })
}

export async function exceptionsPage(
  ctx: Ctx,
  schedule: string,
  query: Static<typeof listExceptions.query>,
): Promise<Static<typeof listExceptions.response>> {
  await practitionerWith(ctx, schedule)
  const limit = query.limit ?? 20
  const rows = await exceptionsOf(ctx.db, schedule, {
    after: decodeCursor(query.cursor, ['date', 'uuid']),
    limit: limit + 1,
  })
  return pageOf(
    rows,
    limit,
    ({ date, id }) => [date, id],
    ({ id, kind, date, from, until, reason }) => ({
      id,
      kind,
      date,
      ...(from && { from }),
      ...(until && { until }),
      ...(reason && { reason }),
    }),
  )
}
