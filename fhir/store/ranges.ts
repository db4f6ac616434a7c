import { type RawBuilder, sql } from 'kysely'
import type { Value } from '../query/query.ts'

type Bound = RawBuilder<unknown>

/**
 * Whether a range `[low, high)` of the store is what a prefix asks of the range that was written: hl7.org/fhir/R4/search.html#prefix. Bounds that follow
 * from the others are said too, so that the index on `low` has them.
 */
export function overlaps(value: Value, low: Bound, high: Bound, now: Date): RawBuilder<boolean> {
  const asked = boundsOf(value, now)
  if (!asked) return sql`false`
  const { prefix, from, until } = asked
  const within = sql<boolean>`(${low} >= ${from} and ${low} <= ${until} and ${high} <= ${until})`
  switch (prefix) {
    case 'eq':
      return within
    case 'ne':
      return sql`(not ${within})`
    case 'gt':
      return sql`(${high} > ${until})`
    case 'lt':
      return sql`(${low} < ${from})`
    case 'ge':
      return sql`(${high} > ${until} or ${within})`
    case 'le':
      return sql`(${low} < ${from} or ${within})`
    case 'sa':
      return sql`(${low} >= ${until})`
    case 'eb':
      return sql`(${high} <= ${from})`
    case 'ap':
      return sql`(${low} < ${until} and ${high} > ${from})`
  }
}

function boundsOf(value: Value, now: Date) {
  if (value.kind === 'date') {
    const { prefix } = value
    const [from, until] = prefix === 'ap' ? wider(value, now) : [value.from, value.until]
    return { prefix, from: sql`${from}::timestamptz`, until: sql`${until}::timestamptz` }
  }
  if (value.kind !== 'number' && value.kind !== 'quantity') return undefined
  const { prefix, number } = value
  const margin = Math.abs(number) / 10
  const [from, until] = prefix === 'ap' ? [number - margin, number + margin] : [value.low, value.high]
  return { prefix, from: sql`${from}::float8`, until: sql`${until}::float8` }
}

/** About: by a tenth of the time that lies between then and now, on both sides. */
function wider({ from, until }: Value & { kind: 'date' }, now: Date): [string, string] {
  const [low, high] = [Date.parse(from), Date.parse(until)]
  const margin = Math.abs(now.getTime() - (low + high) / 2) / 10
  return [new Date(low - margin).toISOString(), new Date(high + margin).toISOString()]
}
