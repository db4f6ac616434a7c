import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { validate } from './validate.ts'

// Each type, element by element, is in tests/conformance/fhir-types.test.ts.

type Members = Record<string, unknown>

const patient = (members: Members = {}) => ({ resourceType: 'Patient', ...members })
const observation = (members: Members = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'Weight' } },
  ...members,
})

/** `code expression` of each fault. */
const faults = (resource: unknown) => validate(resource).map(({ code, expression }) => [code, ...expression].join(' '))
const keys = (resource: unknown) => validate(resource).map(({ diagnostics }) => diagnostics.split(':')[0])
const extension = [{ url: 'https://openhcs.example/a', valueString: 'x' }]

/** `{ item: [{ item: […] }] }` */
function nested(depth: number): Members {
  let item: Members = { linkId: 'leaf', text: 'x' }
  for (let at = 0; at < depth; at++) item = { linkId: `${at}`, item: [item] }
  return { resourceType: 'QuestionnaireResponse', status: 'completed', item: [item] }
}

describe('what is no resource', () => {
  it('is refused: texts, lists, null, nothing', () => {
    for (const it of ['Patient', [patient()], null, undefined, 7]) assert.deepEqual(faults(it), ['structure'])
  })

  it('is refused without a resourceType, or with one that R4 does not have', () => {
    assert.deepEqual(faults({}), ['required'])
    for (const resourceType of ['Patent', 'Period', 'DomainResource', 'constructor', '__proto__', 7, ['Patient']])
      assert.deepEqual(faults({ resourceType }), ['not-supported'])
  })

  it('is refused with a type that is not kept here, unless asked for', () => {
    const account = { resourceType: 'Account', status: 'active' }
    assert.deepEqual(faults(account), ['not-supported'])
    assert.deepEqual(validate(account, { types: new Set(['Account']) }), [])
  })
})

describe('a place', () => {
  it('is told as FHIRPath, through lists, choices and contained resources', () => {
    assert.deepEqual(
      faults(
        observation({
          valueQuantity: { value: '7' },
          contained: [{ resourceType: 'Patient', id: 'a', name: [{ family: 'A' }, { given: ['A', 7] }] }],
          component: [{ code: {} }],
        }),
      ),
      [
        'structure Observation.value.value',
        'structure Observation.contained[0].name[1].given[1]',
        'structure Observation.component[0].code',
      ],
    )
  })

  it('does not tell a name that cannot be one', () => {
    assert.deepEqual(faults(patient({ 'Akosua, born 1981': true })), ['structure Patient'])
    assert.deepEqual(faults(JSON.parse('{"resourceType":"Patient","__proto__":{"active":true}}')), [
      'structure Patient.__proto__',
    ])
  })
})

describe('a choice', () => {
  it('is made once', () => {
    assert.deepEqual(faults(patient({ deceasedBoolean: true, deceasedDateTime: '2031' })), [
      'structure Patient.deceased',
    ])
    assert.deepEqual(faults(patient({ deceasedBoolean: true, _deceasedDateTime: { extension } })), [
      'structure Patient.deceased',
    ])
  })

  it('has a value and its extensions in one type, and others beside it', () => {
    const both = { deceasedBoolean: true, _deceasedBoolean: { extension }, multipleBirthInteger: 2 }
    assert.deepEqual(faults(patient(both)), [])
  })

  it('knows only the types that the element has', () => {
    assert.deepEqual(faults(patient({ deceasedString: 'x' })), ['structure Patient.deceasedString'])
  })
})

describe('the extensions of a primitive', () => {
  it('stand beside the value, or for it where it must be there', () => {
    assert.deepEqual(faults(patient({ birthDate: '1981', _birthDate: { extension } })), [])
    assert.deepEqual(faults(patient({ _birthDate: { extension } })), [])
    const { status: _, ...without } = observation({ _status: { extension } }) as Members
    assert.deepEqual(faults(without), [])
  })

  it('are as many as the values, with null where there is none', () => {
    const name = (given: unknown, _given: unknown) => faults(patient({ name: [{ given, _given }] }))
    assert.deepEqual(name(['A', null], [null, { extension }]), [])
    assert.deepEqual(name(['A', null], [{ extension }, null]), [
      'structure Patient.name[0].given[1]',
      'structure Patient.name[0].given[1]',
    ])
    assert.deepEqual(name(['A', 'B'], [{ extension }]), ['structure Patient.name[0].given'])
    assert.deepEqual(name(['A', 'B'], { extension }), ['structure Patient.name[0].given'])
    assert.deepEqual(name(['A', 'B'], [null, []]), ['structure Patient.name[0].given[1]'])
  })

  it('are none of a complex element, and none of what is not there', () => {
    assert.deepEqual(faults(patient({ _name: [{ extension }] })), ['structure Patient._name'])
    assert.deepEqual(faults(patient({ _birthday: { extension } })), ['structure Patient._birthday'])
  })

  it('are told at the value', () => {
    assert.deepEqual(faults(patient({ _birthDate: { extension: [{ url: 7, valueString: 'x' }] } })), [
      'structure Patient.birthDate.extension[0].url',
    ])
  })

  it('have an id alone only beside a value (ele-1)', () => {
    assert.deepEqual(faults(patient({ birthDate: '1981', _birthDate: { id: 'a' } })), [])
    assert.deepEqual(faults(patient({ _birthDate: { id: 'a' } })), ['invariant Patient.birthDate'])
    assert.deepEqual(faults(patient({ name: [{ id: 'a' }] })), ['invariant Patient.name[0]'])
  })
})

describe('a required binding', () => {
  const ALLERGY = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical'
  const allergy = (clinicalStatus: Members) =>
    faults({ resourceType: 'AllergyIntolerance', patient: { reference: 'Patient/1' }, clinicalStatus })

  it('takes the codes of the value set alone', () => {
    assert.deepEqual(faults(patient({ gender: 'female' })), [])
    for (const gender of ['Female', 'F', 'toString'])
      assert.deepEqual(faults(patient({ gender })), ['code-invalid Patient.gender'])
  })

  it('of a concept is kept by one of its codings', () => {
    const [right, other] = [
      { system: ALLERGY, code: 'active' },
      { system: 'https://openhcs.example', code: 'a' },
    ]
    assert.deepEqual(allergy({ coding: [other, right], text: 'Active' }), [])
    assert.deepEqual(allergy({ extension }), [])
    for (const wrong of [{ coding: [other] }, { coding: [{ code: 'active' }] }, { text: 'Active' }])
      assert.deepEqual(allergy(wrong), ['code-invalid AllergyIntolerance.clinicalStatus'])
  })
})

describe('what is contained', () => {
  const around = (contained: unknown[], reference = '#a') => patient({ contained, managingOrganization: { reference } })
  const named = (contained: unknown[]) =>
    patient({ contained, extension: [{ url: 'https://openhcs.example/a', valueReference: { reference: '#a' } }] })
  const clinic = { resourceType: 'Organization', id: 'a', name: 'Clinic' }

  it('is looked at by its own type, of any that R4 has', () => {
    assert.deepEqual(faults(around([clinic])), [])
    assert.deepEqual(faults(around([{ ...clinic, gender: 'male' }])), ['structure Patient.contained[0].gender'])
    assert.deepEqual(faults(named([{ resourceType: 'Substance', id: 'a', code: { text: 'x' } }])), [])
    for (const resourceType of ['Patent', 'DomainResource', 'Period', undefined])
      assert.deepEqual(faults(named([{ resourceType, id: 'a' }])), ['structure Patient.contained[0]'])
  })

  it('has an id, contains nothing, and has no versions nor labels (dom-2, dom-4, dom-5)', () => {
    const { id: _, ...nameless } = clinic
    assert.deepEqual(faults(around([nameless])), [
      'required Patient.contained[0].id',
      'invariant Patient.managingOrganization',
    ])
    assert.deepEqual(keys(around([{ ...clinic, contained: [clinic], partOf: { reference: '#a' } }])), ['dom-2'])
    assert.deepEqual(keys(around([{ ...clinic, meta: { versionId: '1' } }])), ['dom-4'])
    assert.deepEqual(keys(around([{ ...clinic, meta: { security: [{ code: 'R' }] } }])), ['dom-5'])
  })

  it('is referred to, or refers to what is around it (dom-3)', () => {
    assert.deepEqual(keys(patient({ contained: [clinic] })), ['dom-3'])
    const back = { resourceType: 'Provenance', id: 'p', target: [{ reference: '#' }], recorded: '2031-01-01T00:00:00Z' }
    assert.deepEqual(faults(patient({ contained: [{ ...back, agent: [{ who: { display: 'A' } }] }] })), [])
  })

  it('is there where a reference says so, also for one beside it (ref-1)', () => {
    assert.deepEqual(keys(around([clinic], '#b')).sort(), ['ref-1'])
    const partner = { ...clinic, id: 'b', partOf: { reference: '#a' } }
    assert.deepEqual(faults(around([clinic, partner], '#b')), [])
  })

  it('is that of its own resource in each entry of a Bundle', () => {
    const bundle = (resource: unknown) => ({ resourceType: 'Bundle', type: 'collection', entry: [{ resource }] })
    assert.deepEqual(faults(bundle(around([clinic]))), [])
    assert.deepEqual(faults(bundle(around([], '#a'))), [
      'structure Bundle.entry[0].resource.contained',
      'invariant Bundle.entry[0].resource.managingOrganization',
    ])
    assert.deepEqual(faults({ ...bundle(patient({ managingOrganization: { reference: '#a' } })), id: 'a' }), [
      'invariant Bundle.entry[0].resource.managingOrganization',
    ])
    const signature = { type: [{ code: 'a' }], when: '2031-01-01T00:00:00Z', who: { reference: '#a' } }
    const [of] = bundle(around([clinic])).entry
    const entry = [of, { resource: patient({ managingOrganization: { reference: '#a' } }) }, of]
    assert.deepEqual(faults({ resourceType: 'Bundle', type: 'collection', entry, signature }), [
      'invariant Bundle.entry[1].resource.managingOrganization',
      'invariant Bundle.signature.who',
    ])
  })
})

describe('an invariant', () => {
  const broken: Readonly<Record<string, Members>> = {
    'ext-1': patient({ extension: [{ url: 'https://openhcs.example/a' }] }),
    'per-1': patient({ name: [{ family: 'A', period: { start: '2031-02', end: '2031-01-31' } }] }),
    'qty-3': observation({ valueQuantity: { value: 7, code: 'kg' } }),
    'rng-2': observation({ valueRange: { low: { value: 7 }, high: { value: 6 } } }),
    'rat-1': observation({ valueRatio: { numerator: { value: 7 } } }),
    'att-1': patient({ photo: [{ data: 'AAAA' }] }),
    'cpt-2': patient({ telecom: [{ value: '+233201234567' }] }),
    'tim-2': observation({ effectiveTiming: { repeat: { period: 1 } } }),
    'obs-6': observation({ valueString: 'x', dataAbsentReason: { text: 'x' } }),
    'obs-7': observation({
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      valueInteger: 1,
      component: [{ code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }, valueInteger: 2 }],
    }),
    'pat-1': patient({ contact: [{ gender: 'male' }] }),
    'org-1': { resourceType: 'Organization', active: true },
    'app-1': { resourceType: 'Appointment', status: 'proposed', participant: [{ status: 'accepted' }] },
    'app-3': {
      resourceType: 'Appointment',
      status: 'booked',
      participant: [{ type: [{ text: 'x' }], status: 'accepted' }],
    },
    'con-4': {
      ...{ resourceType: 'Condition', subject: { reference: 'Patient/1' }, abatementDateTime: '2031' },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
    },
    'bdl-1': { resourceType: 'Bundle', type: 'collection', total: 1 },
    'bdl-3': { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: patient() }] },
    'bdl-7': {
      ...{ resourceType: 'Bundle', type: 'collection' },
      entry: [1, 2].map(() => ({ fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', resource: patient() })),
    },
    'que-2': {
      ...{ resourceType: 'Questionnaire', status: 'draft' },
      item: [{ linkId: '1', type: 'group', item: [{ linkId: '1', type: 'string' }] }],
    },
    'inv-1': { resourceType: 'Parameters', parameter: [{ name: 'a' }] },
  }

  for (const [key, resource] of Object.entries(broken))
    it(`${key} is kept`, () => {
      assert.deepEqual(keys(resource), [key])
    })

  it('is not asked where something else is wrong', () => {
    assert.deepEqual(faults({ ...broken['app-3'], participant: 'nobody' }), ['structure Appointment.participant'])
  })
})

describe('what is meant to tire', () => {
  const isSoon = (act: () => unknown) => {
    const began = process.cpuUsage()
    act()
    const { user } = process.cpuUsage(began)
    assert.ok(user < 2_000_000, `${user} µs`)
  }

  it('is told of at most fifty faults', () => {
    isSoon(() => {
      assert.equal(validate(patient({ name: Array.from({ length: 1_000_000 }, () => 7) })).length, 50)
      assert.equal(validate(patient({ name: [7, 7, 7] }), { most: 2 }).length, 2)
      assert.equal(validate({ resourceType: 'Slot' }, { most: 2 }).length, 2)
      const names = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`a${at}`, 1]))
      assert.equal(validate(patient(names)).length, 50)
    })
  })

  it('is nested too deeply from a hundred levels on', () => {
    assert.deepEqual(faults(nested(90)), [])
    for (const depth of [99, 100_000]) {
      const [one, ...more] = validate(nested(depth))
      assert.deepEqual([one?.code, more.length], ['too-long', 0])
    }
    let deep: Members = { url: 'https://openhcs.example/a', valueString: 'x' }
    for (let at = 0; at < 100_000; at++) deep = { url: 'https://openhcs.example/a', extension: [deep] }
    assert.equal(validate(patient({ extension: [deep] }))[0]?.code, 'too-long')
  })

  it('has contained resources and references without number', () => {
    const contained = Array.from({ length: 20_000 }, (_, at) => ({ resourceType: 'Patient', id: `a${at}` }))
    const entry = contained.map(({ id }) => ({ item: { reference: `#${id}` } }))
    isSoon(() =>
      assert.deepEqual(faults({ resourceType: 'List', status: 'current', mode: 'working', contained, entry }), []),
    )
  })
})
