import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStreet, storedTexts } from './fields/asking.ts'
import { fillers, kept } from './fields/hostile-texts.ts'
import { places, writeEverything } from './fields/write-everything.ts'

// Every text that people may write, in every operation that writes one, is kept to the letter: generated from the contracts. An operation with a text that is
// neither kept here nor named in fields/not-kept.ts fails the run.

describe('every text of every operation', { concurrency: 2 }, () => {
  for (const [round, kind] of [...kept, fillers].entries())
    it(`is kept to the letter: ${kind.name}`, async () => {
      await using street = await openStreet()
      const { sent, faults } = await writeEverything(street, kind, round)
      const stored = await storedTexts(street)
      const lost = sent.filter(({ text }) => !stored.has(text))
      assert.deepEqual(
        [...faults, ...lost.map(({ name, text }) => `${name} is not stored: ${JSON.stringify(text)}`)],
        [],
      )
    })

  it('count', (t) => {
    const fields = places.flatMap((place) => place.fields).length
    t.diagnostic(`${fields} texts of ${places.length} operations × ${kept.length + 1} kinds`)
  })
})
