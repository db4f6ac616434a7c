import type { Context } from '#platform/context.ts'
import { cardOf, isAhead } from '../appointment-card.ts'
import type { Waiting } from '../queries/deliveries.ts'
import type { NotificationsTables } from '../tables.ts'
import { isStillDue } from '../tell-of-care-tasks.ts'
import { offerCardOf } from '../tell-of-offer.ts'
import type { AppointmentParams, AppointmentsParams, CareTaskParams, OfferParams } from '../words/words.ts'

type Ctx = Context<NotificationsTables>

/** What there still is to say, hours after it was written; or why there is nothing. */
export async function asOfNow(ctx: Ctx, waiting: Waiting): Promise<Waiting | string> {
  if (!waiting.entitled) return 'not-entitled'
  if (waiting.template.startsWith('appointments-')) return ofSeveral(ctx, waiting)
  return (await isStillSo(ctx, waiting)) ? waiting : 'overtaken'
}

/** A message about an appointment is overtaken when the appointment has changed since it was written: the change has one of its own. */
async function isStillSo(ctx: Ctx, { template, params, resource, account_id }: Waiting): Promise<boolean> {
  if (template.startsWith('waitlist-offer'))
    return (await offerCardOf(ctx, (params as OfferParams).offer)) !== undefined
  if (template.startsWith('care-task.')) return isStillDue(ctx, account_id, params as CareTaskParams)
  if (!template.startsWith('appointment-')) return true
  const appointment = resource.replace('Appointment/', '')
  if (!template.startsWith('appointment-cancelled')) return isAsTold(ctx, appointment, params as AppointmentParams)
  return isCancelled(ctx, appointment)
}

const isCancelled = async (ctx: Ctx, appointment: string): Promise<boolean> =>
  (await cardOf(ctx, appointment))?.status === 'cancelled'

async function isAsTold(ctx: Ctx, appointment: string, { sequence }: AppointmentParams): Promise<boolean> {
  const card = await cardOf(ctx, appointment)
  return card !== undefined && isAhead(card, ctx.now()) && card.sequence === sequence
}

/** Of several visits those that are as they were. */
async function ofSeveral(ctx: Ctx, waiting: Waiting): Promise<Waiting | string> {
  const { visits, start } = waiting.params as AppointmentsParams
  const cancelled = waiting.template.startsWith('appointments-cancelled')
  const isSo = (visit: AppointmentsParams['visits'][number]) =>
    cancelled ? isCancelled(ctx, visit.appointment) : isAsTold(ctx, visit.appointment, visit)
  const so = await Promise.all(visits.map(isSo))
  const kept = visits.filter((_visit, n) => so[n])
  if (kept.length === 0) return 'overtaken'
  if (kept.length === visits.length) return waiting
  const params: AppointmentsParams = { start: kept[0]?.start ?? start, visits: kept }
  return { ...waiting, params, shortened: params }
}
