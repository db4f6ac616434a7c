import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Context } from './context.ts'
import { gathered } from './gathered.ts'

const house = () => ({ database: { key: {} } }) as Context

/** Doubles numbers when it is told to, and keeps what it was asked together; refuses 13. */
function doubling(options?: Parameters<typeof gathered>[1]) {
  const lots: number[][] = []
  const gate = Promise.withResolvers<void>()
  const double = gathered(async (_ctx: Context, numbers: readonly number[]) => {
    lots.push([...numbers])
    await gate.promise
    if (numbers.includes(13)) throw new Error('unlucky')
    return numbers.map((n) => 2 * n)
  }, options)
  return { lots, double, open: gate.resolve }
}

describe('what many ask at once', () => {
  it('is asked together, and what is asked meanwhile goes in the next lot', async () => {
    const { lots, double, open } = doubling()
    const ctx = house()
    const first = [1, 2, 3].map((n) => double(ctx, n))
    await turn()
    const second = [4, 5].map((n) => double(ctx, n))
    open()
    assert.deepEqual(await Promise.all([...first, ...second]), [2, 4, 6, 8, 10])
    assert.deepEqual(lots, [
      [1, 2, 3],
      [4, 5],
    ])
    assert.equal(await double(ctx, 6), 12)
  })

  it('waits for company where it is told to', async () => {
    const { lots, double, open } = doubling({ lingerMs: 50 })
    const ctx = house()
    open()
    const first = double(ctx, 1)
    await turn()
    await Promise.all([first, double(ctx, 2)])
    assert.deepEqual(lots, [[1, 2]])
  })

  it('spoils nothing for the others where one of them cannot be served', async () => {
    const { double, open } = doubling()
    const ctx = house()
    open()
    const answers = await Promise.allSettled([1, 13, 3].map((n) => double(ctx, n)))
    assert.deepEqual(
      answers.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message)),
      [2, 'unlucky', 6],
    )
    assert.equal(await double(ctx, 4), 8)
  })

  it('is no more than a lot may hold, and of one database', async () => {
    const { lots, double, open } = doubling({ most: 2 })
    const [here, there] = [house(), house()]
    open()
    await Promise.all([...[1, 2, 3].map((n) => double(here, n)), double(there, 4)])
    assert.deepEqual(lots, [[1, 2], [4], [3]])
  })
})
