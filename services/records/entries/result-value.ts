import { numberOf } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import { type Body, conceptOf, type Field, put } from './fields.ts'

const UCUM = 'http://unitsofmeasure.org'
const CHOICES = [
  ...[
    'Quantity',
    'CodeableConcept',
    'String',
    'Boolean',
    'Integer',
    'Range',
    'Ratio',
    'SampledData',
    'Time',
    'DateTime',
  ],
  'Period',
]

/** A number in its unit, words, or a concept; what else an Observation may hold is not shown, and stays. */
export const resultValue: Field = {
  name: 'value',
  read({ valueQuantity, valueString, valueCodeableConcept, valueInteger }) {
    const { value, code, unit } = (valueQuantity ?? {}) as Body
    const number = numberOf(value ?? valueInteger)
    if (number !== undefined) return { number, unit: valueQuantity === undefined ? '1' : (code ?? unit) }
    if (typeof valueString === 'string') return { text: valueString }
    const concept = conceptOf(valueCodeableConcept)
    return concept && { concept }
  },
  write(resource: Resource, value) {
    const { number, unit, text, concept } = (value ?? {}) as Body
    for (const choice of CHOICES) put(resource, `value${choice}`, undefined)
    if (number !== undefined) resource.valueQuantity = { value: number, unit, system: UCUM, code: unit }
    else if (concept !== undefined) resource.valueCodeableConcept = concept
    else if (text !== undefined) resource.valueString = text
    if (value !== undefined) put(resource, 'dataAbsentReason', undefined)
  },
}
