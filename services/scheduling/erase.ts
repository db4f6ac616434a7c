import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import type { Person, Trace } from '#platform/person.ts'
import { keptUntil } from '#platform/retention.ts'
import { transact } from '#platform/transaction.ts'
import { forgetBusyCalendars } from './calendars/queries/busy.ts'
import { eraseFeeds } from './calendars/queries/feeds.ts'
import { appointmentCancelled } from './contract.ts'
import { closeQueuesOf, forgetNumbers } from './day/queries/people.ts'
import { projected, projectVisits, projectWithoutPast } from './projection/projector.ts'
import { cancel, deleteHold, lockClaimed } from './queries/booking.ts'
import { refreshOffers } from './queries/mirror.ts'
import { closeSchedules, eraseWords, openAppointmentsOf } from './queries/people.ts'
import { lockCalendar } from './queries/schedules.ts'
import { eraseTurnedAway } from './queries/turned-away.ts'
import type { SchedulingTables } from './tables.ts'
import { withdrawOffer } from './waitlist/end-offer.ts'
import { endWaiting, eraseWaiting } from './waitlist/erase-waiting.ts'
import { freed } from './waitlist/freed.ts'
import { THE_HOUSE } from './waitlist/queries/offers.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type Open = Awaited<ReturnType<typeof openAppointmentsOf>>[number]

/** What lies ahead is cancelled, and the other side is told. That a visit took place is a fact of two people, which the law wants kept. */
export async function erase(ctx: Ctx, { account, patient, practitioner }: Person): Promise<Trace[]> {
  await endWaiting(ctx, patient ?? null, practitioner ?? null)
  const open = await openAppointmentsOf(ctx.db, patient ?? null, practitioner ?? null, ctx.now())
  for (const one of open) await transact(ctx, (ctx) => cancelFor(ctx, one, one.patient_id === patient ? 'pat' : 'prov'))
  return [
    { what: 'appointments ahead, cancelled', outcome: 'erased', count: open.length },
    ...(account === undefined ? [] : [await eraseOwnFeeds(ctx, account)]),
    ...(patient === undefined
      ? []
      : [await eraseVisits(ctx, patient), await eraseWaiting(ctx, patient), await eraseTries(ctx, patient)]),
    ...(practitioner === undefined ? [] : await eraseHours(ctx, practitioner)),
  ]
}

async function cancelFor(ctx: Tx, { id, status, made_by, ...of }: Open, reason: string): Promise<void> {
  if (made_by === THE_HOUSE) return withdrawOffer(ctx, id)
  const [patient, practitioner] = [of.patient_id, of.practitioner_id]
  await lockClaimed(ctx.db, id, null)
  if (status === 'pending') await deleteHold(ctx.db, id, { account: made_by }, ctx.now())
  else await cancel(id, reason, null, ctx.now()).execute(ctx.db)
  await projectVisits(ctx, [id])
  freed(ctx, of)
  audit(ctx, { action: 'U', entity: `Appointment/${id}`, subject: `Patient/${patient}`, reason: 'erasure' })
  if (status === 'booked') publish(ctx, appointmentCancelled, { appointment: id, patient, practitioner })
}

const eraseOwnFeeds = (ctx: Ctx, account: string) =>
  transact(ctx, async ({ db }): Promise<Trace> => {
    return { what: 'feeds for calendar programs', outcome: 'erased', count: await eraseFeeds(db, account) }
  })

const eraseTries = (ctx: Ctx, patient: string) =>
  transact(ctx, async ({ db }): Promise<Trace> => {
    return {
      what: 'tries for a time, where there was none',
      outcome: 'erased',
      count: await eraseTurnedAway(db, patient),
    }
  })

const eraseVisits = (ctx: Ctx, patient: string) =>
  transact(ctx, async (ctx): Promise<Trace> => {
    await forgetNumbers(ctx.db, patient)
    const { count, until, changed } = await eraseWords(ctx.db, patient)
    await projectWithoutPast(ctx, changed)
    audit(ctx, { action: 'D', entity: `Patient/${patient}`, subject: `Patient/${patient}`, reason: 'erasure' })
    return {
      what: 'appointments: when, where and with whom, under a number; why is erased',
      outcome: 'kept',
      count,
      why: 'Records of treatment are kept for as long as the law on them says.',
      ...(until && { until: keptUntil(ctx.config, 'appointments', until).toISOString() }),
    }
  })

const eraseHours = (ctx: Ctx, practitioner: string) =>
  projected(ctx, async (ctx): Promise<Trace[]> => {
    await lockCalendar(ctx.db, practitioner)
    const calendars = await forgetBusyCalendars(ctx.db, practitioner)
    const count = await closeSchedules(ctx.db, practitioner, ctx.now())
    await closeQueuesOf(ctx.db, practitioner, ctx.now())
    await refreshOffers(ctx.db, [practitioner], ctx.now())
    return [
      { what: 'calendars elsewhere, their addresses and busy times', outcome: 'erased', count: calendars },
      { what: 'hours on offer', outcome: 'erased', count },
    ]
  })
