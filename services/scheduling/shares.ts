import type { Static } from 'typebox'
import { Problem } from '#platform/errors.ts'
import type { Channel } from './channel.ts'
import type { Reserved } from './contract/schedules.ts'
import { MINUTE } from './search-window.ts'

const HOUR = 60 * MINUTE

/** Of one session and channel; minutes. */
export interface Share {
  channel: Channel
  release: Static<typeof Reserved>[number]['release']
  begins: Date
  length: number
  taken: number
  free: number
}

/** As percent_kept in migrations/0019_fair_access.sql. */
function percentKept(release: Share['release'], hours: number): number {
  const next = release.findIndex((point) => point.hours < hours)
  const [a, b] = [release.at(next === -1 ? -1 : next - 1), release[next]]
  if (next === 0 || !a) return release[0]?.percent ?? 0
  return b ? a.percent + ((b.percent - a.percent) * (a.hours - hours)) / (a.hours - b.hours) : a.percent
}

/** What is kept of a share at a time, and not taken yet. */
export function keptAt({ release, begins, length, taken }: Share, at: number): number {
  return Math.max(0, (percentKept(release, (begins.getTime() - at) / HOUR) * length) / 100 - taken)
}

/** The first minute at which a channel may take so much of the session; the start of it where it never may. */
export function keptUntil(shares: readonly Share[], channel: Channel, minutes: number, now: Date): Date | undefined {
  const [one] = shares
  if (!one) return undefined
  const others = shares.filter((share) => share.channel !== channel)
  const open = (at: number) => one.free - others.reduce((kept, share) => kept + keptAt(share, at), 0)
  let [from, until] = [Math.floor(now.getTime() / MINUTE), Math.floor(one.begins.getTime() / MINUTE)]
  while (from < until) {
    const middle = Math.floor((from + until) / 2)
    if (open(middle * MINUTE) >= minutes) until = middle
    else from = middle + 1
  }
  return new Date(from * MINUTE)
}

/** A share only falls, and together they are no more than the whole: else nobody could say until when a time is kept. */
export function checkReserved(reserved: Static<typeof Reserved>): void {
  for (const [i, { release }] of reserved.entries())
    for (const [j, point] of release.entries()) {
      const before = release[j - 1]
      if (!before || (point.hours < before.hours && point.percent <= before.percent)) continue
      throw new Problem('invalid', 'A share is released as the start comes near.', {
        errors: [
          {
            pointer: `/body/reserved/${i}/release/${j}`,
            detail: 'needs fewer hours, and no more percent, than the one before',
          },
        ],
      })
    }
  if (new Set(reserved.map(({ channel }) => channel)).size < reserved.length)
    throw new Problem('business-rule', 'Name each channel once.')
  if (reserved.reduce((sum, { release }) => sum + (release[0]?.percent ?? 0), 0) > 100)
    throw new Problem('business-rule', 'The shares come to more than 100 percent.')
}
