import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dueAgain, dueAt } from './order.ts'

const at = (time: string) => new Date(`2031-03-01T${time}:00Z`)
const shown = (date: Date) => date.toISOString().slice(11, 16)
const LATE = 10

describe('when somebody is due', () => {
  it('without a booking: when they came, and what their priority lets them wait', () => {
    const due = [1, 2, 3, 4, 5].map((level) => shown(dueAt({ arrived: at('09:00'), level }, LATE)))
    assert.deepEqual(due, ['09:00', '09:15', '09:30', '10:00', '11:00'])
  })

  it('with a booking: at its start, however early they are, and up to ten minutes late', () => {
    for (const arrived of ['08:00', '09:59', '10:00', '10:10'])
      assert.equal(shown(dueAt({ arrived: at(arrived), level: 4, start: at('10:00') }, LATE)), '10:00', arrived)
  })

  it('late: when they come. The place is lost, the turn is not', () => {
    const late = dueAt({ arrived: at('10:11'), level: 4, start: at('10:00') }, LATE)
    assert.equal(shown(late), '10:11')
    assert.ok(
      late < dueAt({ arrived: at('09:30'), level: 4 }, LATE),
      'before who came without a booking after half past nine',
    )
    assert.ok(
      late > dueAt({ arrived: at('10:09'), level: 4, start: at('10:10') }, LATE),
      'behind who is booked at ten past',
    )
  })

  it('urgent, with a booking for later: as urgent as without one', () => {
    assert.equal(shown(dueAt({ arrived: at('09:00'), level: 3, start: at('12:00') }, LATE)), '09:30')
    assert.equal(shown(dueAt({ arrived: at('09:00'), level: 3, start: at('09:10') }, LATE)), '09:10')
  })

  it('is never later for a higher priority', () => {
    for (const start of [undefined, at('09:05'), at('10:00'), at('12:00')])
      for (let level = 2; level <= 5; level++) {
        const [higher, lower] = [level - 1, level].map((level) => dueAt({ arrived: at('09:00'), level, start }, LATE))
        assert.ok(higher && lower && higher <= lower, `${level} ${start}`)
      }
  })

  it('is after the others for who did not answer, for as long as one may be late', () => {
    assert.equal(shown(dueAgain(at('09:00'), at('09:30'), LATE)), '09:40')
    assert.equal(shown(dueAgain(at('10:00'), at('09:30'), LATE)), '10:00')
  })
})
