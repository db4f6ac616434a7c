import { type RawBuilder, sql } from 'kysely'
import type { Prefix, Value } from '../query/query.ts'

type Bound = RawBuilder<unknown>
type Asked<K extends Value['kind']> = Extract<Value, { kind: K }>

/**
 * Whether a range `[low, high)` of the store is what a prefix asks of the range that was written: hl7.org/fhir/R4/search.html#prefix. Bounds that follow
 * from the others are said too, so that the index on `low` has them.
 */
export function isDate(value: Asked<'date'>, low: Bound, high: Bound, now: Date): RawBuilder<boolean> {
  const { prefix } = value
  const [from, until] = (prefix === 'ap' ? wider(value, now) : [value.from, value.until]).map(
    (at) => sql`${at}::timestamptz`,
  ) as [Bound, Bound]
  const within = sql<boolean>`(${low} >= ${from} and ${low} <= ${until} and ${high} <= ${until})`
  const conditions: Record<Prefix, RawBuilder<boolean>> = {
    eq: within,
    ne: sql`(not ${within})`,
    gt: sql`(${high} > ${until})`,
    lt: sql`(${low} < ${from})`,
    ge: sql`(${high} > ${until} or ${within})`,
    le: sql`(${low} < ${from} or ${within})`,
    sa: sql`(${low} >= ${until})`,
    eb: sql`(${high} <= ${from})`,
    ap: sql`(${low} < ${until} and ${high} > ${from})`,
  }
  return conditions[prefix]
}

/**
 * A number of the store is a point, and `low` and `high` differ for a Range alone. What was written counts to its precision where it is to be equal, and as it
 * is where it is compared: hl7.org/fhir/R4/search.html#number.
 */
export function isAmount({
  prefix,
  low: from,
  high: until,
  number,
}: Asked<'number' | 'quantity'>): RawBuilder<boolean> {
  const tenth = Math.abs(number) / 10
  const within = sql<boolean>`(i.low >= ${from}::float8 and i.low <= ${until}::float8 and (i.high < ${until}::float8 or (i.high = ${until}::float8 and i.low < i.high)))`
  const at = sql`${number}::float8`
  const conditions: Record<Prefix, RawBuilder<boolean>> = {
    eq: within,
    ne: sql`(not ${within})`,
    gt: sql`(i.high > ${at})`,
    lt: sql`(i.low < ${at})`,
    ge: sql`(i.high >= ${at})`,
    le: sql`(i.low <= ${at})`,
    sa: sql`(i.low > ${at})`,
    eb: sql`(i.high < ${at})`,
    ap: sql`(i.low <= ${number + tenth}::float8 and i.high >= ${number - tenth}::float8)`,
  }
  return conditions[prefix]
}

/** About: by a tenth of how far it is from now, to both sides. */
function wider({ from, until }: Asked<'date'>, now: Date): [string, string] {
  const [low, high, at] = [Date.parse(from), Date.parse(until), now.getTime()]
  const margin = (at < low ? low - at : at > high ? at - high : 0) / 10
  return [new Date(low - margin).toISOString(), new Date(high + margin).toISOString()]
}
