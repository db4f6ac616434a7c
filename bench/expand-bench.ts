import ICAL from 'ical.js'
import { addDays } from '#platform/wall-clock.ts'
import { expandHours, type HoursRule } from '#services/scheduling/expand-hours.ts'

export interface ExpandFigures {
  /** Milliseconds for a year of one practitioner's hours, at the median and the 99th of a hundred. */
  ours: { p50: number; p99: number }
  /** Of ical.js (MPL-2.0) for the days of the same rules: without a zone, and nothing withdrawn or added. */
  peer: { p50: number; p99: number }
  shifts: number
}

const ROUNDS = 200
const FROM = '2031-01-01'
const THROUGH = '2031-12-31'

// Two sessions on five days, one on every other Saturday, one on the last Wednesday of the month; two weeks withdrawn, ten days added.
const RULES = ['FREQ=WEEKLY;INTERVAL=2;BYDAY=SA', 'FREQ=MONTHLY;BYDAY=-1WE']
const rule: HoursRule = {
  zone: 'Europe/Berlin',
  hours: [
    ...(['mon', 'tue', 'wed', 'thu', 'fri'] as const).flatMap((day) => [
      { day, from: '08:00', until: '12:00' },
      { day, from: '13:00', until: '17:00' },
    ]),
    ...RULES.map((rule) => ({ rule, from: '18:00', until: '20:00' })),
  ],
  validFrom: '2026-01-01',
  exceptions: [
    ...Array.from({ length: 14 }, (_, n) => ({ kind: 'withdraw' as const, date: addDays('2031-08-04', n) })),
    ...Array.from({ length: 10 }, (_, n) => ({
      ...{ kind: 'add' as const, date: addDays('2031-10-05', 7 * n) },
      ...{ from: '09:00', until: '12:00' },
    })),
  ],
}

/** By turns, so that both meet the same noise. */
export function benchExpand(): ExpandFigures {
  const [ours, peer]: [number[], number[]] = [[], []]
  let shifts = 0
  for (let n = 0; n < ROUNDS; n++) {
    ours.push(timed(() => (shifts = expandHours(rule, FROM, THROUGH).length)))
    peer.push(timed(peerDays))
  }
  return { ours: spread(ours), peer: spread(peer), shifts }
}

function peerDays(): void {
  const through = ICAL.Time.fromDateString(THROUGH)
  for (const text of ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', ...RULES]) {
    const days = ICAL.Recur.fromString(text).iterator(ICAL.Time.fromDateString('2026-01-01'))
    for (let day = days.next(); day && day.compare(through) <= 0; ) day = days.next()
  }
}

function timed(act: () => unknown): number {
  const began = performance.now()
  act()
  return performance.now() - began
}

export function spread(times: number[]): { p50: number; p99: number } {
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(benchExpand())}\n`)
