import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { numberRange, rangeOfNumber } from './number-range.ts'

describe('numberRange', () => {
  const cases: [text: string, low: number, high: number][] = [
    ['100', 99.5, 100.5],
    ['100.00', 99.995, 100.005],
    ['1e2', 95, 105],
    ['1.0e2', 95, 105],
    ['5.40e-3', 0.005395, 0.005405],
    ['-5.4', -5.45, -5.35],
    ['0', -0.5, 0.5],
    ['+7', 6.5, 7.5],
  ]
  for (const [text, low, high] of cases)
    it(`is from ${low} to ${high} of ${text}`, () =>
      assert.deepEqual(numberRange(text), { low, high, number: Number(text) }))

  for (const text of ['', 'x', '1.', '.5', '1e', '0x10', 'Infinity', '1e999', '9'.repeat(10_000_000)])
    it(`is none of ${JSON.stringify(text.slice(0, 12))}`, () => assert.equal(numberRange(text), undefined))
})

describe('rangeOfNumber', () => {
  it('is a point, since what is searched for says how near is near enough', () => {
    assert.deepEqual(rangeOfNumber(5.4), { low: 5.4, high: 5.4, number: 5.4 })
    assert.equal(rangeOfNumber(Number.POSITIVE_INFINITY), undefined)
  })
  it('lies within what is searched for as it is written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999_999, max: 99_999_999 }),
        fc.integer({ min: 0, max: 6 }),
        (digits, decimals) => {
          const value = Number(`${digits}e-${decimals}`)
          const [asked, there] = [numberRange(String(value)), rangeOfNumber(value)]
          assert.ok(asked && there && asked.low < there.low && there.high < asked.high)
        },
      ),
    )
  })
})
