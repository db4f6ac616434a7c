import { numberRange } from '../indexing/number-range.ts'
import { canonicalUnit, inCanonicalUnit } from '../indexing/ucum.ts'
import { splitAt, unescaped } from './escaped.ts'
import { splitPrefix } from './prefix.ts'
import type { Value } from './query.ts'
import { wrong } from './reading.ts'

const UCUM = 'http://unitsofmeasure.org'

/** hl7.org/fhir/R4/search.html#number. */
export function parseNumber(name: string, text: string): Extract<Value, { kind: 'number' }> {
  const { prefix, rest } = splitPrefix(text)
  const range = numberRange(rest)
  if (range === undefined)
    throw wrong(name, 'must be a number such as 5.40 or ge5.4e-3, with eq, ne, gt, lt, ge, le, sa, eb or ap before it')
  return { kind: 'number', prefix, ...range }
}

/**
 * hl7.org/fhir/R4/search.html#quantity: `5.4`, `5.4|http://unitsofmeasure.org|mg`, `5.4||mg`. What is a unit of UCUM becomes the canonical one; of another system,
 * `system|code`; one without a system stays as it was written, for it may be a code or the words for people.
 */
export function parseQuantity(name: string, text: string): Extract<Value, { kind: 'quantity' }> {
  const { prefix, rest } = splitPrefix(text)
  const [number = '', system = '', code = '', ...more] = splitAt(rest, '|').map(unescaped)
  const range = numberRange(number)
  if (range === undefined || more.length > 0 || (system !== '' && code === ''))
    throw wrong(
      name,
      'must be a number, number|system|code or number||unit, with eq, ne, gt, lt, ge, le, sa, eb or ap before it',
    )
  if (code === '') return { kind: 'quantity', prefix, ...range, unit: undefined }
  const canonical = system === UCUM ? canonicalUnit(code) : undefined
  if (canonical) return { kind: 'quantity', prefix, ...inCanonicalUnit(canonical, range), unit: canonical.unit }
  return { kind: 'quantity', prefix, ...range, unit: `${system}|${code}` }
}
