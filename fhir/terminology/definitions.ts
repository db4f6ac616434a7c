import type { FaceOperation, FaceParameter } from '#platform/fhir-face.ts'

// What the operations take and give: hl7.org/fhir/R4/terminology-service.html. What is not here is refused by them.

const input = (name: string, type: string, documentation: string, max: '1' | '*' = '1'): FaceParameter => ({
  ...{ name, use: 'in', min: 0, max, type, documentation },
})
const output = (
  name: string,
  type: string,
  documentation: string,
  max: '1' | '*' = '1',
  min: 0 | 1 = 0,
): FaceParameter => ({
  ...{ name, use: 'out', min, max, type, documentation },
})

const language = input('displayLanguage', 'code', 'Passed over: each code is called as it is kept')
const valueSet = [
  input('url', 'uri', 'The address of the value set'),
  input('valueSet', 'ValueSet', 'The value set itself'),
  input('valueSetVersion', 'string', 'Of the value set'),
]
const codeSystem = [
  input('system', 'uri', 'The address of the code system'),
  input('version', 'string', 'Of the code system'),
]
const coded = [
  input('code', 'code', 'Which code'),
  input('display', 'string', 'How it is called, where that is to be one of its names'),
  input('coding', 'Coding', 'Code and system together'),
  input('codeableConcept', 'CodeableConcept', 'Several codings: it is enough that one is there'),
]
const result = [
  output('result', 'boolean', 'Whether it is there', '1', 1),
  output('message', 'string', 'Why not, or what is not as it was said'),
  output('display', 'string', 'How the code is called'),
]

export const terminologyDefinitions: readonly FaceOperation[] = [
  {
    ...{ id: 'ValueSet-expand', name: 'Expand', code: 'expand', resource: ['ValueSet'] },
    description: 'The codes of a value set, flat, at most 10,000.',
    ...{ affectsState: false, type: true, instance: true },
    parameter: [
      ...valueSet,
      input('filter', 'string', 'Words that a code or its display has'),
      input('offset', 'integer', 'From which on'),
      input('count', 'integer', 'How many'),
      input('includeDesignations', 'boolean', 'With their other names'),
      language,
      output('return', 'ValueSet', 'With its expansion', '1', 1),
    ],
  },
  {
    ...{ id: 'ValueSet-validate-code', name: 'ValidateCodeInValueSet', code: 'validate-code', resource: ['ValueSet'] },
    description: 'Whether a value set has a code.',
    ...{ affectsState: false, type: true, instance: true },
    parameter: [...valueSet, ...codeSystem, ...coded, language, ...result],
  },
  {
    ...{ id: 'CodeSystem-validate-code', name: 'ValidateCode', code: 'validate-code', resource: ['CodeSystem'] },
    description: 'Whether a code system has a code.',
    ...{ affectsState: false, type: true, instance: true },
    parameter: [input('url', 'uri', 'The address of the code system'), ...codeSystem, ...coded, language, ...result],
  },
  {
    ...{ id: 'CodeSystem-lookup', name: 'Lookup', code: 'lookup', resource: ['CodeSystem'] },
    description: 'How a code is called, and what is said of it.',
    ...{ affectsState: false, type: true, instance: false },
    parameter: [
      ...codeSystem,
      input('code', 'code', 'Which code'),
      input('coding', 'Coding', 'Code and system together'),
      input('property', 'code', 'What is asked of it; all, where none is named', '*'),
      input('date', 'dateTime', 'Passed over: what is kept now is the answer'),
      language,
      output('name', 'string', 'Of the code system', '1', 1),
      output('version', 'string', 'Of the code system'),
      output('display', 'string', 'How the code is called', '1', 1),
    ],
  },
  {
    ...{ id: 'CodeSystem-subsumes', name: 'Subsumes', code: 'subsumes', resource: ['CodeSystem'] },
    description: 'Whether one code is the other, or above or below it.',
    ...{ affectsState: false, type: true, instance: true },
    parameter: [
      ...codeSystem,
      input('codeA', 'code', 'The one'),
      input('codeB', 'code', 'The other'),
      input('codingA', 'Coding', 'The one, with its system'),
      input('codingB', 'Coding', 'The other, with its system'),
      output('outcome', 'code', 'equivalent, subsumes, subsumed-by or not-subsumed', '1', 1),
    ],
  },
]
