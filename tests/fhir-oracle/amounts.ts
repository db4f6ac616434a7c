import type { Prefix, Value } from '#fhir/query/query.ts'
import type { Element } from './elements.ts'

/** A number, or a Range from one to another; infinite where it is open. */
interface Amount {
  low: number
  high: number
}

interface Quantity {
  value?: number
  unit?: string
  system?: string
  code?: string
}

type Canonical = (unit: string) => { unit: string; convert: (value: number) => number } | undefined
type AskedNumber = Extract<Value, { kind: 'number' | 'quantity' }>

export const matchesNumber = ({ value }: Element, asked: AskedNumber): boolean =>
  typeof value === 'number' && compare(asked.prefix, asked, { low: value, high: value })

/** Any way in which the quantity can be said in the unit that is asked for: the canonical one, or as it was written. */
export function matchesQuantity(
  { type, value }: Element,
  asked: Extract<Value, { kind: 'quantity' }>,
  canonical: Canonical,
): boolean {
  if (type === 'Range') {
    const { low, high } = value as { low?: Quantity; high?: Quantity }
    const lows = low ? said(low, canonical) : [[undefined, Number.NEGATIVE_INFINITY] as const]
    const highs = high ? said(high, canonical) : [[undefined, Number.POSITIVE_INFINITY] as const]
    return lows.some(([unit, from]) =>
      highs.some(
        ([other, to]) => fits(unit, other, asked.unit) && compare(asked.prefix, asked, { low: from, high: to }),
      ),
    )
  }
  return said(value as Quantity, canonical).some(
    ([unit, amount]) =>
      (asked.unit === undefined ? unit === undefined : unit === asked.unit) &&
      compare(asked.prefix, asked, { low: amount, high: amount }),
  )
}

/** Of a Range that is open at one end, that end has the unit of the other. */
const fits = (low: string | undefined, high: string | undefined, asked: string | undefined): boolean =>
  (low === asked && high === asked) || (low === asked && high === undefined) || (low === undefined && high === asked)

/** Without a unit: the number as it was written. */
function said(
  { value, unit, system, code }: Quantity,
  canonical: Canonical,
): (readonly [string | undefined, number])[] {
  if (value === undefined) return []
  const known = system === 'http://unitsofmeasure.org' && code !== undefined ? canonical(code) : undefined
  return [
    [undefined, value],
    ...(known ? [[known.unit, Number(known.convert(value).toPrecision(12))] as const] : []),
    ...(system !== undefined && code !== undefined && !known ? [[`${system}|${code}`, value] as const] : []),
    ...(code === undefined ? [] : [[`|${code}`, value] as const]),
    ...(unit === undefined ? [] : [[`|${unit}`, value] as const]),
  ]
}

/** hl7.org/fhir/R4/search.html#number: precision counts for eq and ne; for what compares, the number is exact. About: a tenth of it to both sides. */
function compare(prefix: Prefix, asked: AskedNumber, there: Amount): boolean {
  const equal =
    asked.low <= there.low && (there.low === there.high ? there.high < asked.high : there.high <= asked.high)
  const tenth = Math.abs(asked.number) / 10
  switch (prefix) {
    case 'eq':
      return equal
    case 'ne':
      return !equal
    case 'gt':
      return there.high > asked.number
    case 'lt':
      return there.low < asked.number
    case 'ge':
      return there.high >= asked.number
    case 'le':
      return there.low <= asked.number
    case 'sa':
      return there.low > asked.number
    case 'eb':
      return there.high < asked.number
    case 'ap':
      return there.low <= asked.number + tenth && there.high >= asked.number - tenth
  }
}
