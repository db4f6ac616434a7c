import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#platform/errors.ts'
import { parseQuery } from './parse-query.ts'
import { r4SearchParameter } from './testing.ts'

/** What addresses are made of, and what has a meaning somewhere in them. */
const SIGNS = [
  ...[
    'Patient',
    'Observation',
    'name',
    'subject',
    'code',
    'birthdate',
    'value-quantity',
    'code-value-quantity',
    'near',
    'link',
    'organization',
    'identifier',
  ],
  ...[
    '_has',
    '_filter',
    '_sort',
    '_include',
    '_revinclude',
    '_type',
    '_count',
    '_elements',
    '_id',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    'missing',
    'exact',
    'of-type',
    'iterate',
    'in',
    'eq',
    'gt',
    'and',
    'or',
    'not',
    'pr',
    'ew',
    'true',
    'false',
    '2031-03-03',
    'T10:00',
    'Z',
    '5.4',
    '1e2',
  ],
  ...[
    ':',
    '.',
    ',',
    '|',
    '$',
    '\\',
    '/',
    '(',
    ')',
    '[',
    ']',
    '"',
    '*',
    '-',
    '+',
    ' ',
    '=',
    '&',
    '#',
    '%',
    '\0',
    'é',
    '💧',
    '9'.repeat(50),
  ],
]
const part = fc.array(fc.constantFrom(...SIGNS), { maxLength: 12 }).map((parts) => parts.join(''))
const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...SIGNS), part), fc.oneof(part, fc.string())), {
  maxLength: 6,
})

describe('parseQuery: whatever comes', () => {
  it('it is understood or refused with a reason, within a second, and what was used was given', () => {
    fc.assert(
      fc.property(
        fc.constantFrom([], ['Patient'], ['Observation'], ['Location']),
        pairs,
        fc.boolean(),
        (types, given, strict) => {
          try {
            const query = new URLSearchParams(given)
            const { used, criteria } = parseQuery(types, query, {
              base: 'https://care.example/fhir/R4',
              strict,
              parameters: r4SearchParameter,
            })
            for (const [name, value] of used) assert.ok(query.has(name, value))
            assert.ok(criteria.length <= used.size)
          } catch (error) {
            assert.ok(error instanceof Problem && error.code === 'invalid', String(error))
            for (const { pointer, detail } of error.errors ?? [])
              assert.match(`${pointer} ${detail}`, /^\/query\/[\w.:-]{0,64} \S.{5,}$/s)
          }
        },
      ),
      { numRuns: 3_000 },
    )
  })
})
