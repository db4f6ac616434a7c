import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Temporal } from 'temporal-polyfill'
import { addDays, dateIn, instantOf, weekdayOf } from './wall-clock.ts'

const at = (date: string, time: string, zone: string) => new Date(instantOf(date, time, zone)).toISOString()

describe('instantOf', () => {
  it('follows the zone through summer and winter', () => {
    assert.equal(at('2031-01-15', '09:00', 'Europe/Berlin'), '2031-01-15T08:00:00.000Z')
    assert.equal(at('2031-07-15', '09:00', 'Europe/Berlin'), '2031-07-15T07:00:00.000Z')
  })
  it('knows zones of half and quarter hours', () => {
    assert.equal(at('2031-01-15', '09:00', 'Asia/Kolkata'), '2031-01-15T03:30:00.000Z')
    assert.equal(at('2031-01-15', '09:00', 'Asia/Kathmandu'), '2031-01-15T03:15:00.000Z')
  })
  it('takes the later time in a gap and the first of the two in an overlap', () => {
    assert.equal(at('2031-03-30', '02:30', 'Europe/Berlin'), '2031-03-30T01:30:00.000Z')
    assert.equal(at('2031-10-26', '02:30', 'Europe/Berlin'), '2031-10-26T00:30:00.000Z')
  })
  it('reads 24:00 as the next midnight, also on a day of 23 hours', () => {
    assert.equal(at('2031-03-30', '24:00', 'Europe/Berlin'), '2031-03-30T22:00:00.000Z')
  })
  it('agrees with Temporal for every zone, through a year of days', () => {
    for (const zone of Intl.supportedValuesOf('timeZone').filter((_, i) => i % 7 === 0))
      for (let day = 0; day < 365; day += 5) {
        const date = addDays('2031-01-01', day)
        const expected = Temporal.PlainDateTime.from(`${date}T13:35`).toZonedDateTime(zone).epochMilliseconds
        assert.equal(instantOf(date, '13:35', zone), expected, `${zone} ${date}`)
      }
  })
})

describe('dates', () => {
  it('depend on the zone', () => {
    const instant = new Date('2031-03-01T23:30:00Z')
    assert.equal(dateIn('UTC', instant), '2031-03-01')
    assert.equal(dateIn('Africa/Addis_Ababa', instant), '2031-03-02')
  })
  it('count on across months and leap days', () => {
    assert.equal(addDays('2032-02-28', 1), '2032-02-29')
    assert.equal(addDays('2031-12-31', 1), '2032-01-01')
    assert.equal(weekdayOf('2031-03-03'), 0)
  })
})
