import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { courseOf } from './course.ts'
import type { Dose, Regimen } from './dose.ts'

const dose = (more: Partial<Dose> = {}): Dose => ({ amount: { value: 1, form: 'tablet' }, ...more })
const days = (count: number) => ({ for: { count, unit: 'day' } }) as const
const begun = new Date('2031-03-01T20:00:00Z')
const lastDay = (doses: Dose[], more: Partial<Regimen> = {}) => courseOf({ doses, ...more }, begun, begun)?.lastDay

describe('the course of what is prescribed', () => {
  it('ends with the last of its doses, beside one another or in turn', () => {
    assert.equal(lastDay([dose(days(7))]), '2031-03-08')
    assert.equal(lastDay([dose(days(7)), dose(days(3))]), '2031-03-08')
    assert.equal(lastDay([dose(days(7)), dose(days(3))], { inTurn: true }), '2031-03-11')
    assert.equal(lastDay([dose({ for: { count: 36, unit: 'hour' } })]), '2031-03-03')
    assert.equal(lastDay([dose({ for: { count: 1, unit: 'month' } })]), '2031-04-01')
    assert.equal(lastDay([dose({ until: '2031-03-20' }), dose({ once: true })], { inTurn: true }), '2031-03-20')
    assert.equal(lastDay([dose({ once: true, from: '2031-03-05' })]), '2031-03-05')
    assert.equal(lastDay([dose({ ...days(7), asNeeded: {} })]), '2031-03-08')
  })

  it('has no end where one of them has none, or nobody knows when', () => {
    assert.equal(lastDay([dose()]), undefined)
    assert.equal(lastDay([dose(days(7)), dose()], { inTurn: true }), undefined)
    assert.equal(lastDay([dose({ from: '2031-03-05' })]), undefined)
    assert.equal(lastDay([dose({ once: true, asNeeded: {} })]), undefined)
    assert.equal(lastDay([dose({ until: '2031' })]), undefined)
    for (const count of [1e12, Number.NaN, undefined as never, 0, -7])
      assert.equal(lastDay([dose(days(count))]), undefined)
    assert.equal(lastDay([dose({ until: '2031-99-99' })]), undefined)
  })

  it('has run out when its last day is past everywhere, and is long over after the same time again, a week at least', () => {
    const at = (of: Dose, now: string) => {
      const { hasRunOut, isLongOver } = courseOf({ doses: [of] }, begun, new Date(now)) ?? {}
      return [hasRunOut, isLongOver]
    }
    const month = dose(days(30))
    assert.deepEqual(at(month, '2031-04-01T11:59:00Z'), [false, false])
    assert.deepEqual(at(month, '2031-04-01T12:00:00Z'), [true, false])
    assert.deepEqual(at(month, '2031-05-01T11:59:00Z'), [true, false])
    assert.deepEqual(at(month, '2031-05-01T12:00:00Z'), [true, true])
    assert.deepEqual(at(dose({ once: true }), '2031-03-09T11:59:00Z'), [true, false])
    assert.deepEqual(at(dose({ once: true }), '2031-03-09T12:00:00Z'), [true, true])
  })
})
