import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kinds } from '#fhir/vital-signs/vital-signs.ts'
import { vitalKinds } from '../contract/note.ts'

describe('vital signs of a note', () => {
  // A contract needs nothing, so that the list stands in both.
  it('are those of which units and bounds are known', () => {
    assert.deepEqual(vitalKinds, kinds)
  })
})
