import { categoryOf, isCritical } from '../categories.ts'
import { type Channel, channels } from '../channels.ts'
import type { PreferencesRow } from '../queries/preferences.ts'
import type { Message } from '../queries.ts'
import { nextAt, quietUntil } from './wall-clock.ts'

/** When a message goes out by a channel, or that it does not. */
export interface Planned {
  channel: Channel
  due: Date
  digest: boolean
  /** Set where it is not sent. */
  reason?: 'not-wanted'
}

/** By then, before a visit, whoever is to come must have heard: nothing waits longer. */
const BEFORE_VISIT_MS = 2 * 3_600_000
const DAILY_AT = '18:00'

/** By what its reader has asked for, about this person or in general. What must be heard goes at once, by what there is. */
export function planOf(message: Message, all: readonly PreferencesRow[], now: Date): Planned[] {
  if (isCritical(message.template)) return message.channels.map((channel) => ({ channel, due: now, digest: false }))
  const mine = all.filter(({ account_id }) => account_id === message.account)
  const own = mine.find(({ about }) => about === message.account)
  const particular = mine.find(({ about }) => about === message.subject)
  const category = categoryOf(message.template)
  return channels.flatMap((channel): Planned[] => {
    const wish = particular?.wishes[category]?.[channel] ?? own?.wishes[category]?.[channel]
    const byDefault = message.channels.includes(channel)
    if (wish === 'off') return byDefault ? [{ channel, due: now, digest: false, reason: 'not-wanted' }] : []
    if (!byDefault && (wish === undefined || !message.reachable.includes(channel))) return []
    const later = wish === 'daily' ? dailyOf(own, now) : quietOf(own, now)
    const due = later && later <= latestFor(message) ? later : now
    return [{ channel, due, digest: wish === 'daily' && due > now }]
  })
}

const dailyOf = (own: PreferencesRow | undefined, now: Date): Date =>
  nextAt(now, own?.zone ?? 'UTC', own?.daily_at ?? DAILY_AT)

const quietOf = (own: PreferencesRow | undefined, now: Date): Date | undefined =>
  own?.zone && own.quiet_from && own.quiet_until
    ? quietUntil(now, { zone: own.zone, from: own.quiet_from, until: own.quiet_until })
    : undefined

function latestFor({ template, params }: Message): Date {
  const { start } = params as { start?: string }
  if (!/^appointments?-/.test(template) || start === undefined) return new Date(8_640_000_000_000_000)
  return new Date(Date.parse(start) - BEFORE_VISIT_MS)
}
