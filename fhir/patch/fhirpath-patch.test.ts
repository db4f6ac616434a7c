import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Resource } from '../resource.ts'
import { refusal as problemOf } from '../testing.ts'
import { fhirpathPatch } from './fhirpath-patch.ts'

type Part = Record<string, unknown>

/** An operation as the page of the specification writes it; `value` is the part without its name. */
function operation(
  type: string,
  path: string,
  { name, value, ...rest }: { name?: string; value?: Part; [index: string]: unknown } = {},
) {
  return {
    name: 'operation',
    part: [
      { name: 'type', valueCode: type },
      { name: 'path', valueString: path },
      ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
      ...(value ? [{ name: 'value', ...value }] : []),
      ...Object.entries(rest).map(([one, valueInteger]) => ({ name: one, valueInteger })),
    ],
  }
}

const parameters = (...parameter: unknown[]) => ({ resourceType: 'Parameters', parameter })
const patient = (rest: object = {}): Resource => ({ resourceType: 'Patient', id: 'p1', ...rest })
const patched = (before: object, ...operations: unknown[]) => {
  const { resourceType, id, ...rest } = fhirpathPatch(patient(before), parameters(...operations))
  assert.deepEqual([resourceType, id], ['Patient', 'p1'])
  return rest
}

const refusal = (before: object, ...operations: unknown[]) => {
  const { code, errors } = problemOf(() => patched(before, ...operations))
  return [code, errors?.[0]?.pointer, errors?.[0]?.detail]
}

const four = { identifier: ['1', '2', '3', '4'].map((value) => ({ value })) }
const order = (...moves: [number, number][]) =>
  (
    patched(
      four,
      ...moves.map(([source, destination]) => operation('move', 'Patient.identifier', { source, destination })),
    ).identifier as {
      value: string
    }[]
  )
    .map(({ value }) => value)
    .join('')

describe('FHIRPath Patch: the examples of the specification', () => {
  it('changes nothing without an operation', () => {
    assert.deepEqual(
      fhirpathPatch(patient({ birthDate: '1950-02-03' }), { resourceType: 'Parameters' }),
      patient({ birthDate: '1950-02-03' }),
    )
    assert.deepEqual(patched({ birthDate: '1950-02-03' }), { birthDate: '1950-02-03' })
  })

  it('adds, replaces and deletes a primitive', () => {
    const value = { valueDate: '1951-02-03' }
    assert.deepEqual(patched({}, operation('add', 'Patient', { name: 'birthDate', value })), {
      birthDate: '1951-02-03',
    })
    assert.deepEqual(patched({ birthDate: '1950' }, operation('replace', 'Patient.birthDate', { value })), {
      birthDate: '1951-02-03',
    })
    assert.deepEqual(patched({ birthDate: '1950' }, operation('delete', 'Patient.birthDate')), {})
  })

  it('does the same within other elements, and leaves nothing empty behind', () => {
    const contact = [{ name: { text: 'Ama' }, gender: 'male' }]
    assert.deepEqual(
      patched({ contact }, operation('replace', 'Patient.contact[0].gender', { value: { valueCode: 'female' } })),
      {
        contact: [{ name: { text: 'Ama' }, gender: 'female' }],
      },
    )
    assert.deepEqual(
      patched({ contact }, operation('replace', 'Patient.contact[0].name.text', { value: { valueString: 'Afua' } })),
      {
        contact: [{ name: { text: 'Afua' }, gender: 'male' }],
      },
    )
    assert.deepEqual(patched({ contact }, operation('delete', 'Patient.contact[0].gender')), {
      contact: [{ name: { text: 'Ama' } }],
    })
    assert.deepEqual(patched({ contact }, operation('delete', 'Patient.contact[0].name.text')), {
      contact: [{ gender: 'male' }],
    })
    assert.deepEqual(
      patched(
        { contact: [{ name: { text: 'Ama' } }] },
        operation('add', 'Patient.contact[0]', { name: 'gender', value: { valueCode: 'male' } }),
      ),
      { contact },
    )
    assert.deepEqual(
      patched({ contact: [{ name: { text: 'Ama' } }] }, operation('delete', 'Patient.contact[0].name.text')),
      {},
    )
  })

  it('adds, replaces and deletes what has a named type', () => {
    const value = { valueCodeableConcept: { id: '2', text: 'widowed' } }
    assert.deepEqual(patched({}, operation('add', 'Patient', { name: 'maritalStatus', value })), {
      maritalStatus: { id: '2', text: 'widowed' },
    })
    assert.deepEqual(
      patched(
        { maritalStatus: { id: '1', text: 'married' } },
        operation('replace', 'Patient.maritalStatus', { value }),
      ),
      {
        maritalStatus: { id: '2', text: 'widowed' },
      },
    )
    assert.deepEqual(patched({ maritalStatus: { text: 'married' } }, operation('delete', 'Patient.maritalStatus')), {})
  })

  it('takes what has no name for its type in parts', () => {
    const part = [
      { name: 'name', valueHumanName: { text: 'Kwame' } },
      { name: 'telecom', valueContactPoint: { system: 'phone', value: '1' } },
      { name: 'telecom', part: [{ name: 'value', valueString: '2' }] },
    ]
    const contact = { name: { text: 'Kwame' }, telecom: [{ system: 'phone', value: '1' }, { value: '2' }] }
    assert.deepEqual(patched({}, operation('add', 'Patient', { name: 'contact', value: { part } })), {
      contact: [contact],
    })
    assert.deepEqual(patched({ contact: [contact] }, operation('delete', 'Patient.contact[0]')), {})
    const observation = { resourceType: 'Observation', component: [{ code: { text: 'a' } }] }
    const { component } = fhirpathPatch(
      observation,
      parameters(
        operation('insert', 'Observation.component', {
          index: 0,
          value: {
            part: [
              { name: 'code', valueCodeableConcept: { text: 'b' } },
              { name: 'value', valueQuantity: { value: 3 } },
            ],
          },
        }),
      ),
    )
    // Nothing says which type of a choice a part with another part in it is; one with a value does.
    assert.deepEqual(component, [{ code: { text: 'b' }, valueQuantity: { value: 3 } }, { code: { text: 'a' } }])
  })

  it('inserts at an index, also at the end and where there is no list yet', () => {
    const two = { identifier: [{ value: '1' }, { value: '2' }] }
    const inserted = (index: number) =>
      (
        patched(two, operation('insert', 'Patient.identifier', { index, value: { valueIdentifier: { value: 'x' } } }))
          .identifier as Part[]
      )
        .map(({ value }) => value)
        .join('')
    assert.deepEqual([0, 1, 2].map(inserted), ['x12', '1x2', '12x'])
    assert.deepEqual(
      patched({}, operation('insert', 'Patient.identifier', { index: 0, value: { valueIdentifier: { value: 'x' } } })),
      {
        identifier: [{ value: 'x' }],
      },
    )
    assert.deepEqual(
      refusal(two, operation('insert', 'Patient.identifier', { index: 3, value: { valueIdentifier: { value: 'x' } } })),
      ['business-rule', '/body/parameter/0/part/3', 'lies behind the end of the list'],
    )
  })

  it('adds to a list whether or not it is there, and changes what stands in one', () => {
    const add = operation('add', 'Patient', { name: 'identifier', value: { valueIdentifier: { value: '3' } } })
    assert.deepEqual(patched({}, add), { identifier: [{ value: '3' }] })
    assert.deepEqual(patched({ identifier: [{ value: '1' }] }, add), { identifier: [{ value: '1' }, { value: '3' }] })
    const swap = [0, 1].map((i) =>
      operation('replace', `Patient.identifier[${i}].value`, { value: { valueString: `${2 - i}` } }),
    )
    assert.deepEqual(
      patched(
        {
          identifier: [
            { id: 'a', value: '1' },
            { id: 'b', value: '2' },
          ],
        },
        ...swap,
      ),
      {
        identifier: [
          { id: 'a', value: '2' },
          { id: 'b', value: '1' },
        ],
      },
    )
    assert.deepEqual(
      patched(
        four,
        operation('delete', "Patient.identifier.where(value = '2')"),
        operation('delete', 'Patient.identifier[2]'),
      ),
      {
        identifier: [{ value: '1' }, { value: '3' }],
      },
    )
  })

  it('moves within a list', () => {
    assert.equal(order([3, 1]), '1423')
    assert.equal(order([3, 0]), '4123')
    assert.equal(order([3, 2]), '1243')
    assert.equal(order([0, 3]), '2341')
    assert.equal(order([1, 0], [2, 1]), '2314')
    assert.equal(order([3, 0], [3, 1], [3, 2]), '4321')
    assert.equal(
      refusal(four, operation('move', 'Patient.identifier', { source: 4, destination: 0 }))[1],
      '/body/parameter/0/part/2',
    )
    assert.equal(
      refusal(four, operation('move', 'Patient.identifier', { source: 0, destination: 4 }))[1],
      '/body/parameter/0/part/3',
    )
  })

  it('refuses to add to what is not there', () => {
    const add = operation('add', "Patient.identifier.where(use = 'official').period", {
      name: 'end',
      value: { valueDate: '2021-12-01' },
    })
    assert.deepEqual(refusal({ identifier: [{ use: 'official', value: '1' }] }, add), [
      'business-rule',
      '/body/parameter/0/part/1',
      'leads to nothing',
    ])
    const second = operation('add', 'Patient.contact[1]', { name: 'gender', value: { valueCode: 'male' } })
    assert.equal(refusal({ contact: [{ gender: 'male' }] }, second)[2], 'leads to nothing')
  })

  it('has each operation see what those before it made', () => {
    const steps = [
      operation('add', 'Patient', { name: 'contact', value: { part: [{ name: 'gender', valueCode: 'male' }] } }),
      operation('add', 'Patient.contact[0]', {
        name: 'organization',
        value: { valueReference: { reference: 'Organization/1' } },
      }),
    ]
    assert.deepEqual(patched({}, ...steps), {
      contact: [{ gender: 'male', organization: { reference: 'Organization/1' } }],
    })
  })

  it('replaces the narrative, which has no value[x] of its own', () => {
    const value = { valueString: '<div xmlns="http://www.w3.org/1999/xhtml">new</div>' }
    assert.deepEqual(
      patched({ text: { status: 'generated', div: '<div/>' } }, operation('replace', 'Patient.text.div', { value }))
        .text,
      {
        status: 'generated',
        div: value.valueString,
      },
    )
  })
})

describe('FHIRPath Patch: choices and what is beside primitives', () => {
  it('names a choice by the type of its value', () => {
    const add = operation('add', 'Patient', { name: 'deceased', value: { valueBoolean: true } })
    assert.deepEqual(patched({}, add), { deceasedBoolean: true })
    assert.equal(refusal({ deceasedDateTime: '2020' }, add)[2], 'is there already, and does not repeat')
    assert.deepEqual(
      patched(
        { deceasedBoolean: false, _deceasedBoolean: { id: 'd' } },
        operation('replace', 'Patient.deceased', { value: { valueDateTime: '2020' } }),
      ),
      {
        deceasedDateTime: '2020',
      },
    )
    assert.deepEqual(patched({ deceasedBoolean: false }, operation('delete', 'Patient.deceased.ofType(boolean)')), {})
    assert.deepEqual(patched({ deceasedBoolean: false }, operation('delete', 'Patient.deceased.ofType(dateTime)')), {
      deceasedBoolean: false,
    })
    assert.equal(
      refusal({}, operation('add', 'Patient', { name: 'deceased', value: { valueDate: '2020-01-01' } }))[2],
      'is of no type that the element has, or empty',
    )
    assert.equal(
      refusal({}, operation('add', 'Patient', { name: 'deceased', value: { valueString: 'x' } }))[2],
      'is of no type that the element has, or empty',
    )
  })

  it('takes what is beside a primitive with it', () => {
    const beside = { extension: [{ url: 'http://example.org/unsure', valueBoolean: true }] }
    const born = { birthDate: '1950', _birthDate: beside }
    assert.deepEqual(patched(born, operation('delete', 'Patient.birthDate')), {})
    assert.deepEqual(patched(born, operation('replace', 'Patient.birthDate', { value: { valueDate: '1951' } })), {
      birthDate: '1951',
    })
    assert.deepEqual(
      patched(
        born,
        operation('replace', 'Patient.birthDate', { value: { valueDate: '1951', _valueDate: { id: 'b' } } }),
      ),
      {
        birthDate: '1951',
        _birthDate: { id: 'b' },
      },
    )
    assert.deepEqual(patched(born, operation('delete', "Patient.birthDate.extension('http://example.org/unsure')")), {
      birthDate: '1950',
    })
    assert.deepEqual(patched({ _birthDate: beside }, operation('delete', 'Patient.birthDate.extension[0]')), {})
    const extension = {
      part: [
        { name: 'url', valueUri: 'http://example.org/unsure' },
        { name: 'value', valueBoolean: true },
      ],
    }
    assert.deepEqual(
      patched({ birthDate: '1950' }, operation('add', 'Patient.birthDate', { name: 'extension', value: extension })),
      born,
    )
  })

  it('keeps lists of primitives and what is beside them in step', () => {
    const name = [{ given: ['A', 'B', 'C'], _given: [null, { id: 'b' }, null] }]
    const moved = { name: [{ given: ['C', 'A', 'B'], _given: [null, null, { id: 'b' }] }] }
    assert.deepEqual(
      patched({ name }, operation('move', 'Patient.name[0].given', { source: 2, destination: 0 })),
      moved,
    )
    assert.deepEqual(patched({ name }, operation('delete', 'Patient.name.given[1]')), { name: [{ given: ['A', 'C'] }] })
    assert.deepEqual(patched({ name }, operation('delete', 'Patient.name[0].given.first()')), {
      name: [{ given: ['B', 'C'], _given: [{ id: 'b' }, null] }],
    })
    assert.deepEqual(
      patched({ name }, operation('add', 'Patient.name[0]', { name: 'given', value: { valueString: 'D' } })),
      {
        name: [{ given: ['A', 'B', 'C', 'D'], _given: [null, { id: 'b' }, null, null] }],
      },
    )
  })

  it('finds elements by criteria, extensions and contained resources', () => {
    const telecom = [
      { system: 'phone', value: '1' },
      { system: 'email', value: 'a@example.org' },
      { system: 'phone', value: '2', use: 'old' },
    ]
    const deleted = (path: string) =>
      (patched({ telecom }, operation('delete', path)).telecom as Part[]).map(({ value }) => value)
    assert.deepEqual(deleted("telecom.where(system = 'phone' and use.exists())"), ['1', 'a@example.org'])
    assert.deepEqual(deleted("Patient.telecom.where(system = 'phone' and use.empty())"), ['a@example.org', '2'])
    assert.deepEqual(deleted("Patient.telecom.where((system = 'email') or value = '9')"), ['1', '2'])
    assert.deepEqual(deleted("Patient.telecom.where(system != 'phone').first()"), ['1', '2'])
    assert.deepEqual(deleted("Patient.telecom.where((use = 'old').not())"), ['1', 'a@example.org', '2'])
    assert.deepEqual(deleted('Patient.telecom.last()'), ['1', 'a@example.org'])
    const contained = [{ resourceType: 'Organization', id: 'o', name: 'Old' }]
    assert.deepEqual(
      patched(
        { contained },
        operation('replace', "Patient.contained.where(id = 'o').ofType(Organization).name", {
          value: { valueString: 'New' },
        }),
      ),
      {
        contained: [{ resourceType: 'Organization', id: 'o', name: 'New' }],
      },
    )
    const { contained: both } = patched(
      { contained },
      operation('add', 'Patient', { name: 'contained', value: { resource: { resourceType: 'Group', id: 'g' } } }),
    )
    assert.deepEqual(both, [...contained, { resourceType: 'Group', id: 'g' }])
  })
})

describe('FHIRPath Patch: what it refuses', () => {
  it('is anything but operations in a Parameters resource', () => {
    for (const body of [null, [], 'x', { resourceType: 'Patient' }, { resourceType: 'Parameters', parameter: {} }])
      assert.equal(problemOf(() => fhirpathPatch(patient(), body)).code, 'invalid')
    assert.equal(
      problemOf(() => fhirpathPatch(patient(), parameters(...Array(1_001).fill(operation('delete', 'Patient.active')))))
        .code,
      'invalid',
    )
    const { errors } = problemOf(() =>
      fhirpathPatch(
        patient(),
        parameters(
          { name: 'op' },
          operation('put', 'Patient'),
          operation('add', 'Patient'),
          operation('delete', 'Patient.name.resolve()'),
        ),
      ),
    )
    assert.deepEqual(
      errors?.map(({ pointer }) => pointer),
      [
        '/body/parameter/0/name',
        '/body/parameter/0/part',
        '/body/parameter/0/part',
        '/body/parameter/1/part/0',
        '/body/parameter/2/part',
        '/body/parameter/2/part',
        '/body/parameter/3/part/1',
      ],
    )
  })

  it('is a part that comes twice, or that nobody knows', () => {
    const twice = operation('delete', 'Patient.active')
    twice.part.push({ name: 'path', valueString: 'Patient' }, { name: '__proto__', valueString: 'x' })
    assert.deepEqual(
      problemOf(() => fhirpathPatch(patient(), parameters(twice))).errors?.map(({ pointer }) => pointer),
      ['/body/parameter/0/part/2/name', '/body/parameter/0/part/3/name'],
    )
  })

  it('is to change id or type, to delete more than one, or the resource', () => {
    assert.equal(refusal({}, operation('replace', 'Patient.id', { value: { valueId: 'p2' } }))[0], 'business-rule')
    assert.equal(refusal({}, operation('delete', 'Patient.id'))[0], 'business-rule')
    assert.equal(refusal(four, operation('delete', 'Patient.identifier'))[2], 'leads to more than one element')
    assert.equal(refusal({}, operation('delete', 'Patient'))[2], 'leads to the resource itself')
    assert.equal(
      refusal(
        four,
        operation('replace', 'Patient.identifier.single()', { value: { valueIdentifier: { value: 'x' } } }),
      )[0],
      'business-rule',
    )
  })

  it('is an element that the type does not have, or a value of another type', () => {
    const value = { valueString: 'x' }
    for (const name of ['surname', '__proto__', 'constructor', 'toString', 'resourceType', ''])
      assert.equal(
        refusal({}, operation('add', 'Patient', { name, value }))[2],
        'is no element of what the path leads to',
        name,
      )
    for (const wrong of [
      value,
      { valueDate: {} },
      { valueDate: '2020', valueString: 'x' },
      {},
      { part: [] },
      { valueDate: null, x: 1 },
    ])
      assert.equal(
        refusal({}, operation('add', 'Patient', { name: 'birthDate', value: wrong }))[0],
        'business-rule',
        JSON.stringify(wrong),
      )
    let deep: Part = { valueString: 'x' }
    for (let i = 0; i < 10_000; i++) deep = { part: [{ name: 'extension', ...deep }] }
    assert.equal(refusal({}, operation('add', 'Patient', { name: 'extension', value: deep }))[0], 'business-rule')
  })

  it('is a value that is nested too deeply, or has a member __proto__', () => {
    let deep: unknown = 1
    for (let i = 0; i < 10_000; i++) deep = { extension: [deep] }
    for (const text of [deep, JSON.parse('{"__proto__":{"a":1}}')])
      assert.equal(
        refusal(
          {},
          operation('add', 'Patient', { name: 'extension', value: { valueExtension: text, valueMeta: text } }),
        )[0],
        'business-rule',
      )
    assert.equal(
      refusal({}, operation('add', 'Patient', { name: 'maritalStatus', value: { valueCodeableConcept: deep } }))[0],
      'invalid',
    )
    assert.equal(
      refusal(
        {},
        operation('add', 'Patient', {
          name: 'maritalStatus',
          value: { valueCodeableConcept: JSON.parse('{"__proto__":{"a":1}}') },
        }),
      )[0],
      'invalid',
    )
  })

  it('is too much work, and is found out soon', () => {
    const name = Array.from({ length: 5_000 }, (_, i) => ({ family: `n${i}`, given: ['a', 'b'] }))
    const slow = operation(
      'delete',
      `Patient.name.where(${Array(40).fill("given.where($this = 'a').exists()").join(' and ')} and family = '1')`,
    )
    assert.equal(refusal({ name }, ...Array(1_000).fill(slow))[0], 'too-long')
    const far = operation('delete', 'Patient.name.given.skip(99999)')
    assert.equal(refusal({ name }, ...Array(1_000).fill(far))[0], 'too-long')
  })
})
