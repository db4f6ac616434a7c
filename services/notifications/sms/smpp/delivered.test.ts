import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fromSevenBitCodes, inSevenBitCodes, isSevenBit } from '../segments.ts'
import { deliveredIn, referenceOf } from './delivered.ts'
import { fields, Malformed, optional } from './pdu.ts'

const delivered = (text: Buffer, { kind = 0, coding = 0, more = Buffer.alloc(0) as Buffer } = {}) =>
  Buffer.concat([
    fields('', 1, 1, '12025550147', 0, 0, '4242', kind, 0, 0, '', '', 0, 0, coding, 0, text.length, text),
    more,
  ])

describe('what was delivered', () => {
  it('is read, or is malformed, whatever the octets', () => {
    const run = (octets: Uint8Array) => {
      try {
        deliveredIn(Buffer.from(octets), { ids: 'same' })
      } catch (error) {
        assert.ok(error instanceof Malformed)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), run), { numRuns: 500 })
    const whole = delivered(Buffer.from('id:7 stat:DELIVRD'), { kind: 4, more: optional(0x1e, Buffer.from('7\0')) })
    for (let length = 0; length < whole.length; length++) run(whole.subarray(0, length))
  })

  it('has an id that ends where its field does', () => {
    const more = Buffer.concat([optional(0x1e, Buffer.from('77')), optional(0x427, Buffer.of(2))])
    const report = { report: { reference: '77', status: 'delivered' } }
    assert.deepEqual(deliveredIn(delivered(Buffer.from(''), { kind: 4, more }), { ids: 'same' }), report)
  })

  it('is a text also where it is too long for its own field', () => {
    const more = optional(0x424, Buffer.from('STOP'))
    const inbound = { inbound: { from: '+12025550147', text: 'STOP' } }
    assert.deepEqual(deliveredIn(delivered(Buffer.alloc(0), { more }), { ids: 'same' }), inbound)
  })
})

describe('the id of a message', () => {
  it('is one, in whatever figures it is written', () => {
    const number = fc.bigInt({ min: 0n, max: 2n ** 64n })
    fc.assert(
      fc.property(number, fc.nat(5), (id, zeros) => {
        const [hex, decimal] = [id.toString(16), id.toString()]
        const before = '0'.repeat(zeros)
        assert.equal(referenceOf(before + hex.toUpperCase(), 'hex'), referenceOf(before + decimal, 'decimal'))
        assert.equal(referenceOf(before + hex.toUpperCase(), 'as-is'), referenceOf(hex, 'as-is'))
      }),
    )
  })
})

describe('the seven-bit alphabet', () => {
  it('says what was said', () => {
    const text = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ^{}\\[~]|€\f¿àüñöä§ÜÑÖÄ¡?'
    assert.ok(isSevenBit(text))
    assert.equal(fromSevenBitCodes(inSevenBitCodes(text)), text)
    assert.deepEqual([...inSevenBitCodes('@É€ ~z')], [0, 31, 0x1b, 0x65, 32, 0x1b, 0x3d, 122])
  })
})
