import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Turns } from './turns.ts'

/** Begins when its turn has come, and ends when it is told to. */
function work(turns: Turns, begun: number[], n: number) {
  const end = Promise.withResolvers<number>()
  const done = turns.take(() => {
    begun.push(n)
    return end.promise
  })
  return { done, end: () => end.resolve(n), fail: () => end.reject(new Error('it failed')) }
}

describe('turns', () => {
  it('are so many at once, and come in order, whether what was before ended well or not', async () => {
    const turns = new Turns(2)
    const begun: number[] = []
    const [first, second, third, fourth] = [1, 2, 3, 4].map((n) => work(turns, begun, n))
    await turn()
    assert.deepEqual(begun, [1, 2])
    second?.fail()
    await assert.rejects(second?.done as Promise<number>, /it failed/)
    await turn()
    assert.deepEqual(begun, [1, 2, 3])
    first?.end()
    await turn()
    assert.deepEqual(begun, [1, 2, 3, 4])
    for (const one of [third, fourth]) one?.end()
    assert.deepEqual(await Promise.all([third?.done, fourth?.done]), [3, 4])
    assert.equal(await turns.take(async () => 5), 5)
  })

  it('end with the process: what is under way goes on, and nothing more begins', async () => {
    const turns = new Turns(1)
    const begun: number[] = []
    const [first, second] = [1, 2].map((n) => work(turns, begun, n))
    await turn()
    turns.end()
    await assert.rejects(second?.done as Promise<number>, { code: 'transient' })
    await assert.rejects(
      turns.take(async () => 3),
      { code: 'transient' },
    )
    first?.end()
    assert.equal(await first?.done, 1)
    assert.deepEqual(begun, [1])
  })
})
