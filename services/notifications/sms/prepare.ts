import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import { isCritical, needsProof } from '../categories.ts'
import { contactOf } from '../contacts.ts'
import { linkInText } from '../links.ts'
import type { Waiting } from '../queries/deliveries.ts'
import { stoppedAmong } from '../queries/phones.ts'
import { phrase, render } from '../render.ts'
import { handOver, type Prepared } from '../sending/hand-over.ts'
import type { NotificationsTables } from '../tables.ts'
import type { Wording } from '../words/words.ts'
import { carriersOf } from './carriers.ts'
import { whyNotTo } from './permitted.ts'
import { segmentsOf } from './segments.ts'

type Ctx = Context<NotificationsTables>

/** A longer text costs more than it tells. */
export const MOST_SEGMENTS = 3
/** What can be answered is worth one more: in letters that no seven bits hold, an address of 100 letters takes one and a half of 67. */
const MOST_WITH_LINK = MOST_SEGMENTS + 1

const isStopped = gathered(async ({ db }: Ctx, phones: readonly string[]) => {
  const stopped = await stoppedAmong(db, phones)
  return phones.map((phone) => stopped.has(phone))
})

export async function prepareSms(ctx: Ctx, waiting: Waiting): Promise<Prepared> {
  const carriers = carriersOf(ctx)
  if (carriers.length === 0) return 'not-configured'
  const contact = await contactOf(ctx, waiting.account_id)
  if (contact?.phone === undefined) return 'no-address'
  if (needsProof(waiting.template) && !contact.proved.includes('phone')) return 'unproved-address'
  if (!isCritical(waiting.template) && (await isStopped(ctx, contact.phone))) return 'stopped'
  const refusal = await whyNotTo(ctx, contact.phone)
  if (refusal !== undefined) return refusal
  const text = textFor(waiting, contact.language, { site: ctx.config.PUBLIC_URL, link: await linkInText(ctx, waiting) })
  const message = { id: waiting.id, channel: 'sms' as const, to: contact.phone, text }
  return async () => ({ ...(await handOver(ctx, carriers, message)), language: contact.language })
}

/**
 * Anybody may look over a shoulder, and a phone may be a family's: when, and never with whom, where or why. It ends with the link, where there is one
 * and room for it, else with the address of the site.
 */
export function textFor(
  { template, params, zone }: Pick<Waiting, 'template' | 'params' | 'zone'>,
  language: string,
  { site, link }: { site: string; link?: string | undefined },
): string {
  const said = render(template, params, { language, zone })
  const footer = (url: string) => phrase('footer.text', language, { url })
  const withLink = link && inSevenBits(`${said.short}\n${footer(link)}`)
  return withLink && segmentsOf(withLink) <= MOST_WITH_LINK ? withLink : withinSegments(said, footer(site))
}

export function withinSegments({ title, short }: Pick<Required<Wording>, 'title' | 'short'>, footer: string): string {
  const whole = inSevenBits(`${short}\n${footer}`)
  return segmentsOf(whole) <= MOST_SEGMENTS ? whole : inSevenBits(`${title}\n${footer}`)
}

/** A curved apostrophe, or a space that does not break, would halve the room that a text has. */
export const inSevenBits = (text: string) => text.replaceAll('\u2019', "'").replace(/[\u00a0\u202f]/g, ' ')
