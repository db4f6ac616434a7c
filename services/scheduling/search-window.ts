import { Problem } from '#platform/errors.ts'

export const MINUTE = 60_000
export const DAY = 86_400_000

/**
 * Searches offer nothing that begins sooner: nobody gets there. A minute before `next_from` in migrations/0001_scheduling.sql, which says why.
 */
export const soonest = (now: Date) => Math.floor(now.getTime() / MINUTE) * MINUTE + 6 * MINUTE

/** On the clock of where the hours are; over midnight where `until` is not after `from`. */
export interface DayHours {
  from: string
  until: string
}

export function dayHours(between: string | undefined): DayHours | undefined {
  if (between === undefined) return undefined
  const [from = '', until = ''] = between.split('-')
  return { from, until }
}

/** Never before now: a free time that has passed, or is about to, is no offer. */
export function windowOf(
  now: Date,
  { from, until }: { from?: string | undefined; until?: string | undefined },
  days: number,
) {
  const start = new Date(Math.max(soonest(now), from === undefined ? 0 : Date.parse(from)))
  const end = until === undefined ? new Date(start.getTime() + days * DAY) : new Date(until)
  if (until !== undefined && end <= start)
    throw new Problem('invalid', '`until` must lie after `from` and in the future.', {
      errors: [{ pointer: '/query/until', detail: 'must be later' }],
    })
  return { from: start, until: end }
}

const SLOT_DAYS = 31

/** For searches that go through every slot. */
export function slotWindow(now: Date, asked: { from?: string | undefined; until?: string | undefined }) {
  const window = windowOf(now, asked, SLOT_DAYS)
  if (window.until.getTime() - window.from.getTime() > SLOT_DAYS * DAY)
    throw new Problem('invalid', `At most ${SLOT_DAYS} days at a time.`, {
      errors: [{ pointer: '/query/until', detail: 'is too far from `from`' }],
    })
  return window
}
