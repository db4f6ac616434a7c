import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import type { OutputOf } from '#platform/operation.ts'
import { readAppointmentLinks } from '../scheduling/contract.ts'
import type { Waiting } from './queries/deliveries.ts'
import { phrase, whenIn } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import type { AppointmentsParams, OfferParams } from './words/words.ts'

const actions = ['confirm', 'move', 'cancel', 'accept', 'decline'] as const
const OF_ONE = /^(appointment-(booked|rescheduled|reminder)|waitlist-offer)\.(patient|caregiver)$/
const OF_SEVERAL = /^appointments-(booked|rescheduled|reminder)\.(patient|caregiver)$/

type Ctx = Context<NotificationsTables>
type Told = Pick<Waiting, 'template' | 'params' | 'resource' | 'account_id' | 'zone'>

/** Lines under the text of a mail, with what its reader can do by it without signing in; none where there is nothing. */
export async function linksInMail(ctx: Ctx, told: Told, language: string): Promise<string> {
  const lines = OF_SEVERAL.test(told.template) ? await ofSeveral(ctx, told, language) : await ofOne(ctx, told, language)
  return lines.map((line) => `\n\n${line}`).join('')
}

/** The one in a text, which has room for no more: it leads to a page with each of them. */
export async function linkInText(ctx: Ctx, told: Told): Promise<string | undefined> {
  return OF_ONE.test(told.template) ? (await linksOf(ctx, told)).choose : undefined
}

async function ofOne(ctx: Ctx, told: Told, language: string): Promise<string[]> {
  if (!OF_ONE.test(told.template)) return []
  const links = await linksOf(ctx, told)
  return actions.flatMap((action) => {
    const url = links[action]
    return url === undefined ? [] : [phrase(`link.${action}`, language, { url })]
  })
}

async function ofSeveral(ctx: Ctx, { params, account_id, zone }: Told, language: string): Promise<string[]> {
  const { visits } = params as AppointmentsParams
  const lines = await Promise.all(
    visits.map(async (visit) => {
      const { choose: url } = await linksForOne(ctx, { appointment: visit.appointment, account: account_id })
      return url === undefined
        ? []
        : [phrase('link.choose', language, { when: whenIn(visit, { language, zone }), url })]
    }),
  )
  return lines.flat()
}

function linksOf(ctx: Ctx, { template, params, resource, account_id }: Told) {
  const id = template.startsWith('waitlist') ? (params as OfferParams).offer : resource.replace('Appointment/', '')
  return linksForOne(ctx, { appointment: id, account: account_id })
}

type Links = OutputOf<typeof readAppointmentLinks>['items'][number]

/** Asked together with others that are wanted at the time. */
const linksForOne: (ctx: Ctx, asked: { appointment: string; account: string }) => Promise<Links> = gathered(
  async (ctx, items) => (await ctx.call(readAppointmentLinks, { body: { items: [...items] } })).items,
)
