import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextAt, quietUntil } from './wall-clock.ts'

describe('quiet hours', () => {
  for (const [what, now, zone, from, until, expected] of [
    ['over midnight, before it', '2031-02-20T22:00:00Z', 'Africa/Accra', '21:00', '07:00', '2031-02-21T07:00:00.000Z'],
    ['over midnight, after it', '2031-02-20T02:00:00Z', 'Africa/Accra', '21:00', '07:00', '2031-02-20T07:00:00.000Z'],
    ['at their first moment', '2031-02-20T21:00:00Z', 'Africa/Accra', '21:00', '07:00', '2031-02-21T07:00:00.000Z'],
    ['at their end', '2031-02-20T07:00:00Z', 'Africa/Accra', '21:00', '07:00', undefined],
    ['by day', '2031-02-20T12:00:00Z', 'Africa/Accra', '21:00', '07:00', undefined],
    ['within a day', '2031-02-20T13:30:00Z', 'Africa/Accra', '13:00', '15:00', '2031-02-20T15:00:00.000Z'],
    ['that begin when they end', '2031-02-20T13:30:00Z', 'Africa/Accra', '13:00', '13:00', undefined],
    [
      'on the recipient’s clock',
      '2031-02-20T19:00:00Z',
      'Africa/Addis_Ababa',
      '21:00',
      '07:00',
      '2031-02-21T04:00:00.000Z',
    ],
    [
      'whose end the clock skips',
      '2031-03-30T00:30:00Z',
      'Europe/Berlin',
      '22:00',
      '02:30',
      '2031-03-30T01:30:00.000Z',
    ],
    [
      'in a night an hour longer',
      '2031-10-25T21:00:00Z',
      'Europe/Berlin',
      '22:00',
      '07:00',
      '2031-10-26T06:00:00.000Z',
    ],
    [
      'in a night an hour shorter',
      '2031-03-29T22:00:00Z',
      'Europe/Berlin',
      '22:00',
      '07:00',
      '2031-03-30T05:00:00.000Z',
    ],
    [
      'half an hour of summer',
      '2031-04-05T13:00:00Z',
      'Australia/Lord_Howe',
      '22:00',
      '07:00',
      '2031-04-05T20:30:00.000Z',
    ],
  ] as const)
    it(`${what}: ${expected ?? 'none now'}`, () =>
      assert.equal(quietUntil(new Date(now), { zone, from, until })?.toISOString(), expected))
})

describe('the next time of day', () => {
  it('is tomorrow when it is that time now, and finds its way over a day that never was', () => {
    assert.equal(
      nextAt(new Date('2031-02-20T18:00:00Z'), 'Africa/Accra', '18:00').toISOString(),
      '2031-02-21T18:00:00.000Z',
    )
    const eve = new Date('2011-12-30T05:00:00Z') // 29 December, 19:00 in Apia; the 30th does not come
    assert.equal(nextAt(eve, 'Pacific/Apia', '18:00').toISOString(), '2011-12-31T04:00:00.000Z')
  })
})
