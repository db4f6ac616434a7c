import type { Static } from 'typebox'
import { accountOf, practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { clockIn } from '#platform/wall-clock.ts'
import { announce, asInserted, rowOf } from '../book-appointment.ts'
import { checkTogether } from '../booking-rules.ts'
import type { Appointment, bookAppointment as contract } from '../contract/appointments.ts'
import { showVisits } from '../projection/show-visits.ts'
import { type AppointmentRow, type FactsRow, meetWishes } from '../queries/booking.ts'
import { factsOfAll, insertTogether, type Participant } from '../queries/together.ts'
import { countVisits } from '../service-limits.ts'
import type { SchedulingTables } from '../tables.ts'
import { type CommonWish, orCommonTimes } from './common-times.ts'
import { roomsOf, shareCategory, takenBy } from './taken.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type Request = Static<typeof contract.body> & { participants: Participant[] }

/** Books a visit that several give: an appointment with each, at one time, and all of them or none. Answers the one that stands for it. */
export async function bookTogether(ctx: Ctx, request: Request): Promise<Static<typeof Appointment>> {
  const wish = { ...wishIn(request), fresh: true }
  const reason = request.reason ?? null
  return orCommonTimes(ctx, wish, () =>
    transact(ctx, async (ctx) => {
      const [first] = (await claimTogether(ctx, wish, reason)).map((row) => announce(ctx, row))
      return first as Static<typeof Appointment>
    }),
  )
}

function wishIn({ participants, patient, start, mode, channel, ...other }: Request): CommonWish {
  if ((other.hold ?? other.practitioner ?? other.service ?? other.overbook) !== undefined)
    throw new Problem(
      'business-rule',
      'Several give a visit at a time at which all of them are free (GET /v1/common-slots): it is not held before and not overbooked, and services are named with the participants.',
      { reason: 'together' },
    )
  if (patient === undefined || start === undefined)
    throw new Problem('business-rule', 'Name patient and start with the participants.')
  if (new Set(participants.map(({ practitioner }) => practitioner)).size < participants.length)
    throw new Problem('invalid', 'Each practitioner takes part once.', {
      errors: [{ pointer: '/body/participants', detail: 'names a practitioner twice' }],
    })
  return { participants, patient, start: new Date(start), mode, channel }
}

/** As claimTime, for all of them, in as many round trips. */
async function claimTogether(ctx: Tx, wish: CommonWish, reason: string | null): Promise<AppointmentRow[]> {
  const account = accountOf(ctx)
  const now = ctx.now()
  const { participants, patient, start } = wish
  const known = await factsOfAll(ctx.db, { account, patient, participants, start, now, practising: practising(ctx) })
  const parts = participants.map((one, i) => ({ ...one, facts: known[i] as FactsRow }))
  const { facts, mode } = checkTogether(parts, wish, now)
  const given_by = participants.map(({ practitioner }) => practitioner)
  const rows = facts.map((one, i) => rowOf(account, { ...wish, mode, practitioner: given_by[i] as string }, one))
  const together = rows[0]?.id as string
  const booked = rows.map((row) => ({
    ...row,
    ...{ together, given_by, reason, status: 'booked', held_until: null },
    resources: row.id === together ? roomsOf(facts) : [],
  }))
  const taken = takenBy(given_by, facts, { patient, start, end: booked[0]?.end_at as Date })
  for (const row of booked) ctx.atCommit(meetWishes(row, clockIn(row.zone, start), now))
  for (const statement of insertTogether(booked, taken, now)) ctx.atCommit(statement)
  for (const row of booked) countVisits(ctx, row, true)
  const made = shareCategory(booked.map((row) => asInserted(row, now)))
  showVisits(ctx, made)
  return made
}
