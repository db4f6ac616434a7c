import { hostOf } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { isDemonstration, mayReceive, senderOf } from '../addresses.ts'
import { needsProof } from '../categories.ts'
import { type Contact, contactOf } from '../contacts.ts'
import { type Invitation, invitationFor } from '../invitation.ts'
import { linksInMail } from '../links.ts'
import { postOfficesOf } from '../open-things.ts'
import type { Waiting } from '../queries/deliveries.ts'
import type { Part } from '../queries.ts'
import { asName, phrase, render } from '../render.ts'
import type { NotificationsTables } from '../tables.ts'
import type { AppointmentParams, AppointmentsParams } from '../words/words.ts'
import { handOver, type Prepared } from './hand-over.ts'
import { bodyOf } from './mail-body.ts'
import type { Mail } from './post-office.ts'

type Ctx = Context<NotificationsTables>
type Reachable = Contact & { email: string }

export const prepareEmail = (ctx: Ctx, waiting: Waiting): Promise<Prepared> =>
  prepareFor(ctx, waiting, async (contact) =>
    compose(ctx, waiting, contact, await linksInMail(ctx, waiting, contact.language)),
  )

/** All of one account. */
export async function prepareDigest(ctx: Ctx, all: readonly Waiting[]): Promise<Prepared> {
  const [first] = all
  if (first === undefined || all.length === 1) return first ? prepareEmail(ctx, first) : 'overtaken'
  return prepareFor(ctx, first, (contact) => together(ctx, first, all, contact))
}

async function prepareFor(
  ctx: Ctx,
  waiting: Waiting,
  write: (contact: Reachable) => Mail | Promise<Mail>,
): Promise<Prepared> {
  const offices = postOfficesOf(ctx)
  if (offices.length === 0) return 'not-configured'
  const contact = await contactOf(ctx, waiting.account_id)
  if (contact?.email === undefined) return 'no-address'
  if (needsProof(waiting.template) && !contact.proved.includes('email')) return 'unproved-address'
  if (!mayReceive(contact.email, await isDemonstration(ctx))) return 'address-not-permitted'
  const mail = await write({ ...contact, email: contact.email })
  return async () => ({ ...(await handOver(ctx, offices, mail)), language: contact.language })
}

/** Several in one, without invitations: a calendar takes one from a mail. */
function together({ config }: Ctx, first: Waiting, all: readonly Waiting[], contact: Reachable): Mail {
  const { language } = contact
  const texts = all.map(({ template, params, zone }) => render(template, params, { language, zone }))
  return {
    from: config.MAIL_FROM,
    to: { name: asName(contact.name), address: contact.email },
    subject: phrase('digest.title', language, { count: all.length }),
    ...bodyOf(texts.map(({ title, mail }) => `${title}\n${mail}`).join('\n\n'), language, config.PUBLIC_URL),
    messageId: `<${first.id}@${hostOf(config)}>`,
    date: first.created_at,
  }
}

function compose(ctx: Ctx, waiting: Waiting, contact: Reachable, links: string): Mail {
  const { config } = ctx
  const { language } = contact
  const { title, mail } = render(waiting.template, waiting.params, { language, zone: waiting.zone })
  const to = { name: asName(contact.name), address: contact.email }
  const invitation = invite(ctx, waiting, contact)
  return {
    from: config.MAIL_FROM,
    to,
    subject: title,
    ...bodyOf(`${mail}${links}`, language, config.PUBLIC_URL),
    messageId: `<${waiting.id}@${hostOf(config)}>`,
    date: waiting.created_at,
    ...(invitation && { invitation }),
  }
}

/** Changes of appointments, which a calendar takes from the mail; of several in one message too. */
const CHANGE = /^appointments?-(booked|rescheduled|cancelled)\.(patient|caregiver|practitioner)$/

function invite(
  ctx: Ctx,
  { template, params, resource, created_at }: Waiting,
  contact: Reachable,
): Invitation | undefined {
  const [, change, part] = CHANGE.exec(template) ?? []
  if (change === undefined) return undefined
  const visits = template.startsWith('appointments-')
    ? (params as AppointmentsParams).visits
    : [{ ...(params as AppointmentParams), appointment: resource.replace('Appointment/', '') }]
  return invitationFor({
    cancelled: change === 'cancelled',
    visits,
    part: part as Part,
    language: contact.language,
    host: hostOf(ctx.config),
    organizer: senderOf(ctx.config),
    attendee: { name: asName(contact.name), email: contact.email },
    now: created_at,
  })
}
