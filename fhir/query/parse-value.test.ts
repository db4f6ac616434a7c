import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Value } from './query.ts'
import { valuesOf } from './testing.ts'

const token = (system: string | undefined, code: string | undefined): Value => ({ kind: 'token', system, code })

describe('parseValue', () => {
  const understood: readonly [string, string, readonly unknown[]][] = [
    ['a text, as it was written', 'Patient?name=Zoë  Müller', [{ kind: 'string', text: 'Zoë  Müller' }]],
    [
      'commas are or',
      'Patient?name=a,b',
      [
        { kind: 'string', text: 'a' },
        { kind: 'string', text: 'b' },
      ],
    ],
    ['escapes', 'Patient?name=a\\,b\\|c\\$d\\\\e\\f', [{ kind: 'string', text: 'a,b|c$d\\e\\f' }]],
    [
      'an escaped backslash before a comma',
      'Patient?name=a\\\\,b',
      [
        { kind: 'string', text: 'a\\' },
        { kind: 'string', text: 'b' },
      ],
    ],
    ['a code', 'Patient?identifier=1', [token(undefined, '1')]],
    ['a code of a system', 'Patient?identifier=urn:x|1', [token('urn:x', '1')]],
    ['a code without a system', 'Patient?identifier=|1', [token('', '1')]],
    ['any code of a system', 'Patient?identifier=urn:x|', [token('urn:x', undefined)]],
    ['an escaped | in a code', 'Patient?identifier=urn:x|1\\|2', [token('urn:x', '1|2')]],
    [
      'an identifier of a type',
      'Patient?identifier:of-type=urn:t|MR|12',
      [{ kind: 'of-type', system: 'urn:t', code: 'MR', value: '12' }],
    ],
    ['a value set', 'Observation?code:in=urn:set', [{ kind: 'value-set', url: 'urn:set' }]],
    ['a value that is missing', 'Patient?name:missing=true', [{ kind: 'missing', missing: true }]],
    ['words of a code', 'Observation?code:text=blood', [{ kind: 'string', text: 'blood' }]],
    [
      'an id where a reference leads to one type',
      'Patient?organization=1',
      [{ kind: 'reference', type: 'Organization', id: '1' }],
    ],
    ['an id where it leads to several', 'Observation?subject=1', [{ kind: 'reference', type: undefined, id: '1' }]],
    [
      'an id with a type as modifier',
      'Observation?subject:Patient=1',
      [{ kind: 'reference', type: 'Patient', id: '1' }],
    ],
    ['type and id', 'Observation?subject=Group/1', [{ kind: 'reference', type: 'Group', id: '1' }]],
    [
      'type and id with the type as modifier',
      'Observation?subject:Patient=Patient/1',
      [{ kind: 'reference', type: 'Patient', id: '1' }],
    ],
    [
      'an address below the base',
      'Observation?subject=https://care.example/fhir/R4/Patient/1',
      [{ kind: 'reference', type: 'Patient', id: '1' }],
    ],
    [
      'an address elsewhere',
      'Observation?subject=https://else.example/Patient/1',
      [{ kind: 'reference-url', url: 'https://else.example/Patient/1' }],
    ],
    [
      'a canonical address with a version',
      'QuestionnaireResponse?questionnaire=https://q.example/1|2',
      [{ kind: 'reference-url', url: 'https://q.example/1|2' }],
    ],
    ['the identifier of a reference', 'Observation?subject:identifier=urn:x|1', [token('urn:x', '1')]],
    ['an address', 'ValueSet?url:below=http://x.example/', [{ kind: 'uri', uri: 'http://x.example/' }]],
    ['a position', 'Location?near=46.95|-7.45|500|m', [{ kind: 'near', latitude: 46.95, longitude: -7.45, km: 0.5 }]],
    ['a position in miles', 'Location?near=0|0|2|[mi_i]', [{ kind: 'near', latitude: 0, longitude: 0, km: 3.218688 }]],
    [
      'a position without a distance',
      'Location?near=46.95|7.45',
      [{ kind: 'near', latitude: 46.95, longitude: 7.45, km: 50 }],
    ],
    ['an id', 'Patient?_id=1,2', [token(undefined, '1'), token(undefined, '2')]],
    ['a tag', '?_tag=urn:x|1', [token('urn:x', '1')]],
    ['a security label', '?_security=R', [token(undefined, 'R')]],
    ['a profile', '?_profile=urn:p', [{ kind: 'uri', uri: 'urn:p' }]],
    ['a source', '?_source=urn:p', [{ kind: 'uri', uri: 'urn:p' }]],
    [
      'a code and a quantity',
      'Observation?code-value-quantity=urn:l|1$gt2',
      [
        {
          kind: 'composite',
          parts: [
            token('urn:l', '1'),
            { kind: 'quantity', prefix: 'gt', low: 1.5, number: 2, high: 2.5, unit: undefined },
          ],
        },
      ],
    ],
    [
      'a composite with an escaped $',
      'Observation?code-value-string=a\\$b$c',
      [{ kind: 'composite', parts: [token(undefined, 'a$b'), { kind: 'string', text: 'c' }] }],
    ],
  ]
  for (const [rule, address, expected] of understood)
    it(`${rule}: ${address}`, () => assert.deepEqual(valuesOf(address), expected))
})
