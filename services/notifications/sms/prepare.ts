import type { Context } from '#platform/context.ts'
import { isCritical, needsProof } from '../categories.ts'
import { contactsOf } from '../contacts.ts'
import type { Waiting } from '../queries/deliveries.ts'
import { isStopped } from '../queries/phones.ts'
import { render, wordsFor } from '../render.ts'
import { handOver, type Prepared } from '../sending/hand-over.ts'
import type { NotificationsTables } from '../tables.ts'
import { carriersOf } from './carriers.ts'
import { whyNotTo } from './permitted.ts'
import { segmentsOf } from './segments.ts'

/** A longer text costs more than it tells. */
const MOST_SEGMENTS = 3

export async function prepareSms(ctx: Context<NotificationsTables>, waiting: Waiting): Promise<Prepared> {
  const carriers = carriersOf(ctx.config)
  if (carriers.length === 0) return 'not-configured'
  const contact = (await contactsOf(ctx, [waiting.account_id])).get(waiting.account_id)
  if (contact?.phone === undefined) return 'no-address'
  if (needsProof(waiting.template) && !contact.proved.includes('phone')) return 'unproved-address'
  if (!isCritical(waiting.template) && (await isStopped(ctx.db, contact.phone))) return 'stopped'
  const refusal = await whyNotTo(ctx, contact.phone)
  if (refusal !== undefined) return refusal
  const text = textFor(waiting, contact.language, ctx.config.PUBLIC_URL)
  const message = { id: waiting.id, channel: 'sms' as const, to: contact.phone, text }
  return () => handOver(ctx, carriers, message)
}

/** Anybody may look over a shoulder, and a phone may be a family's: when, and never with whom, where or why. */
function textFor({ template, params }: Waiting, language: string, url: string): string {
  const { title, short } = render(template, params, language)
  const footer = wordsFor(language)['text-footer']({ url })
  const whole = `${short}\n${footer}`
  return segmentsOf(whole) <= MOST_SEGMENTS ? whole : `${title}\n${footer}`
}
