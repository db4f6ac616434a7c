import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { hostOf, mayReceive, senderOf } from './addresses.ts'
import { needsProof } from './categories.ts'
import { type Contact, contactsOf } from './contacts.ts'
import { invitationFor } from './invitation.ts'
import { postOfficeOf } from './open-things.ts'
import type { Mail, PostOffice, Undelivered } from './post-office.ts'
import {
  type WaitingEmail as Email,
  emailToSend,
  isDemonstration,
  type Part,
  type Settled,
  settleEmail,
} from './queries.ts'
import { asName, render, wordsFor } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import { EMAIL_ATTEMPTS } from './tell.ts'
import { cardOf, isAhead } from './tell-of-appointment.ts'
import type { AppointmentParams } from './words/words.ts'

type Reachable = Contact & { email: string }

/**
 * Sends one mail. Everything is looked at again, since hours may have passed: whether the reader may still be told, whether it is still
 * so, and where they are written to now. A process that dies between the server's yes and our record of it sends twice; the Message-ID is
 * the same both times, and mail programs show one.
 */
export async function sendEmail(ctx: Context<NotificationsTables>, { email: id }: { email: string }): Promise<void> {
  const email = await emailToSend(ctx.db, id, ctx.now())
  if (!email) return
  const ready = await prepare(ctx, email)
  if (typeof ready === 'string') return settle(ctx, email, { status: 'skipped', reason: ready, attempted: false })
  const { office, mail } = ready
  try {
    await office.send(mail)
  } catch (error) {
    const { code, final } = error as Undelivered
    const over = final || email.attempts + 1 >= EMAIL_ATTEMPTS
    await settle(ctx, email, { status: over ? 'failed' : 'queued', reason: code, attempted: true })
    if (final) return
    throw error
  }
  await settle(ctx, email, {
    status: 'sent',
    reason: null,
    message_id: mail.messageId,
    sent_at: ctx.now(),
    attempted: true,
  })
}

function settle(ctx: Context<NotificationsTables>, { id }: Email, outcome: Settled): Promise<void> {
  return transact(ctx, (ctx) => settleEmail(ctx.db, id, outcome))
}

/** The mail and who takes it, or the reason why it is not sent. */
async function prepare(
  ctx: Context<NotificationsTables>,
  email: Email,
): Promise<{ office: PostOffice; mail: Mail } | string> {
  if (!email.entitled) return 'not-entitled'
  if (!(await isStillSo(ctx, email))) return 'overtaken'
  const office = postOfficeOf(ctx)
  if (!office) return 'not-configured'
  const contact = (await contactsOf(ctx, [email.account_id])).get(email.account_id)
  if (contact?.email === undefined) return 'no-address'
  if (needsProof(email.template) && !contact.proved.includes('email')) return 'unproved-address'
  if (!mayReceive(contact.email, await isDemonstration(ctx.db))) return 'address-not-permitted'
  return { office, mail: compose(ctx, email, { ...contact, email: contact.email }) }
}

/** A mail about an appointment is overtaken when the appointment has changed since it was written: the change has a mail of its own. */
async function isStillSo(ctx: Context<NotificationsTables>, { template, params, resource }: Email): Promise<boolean> {
  if (!template.startsWith('appointment-')) return true
  const card = await cardOf(ctx, resource.replace('Appointment/', ''))
  if (!card) return false
  if (template.startsWith('appointment-cancelled')) return card.status === 'cancelled'
  return isAhead(card, ctx.now()) && card.sequence === (params as AppointmentParams).sequence
}

function compose(ctx: Context<NotificationsTables>, email: Email, contact: Reachable): Mail {
  const { config } = ctx
  const { title, mail } = render(email.template, email.params, contact.language)
  const footer = wordsFor(contact.language)['mail-footer']({ url: config.PUBLIC_URL })
  const to = { name: asName(contact.name), address: contact.email }
  const invitation = invite(ctx, email, contact)
  return {
    from: config.MAIL_FROM,
    to,
    subject: title,
    text: `${mail}\n\n-- \n${footer}\n`,
    messageId: `<${email.id}@${hostOf(config)}>`,
    date: email.created_at,
    ...(invitation && { invitation }),
  }
}

const methods: Readonly<Record<string, 'REQUEST' | 'CANCEL'>> = {
  'appointment-booked': 'REQUEST',
  'appointment-rescheduled': 'REQUEST',
  'appointment-cancelled': 'CANCEL',
}

function invite(
  ctx: Context<NotificationsTables>,
  { template, params, resource, created_at }: Email,
  contact: Reachable,
): Mail['invitation'] {
  const [what = '', part] = template.split('.')
  const method = methods[what]
  if (method === undefined) return undefined
  return invitationFor({
    method,
    appointment: resource.replace('Appointment/', ''),
    params: params as AppointmentParams,
    part: part as Part,
    language: contact.language,
    host: hostOf(ctx.config),
    organizer: senderOf(ctx.config),
    attendee: { name: asName(contact.name), email: contact.email },
    now: created_at,
  })
}
