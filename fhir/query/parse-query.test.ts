import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '#platform/errors.ts'
import { parseQuery } from './parse-query.ts'
import type { Criterion, Value } from './query.ts'
import type { ParseOptions } from './reading.ts'
import { r4SearchParameter } from './testing.ts'

const options: ParseOptions = {
  base: 'https://care.example/fhir/R4',
  strict: false,
  parameters: r4SearchParameter,
}

/** `Patient?name=x`, or `?name=x` for all types. Values as they are when an address is no longer one. */
function parse(address: string, more: Partial<ParseOptions> = {}) {
  const [type = '', query = ''] = address.split(/\?(.*)/s)
  const pairs = query.split('&').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string])
  return parseQuery(type === '' ? [] : [type], new URLSearchParams(pairs), { ...options, ...more })
}

function valuesOf(address: string): readonly Value[] {
  const { criteria } = parse(address)
  const [first] = criteria
  assert.ok(first?.kind === 'own' && criteria.length === 1, `${address} is one criterion`)
  return first.values
}

/** A criterion in one line: `subject>Patient.name`. */
function brief(criterion: Criterion): string {
  if (criterion.kind === 'own')
    return `${criterion.parameter.code}${criterion.modifier ? `:${criterion.modifier}` : ''}`
  if (criterion.kind === 'has') return `${criterion.type}.${criterion.parameter.code}<${brief(criterion.criterion)}`
  if (criterion.kind === 'compartment') return 'compartment'
  return `${criterion.parameter.code}>${criterion.to.map((one) => `${one.type}.${brief(one.criterion)}`).join('+')}`
}

function refusal(work: () => unknown): Problem {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    return error
  }
  return assert.fail('is accepted')
}

/** A worse world than ours: any reference leads to any of 100 types. */
const everyTypeLeadsToAll: ParseOptions['parameters'] = (_, code) =>
  code === 'nonsense'
    ? undefined
    : { code, type: 'reference', expression: '', targets: Array.from({ length: 100 }, () => 'Task') }

const token = (system: string | undefined, code: string | undefined): Value => ({ kind: 'token', system, code })
const date = (prefix: string, from: string, until: string) => ({ kind: 'date', prefix, from, until })
const number = (low: number, value: number, high: number, prefix = 'eq') => ({
  kind: 'number',
  prefix,
  low,
  high,
  number: value,
})

describe('parseQuery: values', () => {
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

describe('parseQuery: dates', () => {
  const understood: readonly [string, unknown][] = [
    ['2031', date('eq', '2031-01-01T00:00:00.000Z', '2032-01-01T00:00:00.000Z')],
    ['ge2031-12', date('ge', '2031-12-01T00:00:00.000Z', '2032-01-01T00:00:00.000Z')],
    ['ne2032-02-29', date('ne', '2032-02-29T00:00:00.000Z', '2032-03-01T00:00:00.000Z')],
    ['gt2031-03-03T10:00', date('gt', '2031-03-03T10:00:00.000Z', '2031-03-03T10:01:00.000Z')],
    ['lt2031-03-03T10:00:59Z', date('lt', '2031-03-03T10:00:59.000Z', '2031-03-03T10:01:00.000Z')],
    ['le2031-03-03T00:30:00+02:00', date('le', '2031-03-02T22:30:00.000Z', '2031-03-02T22:30:01.000Z')],
    ['sa2031-03-03T00:30:00 02:00', date('sa', '2031-03-02T22:30:00.000Z', '2031-03-02T22:30:01.000Z')],
    ['eb2031-03-03T23:30:00-03:30', date('eb', '2031-03-04T03:00:00.000Z', '2031-03-04T03:00:01.000Z')],
    ['ap2031-03-03T10:00:00.25Z', date('ap', '2031-03-03T10:00:00.250Z', '2031-03-03T10:00:00.251Z')],
    ['2016-12-31T23:59:60Z', date('eq', '2017-01-01T00:00:00.000Z', '2017-01-01T00:00:01.000Z')],
    ['0001', date('eq', '0001-01-01T00:00:00.000Z', '0002-01-01T00:00:00.000Z')],
    ['0001-01-01T00:00:00+01:00', date('eq', '-infinity', '-infinity')],
    ['9999', date('eq', '9999-01-01T00:00:00.000Z', 'infinity')],
  ]
  for (const [text, expected] of understood)
    it(`${text} is the range that it stands for`, () =>
      assert.deepEqual(valuesOf(`Patient?birthdate=${text}`), [expected]))

  for (const text of [
    '2031-02-29',
    '2031-13',
    '2031-00',
    '31',
    '0000',
    '2031-03-03T10',
    '2031-03-03T24:00',
    '2031-03-03T10:60',
    '2031-03-03T10:00:61',
    '2031-03-03T10:00+15:00',
    '2031-3-3',
    'gt',
    'xx2031',
    '2031-03-03Z',
  ])
    it(`${text} is refused`, () => {
      const { errors } = refusal(() => parse(`Patient?birthdate=${text}`))
      assert.equal(errors?.[0]?.pointer, '/query/birthdate')
      assert.match(errors?.[0]?.detail ?? '', /must be a date that exists, such as/)
    })
})

describe('parseQuery: numbers and quantities', () => {
  const numbers: readonly [string, unknown][] = [
    ['100', number(99.5, 100, 100.5)],
    ['100.00', number(99.995, 100, 100.005)],
    ['1e2', number(95, 100, 105)],
    ['5.40e-3', number(0.005395, 0.0054, 0.005405)],
    ['0.1', number(0.05, 0.1, 0.15)],
    ['-5', number(-5.5, -5, -4.5)],
    ['le0', number(-0.5, 0, 0.5, 'le')],
  ]
  for (const [text, expected] of numbers)
    it(`${text} is as wide as its last digit`, () =>
      assert.deepEqual(valuesOf(`RiskAssessment?probability=${text}`), [expected]))

  const quantities: readonly [string, unknown][] = [
    ['5.4', { prefix: 'eq', low: 5.35, number: 5.4, high: 5.45, unit: undefined }],
    ['5.4||', { prefix: 'eq', low: 5.35, number: 5.4, high: 5.45, unit: undefined }],
    ['gt5.4|http://unitsofmeasure.org|mg', { prefix: 'gt', low: 0.00535, number: 0.0054, high: 0.00545, unit: 'g' }],
    ['5.4||mg', { prefix: 'eq', low: 5.35, number: 5.4, high: 5.45, unit: '|mg' }],
    ['5|urn:units|box', { prefix: 'eq', low: 4.5, number: 5, high: 5.5, unit: 'urn:units|box' }],
    [
      '5|http://unitsofmeasure.org|[none]',
      { prefix: 'eq', low: 4.5, number: 5, high: 5.5, unit: 'http://unitsofmeasure.org|[none]' },
    ],
  ]
  for (const [text, expected] of quantities)
    it(`${text} is in its canonical unit`, () =>
      assert.deepEqual(valuesOf(`Observation?value-quantity=${text}`), [{ kind: 'quantity', ...(expected as object) }]))
})

describe('parseQuery: modifiers, chains and _has', () => {
  const understood: readonly [string, readonly string[]][] = [
    ['Patient?name=a&name=b', ['name', 'name']],
    ['Patient?name:exact=a', ['name:exact']],
    ['Patient?name:contains=a', ['name:contains']],
    ['Patient?gender:not=male', ['gender:not']],
    ['Observation?code:not-in=urn:x', ['code:not-in']],
    ['Observation?code:below=a', ['code:below']],
    ['Observation?code:above=a', ['code:above']],
    ['Location?partof:below=1', ['partof:below']],
    ['Observation?subject:Patient.name=a', ['subject>Patient.name']],
    ['Observation?subject:Patient.name:exact=a', ['subject>Patient.name:exact']],
    ['Observation?subject:Patient.organization.name=x', ['subject>Patient.organization>Organization.name']],
    ['Observation?subject.name=x', ['subject>Patient.name+Location.name']],
    ['Observation?subject.birthdate=1980', ['subject>Patient.birthdate']],
    [
      'Observation?encounter.part-of.part-of.part-of.part-of.status=x',
      ['encounter>Encounter.part-of>Encounter.part-of>Encounter.part-of>Encounter.part-of>Encounter.status'],
    ],
    ['Patient?_has:Observation:patient:code=x', ['Observation.patient<code']],
    ['Patient?_has:Observation:subject:code:text=x', ['Observation.subject<code:text']],
    [
      'Patient?_has:Observation:patient:_has:AuditEvent:entity:agent=x',
      ['Observation.patient<AuditEvent.entity<agent'],
    ],
    [
      'Patient?_has:Observation:patient:performer:Practitioner.name=x',
      ['Observation.patient<performer>Practitioner.name'],
    ],
    ['Observation?subject:Patient._has:Condition:patient:code=x', ['subject>Patient.Condition.patient<code']],
    ['Patient?_lastUpdated=gt2031', ['_lastUpdated']],
    ['Patient?subject:Patient.name=x&nonsense=1&nonsense:exact=1&gender=male', ['gender']],
  ]
  for (const [address, expected] of understood)
    it(`${address} is ${expected.join(' and ')}`, () => assert.deepEqual(parse(address).criteria.map(brief), expected))

  it('several types are searched by what all of them have in the same kind', () => {
    const { types, criteria, used } = parse('?_type=Observation,Condition&subject=Patient/1&value-quantity=1')
    assert.deepEqual(types, ['Observation', 'Condition'])
    assert.deepEqual(criteria.map(brief), ['subject'])
    assert.equal(used.has('value-quantity'), false)
  })

  it('a name that an object has from birth is not known', () => {
    const { criteria, used } = parse('Patient?__proto__=1&constructor=1&toString:exact=1&hasOwnProperty.x=1')
    assert.deepEqual([criteria, [...used]], [[], []])
    const plain: Record<string, Record<string, never>> = { Patient: {} }
    const more = { parameters: (type: string, code: string) => plain[type]?.[code] }
    assert.deepEqual(parse('Patient?__proto__=1&a b=1&_has:__proto__:x:y=1', more).criteria, [])
  })
})

describe('parseQuery: the answer', () => {
  const understood: readonly [string, object][] = [
    [
      'Patient?name=x',
      { count: 20, total: 'none', summary: undefined, elements: undefined, sort: [], cursor: undefined },
    ],
    ['Patient?_count=5000', { count: 1000 }],
    ['Patient?_count=0', { count: 0, total: 'accurate' }],
    ['Patient?_summary=count&_count=5', { count: 0, total: 'accurate', summary: 'count' }],
    ['Patient?_summary=false', { count: 20, summary: undefined }],
    ['Patient?_total=estimate', { total: 'estimate' }],
    ['Patient?_elements=name,birthDate', { elements: ['name', 'birthDate'] }],
    ['Patient?cursor=aB_-1', { cursor: 'aB_-1' }],
  ]
  for (const [address, expected] of understood)
    it(`${address} is understood`, () => assert.partialDeepStrictEqual(parse(address), expected))

  it('_sort has several parameters, - turns one round', () => {
    const { sort } = parse('Patient?_sort=family,-birthdate,_id')
    assert.deepEqual(
      sort.map(({ parameter, descending }) => [parameter.code, descending]),
      [
        ['family', false],
        ['birthdate', true],
        ['_id', false],
      ],
    )
  })

  const includes: readonly [string, readonly unknown[]][] = [
    ['_include=Observation:subject', [['include', 'Observation', 'subject', undefined, false]]],
    ['_include=Observation:subject:Patient', [['include', 'Observation', 'subject', 'Patient', false]]],
    ['_include:iterate=Patient:organization', [['include', 'Patient', 'organization', undefined, true]]],
    ['_include=*', [['include', 'Observation', undefined, undefined, false]]],
    ['_include=Observation:*', [['include', 'Observation', undefined, undefined, false]]],
    ['_include=Observation:*:Patient', [['include', 'Observation', undefined, 'Patient', false]]],
    ['_revinclude=Provenance:target', [['revinclude', 'Provenance', 'target', undefined, false]]],
    ['_revinclude:iterate=Provenance:target', [['revinclude', 'Provenance', 'target', undefined, true]]],
  ]
  for (const [query, expected] of includes)
    it(`${query} is understood`, () =>
      assert.deepEqual(
        parse(`Observation?${query}`).includes.map((one) => [
          one.kind,
          one.type,
          one.parameter?.code,
          one.target,
          one.iterate,
        ]),
        expected,
      ))

  it('what was looked at is told in its order, without what was not', () => {
    const { used } = parse('Patient?gender=male&nonsense=1&_format=json&_pretty=true&name=&_sort=name&gender=female')
    assert.deepEqual(
      [...used],
      [
        ['gender', 'male'],
        ['_sort', 'name'],
        ['gender', 'female'],
      ],
    )
  })

  it('_filter comes beside other criteria, and all of several hold', () => {
    const { criteria, filter } = parse('Patient?gender=male&_filter=name co a&_filter=active eq true')
    assert.equal(criteria.length, 1)
    assert.equal(filter?.kind, 'and')
  })
})

describe('parseQuery: refusals', () => {
  const refused: readonly [string, string, RegExp][] = [
    ['Patient?name:below=a', 'name:below', /permitted are :missing, :exact, :contains/],
    ['Patient?birthdate:exact=2031', 'birthdate:exact', /permitted are :missing/],
    ['Observation?code-value-quantity:missing=true', 'code-value-quantity:missing', /takes no modifier/],
    ['Observation?subject:Practitioner=1', 'subject:Practitioner', /cannot lead to/],
    ['Observation?subject:Nonsense.name=1', 'subject:Nonsense.name', /cannot lead to/],
    ['Observation?subject:Patient=Group/1', 'subject:Patient', /must be an id, Patient\/…/],
    ['Observation?subject=Patient/1/_history/2', 'subject', /must be an id, /],
    ['Observation?subject=patient/1', 'subject', /must be an id, /],
    ['Observation?subject=#1', 'subject', /must be an id, /],
    ['Patient?name:missing=perhaps', 'name:missing', /true or false/],
    ['Patient?name:missing=true,false', 'name:missing', /true or false/],
    ['Patient?name=a,,b', 'name', /empty value/],
    ['Patient?name=a\0b', 'name', /nothing stored/],
    ['Patient?identifier=a|b|c', 'identifier', /system\|code/],
    ['Patient?identifier=|', 'identifier', /system\|code/],
    ['Patient?identifier:of-type=a|b', 'identifier:of-type', /system\|code\|value/],
    ['RiskAssessment?probability=1,5x', 'probability', /must be a number/],
    ['RiskAssessment?probability=1e999', 'probability', /must be a number/],
    ['RiskAssessment?probability=0x1', 'probability', /must be a number/],
    ['Observation?value-quantity=5|urn:x', 'value-quantity', /number\|system\|code/],
    ['Observation?value-quantity=5|a|b|c', 'value-quantity', /number\|system\|code/],
    ['Observation?code-value-quantity=a', 'code-value-quantity', /must be code\$value-quantity/],
    ['Observation?code-value-quantity=a$b$c', 'code-value-quantity', /must be code\$value-quantity/],
    ['Observation?code-value-quantity=a$b', 'code-value-quantity', /must be a number/],
    ['Location?near=91|0', 'near', /latitude\|longitude/],
    ['Location?near=1|1|1|[ft_i]', 'near', /latitude\|longitude/],
    ['Location?near=1|1|-1|km', 'near', /latitude\|longitude/],
    ['Location?near=1|1|1|constructor', 'near', /latitude\|longitude/],
    ['Patient?name.family=a', 'name.family', /no reference/],
    [
      'Observation?encounter.part-of.part-of.part-of.part-of.part-of.status=x',
      'encounter.part-of.part-of.part-of.part-of.part-of.status',
      /more than 5/,
    ],
    ['Patient?_has:Observation:patient=x', '_has:Observation:patient', /must be _has:Type/],
    ['Patient?_has:Observation:code:code=x', '_has:Observation:code:code', /leads to what/],
    ['Patient?_has:Observation:encounter:code=x', '_has:Observation:encounter:code', /leads to what/],
    ['Patient?_count=-1', '_count', /whole number/],
    ['Patient?_count=1&_count=2', '_count', /comes once/],
    ['Patient?_total=some', '_total', /none, estimate, accurate/],
    ['Patient?_summary=all', '_summary', /true, text/],
    ['Patient?_elements=a b', '_elements', /names of elements/],
    ['Patient?_sort=nonsense', '_sort', /search parameters/],
    ['Location?_sort=near', '_sort', /search parameters/],
    ['Patient?_sort:asc=name', '_sort:asc', /takes no modifier/],
    ['Patient?_type=Patient', '_type', /all types/],
    ['?_type=Nonsense', '_type', /kept here/],
    ['?_type:not=Patient', '_type:not', /takes no modifier/],
    ['Patient?_list=1', '_list', /not supported/],
    ['Patient?_query=x', '_query', /not supported/],
    ['Patient?_include=Patient', '_include', /Type:reference/],
    ['Patient?_include=Patient:name', '_include', /Type:reference/],
    ['Patient?_include=Patient:organization:Patient', '_include', /Type:reference/],
    ['Patient?_include:recurse=Patient:link', '_include:recurse', /:iterate/],
    ['Patient?_revinclude=*', '_revinclude', /Type:reference/],
    ['?_include=*', '_include', /Type:reference/],
    ['Patient?cursor=<script>', 'cursor', /as it came/],
  ]
  for (const [address, name, detail] of refused)
    it(JSON.stringify(address), () => {
      const { code, errors } = refusal(() => parse(address))
      assert.deepEqual(
        [code, errors?.length, errors?.[0]?.pointer.replaceAll('_', '')],
        ['invalid', 1, `/query/${name}`.replaceAll('_', '')],
      )
      assert.match(errors?.[0]?.detail ?? '', detail)
    })

  it('what is not known, and what is empty, where the caller wants to be told', () => {
    const { errors } = refusal(() => parse('Patient?nonsense=1&name=&gender=male', { strict: true }))
    assert.deepEqual(errors, [
      { pointer: '/query/nonsense', detail: 'is not known here' },
      { pointer: '/query/name', detail: 'has no value' },
    ])
    assert.equal(parse('Patient?gender=male&_format=json', { strict: true }).criteria.length, 1)
  })

  it('all that is wrong at once, at most twenty', () => {
    const query = Array.from({ length: 30 }, () => 'birthdate=x').join('&')
    assert.equal(refusal(() => parse(`Patient?_count=x&${query}`)).errors?.length, 20)
  })

  it('a made-up name is cut short in what is said of it', () => {
    const { errors } = refusal(() => parse(`Patient?name:${'<'.repeat(300)}=x`))
    assert.match(errors?.[0]?.pointer ?? '', /^\/query\/name:_{59}$/)
  })
})

describe('parseQuery: limits', () => {
  it('an address of 8 KB, a form of as much as its receiver says', () => {
    const long = `Patient?name=${'a'.repeat(9_000)}`
    assert.equal(refusal(() => parse(long)).code, 'too-long')
    assert.equal(parse(long, { longest: 10_000 }).criteria.length, 1)
  })

  it('100 criteria', () => {
    const many = (count: number) => `Patient?${Array.from({ length: count }, () => 'name=a').join('&')}`
    assert.equal(parse(many(100)).criteria.length, 100)
    assert.match(refusal(() => parse(many(101))).errors?.[0]?.detail ?? '', /one criterion too many/)
    assert.equal(refusal(() => parse(many(1_000))).code, 'invalid')
  })

  it('150 parameters, known or not, and 50 includes', () => {
    const many = (pair: string, count: number) => `Patient?${Array.from({ length: count }, () => pair).join('&')}`
    assert.equal(parse(many('x=1', 150)).criteria.length, 0)
    assert.equal(refusal(() => parse(many('x=1', 151))).code, 'invalid')
    assert.equal(parse(many('_include=Patient:link', 50)).includes.length, 50)
    assert.match(refusal(() => parse(many('_include=Patient:link', 51))).errors?.[0]?.detail ?? '', /at most 50 times/)
  })

  it('1,000 values', () => {
    const many = (count: number) => `Patient?_id=${Array.from({ length: count }, () => 'a').join(',')}`
    assert.equal(valuesOf(many(1_000)).length, 1_000)
    assert.match(refusal(() => parse(many(1_001))).errors?.[0]?.detail ?? '', /too many values/)
  })

  it('a chain through references that lead to all types ends early', () => {
    const started = performance.now()
    const { errors } = refusal(() => parse('Observation?focus.focus.focus.focus.focus._id=x'))
    assert.match(errors?.[0]?.detail ?? '', /one criterion too many/)
    const wider = refusal(() => parse(`Task?${'focus.'.repeat(5)}nonsense=x`, { parameters: everyTypeLeadsToAll }))
    assert.match(wider.errors?.[0]?.detail ?? '', /too many ways/)
    assert.ok(performance.now() - started < 1_000)
  })

  const hostile = [
    'a'.repeat(8_000),
    '\\'.repeat(8_000),
    '|'.repeat(8_000),
    '$'.repeat(8_000),
    '('.repeat(8_000),
    '9'.repeat(8_000),
    '-'.repeat(8_000),
  ]
  const names = [
    'Patient?name',
    'Patient?identifier',
    'Patient?birthdate',
    'RiskAssessment?probability',
    'Observation?value-quantity',
    'Observation?code-value-quantity',
    'Observation?subject',
    'Location?near',
    'Patient?_filter',
    'Patient?_sort',
    'Patient?_elements',
  ]
  it('8,000 of the same character are read or refused within a second', () => {
    for (const name of names)
      for (const text of hostile) {
        const started = performance.now()
        try {
          parse(`${name}=${text}`)
        } catch (error) {
          assert.ok(error instanceof Problem, `${name}=${text.slice(0, 1)}…: ${error}`)
        }
        assert.ok(performance.now() - started < 1_000, `${name}=${text.slice(0, 1)}…`)
      }
  })

  it('a name of 8,000 dots or colons is not followed', () => {
    for (const name of [
      '_has:Observation:patient:'.repeat(300),
      'link.'.repeat(1_600),
      ':'.repeat(8_000),
      '.'.repeat(8_000),
    ])
      assert.ok(
        name.startsWith(':') || name.startsWith('.')
          ? parse(`Patient?${name}=x`)
          : refusal(() => parse(`Patient?${name}x=x`)),
      )
  })
})
