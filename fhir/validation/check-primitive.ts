import { Decimal } from '../decimal.ts'
import type { Field } from './compiled-type.ts'
import type { Trail } from './issue.ts'
import type { Primitive } from './primitives.ts'

// hl7.org/fhir/R4/json.html#primitive

/** R4 asks for 18 digits at least. */
const LONGEST_DECIMAL = 64

const KINDS = {
  string: 'A text is needed here.',
  number: 'A number is needed here.',
  boolean: 'true or false is needed here.',
} as const

export function checkPrimitive(value: unknown, { primitive, name, codes }: Field, index: number, trail: Trail): void {
  if (!primitive) return
  if (value instanceof Decimal) checkDecimal(value, primitive, name, index, trail)
  else if (typeof value !== primitive.json) trail.found('structure', KINDS[primitive.json], name, index)
  else if (!primitive.holds(value as never)) trail.found('value', primitive.diagnostics, name, index)
  else if (codes && !codes.has(value as string))
    trail.found('code-invalid', 'A code of the value set that R4 requires is needed here.', name, index)
}

/** Whole numbers are written without a fraction and an exponent. */
function checkDecimal(
  value: Decimal,
  { json, isExact, holds, diagnostics }: Primitive,
  name: string,
  index: number,
  trail: Trail,
): void {
  if (json !== 'number') trail.found('structure', KINDS[json], name, index)
  else if (!isExact || !holds(value.valueOf() as never)) trail.found('value', diagnostics, name, index)
  else if (value.text.length > LONGEST_DECIMAL)
    trail.found('too-long', 'A decimal is written with at most 64 characters.', name, index)
}

/** null only where `companions` have something in its place. */
export function checkPrimitiveList(values: unknown[], companions: unknown, field: Field, trail: Trail): void {
  for (let at = 0; at < values.length; at++) {
    if (trail.isFull) return
    const value = values[at]
    if (value !== null) checkPrimitive(value, field, at, trail)
    else if (!Array.isArray(companions) || (companions[at] ?? null) === null)
      trail.found('structure', 'null stands only for a value that has an extension or an id instead.', field.name, at)
  }
}
