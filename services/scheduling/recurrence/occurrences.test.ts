import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { occurrences } from './occurrences.ts'
import { parseRule, RuleError, whyNoDayRule } from './rule.ts'

const wall = (text: string) => Date.parse(`${text.length > 10 ? text : `${text}T00:00`}:00Z`.replace('Z:00Z', 'Z'))
const shown = (time: number) => new Date(time).toISOString().slice(0, 16).replace('T00:00', '')

/** The first ten, on the clock. */
const means = (rule: string, start: string, through = '2100-01-01') =>
  occurrences(parseRule(rule), wall(start), wall(through)).take(10).map(shown).toArray()

describe('a recurrence rule means', () => {
  const cases: [says: string, rule: string, start: string, means: string[]][] = [
    ['every other day', 'FREQ=DAILY;INTERVAL=2;COUNT=3', '2031-02-27', ['2031-02-27', '2031-03-01', '2031-03-03']],
    [
      'every day until a date, which is in',
      'FREQ=DAILY;UNTIL=20310303',
      '2031-03-01',
      ['2031-03-01', '2031-03-02', '2031-03-03'],
    ],
    [
      'Mondays and Thursdays of every second week, weeks beginning on Monday',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=4',
      '2031-03-04',
      ['2031-03-09', '2031-03-17', '2031-03-23', '2031-03-31'],
    ],
    [
      '… or on Sunday, which makes them other days',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU;COUNT=4',
      '2031-03-04',
      ['2031-03-16', '2031-03-17', '2031-03-30', '2031-03-31'],
    ],
    [
      'the first Monday of a month',
      'FREQ=MONTHLY;BYDAY=1MO;COUNT=3',
      '2031-03-01',
      ['2031-03-03', '2031-04-07', '2031-05-05'],
    ],
    ['the last Friday', 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=2', '2031-03-01', ['2031-03-28', '2031-04-25']],
    [
      'the last workday',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2',
      '2031-05-01',
      ['2031-05-30', '2031-06-30'],
    ],
    ['the 31st, where there is one', 'FREQ=MONTHLY;COUNT=3', '2031-01-31', ['2031-01-31', '2031-03-31', '2031-05-31']],
    ['Friday the 13th', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=2', '2031-01-01', ['2031-06-13', '2032-02-13']],
    ['the 29th of February', 'FREQ=YEARLY;COUNT=2', '2028-02-29', ['2028-02-29', '2032-02-29']],
    ['the 20th Monday of a year', 'FREQ=YEARLY;BYDAY=20MO;COUNT=2', '2031-01-01', ['2031-05-19', '2032-05-17']],
    ['the 100th and the last day', 'FREQ=YEARLY;BYYEARDAY=100,-1;COUNT=2', '2032-01-01', ['2032-04-09', '2032-12-31']],
    [
      'week 1, which may begin in December',
      'FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;INTERVAL=3;COUNT=3',
      '2024-12-31',
      ['2024-12-31', '2028-01-03', '2028-01-04'],
    ],
    [
      'three times of a day',
      'FREQ=DAILY;BYHOUR=9,12;BYMINUTE=0,30;COUNT=3',
      '2031-03-01T09:30',
      ['2031-03-01T09:30', '2031-03-01T12:00', '2031-03-01T12:30'],
    ],
    [
      'every 90 minutes',
      'FREQ=MINUTELY;INTERVAL=90;COUNT=3',
      '2031-03-01T23:00',
      ['2031-03-01T23:00', '2031-03-02T00:30', '2031-03-02T02:00'],
    ],
    ['nothing, where there is no such day', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '2031-01-01', []],
    [
      'one second of a year, found without counting seconds',
      'FREQ=SECONDLY;BYMONTH=12;BYMONTHDAY=31;BYHOUR=23;BYMINUTE=59;BYSECOND=59;COUNT=1',
      '2031-01-01',
      ['2031-12-31T23:59'],
    ],
  ]
  for (const [says, rule, start, expected] of cases)
    it(says, () => assert.deepEqual(means(rule, start, '2040-01-01'), expected))
})

describe('what is no recurrence rule', () => {
  const cases: [rule: string, why: RegExp][] = [
    ['', /FREQ/],
    ['FREQ=FORTNIGHTLY', /FREQ/],
    ['FREQ=DAILY;FREQ=WEEKLY', /twice/],
    ['FREQ=DAILY;INTERVAL=0', /INTERVAL=0/],
    ['FREQ=DAILY;COUNT=2;UNTIL=20310101', /both/],
    ['FREQ=DAILY;UNTIL=soon', /UNTIL/],
    ['FREQ=WEEKLY;BYDAY=2MO', /MONTHLY or YEARLY/],
    ['FREQ=WEEKLY;BYDAY=XX', /the day XX/],
    ['FREQ=MONTHLY;BYMONTHDAY=32', /BYMONTHDAY=32/],
    ['FREQ=MONTHLY;BYMONTHDAY=0', /BYMONTHDAY=0/],
    ['FREQ=MONTHLY;BYWEEKNO=2', /YEARLY only/],
    ['FREQ=DAILY;BYYEARDAY=2', /not for FREQ=DAILY/],
    ['FREQ=DAILY;BYSETPOS=1', /no other/],
    ['FREQ=DAILY;X-OWN=1', /X-OWN/],
    [`FREQ=DAILY;BYHOUR=${'1,'.repeat(600)}1`, /longer/],
  ]
  for (const [rule, why] of cases)
    it(`${rule.slice(0, 40)} says why`, () =>
      assert.throws(
        () => parseRule(rule),
        (error) => error instanceof RuleError && why.test(error.message),
      ))
  it('nor one of days, where it has times', () => {
    assert.match(String(whyNoDayRule('FREQ=DAILY;BYHOUR=9')), /times/)
    assert.match(String(whyNoDayRule('FREQ=HOURLY')), /DAILY or longer/)
    assert.equal(whyNoDayRule('RRULE:FREQ=MONTHLY;BYDAY=1MO;'), undefined)
  })
})
