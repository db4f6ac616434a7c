import type { FaceParameter } from '#platform/fhir-face.ts'

const given = { use: 'in', min: 0, max: '1' } as const

/** Of `$everything`, of a patient and of an encounter. */
export const everythingParameters: readonly FaceParameter[] = [
  {
    ...{ name: 'start', ...given, type: 'date' },
    documentation:
      'Care on this day or later. What has no date of care, and what lasts (allergies, conditions, goals, family history), is always there.',
  },
  { name: 'end', ...given, type: 'date', documentation: 'Care on this day or before' },
  { name: '_since', ...given, type: 'instant', documentation: 'What was written or changed then or later' },
  { name: '_type', ...given, max: '*', type: 'code', documentation: 'Of these types alone' },
  { name: '_count', ...given, type: 'integer', documentation: 'Resources on a page: 1 to 1,000, usually 50' },
  { name: 'return', use: 'out', min: 1, max: '1', type: 'Bundle', documentation: 'A page of a searchset' },
]
