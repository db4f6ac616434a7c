import { createHash } from 'node:crypto'
import type { Config } from '#platform/config.ts'
import { directionOf, languageOf } from '#platform/language.ts'
import { categoryOf, isCritical } from '../categories.ts'
import type { Waiting } from '../queries/deliveries.ts'
import { render } from '../render.ts'

export interface PushMessage {
  /** RFC 8030 §5.2 to §5.4. */
  ttlSeconds: number
  urgency: 'low' | 'normal' | 'high'
  topic: string
  payload: Buffer
}

const DAY_SECONDS = 86_400
/** What a push service keeps for longer nobody knows (RFC 8030 §5.2). */
const LONGEST_SECONDS = 28 * DAY_SECONDS

/** Anybody may look over a shoulder: when, and never with whom, where or why. */
export function pushMessageOf(waiting: Waiting, language: string, { PUBLIC_URL }: Config, now: Date): PushMessage {
  const { title, short } = render(waiting.template, waiting.params, { language, zone: waiting.zone })
  const topic = topicOf(waiting)
  const written = languageOf(language) ?? 'en'
  // As Declarative Web Push has it, so that a browser can show it by itself; others have a few lines that do.
  const notification = {
    title,
    body: short,
    lang: written,
    dir: directionOf(written),
    tag: topic,
    navigate: PUBLIC_URL,
  }
  return {
    ttlSeconds: ttlOf(waiting, now),
    urgency: urgencyOf(waiting.template),
    topic,
    payload: Buffer.from(JSON.stringify({ web_push: 8030, notification })),
  }
}

/** Until the visit, or until an offer ends; else a day. */
function ttlOf({ params }: Waiting, now: Date): number {
  const { start, answerBy = start } = params as { start?: string; answerBy?: string }
  if (answerBy === undefined) return DAY_SECONDS
  const left = Math.floor((Date.parse(answerBy) - now.getTime()) / 1_000)
  return Math.min(Math.max(left, 60), LONGEST_SECONDS)
}

function urgencyOf(template: string): PushMessage['urgency'] {
  if (isCritical(template) || template.startsWith('waitlist-offer')) return 'high'
  return ['work', 'announcements'].includes(categoryOf(template)) ? 'low' : 'normal'
}

/** A newer one takes the place of an older one about the same thing, but of what must be heard. Says nothing to a push service, also of two who are told of one visit. */
const topicOf = ({ account_id, resource, template }: Waiting): string =>
  createHash('sha256')
    .update(JSON.stringify([account_id, resource, isCritical(template) ? template : '']))
    .digest('base64url')
    .slice(0, 32)
