import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { patchOf } from './patch.ts'

describe('a patch', () => {
  it('adds, removes and replaces fields, where they are', () => {
    assert.deepEqual(patchOf({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1, c: 4, e: 5 } }), [
      { op: 'replace', path: '/a/c', value: 4 },
      { op: 'add', path: '/a/e', value: 5 },
      { op: 'remove', path: '/d' },
    ])
  })

  it('replaces a list whole, and says nothing where nothing differs', () => {
    assert.deepEqual(patchOf({ a: [1, 2], b: [3] }, { a: [1], b: [3] }), [{ op: 'replace', path: '/a', value: [1] }])
  })

  it('escapes what a path means by itself', () => {
    assert.deepEqual(patchOf({}, { 'openhcs.org/colour~': 'blue' }), [
      { op: 'add', path: '/openhcs.org~1colour~0', value: 'blue' },
    ])
  })
})
