import { canonicalUnit } from '#fhir/indexing/ucum.ts'

/** As many digits as a double keeps of what went through two conversions. */
const DIGITS = 12

/** A number of one UCUM unit in another; undefined where the two measure different things, or one of them is no unit. */
export function inUnit(value: number, from: string | undefined, to: string): number | undefined {
  if (from === to) return value
  const [given, wanted] = [from === undefined ? undefined : canonicalUnit(from), canonicalUnit(to)]
  if (!given || !wanted || given.unit !== wanted.unit) return undefined
  // Scales are straight lines, with their zero elsewhere for temperatures.
  const zero = wanted.convert(0)
  return Number(((given.convert(value) - zero) / (wanted.convert(1) - zero)).toPrecision(DIGITS))
}
