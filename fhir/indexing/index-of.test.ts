import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '#platform/errors.ts'
import type { Resource } from '../resource.ts'
import { indexOf } from './index-of.ts'
import type { IndexValues } from './index-values.ts'

const base = 'https://care.example/fhir/R4'
const UCUM = 'http://unitsofmeasure.org'
const LOINC = 'http://loinc.org'
const index = (resource: Resource) => indexOf(resource, { base })
const concept = (code: string, system?: string) => ({ coding: [system === undefined ? { code } : { system, code }] })

const tokensOf = (values: IndexValues, parameter: string) =>
  values.tokens.filter((one) => one.startsWith(`${parameter}=`)).map((one) => one.slice(parameter.length + 1))
const referencesOf = (values: IndexValues, parameter: string) =>
  values.references.filter((one) => one.startsWith(`${parameter}=`)).map((one) => one.slice(parameter.length + 1))
const of = <T extends { parameter: string }>(list: readonly T[], parameter: string) =>
  list.filter((one) => one.parameter === parameter).map(({ parameter: _, ...rest }) => rest)
const valuesOf = (values: IndexValues, parameter: string) => of(values.strings, parameter).map(({ value }) => value)

describe('indexOf: tokens', () => {
  it('finds a concept by each of its codes, with system, without, and by the system alone', () => {
    const code = { coding: [{ system: LOINC, code: '2339-0' }, { code: 'glu' }, { system: 'urn:x' }] }
    assert.deepEqual(tokensOf(index({ resourceType: 'Observation', code }), 'code'), [
      ...['http://loinc.org|', 'http://loinc.org|2339-0', '2339-0'],
      ...['|glu', 'glu', 'urn:x|'],
    ])
  })

  it('finds a Coding, and its display by :text', () => {
    const values = index({ resourceType: 'Encounter', class: { system: 'urn:act', code: 'AMB', display: 'Ambulant' } })
    assert.deepEqual(tokensOf(values, 'class'), ['urn:act|', 'urn:act|AMB', 'AMB'])
    assert.deepEqual(of(values.strings, 'class:text'), [{ value: 'ambulant', exact: 'Ambulant' }])
  })

  it('leaves the case of codes and identifiers as it is', () => {
    const values = index({ resourceType: 'Patient', identifier: [{ value: 'aBc' }] })
    assert.deepEqual(tokensOf(values, 'identifier'), ['|aBc', 'aBc'])
  })

  it('finds an identifier by its type too', () => {
    const type = { coding: [{ system: 'urn:v2', code: 'MR' }], text: 'Record number' }
    const values = index({ resourceType: 'Patient', identifier: [{ system: 'urn:h', value: '7', type }] })
    assert.deepEqual(tokensOf(values, 'identifier'), ['urn:h|', 'urn:h|7', '7'])
    assert.deepEqual(tokensOf(values, 'identifier:of-type'), ['urn:v2|MR|7'])
    assert.deepEqual(valuesOf(values, 'identifier:text'), ['record number'])
  })

  it('finds a code with the system that its binding implies, and without', () => {
    const GENDER = 'http://hl7.org/fhir/administrative-gender'
    const values = index({ resourceType: 'Patient', gender: 'female' })
    assert.deepEqual(tokensOf(values, 'gender'), ['|female', 'female', `${GENDER}|`, `${GENDER}|female`])
  })

  it('finds a boolean, also one that is false', () => {
    const tokens = tokensOf(index({ resourceType: 'Patient', active: false }), 'active')
    assert.ok(tokens.includes('false') && tokens.includes('|false'))
    assert.ok(tokens.includes('http://terminology.hl7.org/CodeSystem/special-values|false'))
  })

  it('finds a contact by its value, and with its kind', () => {
    const telecom = [
      { system: 'phone', value: '+49 30 5550' },
      { system: 'email', value: 'a@mail.example' },
    ]
    const values = index({ resourceType: 'Patient', telecom })
    assert.deepEqual(tokensOf(values, 'phone'), ['phone|', 'phone|+49 30 5550', '+49 30 5550', '|+49 30 5550'])
    assert.ok(tokensOf(values, 'email').includes('a@mail.example'))
    assert.equal(tokensOf(values, 'telecom').length, 8)
  })

  const deceased: [what: string, elements: object, dead: string][] = [
    ['nothing is said', {}, 'false'],
    ['it is denied', { deceasedBoolean: false }, 'false'],
    ['it is so', { deceasedBoolean: true }, 'true'],
    ['there is a date', { deceasedDateTime: '2031-01' }, 'true'],
  ]
  for (const [what, elements, dead] of deceased)
    it(`says deceased=${dead} where ${what}`, () => {
      const tokens = tokensOf(index({ resourceType: 'Patient', ...elements }), 'deceased')
      assert.deepEqual(tokens.slice(0, 2), [`|${dead}`, dead])
    })

  it('finds what all types have: id, tag, security, profile, source', () => {
    const meta = {
      ...{ lastUpdated: '2031-03-01T10:00:00Z', source: 'urn:source', profile: ['https://p.example/a|2'] },
      ...{ tag: [{ system: 'urn:t', code: 'x' }], security: [{ system: 'urn:s', code: 'R' }] },
    }
    const values = index({ resourceType: 'Flag', id: 'f1', meta })
    assert.deepEqual(
      [tokensOf(values, '_id'), of(values.dates, '_lastUpdated')],
      [[], []],
      'the row of the store has these itself',
    )
    assert.ok(tokensOf(values, '_tag').includes('urn:t|x') && tokensOf(values, '_security').includes('R'))
    assert.deepEqual(valuesOf(values, '_profile'), ['https://p.example/a|2', 'https://p.example/a'])
    assert.deepEqual(valuesOf(values, '_source'), ['urn:source'])
  })

  it('passes over a code that is longer than an index takes', () => {
    assert.deepEqual(
      tokensOf(index({ resourceType: 'Patient', identifier: [{ value: 'x'.repeat(900) }] }), 'identifier'),
      [''],
      'it is not missing',
    )
  })
})

describe('indexOf: references', () => {
  it('finds what is here by type and id, what is elsewhere by its address', () => {
    const author = [
      ...[
        { reference: 'Practitioner/7' },
        { reference: `${base}/Practitioner/8/_history/2` },
        { reference: '#contained' },
      ],
      ...[
        { reference: 'https://elsewhere.example/fhir/Practitioner/9' },
        { reference: 'urn:uuid:1' },
        { display: 'Ann' },
      ],
    ]
    assert.deepEqual(referencesOf(index({ resourceType: 'Composition', author }), 'author'), [
      ...['Practitioner/7', 'Practitioner/8', 'https://elsewhere.example/fhir/Practitioner/9', 'urn:uuid:1'],
    ])
  })

  it('goes by the type that a reference names where only that type is meant', () => {
    const values = index({ resourceType: 'Observation', subject: { reference: 'Group/1' } })
    assert.deepEqual(values.references, ['subject=Group/1'])
    const other = index({ resourceType: 'Observation', subject: { reference: 'Patient/1' } })
    assert.deepEqual(other.references.toSorted(), ['patient=Patient/1', 'subject=Patient/1'])
  })

  it('finds a logical reference by its identifier', () => {
    const subject = { type: 'Patient', identifier: { system: 'urn:h', value: '7' } }
    const values = index({ resourceType: 'Observation', subject })
    for (const parameter of ['subject:identifier', 'patient:identifier'])
      assert.deepEqual(tokensOf(values, parameter), ['urn:h|', 'urn:h|7', '7'])
    assert.deepEqual(values.references, [])
  })

  it('finds a canonical with its version and without, and as its own where it is', () => {
    const values = index({ resourceType: 'QuestionnaireResponse', questionnaire: `${base}/Questionnaire/q1|3` })
    assert.deepEqual(referencesOf(values, 'questionnaire'), [
      ...[`${base}/Questionnaire/q1|3`, `${base}/Questionnaire/q1`, 'Questionnaire/q1'],
    ])
  })

  it('finds a document by its first entry, and no other bundle', () => {
    const bundle = (resource: object) =>
      index({ resourceType: 'Bundle', entry: [{ resource }, { resource: { resourceType: 'Composition', id: 'c2' } }] })
    assert.deepEqual(bundle({ resourceType: 'Composition', id: 'c1' }).references, ['composition=Composition/c1'])
    assert.deepEqual(bundle({ resourceType: 'Patient', id: 'p1' }).references, [])
  })

  it('says whose compartment it is in', () => {
    assert.deepEqual(
      index({ resourceType: 'Patient', id: 'p1', link: [{ other: { reference: 'Patient/p2' } }] }).patients,
      ['p1', 'p2'],
    )
    const participant = [{ actor: { reference: `${base}/Patient/p1` } }, { actor: { reference: 'Practitioner/7' } }]
    assert.deepEqual(index({ resourceType: 'Appointment', participant }).patients, ['p1'])
    assert.deepEqual(
      index({ resourceType: 'Observation', subject: { reference: 'https://elsewhere.example/Patient/p1' } }).patients,
      [],
    )
    assert.deepEqual(index({ resourceType: 'Organization', partOf: { reference: 'Patient/p1' } }).patients, [])
  })
})

describe('indexOf: strings', () => {
  it('finds a name by each of its parts', () => {
    const name = [{ family: 'Żółkiewska', given: ['Ann', 'María'], prefix: ['Dr.'], suffix: ['MD'], text: 'Ann Ż.' }]
    const values = index({ resourceType: 'Patient', name })
    assert.deepEqual(valuesOf(values, 'name'), ['zolkiewska', 'ann', 'maria', 'ann z.', 'dr.', 'md'])
    assert.deepEqual(valuesOf(values, 'name:word'), ['z.'])
    assert.deepEqual(of(values.strings, 'family'), [{ value: 'zolkiewska', exact: 'Żółkiewska' }])
    assert.deepEqual(valuesOf(values, 'given'), ['ann', 'maria'])
  })

  it('finds an address by each of its parts', () => {
    const address = [
      {
        line: ['Hauptstraße 7', '2nd floor'],
        city: 'Ort',
        district: 'Kreis',
        state: 'Land',
        postalCode: '10115',
        country: 'DE',
        text: 'all',
      },
    ]
    const values = index({ resourceType: 'Patient', address })
    assert.deepEqual(valuesOf(values, 'address'), [
      'hauptstrasse 7',
      '2nd floor',
      'ort',
      'kreis',
      'land',
      '10115',
      'de',
      'all',
    ])
    assert.deepEqual(valuesOf(values, 'address-city'), ['ort'])
  })

  it('keeps uris as they are', () => {
    assert.deepEqual(valuesOf(index({ resourceType: 'ValueSet', url: 'https://V.example/Set' }), 'url'), [
      'https://V.example/Set',
    ])
  })

  it('cuts what is long', () => {
    const [found] = of(index({ resourceType: 'Organization', name: 'x'.repeat(5000) }).strings, 'name')
    assert.deepEqual([found?.value.length, found?.exact.length], [200, 1000])
  })

  it('has the end of what is cut, and of nothing else', () => {
    const ends = (name: string) =>
      of(index({ resourceType: 'Organization', name }).strings, 'name:end').map(({ value }) => value)
    assert.deepEqual(ends(`${'x'.repeat(5000)} of Zürich`), [`${'x'.repeat(190)} of zurich`])
    assert.deepEqual(ends('ﷺ'.repeat(20)), [
      'صلى الله عليه وسلم'.repeat(20).normalize('NFKD').replace(/\p{M}/gu, '').slice(-200).trim(),
    ])
    assert.deepEqual(ends('x'.repeat(190)), [])
  })
})

describe('indexOf: dates', () => {
  it('takes the type that stands there', () => {
    const dates = (elements: object) => of(index({ resourceType: 'Observation', ...elements }).dates, 'date')
    const march = { from: '2031-03-01T00:00:00.000Z', until: '2031-04-01T00:00:00.000Z' }
    assert.deepEqual(dates({ effectiveDateTime: '2031-03' }), [march])
    assert.deepEqual(dates({ effectivePeriod: { start: '2031-03-01' } }), [{ ...march, until: 'infinity' }])
    assert.deepEqual(dates({ effectiveTiming: { event: ['2031-03-01', '2031-03-31'] } }), [march])
    assert.deepEqual(dates({ effectiveInstant: '2031-03-01T10:00:00.5Z' }).length, 1)
    assert.deepEqual(dates({ effectiveDateTime: 'yesterday' }), [])
  })
})

describe('indexOf: quantities', () => {
  const quantities = (resource: Resource, parameter: string) => of(index(resource).quantities, parameter)
  const observed = (valueQuantity: object) =>
    quantities({ resourceType: 'Observation', valueQuantity }, 'value-quantity')

  it('are in the canonical unit, and as they were written', () => {
    assert.deepEqual(observed({ value: 80, unit: 'mg/dl', system: UCUM, code: 'mg/dL' }), [
      { unit: 'g.m-3', low: 800, high: 800 },
      { unit: '|mg/dL', low: 80, high: 80 },
      { unit: '|mg/dl', low: 80, high: 80 },
    ])
  })
  it('keep a unit that is not known', () => {
    assert.deepEqual(observed({ value: 2, system: 'urn:units', code: 'spoon' }), [
      { unit: 'urn:units|spoon', low: 2, high: 2 },
      { unit: '|spoon', low: 2, high: 2 },
    ])
    assert.deepEqual(observed({ value: 2 }), [{ unit: '', low: 2, high: 2 }])
  })
  it('have no end where a comparator says so', () => {
    const code = { system: UCUM, code: 'mg' }
    assert.deepEqual(observed({ value: 5, comparator: '<', ...code })[0], {
      unit: 'g',
      low: -Number.MAX_VALUE,
      high: 0.005,
    })
    assert.deepEqual(observed({ value: 5, comparator: '>=', ...code })[1], {
      unit: '|mg',
      low: 5,
      high: Number.MAX_VALUE,
    })
  })
  it('are read from a range, an age, money and samples', () => {
    const year = { unit: 'a', system: UCUM, code: 'a' }
    const range = { low: { value: 40, ...year }, high: { value: 50, ...year } }
    const condition = (onset: object) => quantities({ resourceType: 'Condition', ...onset }, 'onset-age')
    assert.deepEqual(condition({ onsetRange: range })[1], { unit: '|a', low: 40, high: 50 })
    assert.deepEqual(condition({ onsetRange: { low: range.low } })[1]?.high, Number.MAX_VALUE)
    assert.deepEqual(condition({ onsetAge: range.low })[0]?.unit, 's')
    const valueSampledData = {
      origin: { value: 2, unit: 'mV' },
      period: 1,
      dimensions: 1,
      factor: 2,
      data: '-1 E 3 U L',
    }
    assert.deepEqual(quantities({ resourceType: 'Observation', valueSampledData }, 'value-quantity'), [
      { unit: '|mV', low: 0, high: 8 },
    ])
  })
  it('of numbers have no unit', () => {
    const risk = { resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal: 0.25 }] }
    assert.deepEqual(quantities(risk, 'probability'), [{ unit: '', low: 0.25, high: 0.25 }])
  })
})

describe('indexOf: composites', () => {
  const component = [
    { code: concept('8480-6', LOINC), valueQuantity: { value: 120, system: UCUM, code: 'mm[Hg]' } },
    { code: concept('8462-4', LOINC), valueQuantity: { value: 80, system: UCUM, code: 'mm[Hg]' } },
  ]
  it('pair a code and a quantity of the same element only', () => {
    const values = index({ resourceType: 'Observation', code: concept('85354-9', LOINC), component })
    const pairs = of(values.quantities, 'component-code-value-quantity').filter(({ unit }) => unit === '|mm[Hg]')
    assert.deepEqual(
      pairs.map(({ code, low }) => [code, low]),
      [
        ...[
          ['http://loinc.org|8480-6', 120],
          ['8480-6', 120],
        ],
        ...[
          ['http://loinc.org|8462-4', 80],
          ['8462-4', 80],
        ],
      ],
    )
  })
  it('pair codes with codes, four ways, and with references', () => {
    const values = index({
      resourceType: 'Observation',
      component: [{ code: concept('a', 'urn:a'), valueCodeableConcept: concept('b') }],
    })
    assert.deepEqual(tokensOf(values, 'component-code-value-concept'), ['urn:a|a$|b', 'urn:a|a$b', 'a$|b', 'a$b'])
    const relatesTo = [{ code: 'replaces', target: { reference: 'DocumentReference/1' } }]
    const document = index({ resourceType: 'DocumentReference', relatesTo })
    assert.ok(tokensOf(document, 'relationship').includes('replaces$DocumentReference/1'))
  })
  it('of the whole, and what finds what two others do, stand nowhere', () => {
    const { tokens, strings, quantities } = index({
      resourceType: 'Observation',
      code: concept('a', 'urn:a'),
      valueQuantity: { value: 5 },
      component,
    })
    const named = [...tokens, ...[...strings, ...quantities].map(({ parameter }) => parameter)]
    assert.deepEqual(
      named.filter((name) => /^(combo-|code-value)/.test(name)),
      [],
    )
  })
})

describe('indexOf: composites of the whole', () => {
  it('are marked where one of the two finds alone what the pair does not', () => {
    const marked = (more: object) =>
      index({ resourceType: 'Observation', code: concept('a'), ...more }).tokens.filter((one) =>
        /^code-value-\w+=$/.test(one),
      )
    assert.deepEqual(marked({ valueCodeableConcept: { text: 'Body weight' } }), ['code-value-string='])
    assert.deepEqual(marked({ valueSampledData: { dimensions: 1 } }), ['code-value-quantity='])
    assert.deepEqual(marked({ valueString: 'Body weight' }), [])
    assert.deepEqual(marked({ valueQuantity: { value: 5 } }), [])
  })
})

describe('indexOf: positions', () => {
  it('are where a location is', () => {
    const located = (position: unknown) => index({ resourceType: 'Location', position }).positions
    assert.deepEqual(located({ latitude: 52.5, longitude: 13.4 }), [
      { parameter: 'near', latitude: 52.5, longitude: 13.4 },
    ])
    for (const position of [
      { latitude: 91, longitude: 0 },
      { latitude: 5 },
      { latitude: '5', longitude: '6' },
      [],
      'here',
    ])
      assert.deepEqual(located(position), [])
  })
})

describe('indexOf', () => {
  it('says each value once', () => {
    const coding = [
      { system: 'urn:a', code: 'a' },
      { system: 'urn:a', code: 'a' },
    ]
    const name = [{ given: ['Ann', 'Ann'] }, { given: ['Ann'] }]
    assert.equal(tokensOf(index({ resourceType: 'Observation', code: { coding } }), 'code').length, 3)
    assert.equal(of(index({ resourceType: 'Patient', name }).strings, 'given').length, 1)
  })

  it('refuses a resource of more values than one may have', () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => n)
    const hostile: Resource[] = [
      { resourceType: 'Patient', identifier: many(100_000).map((n) => ({ system: 'urn:h', value: `${n}` })) },
      { resourceType: 'Patient', name: [{ given: many(100_000).map(String) }] },
      { resourceType: 'Patient', name: [{ given: [...many(1500).map(String), ...many(1_000_000).map(() => '0')] }] },
      { resourceType: 'Patient', telecom: many(1_000_000).map((n) => ({ value: `${n < 400 ? n : 0}` })) },
      { resourceType: 'List', entry: many(100_000).map((n) => ({ item: { reference: `Patient/${n}` } })) },
      {
        resourceType: 'Observation',
        component: many(100_000).map((n) => ({ code: concept(`${n}`), valueQuantity: { value: n } })),
      },
    ]
    for (const resource of hostile) {
      assert.throws(
        () => index(resource),
        (error) => error instanceof Problem && error.code === 'too-costly',
      )
    }
  })

  it('codes of a code system or value set beyond 10,000 are passed over, and crowd nothing out', () => {
    const concepts = Array.from({ length: 300_000 }, (_, n) => ({ code: `c${n}`, designation: [{ language: 'fr' }] }))
    const identifier = [{ system: 'urn:a', value: 'a' }]
    const system = index({ resourceType: 'CodeSystem', status: 'active', identifier, concept: concepts })
    const codes = tokensOf(system, 'code')
    assert.deepEqual([codes.length, codes.includes('c9999'), codes.includes('c10000')], [20_000, true, false])
    assert.ok(tokensOf(system, 'identifier').includes('urn:a|a') && tokensOf(system, 'language').includes('fr'))
    const include = [{ system: 'urn:a', concept: concepts.slice(0, 3_000) }]
    const set = index({ resourceType: 'ValueSet', status: 'active', compose: { include } })
    assert.ok(tokensOf(set, 'code').includes('c2999') && tokensOf(set, 'status').includes('active'))
  })

  it('passes over what has the wrong form', () => {
    const odd: unknown[] = [
      null,
      7,
      true,
      '',
      'x',
      [],
      [[]],
      [null],
      {},
      [[{ coding: [{ code: 'x' }] }]],
      { coding: 'x', given: 7, value: {} },
    ]
    const names = [
      'identifier',
      'name',
      'telecom',
      'birthDate',
      'address',
      'meta',
      'link',
      'code',
      'valueQuantity',
      'component',
      'subject',
      'effectivePeriod',
      'valueSampledData',
      'category',
    ]
    for (const resourceType of ['Patient', 'Observation'])
      for (const value of odd)
        for (const name of names) assert.doesNotThrow(() => index({ resourceType, [name]: value }))
    const hidden = JSON.parse(
      '{"resourceType":"Patient","__proto__":{"active":true},"name":[{"__proto__":{"family":"x"}}]}',
    )
    assert.deepEqual(index(hidden).strings, [])
  })

  it('knows no other types, whatever they are called', () => {
    for (const resourceType of ['Account', 'Resource', 'constructor', '__proto__', ''])
      assert.deepEqual(index({ resourceType, id: 'x' }).tokens, [])
  })

  it('is not slowed down by depth', () => {
    let deep: object = {}
    for (let n = 0; n < 100_000; n++) deep = { item: [deep] }
    assert.doesNotThrow(() => index({ resourceType: 'Questionnaire', ...deep }))
  })
})
