import { numberOf } from '../decimal.ts'
import { isObject, textOf } from './json-object.ts'
import { type NumberRange, rangeOfNumber, UNBOUNDED } from './number-range.ts'
import { canonicalUnit, inCanonicalUnit } from './ucum.ts'

export interface UnitRange {
  unit: string
  range: NumberRange
}

const UCUM = 'http://unitsofmeasure.org'
const CURRENCIES = 'urn:iso:std:iso:4217'

type Unit = { unit: string; convert: ((range: NumberRange) => NumberRange) | undefined }

/**
 * How a unit stands in the index, and what becomes of a number with it: `g.m-3` of UCUM's `mg/dL`, `system|code` of another system's, `|code` where none is said.
 */
export function indexedUnit(system: string | undefined, code: string): Unit {
  const canonical = system === UCUM ? canonicalUnit(code) : undefined
  if (canonical) return { unit: canonical.unit, convert: (range) => inCanonicalUnit(canonical, range) }
  return { unit: `${system ?? ''}|${code}`, convert: undefined }
}

/** A Quantity, Range, Money or SampledData as ranges of a unit (hl7.org/fhir/R4/search.html#quantity): in that of the index, and in the one that was written. */
export function quantitiesIn(value: unknown, type: string): UnitRange[] {
  if (!isObject(value)) return []
  if (type === 'Quantity') return inUnits(value, rangeOfQuantity(value))
  if (type === 'Range') return ofRange(value.low, value.high)
  if (type === 'SampledData') return isObject(value.origin) ? inUnits(value.origin, rangeOfSamples(value)) : []
  const currency = textOf(value.currency)
  const range = rangeOf(value.value)
  return range && currency !== undefined ? inUnits({ system: CURRENCIES, code: currency }, range) : []
}

const rangeOf = (value: unknown) => rangeOfNumber(numberOf(value) ?? Number.NaN)

/** With its comparator: of `<5` nothing more is known than that it is less. */
function rangeOfQuantity({ value, comparator }: Record<string, unknown>): NumberRange | undefined {
  const range = rangeOf(value)
  if (!range) return undefined
  if (comparator === '<' || comparator === '<=') return { ...range, low: -UNBOUNDED, high: range.number }
  if (comparator === '>' || comparator === '>=') return { ...range, low: range.number, high: UNBOUNDED }
  return range
}

function ofRange(low: unknown, high: unknown): UnitRange[] {
  const [from, until] = [isObject(low) ? low : undefined, isObject(high) ? high : undefined]
  const unit = from ?? until
  if (!unit) return []
  const [first, last] = [rangeOf(from?.value), rangeOf(until?.value)]
  if (!first && !last) return []
  const [least, most] = [first?.low ?? -UNBOUNDED, last?.high ?? UNBOUNDED]
  return least <= most ? inUnits(unit, { low: least, high: most, number: first?.number ?? least }) : []
}

/** From the least to the greatest of them. */
function rangeOfSamples({ origin, factor, data }: Record<string, unknown>): NumberRange | undefined {
  const zero = (isObject(origin) && numberOf(origin.value)) || 0
  const times = numberOf(factor) ?? 1
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const [text] of (textOf(data) ?? '').matchAll(/[^ ]+/g)) {
    const sample = text.length > 40 ? Number.NaN : Number(text)
    if (!Number.isFinite(sample)) continue
    low = Math.min(low, zero + sample * times)
    high = Math.max(high, zero + sample * times)
  }
  const [least, most] = [rangeOf(low), rangeOf(high)]
  return least && most ? { low: least.low, high: most.high, number: low } : undefined
}

function inUnits(quantity: Readonly<Record<string, unknown>>, range: NumberRange | undefined): UnitRange[] {
  if (!range) return []
  const [system, code, text] = [textOf(quantity.system), textOf(quantity.code), textOf(quantity.unit)]
  const found: UnitRange[] = []
  if (code !== undefined && system !== undefined) {
    const { unit, convert } = indexedUnit(system, code)
    found.push({ unit, range: convert ? bounded(convert, range) : range })
  }
  if (code !== undefined) found.push({ unit: `|${code}`, range })
  if (text !== undefined && text !== code) found.push({ unit: `|${text}`, range })
  return found.length > 0 ? found : [{ unit: '', range }]
}

/** No bound stays none. */
function bounded(convert: (range: NumberRange) => NumberRange, range: NumberRange): NumberRange {
  const { low, high, number } = convert(range)
  return {
    low: range.low === -UNBOUNDED ? range.low : low,
    high: range.high === UNBOUNDED ? range.high : high,
    number,
  }
}
