import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientCard } from '../registry/contract.ts'
import { type Card, cardOf, isAhead, isPart } from './appointment-card.ts'
import { contactsOf, reach } from './contacts.ts'
import { concernedBy, type Message, type Recipient, refusesMessages } from './queries.ts'
import { planReminders } from './reminders/plan.ts'
import { asName } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'
import type { AppointmentParams } from './words/words.ts'

export type Change = 'booked' | 'rescheduled' | 'cancelled'

export const isSo = (card: Card, what: Change, now: Date): boolean =>
  what === 'cancelled' ? card.status === 'cancelled' : isAhead(card, now)

/**
 * Deliveries may come late, twice, or in another order than things happened. So an event only says which appointment to look at: what
 * people are told is what the card says now, and nothing is said that is no longer so.
 */
export async function tellOfAppointment(
  ctx: Context<NotificationsTables>,
  what: Change,
  { appointment, series }: { appointment: string; series?: string | undefined },
): Promise<void> {
  const card = await cardOf(ctx, appointment)
  // One of many is told of together with the others: tell-of-series.ts.
  const messages = card && series === undefined && isSo(card, what, ctx.now()) ? await messagesFor(ctx, card, what) : []
  await transact(ctx, async (ctx) => {
    await planReminders(ctx, appointment, card && isPart(card) ? undefined : card)
    await tell(ctx, messages, card?.patient)
  })
}

/** One message for each account concerned, in the words for its part. */
export async function messagesFor(
  ctx: Context<NotificationsTables>,
  card: Card,
  what: Change | 'reminder',
  categories: readonly string[] = [card.category],
): Promise<Message[]> {
  const everybody = await concernedBy(ctx.db, card, ctx.now())
  // Reminders are for those who come: a practitioner has the day's list. Of a visit that several give, those who come hear once.
  const recipients = everybody.filter(({ part }) => (part === 'practitioner' ? what !== 'reminder' : !isPart(card)))
  if (recipients.length === 0) return []
  const [patient, refused, contacts] = await Promise.all([
    ctx.call(readPatientCard, { params: { id: card.patient } }),
    refusesMessages(ctx.db, card.patient, categories),
    contactsOf(
      ctx,
      recipients.map(({ account }) => account),
    ),
  ])
  const params = paramsOf(card, patient.name)
  // What may not leave the house waits for the patient there, and is for nobody else but who is to come.
  const told = refused ? recipients.filter(({ part }) => part !== 'caregiver') : recipients
  return told.map((recipient) => ({
    ...recipient,
    ...reach(ctx, contacts.get(recipient.account)),
    ...(refused && recipient.part === 'patient' && { channels: [], reachable: [] }),
    template: templateFor(what, recipient),
    params,
    resource: `Appointment/${card.id}`,
    concerns: [card.patient, card.practitioner],
  }))
}

function templateFor(what: Change | 'reminder', { part }: Recipient) {
  return `appointment-${what}.${part}` as Message['template']
}

export function paramsOf(card: Card, patient: string): AppointmentParams {
  const { start, end, zone, mode, sequence, placeName, practitionerName } = card
  const practitioner = asName(practitionerName)
  return {
    patient: asName(patient),
    practitioner,
    start,
    end,
    zone,
    mode,
    sequence,
    ...(placeName !== undefined && { place: asName(placeName) }),
  }
}
