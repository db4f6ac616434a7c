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
  it('goes by the shortest decimal', () => {
    assert.deepEqual(rangeOfNumber(5.4), { low: 5.35, high: 5.45, number: 5.4 })
    assert.deepEqual(rangeOfNumber(80), { low: 79.5, high: 80.5, number: 80 })
    assert.deepEqual(rangeOfNumber(1e-7), { low: 5e-8, high: 1.5e-7, number: 1e-7 })
    assert.deepEqual(rangeOfNumber(1e21), { low: 5e20, high: 1.5e21, number: 1e21 })
  })
  it('holds the number, and is the same by both ways', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999_999, max: 99_999_999 }),
        fc.integer({ min: 0, max: 6 }),
        (digits, decimals) => {
          const value = Number(`${digits}e-${decimals}`)
          const range = rangeOfNumber(value)
          assert.ok(range && range.low < value && value < range.high)
          if (!/^-?\de/.test(String(value))) assert.deepEqual(range, numberRange(String(value)))
        },
      ),
    )
  })
})
