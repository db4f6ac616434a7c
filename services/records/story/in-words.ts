import { numberOf } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import { type Body, conceptOf } from '../entries/fields.ts'

/** Elements that say what something is, the first that a type has. */
const NAMES = ['code', 'vaccineCode', 'medicationCodeableConcept', 'type', 'reasonCode', 'category', 'serviceType']
const LONGEST = 300

const wordsOf = (value: unknown): string | undefined => {
  const concept = conceptOf(Array.isArray(value) ? value[0] : value)
  const [coding] = concept?.coding ?? []
  return concept?.text ?? coding?.display ?? coding?.code
}

/** A resource in a line, as whoever recorded it says it; undefined where it has no words. */
export function inWords(resource: Resource): string | undefined {
  const { description, title, medicationReference } = resource
  const named = [
    ...(typeof description === 'string' ? [description] : []),
    ...(typeof title === 'string' ? [title] : []),
    ...NAMES.flatMap((name) => wordsOf(resource[name]) ?? []),
    ...((medicationReference as Body | undefined)?.display ? [String((medicationReference as Body).display)] : []),
  ][0]
  const value = valueIn(resource)
  const whole = named !== undefined && value !== undefined ? `${named}: ${value}` : named
  return whole?.slice(0, LONGEST)
}

function valueIn({ valueQuantity, valueString, valueCodeableConcept, component }: Resource): string | undefined {
  const quantity = quantityOf(valueQuantity)
  if (quantity !== undefined) return quantity
  if (typeof valueString === 'string') return valueString
  const parts = ((component ?? []) as Body[]).flatMap((one) => quantityOf(one.valueQuantity) ?? [])
  return wordsOf(valueCodeableConcept) ?? (parts.length > 0 ? parts.join(', ') : undefined)
}

function quantityOf(quantity: unknown): string | undefined {
  const { value, unit, code, comparator } = (quantity ?? {}) as Body
  const number = numberOf(value)
  return number === undefined
    ? undefined
    : [comparator, number, unit ?? code].filter((one) => one !== undefined).join(' ')
}
