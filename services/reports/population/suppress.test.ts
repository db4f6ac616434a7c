import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { summed, suppressed, type Table } from './suppress.ts'

type Shown = Table<number | undefined>

const fits = (one: Table<number>, shown: Shown): boolean => {
  const pairs: [number | undefined, number | undefined][] = [
    ...one.cells.flatMap((row, r) => row.map((count, c): [number, number | undefined] => [count, shown.cells[r]?.[c]])),
    ...one.rows.map((count, r): [number, number | undefined] => [count, shown.rows[r]]),
    ...one.columns.map((count, c): [number, number | undefined] => [count, shown.columns[c]]),
    [one.total, shown.total],
  ]
  return pairs.every(([count, said]) => (said === undefined ? (count ?? 0) > 0 : count === said))
}

/** All tables that are as is shown, found by trying: no count that is hidden is above `most`. */
function tables(shown: Shown, most: number): Table<number>[] {
  const places = shown.cells.flatMap((row, r) => row.map((_, c) => [r, c] as const))
  const found: Table<number>[] = []
  const cells = shown.cells.map((row) => row.map((one) => one ?? 0))
  const next = (at: number): void => {
    const place = places[at]
    if (!place) {
      const table = summed(cells)
      if (fits(table, shown)) found.push(table)
      return
    }
    const [r, c] = place
    const free = shown.cells[r]?.[c] === undefined
    if (!free) next(at + 1)
    for (let count = 1; free && count <= most; count++) {
      ;(cells[r] ?? [])[c] = count
      next(at + 1)
    }
  }
  next(0)
  return found
}

const flat = ({ cells, rows, columns, total }: Shown) => [...cells.flat(), ...rows, ...columns, total]

describe('what a report hides', () => {
  it('can be computed from nothing that it shows, also by whoever knows how it is done', () => {
    const tableOf = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })).chain(([rows, columns]) =>
      fc.array(fc.array(fc.constantFrom(0, 0, 1, 1, 2, 3, 4, 5, 6, 7), { minLength: columns, maxLength: columns }), {
        ...{ minLength: rows, maxLength: rows },
      }),
    )
    fc.assert(
      fc.property(tableOf, (cells) => {
        const [shown, real] = [suppressed(cells), flat(summed(cells))]
        const said = flat(shown)
        for (const [n, count] of real.entries()) assert.ok(count === 0 || (count ?? 0) >= 5 || said[n] === undefined)
        if (said.every((one) => one !== undefined)) return
        const all = tables(shown, 9).map(flat)
        for (const [n, one] of said.entries())
          if (one === undefined) assert.ok(new Set(all.map((each) => each[n])).size > 1, JSON.stringify(cells))
      }),
      { numRuns: 150 },
    )
  })

  it('is no more than that takes: large counts are shown', () => {
    const cells = [
      [20, 30],
      [40, 50],
    ]
    assert.deepEqual(suppressed(cells), summed(cells))
    const { total, cells: shown } = suppressed([
      [20, 30, 9],
      [40, 3, 60],
      [10, 12, 14],
    ])
    assert.equal(total, 198)
    assert.equal(shown.flat().filter((one) => one === undefined).length, 4)
  })

  it('does not hide that there is nobody', () =>
    assert.deepEqual(suppressed([[0, 0]]), { cells: [[0, 0]], rows: [0], columns: [0, 0], total: 0 }))
})
