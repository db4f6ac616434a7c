import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { addDays, dateIn, tzdata } from '#platform/wall-clock.ts'
import type { Schedule } from './contract/schedules.ts'
import { expandHours, HORIZON_DAYS, type HoursRule } from './expand-hours.ts'
import { closedDays } from './queries/holidays.ts'
import { refreshOffers } from './queries/mirror.ts'
import { type Cause, openRebookings, settleCovered } from './queries/rebookings.ts'
import {
  exceptionsOf,
  type Keeper,
  keepsCalendar,
  markExpanded,
  replaceShifts,
  type ScheduleRow,
  uncovered,
} from './queries/schedules.ts'
import type { SchedulingTables } from './tables.ts'
import { freed } from './waitlist/freed.ts'

type Tx = TransactionContext<SchedulingTables>

/** Whose calendar is meant: the one that is named, else the caller's own. */
export function practitionerOf(ctx: Pick<Context, 'actor'>, named: string | undefined): string {
  const practitioner = named ?? practising(ctx)
  if (!practitioner) throw new Problem('forbidden', 'Only practitioners have schedules. At a desk, name one of yours.')
  return practitioner
}

/** Who asks, for the conditions in SQL: a practitioner while a licence makes them one; whether a desk keeps hours, the database knows. */
export const keeperOf = (ctx: Pick<Context, 'actor' | 'now'>): Keeper => ({
  account: accountOf(ctx),
  practitioner: practising(ctx),
  now: ctx.now(),
})

/** Throws unless the caller may place hours for this practitioner now. A write asks under the lock of the calendar: what ended while it waited, has ended. */
export async function checkKeeps(ctx: Pick<Context<SchedulingTables>, 'db' | 'actor' | 'now'>, practitioner: string) {
  if (!(await keepsCalendar(ctx.db, practitioner, keeperOf(ctx))))
    throw new Problem('not-found', 'There is no such practitioner, or you may not place hours for them.')
}

/** The last day to which hours are expanded. */
export const horizonOf = (zone: string, now: Date): string => addDays(dateIn(zone, now), HORIZON_DAYS)

/**
 * Expands a schedule anew after its rule changed. Returns the booked appointments that lie outside the hours now; throws them as a
 * conflict unless the caller accepts that: nothing is cancelled silently.
 */
export async function reexpand(
  ctx: Tx,
  row: Omit<ScheduleRow, 'version' | 'room' | 'devices'>,
  acceptAffected: boolean,
  cause: Cause,
): Promise<string[]> {
  const now = ctx.now()
  const open = expandHours(await ruleOf(ctx, row), addDays(dateIn(row.zone, now), -1), row.expanded_until).filter(
    ([, until]) => until > now.getTime(),
  )
  await orOverlap(() => replaceShifts(ctx.db, row, now, open))
  await markExpanded(ctx.db, row.id, row.expanded_until, tzdata)
  await refreshOffers(ctx.db, [row.practitioner_id], now)
  const [first, last] = [open[0], open.at(-1)]
  if (first && last)
    freed(ctx, {
      ...row,
      resources: [],
      start_at: new Date(Math.max(first[0], now.getTime())),
      end_at: new Date(last[1]),
    })
  return leaveOutside(ctx, row, acceptAffected, cause)
}

/** What a schedule says of its hours, for `expandHours`. */
export async function ruleOf(
  { db }: Pick<Tx, 'db'>,
  row: Omit<ScheduleRow, 'version' | 'room' | 'devices'>,
): Promise<HoursRule> {
  const exceptions = await exceptionsOf(db, row.id)
  const closed = row.place_id === null ? [] : await closedDays(db, row.id)
  return {
    zone: row.zone,
    hours: row.hours as HoursRule['hours'],
    validFrom: row.valid_from,
    validUntil: row.valid_until ?? undefined,
    exceptions: [
      ...exceptions.map(({ kind, date, from, until }) => ({
        kind,
        date,
        ...(from && { from }),
        ...(until && { until }),
      })),
      ...closed.map((date) => ({ kind: 'withdraw' as const, date })),
    ],
  }
}

/**
 * What a change of a schedule's hours has left outside of them: refused unless the caller accepts it; then each is a task (GET /v1/rebookings). Tasks whose
 * hours have come back are done.
 */
export async function leaveOutside(
  ctx: Tx,
  { id, practitioner_id }: { id: string; practitioner_id: string },
  acceptAffected: boolean,
  cause: Cause,
): Promise<string[]> {
  const now = ctx.now()
  const affected = await uncovered(ctx.db, id, now)
  if (affected.length > 0 && !acceptAffected)
    throw new Problem(
      'conflict',
      'Booked appointments would lie outside the hours. Move or cancel them first, or repeat with acceptAffected=true.',
      { details: { affected } },
    )
  if (affected.length > 0) await openRebookings(ctx.db, affected, cause, now)
  await settleCovered(ctx.db, practitioner_id, now)
  return affected
}

async function orOverlap<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    if ((error as { constraint?: string }).constraint !== 'shift_no_overlap') throw error
    throw new Problem(
      'business-rule',
      'These hours overlap those of another schedule of the same practitioner. One cannot be in two places at once.',
      { cause: error },
    )
  }
}

export function toSchedule(row: Omit<ScheduleRow, 'expanded_until'>, affected: string[] = []): Static<typeof Schedule> {
  return {
    id: row.id,
    practitioner: row.practitioner_id,
    ...(row.place_id && { place: row.place_id }),
    ...(row.room && { room: row.room }),
    ...(row.devices.length > 0 && { devices: row.devices }),
    modes: row.modes as Static<typeof Schedule>['modes'],
    specialities: row.specialities,
    zone: row.zone,
    minutes: row.minutes,
    ...(row.services.length > 0 && { services: row.services }),
    ...(!row.new_patients && { newPatients: false }),
    ...(row.on_holidays && { onHolidays: true }),
    ...(row.reserved && { reserved: row.reserved }),
    hours: row.hours as Static<typeof Schedule>['hours'],
    validFrom: row.valid_from,
    ...(row.valid_until && { validUntil: row.valid_until }),
    version: row.version,
    ...(affected.length > 0 && { affected }),
  }
}

export function auditSchedule(ctx: Tx, action: 'C' | 'U' | 'D', id: string, practitioner: string): void {
  audit(ctx, { action, entity: `Schedule/${id}`, ...auditedBy(ctx, practitioner) })
}

/** About whom, and as what: a practitioner for themselves, or their desk. */
export const auditedBy = (ctx: Tx, practitioner: string) => ({
  subject: `Practitioner/${practitioner}`,
  ...(practising(ctx) !== practitioner && { relationship: 'desk' }),
})
