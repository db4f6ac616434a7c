import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { expandHours, type HoursRule, type Interval, merge, subtract } from './expand-hours.ts'

const monday = '2031-03-03'
const rule = (more: Partial<HoursRule> = {}): HoursRule => ({
  zone: 'Africa/Accra', // UTC all year
  hours: [{ day: 'mon', from: '09:00', until: '12:00' }],
  validFrom: '2031-01-01',
  exceptions: [],
  ...more,
})
const shown = (intervals: Interval[]) =>
  intervals.map(
    ([from, until]) => `${new Date(from).toISOString().slice(0, 16)}–${new Date(until).toISOString().slice(11, 16)}`,
  )

describe('expandHours', () => {
  it('repeats weekly hours within their validity', () => {
    assert.deepEqual(shown(expandHours(rule({ validUntil: '2031-03-10' }), monday, '2031-03-31')), [
      '2031-03-03T09:00–12:00',
      '2031-03-10T09:00–12:00',
    ])
    assert.deepEqual(shown(expandHours(rule({ validFrom: '2031-03-11' }), monday, '2031-03-17')), [
      '2031-03-17T09:00–12:00',
    ])
  })
  it('withdraws a part of a day, and a whole day', () => {
    const part = { kind: 'withdraw', date: monday, from: '10:00', until: '10:30' } as const
    assert.deepEqual(shown(expandHours(rule({ exceptions: [part] }), monday, monday)), [
      '2031-03-03T09:00–10:00',
      '2031-03-03T10:30–12:00',
    ])
    assert.deepEqual(expandHours(rule({ exceptions: [{ kind: 'withdraw', date: monday }] }), monday, monday), [])
  })
  it('adds hours also on a day that is withdrawn or outside the validity', () => {
    const exceptions = [
      { kind: 'withdraw', date: monday } as const,
      { kind: 'add', date: monday, from: '18:00', until: '19:00' } as const,
    ]
    assert.deepEqual(shown(expandHours(rule({ exceptions }), monday, monday)), ['2031-03-03T18:00–19:00'])
    assert.deepEqual(
      shown(expandHours(rule({ validUntil: '2031-02-01', exceptions: exceptions.slice(1) }), monday, monday)),
      ['2031-03-03T18:00–19:00'],
    )
  })
  it('makes one of hours that touch or overlap', () => {
    const hours = [...rule().hours, { day: 'mon', from: '12:00', until: '13:00' } as const]
    assert.deepEqual(shown(expandHours(rule({ hours }), monday, monday)), ['2031-03-03T09:00–13:00'])
  })
  it('leaves out hours that a change of clocks swallows', () => {
    const swallowed = rule({ zone: 'Europe/Berlin', hours: [{ day: 'sun', from: '02:00', until: '03:00' }] })
    assert.deepEqual(expandHours(swallowed, '2031-03-30', '2031-03-30'), [])
    assert.equal(expandHours(swallowed, '2031-03-23', '2031-03-23').length, 1)
  })
})

describe('interval arithmetic', () => {
  const intervals = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 12 })
  const minutesOf = (list: readonly Interval[]) =>
    new Set(list.flatMap(([from, until]) => Array.from({ length: Math.max(0, until - from) }, (_, i) => from + i)))

  it('merge and subtract equal set union and difference', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const left = merge(a)
        const right = merge(b)
        assert.deepEqual(minutesOf(left), new Set([...minutesOf(a)].sort((x, y) => x - y)))
        const expected = new Set([...minutesOf(left)].filter((minute) => !minutesOf(right).has(minute)))
        assert.deepEqual(minutesOf(subtract(left, right)), expected)
        for (const list of [left, subtract(left, right)])
          for (const [i, one] of list.entries())
            assert.ok(one[0] < one[1] && (i === 0 || one[0] >= (list[i - 1] as Interval)[1]))
      }),
    )
  })
})
