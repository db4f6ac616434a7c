import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Static } from 'typebox'
import { addDays } from '#platform/wall-clock.ts'
import { type ActivitySchedule, weekdays } from '../contract/schedule.ts'
import { expandSchedule } from './expand-schedule.ts'

type Schedule = Static<typeof ActivitySchedule>

const QUARTER = 900_000
const DAY = 86_400_000

/** What clocks show, as Intl has it: nothing of it is what the house computes with. */
function clockOf(zone: string) {
  const format = new Intl.DateTimeFormat('sv', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  })
  return (at: number) => format.format(at).replace(' ', 'T')
}

/** Walks through the window by quarters of an hour, and looks at the clock on the wall. */
function slowly(schedule: Schedule, zone: string, window: { from: Date; until: Date }): Date[] {
  const clock = clockOf(zone)
  const [begin, end] = [window.from.getTime() - 2 * DAY, window.until.getTime() + 2 * DAY]
  const shown = new Map<string, number>()
  const jumps: { from: string; to: string; at: number }[] = []
  let before = clock(begin - QUARTER)
  for (let at = begin; at < end; at += QUARTER) {
    const now = clock(at)
    if (!shown.has(now)) shown.set(now, at)
    if (Date.parse(`${now}Z`) - Date.parse(`${before}Z`) > QUARTER) jumps.push({ from: before, to: now, at })
    before = now
  }
  const instant = (time: string): number | undefined => {
    const jump = jumps.find(({ from, to }) => time > from && time < to)
    // As far behind the jump as the time lies behind its beginning (RFC 5545 §3.3.5).
    return jump ? jump.at + Date.parse(`${time}Z`) - Date.parse(`${jump.from}Z`) - QUARTER : shown.get(time)
  }
  const meant = new Set<number>()
  for (let date = clock(begin).slice(0, 10); date <= clock(end).slice(0, 10); date = addDays(date, 1)) {
    if (date < schedule.from || (schedule.to !== undefined && date > schedule.to)) continue
    const day = weekdays[(new Date(date).getUTCDay() + 6) % 7]
    const since = Math.round((Date.parse(date) - Date.parse(schedule.from)) / DAY)
    if (schedule.days && !schedule.days.some((one) => one === day)) continue
    if (schedule.everyDays && since % schedule.everyDays !== 0) continue
    for (const time of schedule.timesOfDay) {
      const at = instant(`${date}T${time}`)
      if (at !== undefined) meant.add(at)
    }
  }
  return [...meant]
    .filter((at) => at >= window.from.getTime() && at < window.until.getTime())
    .sort((a, b) => a - b)
    .map((at) => new Date(at))
}

/** Mulberry32: the same cases each time. */
function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Zones, each with a day on which its clocks change, or a day that it left out. */
const changes = [
  ['Europe/Berlin', '2031-03-30'],
  ['Europe/Berlin', '2031-10-26'],
  ['America/New_York', '2031-03-09'],
  ['America/New_York', '2031-11-02'],
  ['America/St_Johns', '2031-03-09'],
  ['Australia/Lord_Howe', '2031-04-06'],
  ['Australia/Lord_Howe', '2031-10-05'],
  ['America/Santiago', '2031-09-07'],
  ['Africa/Casablanca', '2031-01-26'],
  ['Asia/Kathmandu', '2031-06-01'],
  ['Africa/Addis_Ababa', '2031-06-01'],
  ['Pacific/Apia', '2011-12-30'],
] as const

function caseOf(roll: ReturnType<typeof dice>, change: string): { schedule: Schedule; from: Date; until: Date } {
  const time = () => `${String(roll(24)).padStart(2, '0')}:${String(roll(4) * 15).padStart(2, '0')}`
  const from = addDays(change, roll(8) - 5)
  const kind = roll(3)
  const begin = new Date(Date.parse(addDays(change, roll(4) - 2)) + roll(96) * QUARTER)
  return {
    schedule: {
      timesOfDay: [...new Set([time(), time(), '02:30', `0${roll(4)}:15`])].sort(),
      from,
      ...(kind === 1 && { days: weekdays.filter(() => roll(2) === 0) }),
      ...(kind === 2 && { everyDays: 2 + roll(3) }),
      ...(roll(2) === 0 && { to: addDays(from, roll(7)) }),
    },
    from: begin,
    until: new Date(begin.getTime() + (1 + roll(4)) * DAY + roll(96) * QUARTER),
  }
}

describe('what a schedule means', () => {
  it('is what the clock on the wall says, also where it skips an hour, has one twice, or leaves a day out', () => {
    const roll = dice(1)
    let found = 0
    for (const [zone, change] of changes)
      for (let n = 0; n < 25; n++) {
        const { schedule, ...window } = caseOf(roll, change)
        const expected = slowly(schedule, zone, window)
        found += expected.length
        assert.deepEqual(
          expandSchedule(schedule, zone, window),
          expected,
          `${zone} ${JSON.stringify({ schedule, window })}`,
        )
      }
    assert.ok(found > 1_000, `${found} only`)
  })

  it('is the same in two windows that touch as in one', () => {
    const roll = dice(2)
    for (const [zone, change] of changes) {
      const { schedule, from, until } = caseOf(roll, change)
      const middle = new Date((from.getTime() + until.getTime()) / 2)
      assert.deepEqual(
        [
          ...expandSchedule(schedule, zone, { from, until: middle }),
          ...expandSchedule(schedule, zone, { from: middle, until }),
        ],
        expandSchedule(schedule, zone, { from, until }),
      )
    }
  })

  it('is nothing before its first day and after its last', () => {
    const schedule = { timesOfDay: ['08:00', '20:00'], from: '2031-03-03', to: '2031-03-04' }
    const window = { from: new Date('2031-03-01Z'), until: new Date('2031-03-31Z') }
    assert.deepEqual(
      expandSchedule(schedule, 'Africa/Addis_Ababa', window).map((at) => at.toISOString()),
      ['2031-03-03T05:00:00.000Z', '2031-03-03T17:00:00.000Z', '2031-03-04T05:00:00.000Z', '2031-03-04T17:00:00.000Z'],
    )
  })
})
