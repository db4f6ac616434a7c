import type { Static } from 'typebox'
import type { TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { tzdata } from '#platform/wall-clock.ts'
import type { ActivitySchedule } from '../contract/schedule.ts'
import type { PlannedPlan } from '../plans/planned-plan.ts'
import type { CarePlansTables } from '../tables.ts'
import { expandSchedule } from './expand-schedule.ts'
import { type ActivityRow, GRACE_MS, lockActivities, replacePlanned, type Wanted } from './queries/planned.ts'

type Schedule = Static<typeof ActivitySchedule>
type Tx = TransactionContext<CarePlansTables>

/** How far ahead it is written down what is to be done. A job moves the horizon each night. */
const HORIZON_MS = 14 * 86_400_000
export const horizonOf = (now: Date): Date => new Date(now.getTime() + HORIZON_MS)

/**
 * In the transaction that writes a plan, each time that it changes: what is ahead follows from what it says now. Of a plan that is not active nothing is due; what was done,
 * and what is past, stays. `active`: those prescriptions by which something is taken now.
 */
export async function planActivities(ctx: Tx, plan: PlannedPlan, active: ReadonlySet<string>): Promise<void> {
  const now = ctx.now()
  const before = new Map((await lockActivities(ctx.db, [plan.id])).map((row) => [row.id, row]))
  await replan(
    ctx,
    [plan.id],
    plan.activities.map(({ id, instruction, kind, performer, schedule, prescription }) => ({
      ...{ plan_id: plan.id, id, patient_id: plan.patient, category: plan.category, zone: plan.zone },
      ...{ instruction, kind, role: performer.role },
      ...{ mandate_id: performer.mandate ?? null, practitioner_id: performer.practitioner ?? null },
      ...byPrescription(prescription, active, before.get(id)),
      schedule: plan.status === 'active' && schedule !== undefined ? until(schedule, plan.to) : null,
      ...{ planned_until: now, tzdata },
    })),
  )
}

/** What an activity had stays as its prescription has made it since, and what renewed that goes on in its place. */
function byPrescription(prescription: string | undefined, active: ReadonlySet<string>, before?: ActivityRow) {
  const prescription_id = prescription ?? null
  if (before?.prescription_id === prescription_id)
    return { prescription_id, renewal_id: before.renewal_id, is_paused: before.is_paused }
  return { prescription_id, renewal_id: null, is_paused: prescription !== undefined && !active.has(prescription) }
}

/** Nothing is done after the last day of its plan. */
const until = (schedule: Schedule, last: string | undefined): Schedule =>
  last !== undefined && (schedule.to === undefined || last < schedule.to) ? { ...schedule, to: last } : schedule

/** From this hour through the horizon, all of what these plans have; they are locked. */
export async function replan(ctx: Tx, plans: readonly string[], rows: readonly ActivityRow[]): Promise<void> {
  const now = ctx.now()
  const until = horizonOf(now)
  const from = new Date(now.getTime() - GRACE_MS)
  const wanted = rows.flatMap((row) => wantedOf(row, { from, until }))
  const activities = rows.map((row) => ({ ...row, planned_until: plannedUntil(row, until), tzdata }))
  await replacePlanned(ctx.db, plans, { activities, wanted, now })
}

export const wantedOf = (
  { plan_id, id, schedule, zone, is_paused }: Pick<ActivityRow, 'plan_id' | 'id' | 'schedule' | 'zone' | 'is_paused'>,
  window: { from: Date; until: Date },
): Wanted[] =>
  schedule === null || is_paused
    ? []
    : expandSchedule(schedule, zone, window).map((at) => ({ id: newId(), plan: plan_id, activity: id, at }))

/** A clock is no more than a day away from that of London: what is over by then is over everywhere. */
export const plannedUntil = ({ schedule }: Pick<ActivityRow, 'schedule'>, until: Date): Date | 'infinity' =>
  schedule?.to !== undefined && Date.parse(schedule.to) + 3 * 86_400_000 < until.getTime() ? 'infinity' : until
