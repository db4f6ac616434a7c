import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isNarrative } from '#fhir/validation/narrative.ts'
import { narrativeOf, textOf } from './narrative.ts'

// What a section takes: anything but control characters and halves of pairs.
const written = fc
  .string({ unit: 'grapheme' })
  .map((text) => `x${text}`)
  .chain((text) =>
    fc.array(fc.constantFrom(text, '\n', '\r\n', '<br/>', '</p>', '<script>', '&lt;', '&', ']]>', '\u202e')),
  )
  .map((parts) => `x${parts.join('')}`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no section takes
  .filter((text) => text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text))

describe('the narrative of a section', () => {
  it('is one that FHIR permits, whatever was written, and says it to the letter', () => {
    fc.assert(
      fc.property(written, (text) => {
        const { div } = narrativeOf(text)
        assert.ok(isNarrative(div), div)
        assert.equal(textOf(div), text)
      }),
    )
  })

  it('has nothing in it that runs', () => {
    assert.equal(
      narrativeOf('<img src=x onerror="alert(1)">\nnext').div,
      '<div xmlns="http://www.w3.org/1999/xhtml"><p>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;<br/>\nnext</p></div>',
    )
  })
})
