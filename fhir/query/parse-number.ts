import { splitAt, unescaped } from './escaped.ts'
import { splitPrefix } from './prefix.ts'
import type { Value } from './query.ts'
import { type Reading, wrong } from './reading.ts'

/** Bounded, so that its digits fit into a number of the database. */
const NUMBER = /^([+-]?)(\d{1,20})(?:\.(\d{1,20}))?(?:[eE]([+-]?\d{1,2}))?$/

const UCUM = 'http://unitsofmeasure.org'

interface Range {
  low: number
  high: number
  number: number
}

/** hl7.org/fhir/R4/search.html#number. */
export function parseNumber(name: string, text: string): Extract<Value, { kind: 'number' }> {
  const { prefix, rest } = splitPrefix(text)
  const range = rangeOf(rest)
  if (range === undefined)
    throw wrong(name, 'must be a number such as 5.40 or ge5.4e-3, with eq, ne, gt, lt, ge, le, sa, eb or ap before it')
  return { kind: 'number', prefix, ...range }
}

/**
 * hl7.org/fhir/R4/search.html#quantity: `5.4`, `5.4|http://unitsofmeasure.org|mg`, `5.4||mg`. What is a unit of UCUM becomes the canonical one; of another system,
 * `system|code`; one without a system stays as it was written, for it may be a code or the words for people.
 */
export function parseQuantity(name: string, text: string, reading: Reading): Extract<Value, { kind: 'quantity' }> {
  const { prefix, rest } = splitPrefix(text)
  const [number = '', system = '', code = '', ...more] = splitAt(rest, '|').map(unescaped)
  const range = rangeOf(number)
  if (range === undefined || more.length > 0 || (system !== '' && code === ''))
    throw wrong(
      name,
      'must be a number, number|system|code or number||unit, with eq, ne, gt, lt, ge, le, sa, eb or ap before it',
    )
  if (code === '') return { kind: 'quantity', prefix, ...range, unit: undefined }
  const canonical = system === UCUM ? reading.canonical(code) : undefined
  if (canonical) return { kind: 'quantity', prefix, ...times(range, canonical.factor), unit: canonical.unit }
  return { kind: 'quantity', prefix, ...range, unit: system === '' ? code : `${system}|${code}` }
}

/**
 * As far to both sides as half of the last digit written. One digit with an exponent is taken as if a zero were written behind it: the specification's own
 * example reads `1e2` as 95 to 105.
 */
function rangeOf(text: string): Range | undefined {
  const [, sign = '', whole, fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  if (whole === undefined) return undefined
  const lone = text.toLowerCase().includes('e') && whole.length === 1 && fraction === ''
  // Whole numbers of half the last digit, so that no bound is off by what binary fractions cannot hold.
  const halves = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}${lone ? '0' : ''}`) * 10n
  const power = Number(exponent) - fraction.length - (lone ? 1 : 0) - 1
  const at = (digits: bigint) => Number(`${digits}e${power}`) + 0
  return { low: at(halves - 5n), high: at(halves + 5n), number: at(halves) }
}

/** To 12 digits: what a multiplication adds behind them is noise, and the same is done to what is stored. */
function times({ low, high, number }: Range, factor: number): Range {
  const scaled = (value: number) => Number((value * factor).toPrecision(12))
  return { low: scaled(low), high: scaled(high), number: scaled(number) }
}
