import { areAllReferredTo, hasNoMeta } from './contained.ts'
import type { Around, Invariant } from './invariant.ts'
import { has, hasChoice, isInOrder, type Members, member } from './members.ts'

// hl7.org/fhir/R4/datatypes.html, references.html, extensibility.html; dom-2 and ele-1 are where elements are looked at.

const UCUM = 'http://unitsofmeasure.org'

const hasSystem = (it: Members) => !has(it, 'code') || has(it, 'system')
const needsSystem = 'a code of a unit needs its system.'
const isUcum = (it: Members) => !has(it, 'system') || it.system === UCUM
const hasUnit = (it: Members) => has(it, 'code') || !has(it, 'value')

function leadsInside({ reference }: Members, around: Around): boolean {
  return (
    typeof reference !== 'string' ||
    reference.charCodeAt(0) !== 35 ||
    reference === '#' ||
    around.hasContained(reference.slice(1))
  )
}

const repeatNeeds = (key: string, what: string, needed: string): Invariant => ({
  ...{ key, on: 'Timing.repeat', says: `${what} needs ${needed}.` },
  holds: (it) => !has(it, what) || has(it, needed),
})

export const dataTypes: readonly Invariant[] = [
  {
    ...{ key: 'ext-1', on: 'Extension', says: 'an extension has either a value or extensions.' },
    holds: (it) => hasChoice(it, 'value') !== has(it, 'extension'),
  },
  {
    ...{ key: 'ref-1', on: 'Reference', says: 'a reference that starts with # leads to a contained resource.' },
    holds: leadsInside,
  },
  {
    ...{
      key: 'dom-3',
      on: 'DomainResource',
      says: 'what is contained must be referred to, or refer to what is around.',
    },
    holds: areAllReferredTo,
  },
  {
    ...{ key: 'dom-4', on: 'DomainResource', says: 'what is contained has no versionId and no lastUpdated.' },
    holds: (it) => hasNoMeta(it, 'versionId', 'lastUpdated'),
  },
  {
    ...{ key: 'dom-5', on: 'DomainResource', says: 'what is contained has no security labels.' },
    holds: (it) => hasNoMeta(it, 'security'),
  },
  {
    ...{ key: 'per-1', on: 'Period', says: 'a period must not end before it starts.' },
    holds: ({ start, end }) => isInOrder(start, end),
  },
  ...['Quantity', 'Age', 'Count', 'Distance', 'Duration'].map((on) => ({
    ...{ key: 'qty-3', on, says: needsSystem },
    holds: hasSystem,
  })),
  {
    ...{ key: 'age-1', on: 'Age', says: 'an age is positive, in a unit of UCUM.' },
    holds: (it) => hasUnit(it) && isUcum(it) && (it.value === undefined || Number(it.value) > 0),
  },
  {
    ...{ key: 'cnt-3', on: 'Count', says: 'a count is a whole number of the unit 1 of UCUM.' },
    holds: (it) =>
      hasUnit(it) && isUcum(it) && (!has(it, 'code') || it.code === '1') && Number.isInteger(it.value ?? 0),
  },
  {
    ...{ key: 'dis-1', on: 'Distance', says: 'a distance is in a unit of UCUM.' },
    holds: (it) => hasUnit(it) && isUcum(it),
  },
  {
    ...{ key: 'drt-1', on: 'Duration', says: 'a duration with a code is a value in a unit of UCUM.' },
    holds: (it) => !has(it, 'code') || (it.system === UCUM && has(it, 'value')),
  },
  {
    ...{ key: 'rng-2', on: 'Range', says: 'low must not be above high.' },
    holds: (it) => {
      const [low, high] = [member(it, 'low'), member(it, 'high')]
      return low.code !== high.code || low.unit !== high.unit || !(Number(low.value) > Number(high.value))
    },
  },
  {
    ...{ key: 'rat-1', on: 'Ratio', says: 'a ratio has numerator and denominator, or neither and an extension.' },
    holds: (it) => has(it, 'numerator') === has(it, 'denominator') && (has(it, 'numerator') || has(it, 'extension')),
  },
  {
    ...{ key: 'att-1', on: 'Attachment', says: 'data needs its contentType.' },
    holds: (it) => !has(it, 'data') || has(it, 'contentType'),
  },
  {
    ...{ key: 'cpt-2', on: 'ContactPoint', says: 'a value needs its system.' },
    holds: (it) => !has(it, 'value') || has(it, 'system'),
  },
  {
    ...{ key: 'exp-1', on: 'Expression', says: 'an expression or a reference must be there.' },
    holds: (it) => has(it, 'expression') || has(it, 'reference'),
  },
  repeatNeeds('tim-1', 'duration', 'durationUnit'),
  repeatNeeds('tim-2', 'period', 'periodUnit'),
  repeatNeeds('tim-6', 'periodMax', 'period'),
  repeatNeeds('tim-7', 'durationMax', 'duration'),
  repeatNeeds('tim-8', 'countMax', 'count'),
  {
    ...{ key: 'tim-4', on: 'Timing.repeat', says: 'a duration must not be negative.' },
    holds: ({ duration = 0 }) => Number(duration) >= 0,
  },
  {
    ...{ key: 'tim-5', on: 'Timing.repeat', says: 'a period must not be negative.' },
    holds: ({ period = 0 }) => Number(period) >= 0,
  },
  {
    ...{ key: 'tim-9', on: 'Timing.repeat', says: 'an offset needs a when, and none that names a meal alone.' },
    holds: ({ offset, when }) =>
      offset === undefined || (Array.isArray(when) && !when.some((one) => ['C', 'CM', 'CD', 'CV'].includes(one))),
  },
  {
    ...{ key: 'tim-10', on: 'Timing.repeat', says: 'either timeOfDay or when.' },
    holds: (it) => !has(it, 'timeOfDay') || !has(it, 'when'),
  },
  ...(['codeFilter', 'dateFilter'] as const).map((name) => ({
    ...{ key: name === 'codeFilter' ? 'drq-1' : 'drq-2', on: `DataRequirement.${name}` },
    ...{ says: 'either a path or a searchParam.' },
    holds: (it: Members) => has(it, 'path') !== has(it, 'searchParam'),
  })),
  {
    ...{ key: 'trd-1', on: 'TriggerDefinition', says: 'either data or timing.' },
    holds: (it) => !has(it, 'data') || !hasChoice(it, 'timing'),
  },
  {
    ...{ key: 'trd-2', on: 'TriggerDefinition', says: 'a condition needs data.' },
    holds: (it) => !has(it, 'condition') || has(it, 'data'),
  },
]
