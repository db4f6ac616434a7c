import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { addJob, dropJob } from '#platform/jobs.ts'
import type { OutputOf } from '#platform/operation.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientCard } from '../registry/contract.ts'
import { readAppointmentCard } from '../scheduling/contract.ts'
import { contactsOf, reach } from './contacts.ts'
import { concernedBy, type Message, type Recipient, refusesMessages } from './queries.ts'
import { asName } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'
import type { AppointmentParams } from './words/words.ts'

export type Card = OutputOf<typeof readAppointmentCard>

/** The card as it is now, or undefined when the appointment is gone. */
export async function cardOf(ctx: Context<NotificationsTables>, appointment: string): Promise<Card | undefined> {
  try {
    return await ctx.call(readAppointmentCard, { params: { id: appointment } })
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return undefined
    throw error
  }
}

export const isAhead = ({ status, start }: Card, now: Date) => status === 'booked' && new Date(start) > now

/**
 * Deliveries may come late, twice, or in another order than things happened. So an event only says which appointment to look at: what
 * people are told is what the card says now, and nothing is said that is no longer so.
 */
export async function tellOfAppointment(
  ctx: Context<NotificationsTables>,
  what: 'booked' | 'rescheduled' | 'cancelled',
  appointment: string,
): Promise<void> {
  const card = await cardOf(ctx, appointment)
  const isSo = card && (what === 'cancelled' ? card.status === 'cancelled' : isAhead(card, ctx.now()))
  const messages = isSo ? await messagesFor(ctx, card, what) : []
  await transact(ctx, async (ctx) => {
    planReminder(ctx, appointment, card)
    await tell(ctx, messages, card?.patient)
  })
}

/** One message for each account concerned, in the words for its part. */
export async function messagesFor(
  ctx: Context<NotificationsTables>,
  card: Card,
  what: 'booked' | 'rescheduled' | 'cancelled' | 'reminder',
): Promise<Message[]> {
  const everybody = await concernedBy(ctx.db, card, ctx.now())
  // Reminders are for those who come: a practitioner has the day's list.
  const recipients = everybody.filter(({ part }) => part !== 'practitioner' || what !== 'reminder')
  if (recipients.length === 0) return []
  const [patient, refused, contacts] = await Promise.all([
    ctx.call(readPatientCard, { params: { id: card.patient } }),
    refusesMessages(ctx.db, card.patient, card.category),
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
    ...reach(contacts.get(recipient.account)),
    ...(refused && recipient.part === 'patient' && { channels: [], reachable: [] }),
    template: templateFor(what, recipient),
    params,
    resource: `Appointment/${card.id}`,
    concerns: [card.patient, card.practitioner],
  }))
}

function templateFor(what: 'booked' | 'rescheduled' | 'cancelled' | 'reminder', { part }: Recipient) {
  return `appointment-${what}.${part}` as Message['template']
}

function paramsOf(card: Card, patient: string): AppointmentParams {
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

/** A day before; for what is booked later than that, two hours before; for what is nearer still, not at all. */
const HOURS_BEFORE = [24, 2]

/** One reminder for an appointment: planned anew with each change, dropped when there is nothing to remind of. */
function planReminder(ctx: TransactionContext<NotificationsTables>, appointment: string, card: Card | undefined): void {
  const key = `reminder:${appointment}`
  const now = ctx.now()
  const times =
    card && isAhead(card, now) ? HOURS_BEFORE.map((hours) => Date.parse(card.start) - hours * 3_600_000) : []
  const time = times.find((time) => time > now.getTime())
  if (card === undefined || time === undefined) dropJob(ctx, key)
  else addJob(ctx, 'remind', { appointment, start: card.start }, { runAt: new Date(time), key })
}
