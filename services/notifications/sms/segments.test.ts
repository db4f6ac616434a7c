import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { segmentsOf } from './segments.ts'

describe('the messages that a network makes of a text', () => {
  for (const [what, text, expected] of [
    ['nothing', '', 1],
    ['160 of the basic signs', 'a'.repeat(160), 1],
    ['161', 'a'.repeat(161), 2],
    ['306', 'a'.repeat(306), 2],
    ['307', 'a'.repeat(307), 3],
    ['80 signs of two places', '€'.repeat(80), 1],
    ['81 of them', '€'.repeat(81), 2],
    ['one that would be torn: 152 and a sign of two places', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
    ['70 Amharic letters', 'ሰ'.repeat(70), 1],
    ['71', 'ሰ'.repeat(71), 2],
    ['one letter outside the alphabet among many', `${'a'.repeat(70)}ሰ`, 2],
    ['35 signs outside the first plane', '😀'.repeat(35), 1],
    ['36', '😀'.repeat(36), 2],
    ['67 places and a half of such a sign', `${'ሰ'.repeat(66)}😀${'ሰ'.repeat(66)}`, 3],
  ] as const)
    it(`are ${expected} for ${what}`, () => assert.equal(segmentsOf(text), expected))
})
