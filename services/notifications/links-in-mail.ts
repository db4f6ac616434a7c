import type { Context } from '#platform/context.ts'
import { readAppointmentLinks } from '../scheduling/contract.ts'
import { phrase } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import type { OfferParams } from './words/words.ts'

const actions = ['confirm', 'move', 'cancel', 'accept', 'decline'] as const
const WITH_LINKS = /^(appointment-(booked|rescheduled|reminder)|waitlist-offer)\.(patient|caregiver)$/

/** Lines under the text of a mail, with what its reader can do by it without signing in; none where there is nothing. */
export async function linksInMail(
  ctx: Context<NotificationsTables>,
  {
    template,
    params,
    resource,
    account_id,
  }: { template: string; params: object; resource: string; account_id: string },
  language: string,
): Promise<string> {
  if (!WITH_LINKS.test(template)) return ''
  const id = template.startsWith('waitlist') ? (params as OfferParams).offer : resource.replace('Appointment/', '')
  const links = await ctx.call(readAppointmentLinks, { params: { id }, query: { account: account_id } })
  const lines = actions.flatMap((action) => {
    const url = links[action]
    return url === undefined ? [] : [`\n\n${phrase(`link.${action}`, language, { url })}`]
  })
  return lines.join('')
}
