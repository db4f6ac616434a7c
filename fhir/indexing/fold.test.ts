import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { beginningOf, fold, foldEnd, LONGEST_STRING, maybeCut } from './fold.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 300 })

describe('fold', () => {
  const cases: [written: string, folded: string][] = [
    ['Müller', 'muller'],
    ['MU\u0308LLER', 'muller'],
    ['Straße', 'strasse'],
    ['Żółkiewska', 'zolkiewska'],
    ['Ærø', 'aero'],
    ['İstanbul ılık', 'istanbul ilik'],
    ['Νίκος', 'νικοσ'],
    ['ﬁancé', 'fiance'],
    ['  two \t\n words\u00a0\u2003here ', 'two words here'],
    ['two  spaces', 'two spaces'],
    ['李雷', '李雷'],
    ['   ', ''],
  ]
  for (const [written, folded] of cases)
    it(`makes ${JSON.stringify(written)} ${JSON.stringify(folded)}`, () => assert.equal(fold(written), folded))

  it('changes nothing about what is folded', () => {
    fc.assert(
      fc.property(anyText, (text) => assert.equal(fold(fold(text)), fold(text))),
      { numRuns: 2000 },
    )
  })

  it('tells capitals from small letters no more', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zäöüéñçåšž -]{0,60}$/), (text) => fold(text) === fold(text.toUpperCase())),
    )
  })

  it('has at its end what the whole has where that is short; what was cut is known', () => {
    const short = anyText.filter((text) => !maybeCut(fold(text)))
    fc.assert(
      fc.property(short, (text) => foldEnd(text) === fold(text)),
      { numRuns: 2000 },
    )
    for (const cut of [
      'x'.repeat(201),
      `${'x'.repeat(198)} 💧`,
      `${'x'.repeat(199)} y`,
      'ﷺ'.repeat(12),
      '💧'.repeat(101),
    ])
      assert.ok(maybeCut(fold(cut)), cut)
    assert.equal(foldEnd(`${'x'.repeat(900)} Ünd`), `${'x'.repeat(196)} und`)
    assert.ok(foldEnd('💧'.repeat(900)).isWellFormed() && foldEnd('💧'.repeat(900)).length <= LONGEST_STRING)
  })

  it('is as long as an index takes, of whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 900 }), (text) => {
        const folded = fold(text)
        return folded.length <= LONGEST_STRING && folded.isWellFormed()
      }),
    )
    assert.equal(fold('\u{1f9ea}'.repeat(150)).length, 200)
    assert.equal(fold(`a${'\u{1f9ea}'.repeat(150)}`).length, 199)
    assert.equal(beginningOf('ab\u{1f9ea}', 3), 'ab')
  })

  it('looks at the beginning of ten million characters alone', () => {
    fold('é'.repeat(10_000_000))
    fold(`${' '.repeat(10_000_000)}x`)
  })
})
