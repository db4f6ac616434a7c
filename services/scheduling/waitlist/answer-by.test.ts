import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answerBy } from './answer-by.ts'

const day = (text: string) => new Date(`2031-03-${text}:00Z`)
const by = (now: string, start: string, zone = 'UTC') =>
  answerBy(day(now), day(start), zone)?.toISOString().slice(8, 16)

describe('until when an offer stands', () => {
  it('two hours, and a third of what is left where the time is near', () => {
    assert.equal(by('01T08:00', '03T09:00'), '01T10:00')
    assert.equal(by('03T08:00', '03T09:30'), '03T08:30')
    assert.equal(by('03T08:00', '03T08:31'), '03T08:10')
    assert.equal(by('03T08:00', '03T08:29'), undefined, 'nobody would read it in time')
    assert.equal(by('03T08:00', '03T07:00'), undefined)
  })

  it('the night does not count, on the clock of the place', () => {
    assert.equal(by('01T20:00', '03T09:00'), '02T09:00', 'an hour in the evening, one in the morning')
    assert.equal(by('01T23:00', '03T09:00'), '02T10:00')
    assert.equal(by('02T03:00', '03T09:00'), '02T10:00')
    assert.equal(by('01T19:00', '03T09:00'), '01T21:00')
    assert.equal(
      by('01T15:00', '03T09:00', 'Asia/Kolkata'),
      '02T04:00',
      '20:30 there: half an hour in the evening, the rest in the morning',
    )
  })

  it('but for what begins in the morning that follows', () => {
    assert.equal(by('01T23:00', '02T09:00'), '02T01:00')
    assert.equal(by('01T23:00', '02T11:00'), '02T10:00')
  })
})
