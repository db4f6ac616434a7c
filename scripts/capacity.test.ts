import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assumptions, costsIn, needOf } from './capacity.ts'

const page = `
|  | requests/s | p50 ms | p99 ms | CPU-ms | database CPU-ms | statements |
| find, 1,000: all kinds in turn | 2385 | 2.82 | 14.0 | 0.5 | 0.25 | 2.0 |
| find, 100,000: all kinds in turn | 1852 | 3.32 | 19.4 | 1 | 0.5 | 2.0 |
| book, distinct slots, under a mandate | 861 | 17.79 | 39.3 | 2 | 4 | 7.0 |
a wrong password of an account that exists (10.00 ms), and
`

describe('the capacity model', () => {
  it('takes its costs from the page of benchmarks, and says which one is missing', () => {
    const costs = costsIn(page)
    assert.deepEqual(costs.book, { pod: 2, database: 4 })
    assert.deepEqual(costs.search.many, { pod: 1, database: 0.5 })
    assert.equal(costs.signIn.pod, 10)
    assert.throws(() => costsIn(page.replace('| book,', '| reserve,')), /does not say what 'book, distinct/)
  })

  it('multiplies what people ask for by what it costs', () => {
    const costs = costsIn(page)
    // 250 working days of 1 visit a second on average: 6 visits a year, a fifth in the busiest hour, three times that in its busiest minute.
    const people = (250 * 3_600) / 6 / assumptions.busiestHour / assumptions.busiestMinute
    const need = needOf(people, costs)
    assert.ok(Math.abs(need.visitsPerSecond - 1) < 1e-9)
    assert.ok(Math.abs(need.requestsPerSecond - 21.3) < 1e-9)
    // 10 searches of 0.5 ms, 1.3 bookings of 2, 2 sign-ins of 10, 8 reads of 0.5; and 3.9 jobs of 2.
    assert.ok(Math.abs(need.podCores - 0.0394) < 1e-9)
    // 10 x 0.25 + 1.3 x 4 + 2 x 0.25 + 8 x 0.25 + 3.9 x 4 = 25.8 ms, at half use.
    assert.ok(Math.abs(need.databaseCores - 0.0516) < 1e-9)
    assert.equal(need.pods, assumptions.leastPods)
  })

  it('asks for more where there are more people, and for dearer searches where there are more practitioners', () => {
    const costs = costsIn(page)
    const [country, large] = [needOf(1e7, costs), needOf(1e8, costs)]
    assert.ok(Math.abs(large.databaseCores / country.databaseCores - 10) < 1e-9)
    assert.ok(country.podCores / needOf(2e5, costs).podCores > 50)
  })
})
