import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { announce, claimTime } from '../book-appointment.ts'
import { checkOpen, checkOwnChange } from '../booking-rules.ts'
import { cancelLocked } from '../cancel-appointment.ts'
import { orConflict } from '../conflict.ts'
import type { moveRebookings as contract } from '../contract/rebookings.ts'
import { lockOwn } from '../lock-own.ts'
import { visibleAppointment } from '../queries/appointments.ts'
import { lockClaimed } from '../queries/booking.ts'
import { sameService, takenOver } from '../queries/rebookings.ts'
import { rescheduleAppointment } from '../reschedule-appointment.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'

type Ctx = Context<SchedulingTables>
type Move = Static<typeof contract.body>['moves'][number]
type Result = Static<typeof contract.response>['items'][number]

/**
 * One after another, each in a transaction of its own: what can be moved is, whatever becomes of the rest. What was moved as it is asked for is answered
 * as moved, so that whoever did not hear the answer asks again.
 */
export async function moveAll(
  ctx: Ctx,
  { moves }: Static<typeof contract.body>,
): Promise<Static<typeof contract.response>> {
  const items: Result[] = []
  for (const move of moves) items.push(await result(move, () => moveOne(ctx, move)))
  return { items }
}

async function result({ appointment }: Move, work: () => Promise<string>): Promise<Result> {
  try {
    return { appointment, moved: true, as: await work() }
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error
    return { appointment, moved: false, code: error.code, detail: error.message }
  }
}

async function moveOne(given: Ctx, move: Move): Promise<string> {
  const ctx = { ...given, once: undefined } // the request takes effect in parts; each part is what it is when it is done again
  const who = viewerOf(ctx)
  const row = await transact(ctx, ({ db }) => visibleAppointment(db, move.appointment, who))
  if (!row) throw new Problem('not-found', 'There is no such appointment, or you may not see it.')
  const own = row.practitioner_id === move.practitioner
  if (own && row.status === 'booked' && row.start_at.getTime() === Date.parse(move.start)) return row.id
  if (own) return (await rescheduleAppointment(ctx, row.id, { start: move.start }, row.version)).id
  if (row.together !== null) throw withTheSame()
  return (await takenOver(ctx.db, { ...move, patient: row.patient_id, by: who.account })) ?? takeOver(ctx, move, row)
}

const withTheSame = () =>
  new Problem(
    'business-rule',
    'Several give this visit: it is moved with the same practitioners. With others, cancel it and book it anew.',
    { reason: 'together' },
  )

/** The colleague's time is won before the old visit is given up, in one transaction. */
async function takeOver(
  ctx: Ctx,
  { appointment, practitioner, start }: Move,
  known: { patient_id: string; mode: string; version: number; service_id: string | null },
) {
  const service = await sameService(ctx.db, practitioner, known.service_id)
  const wish = { practitioner, patient: known.patient_id, start: new Date(start), mode: known.mode, service }
  return orConflict(ctx, wish, () =>
    transact(ctx, async (ctx) => {
      await lockClaimed(ctx.db, appointment, wish.start, practitioner)
      const old = await lockOwn(ctx, appointment, known.version)
      checkOpen(old, ctx.now())
      checkOwnChange(old, 'move', ctx.now())
      cancelLocked(ctx, old, 'prov', null)
      const row = await claimTime(ctx, wish, { status: 'booked', reason: old.reason, held_until: null })
      return announce(ctx, row).id
    }),
  )
}
