import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blurred } from './answer-time.ts'

describe('an answer that must not tell by its time', () => {
  it('is what it was, and late by chance where it is a refusal', async () => {
    assert.equal(await blurred(Promise.resolve('here')), 'here')
    const refusal = new Error('no')
    await assert.rejects(blurred(Promise.reject(refusal)), refusal)
    let told = false
    const telling = blurred(Promise.reject(refusal)).catch(() => {
      told = true
    })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    assert.equal(told, false, 'only a timer lets it go')
    await telling
  })
})
