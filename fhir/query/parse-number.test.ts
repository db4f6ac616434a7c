import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { valuesOf } from './testing.ts'

const number = (low: number, value: number, high: number, prefix = 'eq') => ({
  kind: 'number',
  prefix,
  low,
  high,
  number: value,
})

describe('parseNumber, parseQuantity', () => {
  const numbers: readonly [string, unknown][] = [
    ['100', number(99.5, 100, 100.5)],
    ['100.00', number(99.995, 100, 100.005)],
    ['1e2', number(95, 100, 105)],
    ['5.40e-3', number(0.005395, 0.0054, 0.005405)],
    ['0.1', number(0.05, 0.1, 0.15)],
    ['-5', number(-5.5, -5, -4.5)],
    ['le0', number(-0.5, 0, 0.5, 'le')],
  ]
  for (const [text, expected] of numbers)
    it(`${text} is as wide as its last digit`, () =>
      assert.deepEqual(valuesOf(`RiskAssessment?probability=${text}`), [expected]))

  const quantities: readonly [string, unknown][] = [
    ['5.4', { prefix: 'eq', low: 5.35, number: 5.4, high: 5.45, unit: undefined }],
    ['5.4||', { prefix: 'eq', low: 5.35, number: 5.4, high: 5.45, unit: undefined }],
    ['gt5.4|http://unitsofmeasure.org|mg', { prefix: 'gt', low: 0.00535, number: 0.0054, high: 0.00545, unit: 'g' }],
    ['5.4||mg', { prefix: 'eq', low: 5.35, number: 5.4, high: 5.45, unit: '|mg' }],
    ['5|urn:units|box', { prefix: 'eq', low: 4.5, number: 5, high: 5.5, unit: 'urn:units|box' }],
    [
      '5|http://unitsofmeasure.org|[none]',
      { prefix: 'eq', low: 4.5, number: 5, high: 5.5, unit: 'http://unitsofmeasure.org|[none]' },
    ],
  ]
  for (const [text, expected] of quantities)
    it(`${text} is in its canonical unit`, () =>
      assert.deepEqual(valuesOf(`Observation?value-quantity=${text}`), [{ kind: 'quantity', ...(expected as object) }]))
})
