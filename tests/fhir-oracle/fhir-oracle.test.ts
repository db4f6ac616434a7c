import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseQuery } from '#fhir/query/parse-query.ts'
import type { Resource } from '#fhir/resource.ts'
import { answer, included, matches, type World, world } from '#tests/fhir-oracle.ts'

const UCUM = 'http://unitsofmeasure.org'
const LOINC = 'http://loinc.org'

const resource = (type: string, id: string, more: object): Resource => ({ resourceType: type, id, ...more })
const concept = (code: string, text?: string, system: string | undefined = LOINC) => ({
  coding: [{ ...(system && { system }), code, display: `Display of ${code}` }],
  ...(text && { text }),
})
const quantity = (value: number, code: string, unit = code) => ({ value, unit, system: UCUM, code })

const patients = [
  resource('Patient', 'ana', {
    meta: {
      lastUpdated: '2031-02-01T08:00:00.500Z',
      tag: [{ system: 'urn:t', code: 'new' }],
      profile: ['http://p.example/a/b|1'],
    },
    active: true,
    name: [{ family: 'Núñez', given: ['Ana', 'María'] }],
    gender: 'female',
    birthDate: '1980-02-29',
    identifier: [
      { type: { coding: [{ system: 'urn:t', code: 'MR' }], text: 'Record' }, system: 'urn:i', value: 'A|1' },
    ],
    managingOrganization: { reference: 'Organization/north' },
    address: [{ city: 'Oz  City', line: ['1 Road'] }],
  }),
  resource('Patient', 'ben', {
    meta: { lastUpdated: '2031-02-02T08:00:00Z' },
    name: [{ family: 'Nunezson', given: ['Ben'] }],
    gender: 'male',
    birthDate: '1980',
    deceasedDateTime: '2030-05',
    identifier: [{ value: 'A|1' }],
    managingOrganization: { reference: 'https://care.example/fhir/R4/Organization/south' },
    link: [{ other: { reference: 'Patient/ana' }, type: 'seealso' }],
  }),
  resource('Patient', 'cleo', {
    name: [{ text: 'Cleo' }],
    birthDate: '1980-03',
    managingOrganization: { reference: 'Organization/gone' },
  }),
]

const others = [
  resource('Organization', 'north', { name: 'North', alias: ['Polar'], partOf: { reference: 'Organization/south' } }),
  resource('Organization', 'south', { name: 'South' }),
  resource('Observation', 'mass', {
    status: 'final',
    code: concept('29463-7', 'Body weight'),
    subject: { reference: 'Patient/ana', identifier: { system: 'urn:i', value: 'A' } },
    effectivePeriod: { start: '2031-01-10', end: '2031-01-20' },
    valueQuantity: quantity(70, 'kg'),
  }),
  resource('Observation', 'grams', {
    status: 'final',
    code: concept('29463-7'),
    subject: { reference: 'Patient/ben' },
    effectiveDateTime: '2031-01',
    valueQuantity: quantity(70_000, 'g', 'gram'),
  }),
  resource('Observation', 'pressure', {
    status: 'amended',
    code: concept('85354-9'),
    subject: { reference: 'https://elsewhere.example/Patient/1' },
    effectivePeriod: { start: '2031-02-01' },
    component: [
      { code: concept('8480-6'), valueQuantity: { value: 120, unit: 'points' } },
      { code: concept('8462-4'), valueQuantity: { value: 80, unit: 'points' } },
    ],
    hasMember: [{ reference: 'Observation/mass' }],
  }),
  resource('Observation', 'timed', {
    status: 'final',
    code: { text: 'Free' },
    subject: { reference: 'Group/1' },
    effectiveTiming: { event: ['2031-03-01', '2031-03-05T10:00:00Z'] },
  }),
  resource('Encounter', 'visit', {
    status: 'finished',
    class: { system: 'urn:c', code: 'AMB' },
    subject: { reference: 'Patient/ana' },
    period: { end: '2030' },
  }),
  resource('Condition', 'cold', {
    subject: { reference: 'Patient/ana' },
    onsetRange: { low: quantity(1, 'kg'), high: quantity(2, 'kg') },
    code: concept('c', undefined, ''),
  }),
  resource('RiskAssessment', 'risk', { prediction: [{ probabilityDecimal: 0.5 }] }),
  resource('Location', 'hill', { position: { latitude: 10, longitude: 20 } }),
  resource('Questionnaire', 'form', { url: 'http://q.example/a/form' }),
  resource('QuestionnaireResponse', 'filled', { questionnaire: 'http://q.example/a/form|2' }),
]

const all = [...patients, ...others]

function query(address: string) {
  const [type = '', text = ''] = address.split(/\?(.*)/s)
  const pairs = text.split('&').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string])
  return parseQuery(type ? [type] : [], new URLSearchParams(pairs), { ...world, strict: true })
}

const ids = (resources: readonly Resource[]) => resources.map(({ id }) => id).join(' ')

function rules(table: readonly (readonly [string, string])[], around: World = world): void {
  for (const [address, expected] of table)
    it(`${address} finds ${expected || 'nothing'}`, () =>
      assert.equal(ids(answer(query(address), all, around)), expected))
}

describe('the oracle: texts', () =>
  rules([
    ['Patient?family=nunez', 'ana ben'],
    ['Patient?family=NÚÑ', 'ana ben'],
    ['Patient?family:exact=Núñez', 'ana'],
    ['Patient?family:exact=Nunez', ''],
    ['Patient?name:contains=EZS', 'ben'],
    ['Patient?name=maria', 'ana'],
    ['Patient?name=cleo,ben', 'ben cleo'],
    ['Patient?name=n&name=b', 'ben'],
    ['Patient?address=oz city', 'ana'],
    ['Patient?family:missing=true', 'cleo'],
    ['Patient?family:missing=false', 'ana ben'],
    ['Organization?name=polar', 'north'],
  ]))

describe('the oracle: codes', () =>
  rules([
    ['Patient?gender=male', 'ben'],
    ['Patient?gender:not=male', 'ana cleo'],
    ['Patient?gender:not=male,female', 'cleo'],
    ['Patient?active=true', 'ana'],
    ['Patient?deceased=true', 'ben'],
    ['Patient?deceased=false', 'ana cleo'],
    ['Patient?identifier=A\\|1', 'ana ben'],
    ['Patient?identifier=urn:i|A\\|1', 'ana'],
    ['Patient?identifier=|A\\|1', 'ben'],
    ['Patient?identifier=urn:i|', 'ana'],
    ['Patient?identifier:of-type=urn:t|MR|A\\|1', 'ana'],
    ['Patient?identifier:of-type=urn:t|MR|A', ''],
    ['Patient?identifier:text=rec', 'ana'],
    ['Observation?code=http://loinc.org|29463-7', 'mass grams'],
    ['Observation?code:text=BODY', 'mass'],
    ['Observation?code:text=display of 85', 'pressure'],
    ['Observation?combo-code=8480-6', 'pressure'],
    ['Condition?code=|c', 'cold'],
    ['?_id=ana,north', 'ana north'],
    ['?_tag=urn:t|new', 'ana'],
    ['?_profile:below=http://p.example/a', 'ana'],
    ['?_profile:below=http://p.example/a/', 'ana'],
    ['?_profile:below=http://p.exam', ''],
    ['Questionnaire?url:above=http://q.example/a/form/1', 'form'],
    ['Questionnaire?url=http://q.example/a', ''],
  ]))

describe('the oracle: codes of value sets and hierarchies', () =>
  rules(
    [
      ['Observation?code:in=urn:weights', 'mass grams'],
      ['Observation?code:not-in=urn:weights', 'pressure timed'],
      ['Observation?code:below=http://loinc.org|all', 'pressure'],
      ['Observation?code:above=http://loinc.org|part', 'pressure'],
    ],
    {
      ...world,
      members: (url) => (url === 'urn:weights' ? [{ system: LOINC, code: '29463-7' }] : []),
      subsumes: (above, below) =>
        (above.code === 'all' && below.code === '85354-9') || (above.code === '85354-9' && below.code === 'part'),
    },
  ))

describe('the oracle: dates', () =>
  rules([
    ['Patient?birthdate=1980', 'ana ben cleo'],
    ['Patient?birthdate=1980-02', 'ana'],
    ['Patient?birthdate=1980-02-29', 'ana'],
    ['Patient?birthdate=ne1980-02', 'ben cleo'],
    ['Patient?birthdate=gt1980-02', 'ben cleo'],
    ['Patient?birthdate=ge1980-02', 'ana ben cleo'],
    ['Patient?birthdate=lt1980-02', 'ben'],
    ['Patient?birthdate=le1980-02', 'ana ben'],
    ['Patient?birthdate=sa1980-02', 'cleo'],
    ['Patient?birthdate=eb1980-03', 'ana'],
    ['Patient?birthdate=lt1980', ''],
    ['Observation?date=2031-01', 'mass grams'],
    ['Observation?date=2031-01-15', ''],
    ['Observation?date=gt2031-01-15', 'mass grams pressure timed'],
    ['Observation?date=lt2031-01-15', 'mass grams'],
    ['Observation?date=sa2031-01', 'pressure timed'],
    ['Observation?date=eb2031-02', 'mass grams'],
    ['Observation?date=sa2031-03-01', ''],
    ['Observation?date=eb2031-03-05T10:00:01Z', 'mass grams timed'],
    ['Observation?date=2031-03', 'timed'],
    ['Observation?date=ap2031-03-03T10:00Z', 'pressure timed'],
    ['Observation?date=ap2031-01-31', 'grams pressure'],
    ['Observation?date=ap2031-01-24', 'mass grams'],
    ['Observation?date=ap2031-01-26', 'grams'],
    ['Patient?_lastUpdated=gt2031-02-02T08:00:00.500Z', 'ben'],
    ['Encounter?date=eb2031', 'visit'],
    ['Encounter?date=2030', ''],
    ['Encounter?date=lt2030', 'visit'],
    ['Patient?_lastUpdated=2031-02-01T08:00:00Z', 'ana'],
    ['Patient?_lastUpdated=gt2031-02-01T08:00:00Z', 'ben'],
    ['Patient?death-date=2030-05', 'ben'],
  ]))

describe('the oracle: numbers and quantities', () =>
  rules([
    ['Observation?value-quantity=70', 'mass'],
    ['Observation?value-quantity=70|http://unitsofmeasure.org|kg', 'mass grams'],
    ['Observation?value-quantity=70000|http://unitsofmeasure.org|g', 'mass grams'],
    ['Observation?value-quantity=70000||gram', 'grams'],
    ['Observation?value-quantity=70.4|http://unitsofmeasure.org|kg', ''],
    ['Observation?value-quantity=7e1|http://unitsofmeasure.org|kg', 'mass grams'],
    ['Observation?value-quantity=gt69999|http://unitsofmeasure.org|g', 'mass grams'],
    ['Observation?value-quantity=gt70|http://unitsofmeasure.org|kg', ''],
    ['Observation?value-quantity=ge70|http://unitsofmeasure.org|kg', 'mass grams'],
    ['Observation?value-quantity=lt70|http://unitsofmeasure.org|kg', ''],
    ['Observation?value-quantity=le70|http://unitsofmeasure.org|kg', 'mass grams'],
    ['Observation?value-quantity=ne70|http://unitsofmeasure.org|kg', ''],
    ['Observation?value-quantity=ap76|http://unitsofmeasure.org|kg', 'mass grams'],
    ['Observation?value-quantity=ap80|http://unitsofmeasure.org|kg', ''],
    ['Condition?onset-age=gt1500|http://unitsofmeasure.org|g', 'cold'],
    ['Condition?onset-age=sa1500|http://unitsofmeasure.org|g', ''],
    ['Condition?onset-age=sa900|http://unitsofmeasure.org|g', 'cold'],
    ['Condition?onset-age=eb2.1|http://unitsofmeasure.org|kg', 'cold'],
    ['RiskAssessment?probability=0.5', 'risk'],
    ['RiskAssessment?probability=0.52', ''],
    ['RiskAssessment?probability=lt0.51', 'risk'],
    ['Location?near=10|20', 'hill'],
    ['Location?near=10.1|20|11|km', ''],
    ['Location?near=10.1|20|12|km', 'hill'],
    ['Location?near=10|20.1|11|km', 'hill'],
    ['Location?near=10|20.1|10.9|km', ''],
  ]))

describe('the oracle: a date in words', () => {
  it('is no date, and is not missing', () => {
    const old = resource('Procedure', 'old', {
      status: 'completed',
      subject: { display: 'Ana' },
      performedString: '2031',
    })
    assert.equal(matches(query('Procedure?date=2031'), old, []), false)
    assert.equal(matches(query('Procedure?date:missing=false'), old, []), true)
  })
})

describe('the oracle: conversion', () => {
  it('adds no noise behind the twelfth digit', () => {
    const light = resource('Observation', 'light', { code: concept('a'), valueQuantity: quantity(0.07, 'kg') })
    for (const prefix of ['', 'ge', 'le'])
      assert.ok(matches(query(`Observation?value-quantity=${prefix}70|${UCUM}|g`), light, []), prefix)
  })
})

describe('the oracle: composites', () =>
  rules([
    ['Observation?code-value-quantity=29463-7$70', 'mass'],
    ['Observation?code-value-quantity=29463-7$gt70', 'grams'],
    ['Observation?code-value-quantity=29463-7$gt70|http://unitsofmeasure.org|kg', ''],
    ['Observation?combo-code-value-quantity=8480-6$120', 'pressure'],
    ['Observation?combo-code-value-quantity=8480-6$80', ''],
    ['Observation?component-code-value-quantity=29463-7$70', ''],
    ['Observation?component-code-value-quantity=8480-6$80,8462-4$80||points', 'pressure'],
  ]))

describe('the oracle: references', () =>
  rules([
    ['Observation?subject=ana', 'mass'],
    ['Observation?subject:Group=1', 'timed'],
    ['Observation?subject=Group/ana', ''],
    ['Observation?patient=1', ''],
    ['Observation?subject=https://elsewhere.example/Patient/1', 'pressure'],
    ['Observation?patient:missing=true', 'timed'],
    ['Observation?subject:identifier=urn:i|A', 'mass'],
    ['Patient?organization=south', 'ben'],
    ['QuestionnaireResponse?questionnaire=http://q.example/a/form', 'filled'],
    ['QuestionnaireResponse?questionnaire=http://q.example/a/form|2', 'filled'],
    ['QuestionnaireResponse?questionnaire=http://q.example/a/form|1', ''],
    ['Observation?subject:Patient.name=nunez', 'mass grams'],
    ['Observation?subject:Patient.organization.name=north', 'mass'],
    ['Observation?subject.organization.partof.name=south', 'mass'],
    ['Observation?subject.name:missing=false', 'mass grams'],
    ['Patient?organization.name:missing=true', ''],
    ['Patient?_has:Observation:patient:code=29463-7', 'ana ben'],
    ['Patient?_has:Observation:patient:_has:Observation:has-member:code=85354-9', 'ana'],
    ['Organization?_has:Patient:organization:gender=male', 'south'],
    ['?_type=Observation,Condition&subject=Patient/ana', 'mass cold'],
  ]))

describe('the oracle: filters', () =>
  rules([
    ['Patient?_filter=name co "ez" and gender eq male', 'ben'],
    ['Patient?_filter=gender ne male', 'ana'],
    ['Patient?_filter=not (gender eq male)', 'ana cleo'],
    ['Patient?_filter=gender pr false or birthdate lt 1980-02', 'ben cleo'],
    ['Observation?_filter=date po 2031-01-15', 'mass grams'],
    ['Observation?_filter=subject.name sw "ana"', 'mass'],
    ['Observation?_filter=subject re Patient/ana or subject re Patient/ben', 'mass grams'],
    ['Patient?_filter=family ew "NEZ"', 'ana'],
    ['Patient?_filter=name ew "son" or name ew "cleo"', 'ben cleo'],
    ['Observation?_filter=subject:Patient[gender eq male].name co "nez"', 'grams'],
    ['Observation?_filter=subject:Patient[not (gender eq male)].name co "nez"', 'mass'],
    ['Observation?_filter=subject:Patient[organization[name sw south].name pr true].name pr true', 'grams'],
    ['Patient?_filter=organization[name eq North].partof[name eq North].name pr true', ''],
    ['Patient?_filter=organization[name eq North].partof[name eq South].name pr true', 'ana'],
    ['Patient?gender=female,male&_filter=gender ne male', 'ana'],
  ]))

describe('the oracle: order', () =>
  rules([
    ['Patient?_sort=birthdate', 'ben ana cleo'],
    ['Patient?_sort=-birthdate', 'ben cleo ana'],
    ['Patient?_sort=-given', 'ana ben cleo'],
    ['Patient?_sort=gender,family', 'ana ben cleo'],
    ['Patient?_sort=-gender', 'ben ana cleo'],
    ['Patient?_sort=_id', 'ana ben cleo'],
    ['Patient?_sort=-_id', 'cleo ben ana'],
    ['Observation?_sort=-code', 'pressure mass grams timed'],
    ['Observation?_sort=value-quantity,-date', 'grams mass pressure timed'],
  ]))

describe('the oracle: includes and compartments', () => {
  const includes: readonly [string, string][] = [
    ['Observation?_id=mass&_include=Observation:subject', 'ana'],
    ['Observation?_id=mass&_include=Observation:subject:Group', ''],
    ['Observation?_id=mass&_include=Observation:subject&_include=Patient:organization', 'ana'],
    ['Observation?_id=mass&_include=Observation:subject&_include:iterate=Patient:organization', 'ana north'],
    [
      'Observation?_id=mass&_include=Observation:subject&_include:iterate=Patient:organization&_include:iterate=Organization:partof',
      'ana north south',
    ],
    ['Observation?_id=pressure&_include=*', 'mass'],
    ['Patient?_id=ana&_revinclude=Observation:subject', 'mass'],
    ['Patient?_id=ana&_revinclude=Condition:*', 'cold'],
    ['Patient?_revinclude=Patient:link', ''],
  ]
  for (const [address, expected] of includes)
    it(`${address} adds ${expected || 'nothing'}`, () => {
      const asked = query(address)
      assert.equal(ids(included(asked, answer(asked, all), all)), expected)
    })

  it("a patient's compartment is the patient and what names the patient", () => {
    const asked = {
      ...query('?_id:missing=false'),
      criteria: [{ kind: 'compartment', of: 'Patient', id: 'ana' } as const],
    }
    assert.equal(ids(all.filter((one) => matches(asked, one, all))), 'ana ben mass visit cold')
  })

  const within: readonly [of: string, id: string, expected: string][] = [
    ['Encounter', 'visit', 'visit seen'],
    ['Practitioner', 'okello', 'okello seen'],
    ['Device', 'cuff', 'seen'],
    ['RelatedPerson', 'hana', 'hana seen'],
    ['Practitioner', 'visit', ''],
    ['Organization', 'north', ''],
  ]
  for (const [of, id, expected] of within)
    it(`that of ${of}/${id} is ${expected || 'empty'}`, () => {
      const more = [
        resource('Practitioner', 'okello', {}),
        resource('RelatedPerson', 'hana', {}),
        resource('Device', 'cuff', {}),
        resource('Observation', 'seen', {
          encounter: { reference: 'Encounter/visit' },
          performer: [{ reference: 'Practitioner/okello' }, { reference: 'RelatedPerson/hana' }],
          device: { reference: 'Device/cuff' },
        }),
      ]
      const asked = { ...query('?_id:missing=false'), criteria: [{ kind: 'compartment', of, id } as const] }
      const found = [...all, ...more].filter((one) => matches(asked, one, [...all, ...more]))
      assert.deepEqual(ids(found).split(' ').sort(), expected.split(' ').sort())
    })
})
