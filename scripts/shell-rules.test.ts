import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { complaintsOf, isThere } from './shell-rules.ts'

describe('the check of shell scripts', { skip: isThere() ? false : 'shellcheck is not here' }, () => {
  it('finds a variable that may fall into pieces, and nothing in a sound script', () => {
    assert.match(complaintsOf('#!/bin/sh\nrm -rf $1\n'), /SC2086/)
    assert.equal(complaintsOf('#!/bin/sh\nrm -rf "$1"\n'), '')
  })
})
