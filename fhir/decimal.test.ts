import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Decimal, exactly, numberOf, parseExact } from './decimal.ts'

const digits = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength }).map((all) => all.join(''))
/** As JSON's grammar has them (RFC 8259 §6). */
const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.constant('0'),
      fc.tuple(fc.integer({ min: 1, max: 9 }), digits(20)).map((parts) => parts.join('')),
    ),
    fc.option(digits(25), { nil: undefined }),
    fc.option(
      fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), digits(2)).map((parts) => parts.join('')),
      { nil: '' },
    ),
  )
  .map(
    ([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent}`,
  )

describe('parseExact', () => {
  it('gives back each number as it was written, among strings that look like numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.string()), { minLength: 1 }), (all) => {
        const text = `{${all.map(([one, word], at) => `"${at} \\":1.00,":{"a":${one},"b":${JSON.stringify(`":1.00,${word}`)}}`).join()}}`
        assert.equal(JSON.stringify(parseExact(text)), text)
        assert.deepEqual(
          Object.values(parseExact(text) as Record<string, { a: unknown }>).map(({ a }) => numberOf(a)),
          all.map(([one]) => Number(one)),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('reads everything else as JSON.parse does, and refuses what that refuses', () => {
    const it = { a: [1, 'x', null, { b: 1.5, c: '":1.00' }], d: true }
    assert.deepEqual(parseExact(JSON.stringify(it)), it)
    for (const wrong of ['{"a":1.00', '{"a":01.00}', '{"a":1.00.0}', '{1.00:"a":1.00}', '{"a":.10}', '{"a":1.}'])
      assert.throws(() => parseExact(wrong), SyntaxError, wrong)
    assert.ok((parseExact('{"__proto__":{"a":1.00}}') as { a?: unknown }).a === undefined)
    assert.ok(({} as { a?: unknown }).a === undefined)
  })

  it('makes a Decimal only of what would be written otherwise', () => {
    const of = (text: string) => (parseExact(`{"a":${text}}`) as { a: unknown }).a
    for (const text of ['1.00', '-0', '1e3', '0.0000001', '12345678901234567']) assert.ok(of(text) instanceof Decimal)
    for (const text of ['1', '0', '-1.5', '0.000001', '123456789012345']) assert.equal(of(text), Number(text))
  })

  it('takes a time that grows with the length of what is sent, whatever it is', () => {
    const many = 500_000
    const hostile = ['"', '":', '":1.', '":1.0', '" ', '":-', '":1e', '{"a":'].map((one) => one.repeat(many))
    hostile.push(`{"a":1.00,"b":${'['.repeat(many)}${']'.repeat(many)}}`)
    hostile.push(`{"a":${'1'.repeat(many)}.${'0'.repeat(many)}1}`)
    const began = process.cpuUsage()
    for (const text of hostile)
      try {
        exactly(text, undefined)
      } catch (error) {
        assert.ok(error instanceof SyntaxError)
      }
    assert.ok(process.cpuUsage(began).user < 10_000_000)
  })
})
