import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { checkOpen } from '../booking-rules.ts'
import { byLink } from '../by-link.ts'
import { cancelAppointment } from '../cancel-appointment.ts'
import type { readAppointmentLinks } from '../contract.ts'
import { lockOwn } from '../lock-own.ts'
import { showVisits } from '../projection/show-visits.ts'
import { visibleAppointment, visibleToEach } from '../queries/appointments.ts'
import { type AppointmentRow, confirmAppointment, lockClaimed, whole } from '../queries/booking.ts'
import { commonSlots } from '../queries/common-slots.ts'
import { freeSlots } from '../queries/slots.ts'
import { givenBy } from '../queries/together.ts'
import { rescheduleAppointment } from '../reschedule-appointment.ts'
import { DAY, soonest } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'
import { acceptOffer, declineOffer, standingOffer } from '../waitlist/answer-offer.ts'
import { type Action, type Link, linkToken } from './token.ts'

type Ctx = Context<SchedulingTables>
type Asked = Static<typeof readAppointmentLinks.body>['items'][number]
type Links = Static<typeof readAppointmentLinks.response>['items'][number]

/** A link that has been used, has been overtaken, or is not theirs any more: which of these, nobody is told. */
export const noLink = () => new Problem('not-found', 'This link does not work.')

const CHOICE = 8
const AROUND_DAYS = 14

/** What a link is about, for whoever holds it, now. */
export interface Standing {
  start: Date
  zone: string
  version: number
  times?: Date[]
}

const viewerOf = (ctx: Ctx, account: string) => ({
  account,
  practitioner: undefined,
  within: undefined,
  now: ctx.now(),
})

/** Looks, and changes nothing: programs that read mail open every link in it. */
export async function standingOf(ctx: Ctx, link: Link): Promise<Standing> {
  const { action, appointment, account, sequence } = link
  if (action === 'accept' || action === 'decline') return standingOffer(ctx, appointment, account)
  const row = await transact(ctx, (ctx) => visibleAppointment(ctx.db, appointment, viewerOf(ctx as never, account)))
  if (!row && action === 'choose') return standingOffer(ctx, appointment, account)
  if (!row || row.sequence !== sequence || (action === 'confirm' && row.confirmed_at)) throw noLink()
  checkOpen(row, ctx.now())
  const { start_at: start, zone, version } = row
  if (action !== 'move') return { start, zone, version }
  const from = new Date(Math.max(soonest(ctx.now()), start.getTime() - AROUND_DAYS * DAY))
  const wanted = {
    ...{ channel: 'web', now: ctx.now(), from, until: new Date(start.getTime() + AROUND_DAYS * DAY) },
    ...{ mode: row.mode, patient: row.patient_id, near: start, limit: CHOICE },
  }
  const slots =
    row.together === null
      ? await freeSlots(ctx.db, { ...wanted, practitioner: row.practitioner_id, service: row.service_id })
      : await commonSlots(ctx.db, { ...wanted, participants: await givenBy(ctx.db, row.together) })
  return { start, zone, version, times: slots.map((slot) => slot.start_at).sort((a, b) => a.getTime() - b.getTime()) }
}

/** Does it, by the rights that whoever got the message has now. Answers the time that counts afterwards. */
export async function followLink(ctx: Ctx, link: Link, chosen: string | undefined): Promise<Date> {
  const { appointment, action } = link
  if (action === 'choose') throw noLink()
  const { start, version, times } = await standingOf(ctx, link)
  if (action === 'accept') await acceptOffer(ctx, appointment)
  if (action === 'decline') await declineOffer(ctx, appointment)
  if (action === 'confirm') await confirm(ctx, appointment, version)
  if (action === 'cancel') await cancelAppointment(ctx, appointment, { reason: 'pat' }, version)
  if (action !== 'move') return start
  const time = times?.find((one) => one.toISOString() === chosen)
  if (!time) throw new Problem('conflict', 'This time has just been taken. Go back, and choose another one.')
  await rescheduleAppointment(ctx, appointment, { start: time.toISOString() }, version)
  return time
}

/** The patient will come. */
async function confirm(ctx: Ctx, id: string, version: number): Promise<void> {
  await transact(ctx, async (ctx) => {
    await lockClaimed(ctx.db, id, null)
    const row = await lockOwn(ctx, id, version)
    checkOpen(row, ctx.now())
    const now = ctx.now()
    await confirmAppointment(ctx.db, id, now)
    showVisits(
      ctx,
      whole(row).map((one) => ({ ...one, confirmed_at: now, version: one.version + 1, updated_at: now })),
    )
    const { patient_id: patient, via: relationship } = row
    audit(ctx, {
      action: 'U',
      entity: `Appointment/${id}`,
      subject: `Patient/${patient}`,
      relationship,
      ...byLink(ctx),
    })
  })
}

/** For messages: the links of each, in the order asked. Empty where the reader may not, or it is over. */
export async function linksFor(ctx: Ctx, asked: readonly Asked[]): Promise<Links[]> {
  const keyOf = (appointment: string, account: string) => `${appointment} ${account}`
  const visible = await visibleToEach(ctx.db, asked, ctx.now())
  const rows = new Map(visible.map((row) => [keyOf(row.id, row.reader), row]))
  return Promise.all(
    asked.map((one) => {
      const row = rows.get(keyOf(one.appointment, one.account))
      return row ? ofVisit(ctx, one, row) : ofOffer(ctx, one)
    }),
  )
}

const urlOf = ({ config }: Ctx, { appointment, account }: Asked, action: Action, sequence: number) =>
  `${config.PUBLIC_URL}/links/${linkToken(config, { action, appointment, sequence, account })}`

function ofVisit(ctx: Ctx, one: Asked, row: AppointmentRow): Links {
  if (row.status !== 'booked' || row.start_at <= ctx.now()) return {}
  const may = (action: Action) => ({ [action]: urlOf(ctx, one, action, row.sequence) })
  return { ...(row.confirmed_at ? {} : may('confirm')), ...may('cancel'), ...may('move'), ...may('choose') }
}

async function ofOffer(ctx: Ctx, one: Asked): Promise<Links> {
  const { appointment, account } = one
  const url = (action: Action) => urlOf(ctx, one, action, 0)
  try {
    await standingOffer(ctx, appointment, account)
    return { accept: url('accept'), decline: url('decline'), choose: url('choose') }
  } catch (error) {
    if (error instanceof Problem) return {}
    throw error
  }
}
