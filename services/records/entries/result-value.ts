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

/** A number in its unit, or a concept, which may be words alone; what else an Observation may hold is not shown, and stays. */
export const resultValue: Field = {
  name: 'value',
  read({ valueQuantity, valueString, valueCodeableConcept, valueInteger }) {
    const { value, code, unit, comparator } = (valueQuantity ?? {}) as Body
    const number = numberOf(value ?? valueInteger)
    // `< 5 mg/L` is no 5: it is told in words.
    if (typeof comparator === 'string')
      return { concept: { text: [comparator, number, unit ?? code].filter((one) => one !== undefined).join(' ') } }
    if (number !== undefined) return { number, unit: valueQuantity === undefined ? '1' : (code ?? unit) }
    const concept = conceptOf(valueCodeableConcept ?? { text: valueString })
    return concept && { concept }
  },
  write(resource: Resource, value) {
    const { number, unit, concept } = (value ?? {}) as Body
    // A range is in the unit of what it was written beside.
    if (unit === undefined || unit !== (resultValue.read(resource) as Body | undefined)?.unit)
      put(resource, 'referenceRange', undefined)
    for (const choice of CHOICES) put(resource, `value${choice}`, undefined)
    if (number !== undefined) resource.valueQuantity = { value: number, unit, system: UCUM, code: unit }
    else if (concept !== undefined) resource.valueCodeableConcept = concept
    if (value !== undefined) put(resource, 'dataAbsentReason', undefined)
  },
}
