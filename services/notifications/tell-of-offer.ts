import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { OutputOf } from '#platform/operation.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientCard } from '../registry/contract.ts'
import { readWaitlistOfferCard } from '../scheduling/contract.ts'
import { contactsOf, reach } from './contacts.ts'
import { concernedBy, type Message, refusesMessages } from './queries.ts'
import { asName } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

type Card = OutputOf<typeof readWaitlistOfferCard>

/** Tells of a time that is offered to somebody who waits, while the offer stands. */
export async function tellOfOffer(ctx: Context<NotificationsTables>, { offer }: { offer: string }): Promise<void> {
  const card = await offerCardOf(ctx, offer)
  const messages = card ? await messagesFor(ctx, card) : []
  await transact(ctx, (ctx) => tell(ctx, messages, card?.patient))
}

/** The card, while somebody can still take what it offers. */
export async function offerCardOf(ctx: Context<NotificationsTables>, offer: string): Promise<Card | undefined> {
  try {
    const card = await ctx.call(readWaitlistOfferCard, { params: { id: offer } })
    return new Date(card.expiresAt) > ctx.now() ? card : undefined
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return undefined
    throw error
  }
}

/** To whoever can say yes or no: nobody has booked anything yet, so the practitioner hears of a visit when there is one. */
async function messagesFor(ctx: Context<NotificationsTables>, card: Card): Promise<Message[]> {
  const everybody = await concernedBy(ctx.db, card, ctx.now())
  const recipients = everybody.filter(({ part }) => part !== 'practitioner')
  if (recipients.length === 0) return []
  const accounts = recipients.map(({ account }) => account)
  const [patient, refused, contacts] = await Promise.all([
    ctx.call(readPatientCard, { params: { id: card.patient } }),
    refusesMessages(ctx.db, card.patient, [card.category]),
    contactsOf(ctx, accounts),
  ])
  const told = refused ? recipients.filter(({ part }) => part === 'patient') : recipients
  return told.map((recipient) => ({
    ...recipient,
    ...reach(ctx, contacts.get(recipient.account)),
    ...(refused && { channels: [], reachable: [] }),
    template: recipient.part === 'patient' ? 'waitlist-offer.patient' : 'waitlist-offer.caregiver',
    params: paramsOf(card, patient.name),
    resource: `WaitlistEntry/${card.entry}`,
    concerns: [card.patient, card.practitioner],
  }))
}

const paramsOf = (card: Card, patient: string) => ({
  patient: asName(patient),
  practitioner: asName(card.practitionerName),
  start: card.start,
  end: card.end,
  zone: card.zone,
  mode: card.mode,
  ...(card.placeName !== undefined && { place: asName(card.placeName) }),
  sequence: 0,
  offer: card.id,
  answerBy: card.expiresAt,
})
