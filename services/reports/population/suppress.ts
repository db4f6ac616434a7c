/** Of fewer, somebody who knows one of them could tell the rest. */
const FEWEST = 5

/**
 * A table of counts with its margins, as a network: what is in a row flows out into its columns, what is in a column into the total, and the total into the rows. All
 * that is shown of it is sums of that.
 */
interface Count {
  from: string
  to: string
  count: number
  put(shown: undefined): void
}

export interface Table<T> {
  /** Row by row. */
  cells: T[][]
  rows: T[]
  columns: T[]
  total: T
}

/**
 * Hides counts of one to four, and with them what would tell them: whoever knows how this is done, and all that is shown, can compute no count that is hidden. None at
 * all is told, since it says nothing about anybody.
 */
export function suppressed(cells: readonly (readonly number[])[]): Table<number | undefined> {
  const table = summed(cells)
  const shown: Table<number | undefined> = structuredClone(table)
  const counts = countsOf(table, shown).filter(({ count }) => count > 0)
  const hidden = new Set(counts.filter(({ count }) => count < FEWEST))
  for (const one of hidden)
    if (!isOpen(one, hidden)) for (const other of wayRound(one, counts, hidden)) hidden.add(other)
  for (const { put } of hidden) put(undefined)
  return shown
}

const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0)

export function summed(cells: readonly (readonly number[])[]): Table<number> {
  const columns = (cells[0] ?? []).map((_, n) => sum(cells.map((row) => row[n] ?? 0)))
  return { cells: cells.map((row) => [...row]), rows: cells.map(sum), columns, total: sum(columns) }
}

function countsOf(table: Table<number>, shown: Table<number | undefined>): Count[] {
  const inner = table.cells.flatMap((row, r) =>
    row.map((count, c) => ({
      ...{ from: `row ${r}`, to: `column ${c}`, count },
      put: (value: undefined) => void (shown.cells[r] ?? []).splice(c, 1, value),
    })),
  )
  const rows = table.rows.map((count, r) => ({
    ...{ from: 'total', to: `row ${r}`, count },
    put: (value: undefined) => void shown.rows.splice(r, 1, value),
  }))
  const columns = table.columns.map((count, c) => ({
    ...{ from: `column ${c}`, to: 'all', count },
    put: (value: undefined) => void shown.columns.splice(c, 1, value),
  }))
  const total = {
    ...{ from: 'all', to: 'total', count: table.total },
    put: (value: undefined) => {
      shown.total = value
    },
  }
  return [...inner, ...rows, ...columns, total]
}

/**
 * Whether a hidden count could be another one: whether there is a way round through what is hidden on which it rises or falls by one, and every sum stays. What is
 * hidden is one at least, and whoever reads it may know that.
 */
function isOpen(one: Count, hidden: ReadonlySet<Count>): boolean {
  const others = [...hidden].filter((other) => other !== one)
  const free = () => 0
  return (
    way(one.to, one.from, others, free) !== undefined ||
    (one.count > 1 && way(one.from, one.to, others, free) !== undefined)
  )
}

/** The way round on which the least is hidden beside it. There is one: what flows in flows on. */
const wayRound = (one: Count, counts: readonly Count[], hidden: ReadonlySet<Count>): readonly Count[] =>
  way(
    one.to,
    one.from,
    counts.filter((other) => other !== one),
    (other) => (hidden.has(other) ? 0 : other.count),
  ) ?? []

function way(
  from: string,
  to: string,
  counts: readonly Count[],
  costOf: (one: Count) => number,
): readonly Count[] | undefined {
  const reached = new Map<string, { cost: number; by: readonly Count[] }>([[from, { cost: 0, by: [] }]])
  for (const [place] of reached) {
    const { cost, by } = reached.get(place) ?? { cost: 0, by: [] }
    for (const one of counts) {
      const next = one.from === place ? one.to : one.to === place && one.count > 1 ? one.from : undefined
      if (next === undefined || cost + costOf(one) >= (reached.get(next)?.cost ?? Number.POSITIVE_INFINITY)) continue
      reached.delete(next) // so that what lies behind it is looked at once more
      reached.set(next, { cost: cost + costOf(one), by: [...by, one] })
    }
  }
  return reached.get(to)?.by
}
