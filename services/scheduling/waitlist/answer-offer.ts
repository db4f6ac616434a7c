import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import { transact } from '#platform/transaction.ts'
import { toAppointment } from '../appointment-view.ts'
import { checkOffer, noOffer } from '../booking-rules.ts'
import { byLink } from '../by-link.ts'
import type { Appointment } from '../contract/appointments.ts'
import type { WaitlistEntry } from '../contract/waitlist.ts'
import { appointmentBooked } from '../contract.ts'
import { showVisits } from '../projection/show-visits.ts'
import { lockClaimed } from '../queries/booking.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { giveUp } from './end-offer.ts'
import { endEntry, visibleEntry } from './queries/entries.ts'
import { confirmOffer, lockOffer, offerCard, settleOffer } from './queries/offers.ts'
import { toEntry } from './read-waitlist.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>

/** The hold becomes a booking: its claims stay where they are, so nobody can be in between. */
export async function acceptOffer(ctx: Ctx, id: string): Promise<Static<typeof Appointment>> {
  return transact(ctx, async (ctx) => {
    const { offer, via: relationship } = await standing(ctx, id)
    const account = accountOf(ctx)
    const row = await confirmOffer(ctx.db, { offer: id, account, relationship, now: ctx.now() })
    if (!row) throw noOffer()
    showVisits(ctx, [row])
    await settleOffer(ctx.db, id, 'accepted', ctx.now())
    await endEntry(ctx.db, offer.entry_id, 'met', ctx.now())
    const { patient_id: patient, practitioner_id: practitioner } = row
    audit(ctx, {
      action: 'C',
      entity: `Appointment/${id}`,
      subject: `Patient/${patient}`,
      relationship,
      ...byLink(ctx, 'waitlist'),
    })
    publish(ctx, appointmentBooked, { appointment: id, patient, practitioner, by: account })
    return toAppointment(row)
  })
}

export async function declineOffer(ctx: Ctx, id: string): Promise<Static<typeof WaitlistEntry>> {
  return transact(ctx, async (ctx) => {
    const { offer } = await standing(ctx, id)
    await giveUp(ctx, offer, 'declined')
    const entry = await visibleEntry(ctx.db, offer.entry_id, viewerOf(ctx))
    if (!entry) throw noOffer()
    return toEntry(entry)
  })
}

/** The time that is offered to this account, for a page: looked at, not locked. */
export async function standingOffer(ctx: Ctx, id: string, account: string) {
  const card = await offerCard(ctx.db, id)
  if (!card || card.expires_at <= ctx.now()) throw noOffer()
  const viewer = { account, practitioner: undefined, within: undefined, now: ctx.now() }
  const entry = await visibleEntry(ctx.db, card.entry_id, viewer)
  if (!entry || entry.via === 'treatment') throw noOffer()
  return { start: card.start_at, zone: card.zone, version: entry.version }
}

/** The offer that the caller may answer, locked with the calendars that it holds. */
async function standing(ctx: Tx, id: string) {
  await lockClaimed(ctx.db, id, null)
  const offer = await lockOffer(ctx.db, id)
  const entry = offer && (await visibleEntry(ctx.db, offer.entry_id, viewerOf(ctx)))
  checkOffer(offer, entry?.via, ctx.now())
  return { offer, via: entry?.via as string }
}
