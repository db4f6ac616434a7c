import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { Temporal } from 'temporal-polyfill'
import { addDays } from '#platform/wall-clock.ts'
import { expandHours, HORIZON_DAYS, type Interval } from './expand-hours.ts'

// Hours of every zone whose clocks change within the horizon, on the days around the change, beside what Temporal says of each; and the same in processes that
// run in other zones than this one.

const first = '2031-03-01'
const last = addDays(first, HORIZON_DAYS)
const hours = [
  { from: '00:00', until: '24:00' },
  { from: '00:30', until: '03:15' },
  { from: '08:00', until: '17:30' },
]

/** The date of the first change from `first` through `last`; undefined where there is none. */
function changeOf(zone: string): string | undefined {
  const start = Temporal.PlainDate.from(first).toZonedDateTime(zone)
  const next = start.getTimeZoneTransition('next')
  const date = next?.toPlainDate().toString()
  return date !== undefined && date <= last ? date : undefined
}

const at = (date: string, time: string, zone: string) =>
  time === '24:00'
    ? Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds
    : Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(zone, { disambiguation: 'compatible' })
        .epochMilliseconds

const opens = (zone: string, date: string, one: { from: string; until: string }): Interval[] =>
  expandHours({ zone, hours: [{ rule: 'FREQ=DAILY', ...one }], validFrom: date, exceptions: [] }, date, date)

const zones = Intl.supportedValuesOf('timeZone').flatMap((zone) => {
  const change = changeOf(zone)
  return change === undefined ? [] : [{ zone, change }]
})

describe('hours where the clocks change', () => {
  it('last as long as the clocks say, in every zone that has a change within the horizon', () => {
    assert.ok(zones.length > 100, `only ${zones.length} zones change`)
    for (const { zone, change } of zones)
      for (const date of [addDays(change, -1), change, addDays(change, 1)])
        for (const one of hours) {
          const [from, until] = [at(date, one.from, zone), at(date, one.until, zone)]
          const expected = from < until ? [[from, until]] : []
          assert.deepEqual(opens(zone, date, one), expected, `${zone} ${date} ${one.from}–${one.until}`)
        }
  })

  it('leave nothing out and nothing twice: the days of a month join to one range', () => {
    for (const { zone, change } of zones) {
      const [begin, end] = [addDays(change, -15), addDays(change, 15)]
      const rule = {
        zone,
        hours: [{ rule: 'FREQ=DAILY', from: '00:00', until: '24:00' }],
        validFrom: begin,
        exceptions: [],
      }
      const whole = [[at(begin, '00:00', zone), at(end, '24:00', zone)]]
      assert.deepEqual(expandHours(rule, begin, end), whole, zone)
    }
  })

  for (const TZ of ['Pacific/Apia', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe'])
    it(`are the same for a process in ${TZ}`, async () => {
      const all = zones.map(({ zone, change }) => [zone, ...hours.map((one) => opens(zone, change, one))])
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '--eval', program(zones)],
        {
          cwd: new URL('../..', import.meta.url),
          env: { TZ },
          maxBuffer: 1e8,
        },
      )
      assert.deepEqual(JSON.parse(stdout), all)
    })
})

const program = (of: typeof zones) => `
import { expandHours } from '${new URL('./expand-hours.ts', import.meta.url)}'
if (new Date(2031, 2, 1).getTimezoneOffset() === 0) throw new Error('this process is in UTC')
const opens = (zone, date, one) =>
  expandHours({ zone, hours: [{ rule: 'FREQ=DAILY', ...one }], validFrom: date, exceptions: [] }, date, date)
const all = ${JSON.stringify(of)}.map(({ zone, change }) => [zone, ...${JSON.stringify(hours)}.map((one) => opens(zone, change, one))])
process.stdout.write(JSON.stringify(all))`
