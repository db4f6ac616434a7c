import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dateRange, isBefore, periodRange, timingRange } from './date-range.ts'

const range = (from: string, until: string) => ({ from, until })
const day = (text: string) => `${text}T00:00:00.000Z`

describe('dateRange', () => {
  const cases: [what: string, text: string, from: string, until: string][] = [
    ['a year', '2031', day('2031-01-01'), day('2032-01-01')],
    ['a month', '2031-12', day('2031-12-01'), day('2032-01-01')],
    ['a day', '2032-02-29', day('2032-02-29'), day('2032-03-01')],
    ['a minute', '2031-03-01T10:05Z', '2031-03-01T10:05:00.000Z', '2031-03-01T10:06:00.000Z'],
    ['a second', '2031-03-01T10:05:07Z', '2031-03-01T10:05:07.000Z', '2031-03-01T10:05:08.000Z'],
    ['a time to the east', '2031-03-01T00:05:07+05:30', '2031-02-28T18:35:07.000Z', '2031-02-28T18:35:08.000Z'],
    ['a time to the west', '2031-12-31T23:30:00-02:00', '2032-01-01T01:30:00.000Z', '2032-01-01T01:30:01.000Z'],
    ['a time without an offset, in UTC', '2031-03-01T10:05:07', '2031-03-01T10:05:07.000Z', '2031-03-01T10:05:08.000Z'],
    ['tenths', '2031-03-01T10:05:07.9Z', '2031-03-01T10:05:07.900Z', '2031-03-01T10:05:08.000Z'],
    ['milliseconds', '2031-03-01T10:05:07.123Z', '2031-03-01T10:05:07.123Z', '2031-03-01T10:05:07.124Z'],
    ['microseconds', '2031-03-01T10:05:07.123456Z', '2031-03-01T10:05:07.123456Z', '2031-03-01T10:05:07.123457Z'],
    [
      'nanoseconds as microseconds',
      '2031-03-01T10:05:07.123456789Z',
      '2031-03-01T10:05:07.123456Z',
      '2031-03-01T10:05:07.123457Z',
    ],
    ['a leap second', '2016-12-31T23:59:60Z', day('2017-01-01'), '2017-01-01T00:00:01.000Z'],
    ['the first year', '0001', day('0001-01-01'), day('0002-01-01')],
    ['a year before 100', '0099-06', day('0099-06-01'), day('0099-07-01')],
    ['the last year', '9999', day('9999-01-01'), 'infinity'],
    ['what lies before all years', '0001-01-01T00:00:00+14:00', '-infinity', '-infinity'],
  ]
  for (const [what, text, from, until] of cases)
    it(`is ${what}: ${text}`, () => assert.deepEqual(dateRange(text), range(from, until)))

  for (const text of [
    '',
    '2031-02-29',
    '2031-13',
    '2031-00-01',
    '2031-01-32',
    '0000',
    '31',
    '2031-1-1',
    '2031-03-01T24:00:00Z',
    '2031-03-01T10:60:00Z',
    '2031-03-01T10Z',
    '2031-03-01 10:00',
    'ge2031',
    '2031-03-01T10:00:00.Z',
    `2031-03-01T10:00:00.${'1'.repeat(10_000_000)}Z`,
  ])
    it(`is none of ${JSON.stringify(text.slice(0, 30))}`, () => assert.equal(dateRange(text), undefined))

  it('holds every instant that is written more precisely', () => {
    const instant = fc.date({ min: new Date('0001-01-02'), max: new Date('9998-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(
        instant,
        fc.constantFrom(4, 7, 10, 16, 19),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (at, length, east) => {
          const here = new Date(at.getTime() + east * 60_000).toISOString()
          const zone = `${east < 0 ? '-' : '+'}${new Date(Math.abs(east) * 60_000).toISOString().slice(11, 16)}`
          // A date has no offset, so that it is told of the time in UTC.
          const text = length > 10 ? here.slice(0, length) + zone : at.toISOString().slice(0, length)
          const whole = dateRange(text)
          const exact = dateRange(at.toISOString())
          assert.ok(whole && exact)
          assert.ok(!isBefore(exact.from, whole.from) && !isBefore(whole.until, exact.until), text)
          assert.ok(isBefore(whole.from, whole.until))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('leaves no gap between a time and the next', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0100-01-01'), max: new Date('9998-12-30'), noInvalidDate: true }), (at) => {
        const today = at.toISOString().slice(0, 10)
        const tomorrow = new Date(at.getTime() + 86_400_000).toISOString().slice(0, 10)
        assert.equal(dateRange(today)?.until, dateRange(tomorrow)?.from)
      }),
    )
  })
})

describe('isBefore', () => {
  it('knows the ends of time, and microseconds among milliseconds', () => {
    assert.ok(isBefore('-infinity', 'infinity'))
    assert.ok(isBefore('-infinity', day('0001-01-01')))
    assert.ok(isBefore(day('9999-01-01'), 'infinity'))
    assert.ok(isBefore('2031-03-01T10:05:07.123Z', '2031-03-01T10:05:07.123456Z'))
    assert.ok(!isBefore('2031-03-01T10:05:07.123456Z', '2031-03-01T10:05:07.123Z'))
    assert.ok(!isBefore('infinity', 'infinity'))
  })
})

describe('periodRange', () => {
  it('goes from the beginning of its start to the end of its end', () => {
    assert.deepEqual(periodRange({ start: '2031-03', end: '2031-04-02' }), range(day('2031-03-01'), day('2031-04-03')))
  })
  it('is open where an end is missing', () => {
    assert.deepEqual(periodRange({ start: '2031' }), range(day('2031-01-01'), 'infinity'))
    assert.deepEqual(periodRange({ end: '2031' }), range('-infinity', day('2032-01-01')))
  })
  it('is none where it says nothing, ends before it starts, or is no period', () => {
    for (const period of [{}, { start: '2031', end: '2030' }, { start: 'soon' }, { start: 7 }, [], null, '2031'])
      assert.equal(periodRange(period), undefined)
  })
})

describe('timingRange', () => {
  it('is the outer limits of events', () => {
    assert.deepEqual(
      timingRange({ event: ['2031-03-05', '2031-03-01T10:00:00Z', 'soon', '2031-02'] }),
      range(day('2031-02-01'), day('2031-03-06')),
    )
  })
  it('is its bounds, whatever is repeated within them', () => {
    const repeat = {
      boundsPeriod: { start: '2013-01-31', end: '2013-03-24' },
      frequency: 1,
      period: 2,
      periodUnit: 'd',
    }
    assert.deepEqual(timingRange({ repeat }), range(day('2013-01-31'), day('2013-03-25')))
  })
  it('is none where it has neither', () => {
    assert.equal(timingRange({ code: { text: 'twice a day' }, repeat: { boundsDuration: { value: 3 } } }), undefined)
  })
})
