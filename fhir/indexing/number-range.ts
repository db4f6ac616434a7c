/** `[low, high)`: what a number may mean by the digits that it is written with. */
export interface NumberRange {
  low: number
  high: number
  number: number
}

/** Stands for no bound: JSON and PostgreSQL's numbers both hold it. */
export const UNBOUNDED = Number.MAX_VALUE

const DECIMAL = /^[+-]?(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * A number as it was written in a query, with the range of its precision (hl7.org/fhir/R4/search.html#number): 100 from 99.5 to 100.5, 100.00 from 99.995 to 100.005.
 * Of one digit and an exponent R4 wants a twentieth of that digit: 1e2 from 95 to 105. Undefined where it is none.
 */
export function numberRange(text: string): NumberRange | undefined {
  const parts = DECIMAL.exec(text)
  const number = Number(text)
  if (!parts || !Number.isFinite(number)) return undefined
  const [, , fraction = '', exponent = '0'] = parts
  const share = /^[+-]?\d[eE]/.test(text) ? 0.05 : 0.5
  const half = share * Number(`1e${Number(exponent) - fraction.length}`)
  return { low: rounded(number - half), high: rounded(number + half), number }
}

/** Of a resource: a point, since what is searched for says how near is near enough. */
export const rangeOfNumber = (value: number): NumberRange | undefined =>
  Number.isFinite(value) ? { low: value, high: value, number: value } : undefined

/** Without what binary fractions add: both sides of a comparison come by other ways to the same number. */
export const rounded = (value: number): number => Number(value.toPrecision(12))
