import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { roles } from '#platform/auth.ts'
import { type Answer, type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient } from '../../tests/calendar.ts'

const TREE = 'urn:test:tree'
const concept = (code: string, display: string, ...below: object[]) => ({
  code,
  display,
  ...(below.length > 0 && { concept: below }),
})

/** Trees: broadleaved (beech, oak, of which one is red) and conifers (fir, larch, which sheds its needles). */
const trees = {
  resourceType: 'CodeSystem',
  url: TREE,
  version: '1',
  name: 'Trees',
  status: 'active',
  content: 'complete',
  concept: [
    concept(
      'broadleaved',
      'Broadleaved tree',
      { ...concept('beech', 'Beech'), designation: [{ language: 'fr', value: 'Hêtre' }] },
      concept('oak', 'Oak', concept('red-oak', 'Red oak')),
    ),
    concept('conifer', 'Conifer', concept('fir', 'Fir'), {
      ...concept('larch', 'Larch'),
      property: [{ code: 'sheds', valueBoolean: true }],
    }),
  ],
}

const valueSet = (url: string, compose: object, more: object = {}) => ({
  resourceType: 'ValueSet',
  url,
  status: 'active',
  compose,
  ...more,
})

/** A house with trees, and an administrator who keeps what is defined. */
async function openWood() {
  const house = await openTestHouse(everything)
  const admin = await house.signedIn({ roles: ['administrator'] })
  const reader = await house.signedIn({ roles: ['patient'] })
  const keep = async (resource: object) => {
    const { resourceType } = resource as { resourceType: string }
    const made = await admin.post(`/fhir/R4/${resourceType}`, resource)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return made.body.id as string
  }
  const system = await keep(trees)
  return { house, admin, reader, keep, system }
}

const codes = ({ status, body }: Answer): string[] => {
  assert.equal(status, 200, JSON.stringify(body))
  return (body.expansion.contains ?? []).map(({ code }: { code: string }) => code)
}

const valueIn = ({ status, body }: Answer, name: string): unknown => {
  assert.equal(status, 200, JSON.stringify(body))
  const found = body.parameter.find((one: { name: string }) => one.name === name)
  return found && Object.entries(found).find(([key]) => key.startsWith('value'))?.[1]
}

const expandThis = (client: Client, resource: object, ...more: object[]) =>
  client.post('/fhir/R4/ValueSet/$expand', {
    resourceType: 'Parameters',
    parameter: [{ name: 'valueSet', resource }, ...more],
  })

const detailOf = ({ body }: Answer): string => JSON.stringify(body)

describe('/fhir/R4/Questionnaire', () => {
  it('is kept by administrators, read by whoever has a role, and is about nobody', async () => {
    const { house, admin, reader, keep } = await openWood()
    await using _ = house
    const form = { resourceType: 'Questionnaire', status: 'active', url: 'urn:test:form', title: 'Well-being' }
    const id = await keep(form)
    assert.equal((await reader.get(`/fhir/R4/Questionnaire/${id}`)).body.title, 'Well-being')
    assert.equal((await reader.get('/fhir/R4/Questionnaire?title=well&_total=accurate')).body.total, 1)
    assert.equal((await reader.post('/fhir/R4/Questionnaire', form)).status, 403)
    for (const role of roles.filter((one) => one !== 'administrator' && one !== 'clerk')) {
      const person = await house.signedIn({ roles: [role] })
      assert.equal((await person.get(`/fhir/R4/Questionnaire/${id}`)).status, 200, role)
      assert.equal((await person.put(`/fhir/R4/Questionnaire/${id}`, { ...form, id })).status, 403, role)
    }
    assert.equal((await house.anonymous.get(`/fhir/R4/Questionnaire/${id}`)).status, 401)
    assert.equal((await (await house.signedIn()).get(`/fhir/R4/Questionnaire/${id}`)).status, 403, 'without a role')
    const { rows } = await house.owner.query(`select about from platform.fhir_resource where id = $1`, [id])
    assert.deepEqual(rows, [{ about: [] }])
    const changed = await admin.put(`/fhir/R4/Questionnaire/${id}`, { ...form, id, title: 'Health' })
    assert.equal(changed.status, 200, detailOf(changed))
    assert.equal((await admin.delete(`/fhir/R4/Questionnaire/${id}`)).status, 204)
    assert.equal((await reader.get(`/fhir/R4/Questionnaire/${id}`)).status, 410)
  })

  it('a definition does not become one of a patient by what it refers to', async () => {
    const { house, keep } = await openWood()
    await using _ = house
    const patient = await newPatient(house)
    await keep({
      resourceType: 'Library',
      status: 'active',
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'asset-collection' }] },
      extension: [{ url: 'https://openhcs.example/a', valueReference: { reference: `Patient/${patient.patient}` } }],
    })
    const stranger = await newPatient(house)
    assert.equal((await stranger.get('/fhir/R4/Library?_total=accurate')).body.total, 1)
  })
})

describe('/fhir/R4/OperationDefinition', () => {
  it('those of the house and those that are stored are read alike', async () => {
    const { house, admin, reader } = await openWood()
    await using _ = house
    assert.equal((await house.anonymous.get('/fhir/R4/OperationDefinition/Appointment-book')).body.code, 'book')
    const own = {
      ...{ resourceType: 'OperationDefinition', id: 'own', name: 'Own', status: 'draft', kind: 'operation' },
      ...{ code: 'own', system: true, type: false, instance: false },
    }
    const made = await admin.put('/fhir/R4/OperationDefinition/own', own)
    assert.equal(made.status, 201, detailOf(made))
    assert.equal((await reader.get('/fhir/R4/OperationDefinition/own')).body.code, 'own')
    assert.equal((await reader.get('/fhir/R4/OperationDefinition/none')).status, 404)
  })
})

describe('/fhir/R4/ValueSet/$expand', () => {
  it('R4 binds value sets, which nobody has to store', async () => {
    const { house, reader } = await openWood()
    await using _ = house
    const url = 'http://hl7.org/fhir/ValueSet/administrative-gender'
    const found = await reader.get(`/fhir/R4/ValueSet/$expand?url=${url}`)
    assert.deepEqual(codes(found), ['male', 'female', 'other', 'unknown'])
    assert.deepEqual(found.body.expansion.contains[0], {
      system: 'http://hl7.org/fhir/administrative-gender',
      code: 'male',
      display: 'Male',
    })
    assert.deepEqual([found.body.expansion.total, found.body.expansion.offset], [4, 0])
    assert.deepEqual(codes(await reader.get(`/fhir/R4/ValueSet/$expand?url=${url}|4.0.1&filter=MALE`)), [
      'male',
      'female',
    ])
    assert.equal((await reader.get(`/fhir/R4/ValueSet/$expand?url=${url}|9`)).status, 404)
    assert.equal((await house.anonymous.get(`/fhir/R4/ValueSet/$expand?url=${url}`)).status, 401)
    assert.equal((await (await house.signedIn()).get(`/fhir/R4/ValueSet/$expand?url=${url}`)).status, 403)
  })

  it('a stored one is expanded by its address and by its id, in pages', async () => {
    const { house, reader, keep } = await openWood()
    await using _ = house
    const id = await keep(valueSet('urn:test:all', { include: [{ system: TREE }] }))
    const all = ['broadleaved', 'beech', 'oak', 'red-oak', 'conifer', 'fir', 'larch']
    assert.deepEqual(codes(await reader.get('/fhir/R4/ValueSet/$expand?url=urn:test:all&displayLanguage=fr')), all)
    const page = await reader.get(`/fhir/R4/ValueSet/${id}/$expand?offset=2&count=2&includeDesignations=true`)
    assert.deepEqual(codes(page), ['oak', 'red-oak'])
    assert.deepEqual([page.body.expansion.total, page.body.expansion.offset], [7, 2])
    const named = await reader.get(`/fhir/R4/ValueSet/${id}/$expand?filter=bee&includeDesignations=true`)
    assert.equal(named.body.expansion.contains[0].designation[0].value, 'Hêtre')
    assert.deepEqual(codes(await reader.get(`/fhir/R4/ValueSet/${id}/$expand?count=0`)), [])
    assert.equal((await reader.get('/fhir/R4/ValueSet/none/$expand')).status, 404)
    assert.equal((await reader.get('/fhir/R4/ValueSet/$expand?url=urn:test:none')).status, 404)
  })

  it('its parts are lists, filters, other value sets, what those have in common, and what is excluded', async () => {
    const { house, reader, keep } = await openWood()
    await using _ = house
    await keep(valueSet('urn:test:oaks', { include: [{ system: TREE, filter: [is('is-a', 'oak')] }] }))
    const cases: [compose: object, expected: string[]][] = [
      [
        { include: [{ system: TREE, concept: [{ code: 'fir', display: 'Weisstanne' }, { code: 'oak' }] }] },
        ['fir', 'oak'],
      ],
      [{ include: [{ system: TREE, filter: [is('descendent-of', 'oak')] }] }, ['red-oak']],
      [{ include: [{ system: TREE, filter: [{ property: 'sheds', op: '=', value: 'true' }] }] }, ['larch']],
      [
        { include: [{ system: TREE, filter: [{ property: 'code', op: 'in', value: 'fir, larch' }] }] },
        ['fir', 'larch'],
      ],
      [
        { include: [{ valueSet: ['urn:test:oaks'] }, { system: TREE, concept: [{ code: 'oak' }] }] },
        ['oak', 'red-oak'],
      ],
      [
        { include: [{ system: TREE, filter: [is('is-a', 'broadleaved')], valueSet: ['urn:test:oaks'] }] },
        ['oak', 'red-oak'],
      ],
      [{ include: [{ system: TREE, filter: [is('is-a', 'conifer')], valueSet: ['urn:test:oaks'] }] }, []],
      [
        {
          include: [{ system: TREE }],
          exclude: [{ valueSet: ['urn:test:oaks'] }, { system: TREE, filter: [is('is-a', 'conifer')] }],
        },
        ['broadleaved', 'beech'],
      ],
    ]
    for (const [compose, expected] of cases)
      assert.deepEqual(
        codes(await expandThis(reader, valueSet('urn:test:it', compose))),
        expected,
        JSON.stringify(compose),
      )
  })

  it('what cannot be worked out is refused, and told why', async () => {
    const { house, reader, keep } = await openWood()
    await using _ = house
    await keep(valueSet('urn:test:a', { include: [{ valueSet: ['urn:test:b'] }] }))
    await keep(valueSet('urn:test:b', { include: [{ system: TREE }, { valueSet: ['urn:test:a'] }] }))
    const circle = await reader.get('/fhir/R4/ValueSet/$expand?url=urn:test:a')
    assert.equal(circle.status, 422)
    assert.match(detailOf(circle), /made of itself: urn:test:a/)
    const asked = (include: object) => expandThis(reader, valueSet('urn:test:it', { include: [include] }))
    assert.match(detailOf(await asked({ valueSet: ['urn:test:none'] })), /not kept here: urn:test:none/)
    assert.match(detailOf(await asked({ system: 'urn:test:none' })), /not kept here: urn:test:none/)
    const regex = { property: 'code', op: 'regex', value: '(a+)+$' }
    assert.match(detailOf(await asked({ system: TREE, filter: [regex] })), /operator that is not answered/)
    assert.equal((await asked({ filter: [regex] })).status, 400, 'is no valid ValueSet')
    for (const query of ['', '?url=', '?count=-1&url=x', '?url=urn:test:a&activeOnly=true', '?url=a%00b'])
      assert.equal((await reader.get(`/fhir/R4/ValueSet/$expand${query}`)).status, 400, query)
    assert.equal((await reader.post('/fhir/R4/ValueSet/$expand', { resourceType: 'ValueSet' })).status, 400)
  })

  it('more than 10,000 codes are not listed at once, but found and checked', async () => {
    const house = await openTestHouse(everything, { env: { BODY_LIMIT_BYTES: '4000000' } })
    await using _ = house
    const admin = await house.signedIn({ roles: ['administrator'] })
    const many = Array.from({ length: 10_001 }, (_, n) => ({ code: `c${n}`, display: `Concept ${n}` }))
    const made = await admin.post('/fhir/R4/CodeSystem', { ...trees, url: 'urn:test:many', concept: many })
    assert.equal(made.status, 201, detailOf(made))
    await admin.post('/fhir/R4/ValueSet', valueSet('urn:test:many-set', { include: [{ system: 'urn:test:many' }] }))
    const url = '/fhir/R4/ValueSet/$expand?url=urn:test:many-set'
    assert.equal((await admin.get(url)).status, 422)
    assert.deepEqual(codes(await admin.get(`${url}&filter=concept%2010000`)), ['c10000'])
    const checked = `/fhir/R4/ValueSet/$validate-code?url=urn:test:many-set&system=urn:test:many&code=c10000`
    assert.equal(valueIn(await admin.get(checked), 'result'), true)
    const found = (code: string) => admin.get(`/fhir/R4/CodeSystem?code=${code}&_total=accurate&_elements=url`)
    assert.deepEqual([(await found('c9999')).body.total, (await found('c10000')).body.total], [1, 0])
  })
})

const is = (op: string, value: string) => ({ property: 'concept', op, value })

describe('/fhir/R4/ValueSet/$validate-code', () => {
  it('says whether a code, a coding or one of several is in it, and is called so', async () => {
    const { house, reader, keep } = await openWood()
    await using _ = house
    const id = await keep(
      valueSet('urn:test:oaks', {
        include: [{ system: TREE, filter: [is('is-a', 'broadleaved')] }],
        exclude: [{ system: TREE, concept: [{ code: 'red-oak' }] }],
      }),
    )
    const result = async (query: string) =>
      valueIn(await reader.get(`/fhir/R4/ValueSet/$validate-code?url=urn:test:oaks&${query}`), 'result')
    assert.equal(await result(`system=${TREE}&code=oak`), true)
    assert.equal(await result('code=oak'), true, 'in any system')
    assert.equal(await result(`system=${TREE}&code=red-oak`), false)
    assert.equal(await result(`system=${TREE}&code=fir`), false)
    assert.equal(await result('system=urn:other&code=oak'), false)
    assert.equal(await result(`system=${TREE}&code=oak&display=oak`), true)
    assert.equal(await result(`system=${TREE}&code=beech&display=Hêtre`), true)
    const misnamed = await reader.get(`/fhir/R4/ValueSet/${id}/$validate-code?system=${TREE}&code=oak&display=Fir`)
    assert.deepEqual([valueIn(misnamed, 'result'), valueIn(misnamed, 'display')], [false, 'Oak'])
    const concept = (...coding: object[]) =>
      reader.post(`/fhir/R4/ValueSet/${id}/$validate-code`, {
        resourceType: 'Parameters',
        parameter: [{ name: 'codeableConcept', valueCodeableConcept: { coding } }],
      })
    assert.equal(valueIn(await concept({ system: TREE, code: 'fir' }, { system: TREE, code: 'oak' }), 'result'), true)
    assert.equal(valueIn(await concept({ system: TREE, code: 'fir' }), 'result'), false)
    assert.equal((await concept({ display: 'no code' })).status, 400)
    assert.equal((await reader.get('/fhir/R4/ValueSet/$validate-code?url=urn:test:oaks')).status, 400)
    assert.equal((await reader.get('/fhir/R4/ValueSet/$validate-code?url=urn:none&code=a')).status, 404)
  })
})

describe('/fhir/R4/CodeSystem', () => {
  it('$validate-code says whether a code is one of it', async () => {
    const { house, reader, system } = await openWood()
    await using _ = house
    const result = async (query: string) => valueIn(await reader.get(`/fhir/R4/CodeSystem/${query}`), 'result')
    assert.equal(await result(`$validate-code?url=${TREE}&code=fir`), true)
    assert.equal(await result(`$validate-code?url=${TREE}&code=palm`), false)
    assert.equal(await result(`${system}/$validate-code?code=fir&display=Larch`), false)
    assert.equal(await result('$validate-code?url=http://hl7.org/fhir/issue-type&code=value'), true)
  })

  it('$lookup says how a code is called, and what is said of it', async () => {
    const { house, reader } = await openWood()
    await using _ = house
    const ask = (query: string) => reader.get(`/fhir/R4/CodeSystem/$lookup?${query}`)
    const larch = await ask(`system=${TREE}&code=larch`)
    assert.deepEqual(
      [valueIn(larch, 'name'), valueIn(larch, 'version'), valueIn(larch, 'display')],
      ['Trees', '1', 'Larch'],
    )
    const parts = larch.body.parameter.filter(({ name }: { name: string }) => name === 'property')
    assert.deepEqual(
      parts.map(({ part }: { part: object[] }) => part),
      [
        [
          { name: 'code', valueCode: 'parent' },
          { name: 'value', valueCode: 'conifer' },
        ],
        [
          { name: 'code', valueCode: 'sheds' },
          { name: 'value', valueBoolean: true },
        ],
      ],
    )
    const only = await ask(`system=${TREE}&code=larch&property=sheds`)
    assert.equal(only.body.parameter.length, 4)
    const beech = await ask(`system=${TREE}|1&code=beech`)
    const { part } = beech.body.parameter.find(({ name }: { name: string }) => name === 'designation')
    assert.deepEqual(part, [
      { name: 'language', valueCode: 'fr' },
      { name: 'value', valueString: 'Hêtre' },
    ])
    assert.equal(valueIn(await ask('system=http://hl7.org/fhir/administrative-gender&code=male'), 'display'), 'Male')
    for (const query of [`system=${TREE}&code=palm`, 'system=urn:none&code=a', `system=${TREE}&version=2&code=fir`])
      assert.equal((await ask(query)).status, 404, query)
    assert.equal((await ask('code=fir')).status, 400)
    assert.equal((await house.anonymous.get(`/fhir/R4/CodeSystem/$lookup?system=${TREE}&code=fir`)).status, 401)
  })

  it('$subsumes says which of two codes is above the other', async () => {
    const { house, reader, system } = await openWood()
    await using _ = house
    const outcome = async (codeA: string, codeB: string) =>
      valueIn(await reader.get(`/fhir/R4/CodeSystem/$subsumes?system=${TREE}&codeA=${codeA}&codeB=${codeB}`), 'outcome')
    assert.equal(await outcome('broadleaved', 'red-oak'), 'subsumes')
    assert.equal(await outcome('red-oak', 'oak'), 'subsumed-by')
    assert.equal(await outcome('fir', 'larch'), 'not-subsumed')
    assert.equal(await outcome('fir', 'fir'), 'equivalent')
    const coding = (name: string, code: string, system = TREE) => ({ name, valueCoding: { system, code } })
    const ask = (parameter: object[], id = '') =>
      reader.post(`/fhir/R4/CodeSystem/${id}$subsumes`, { resourceType: 'Parameters', parameter })
    assert.equal(valueIn(await ask([coding('codingA', 'conifer'), coding('codingB', 'fir')]), 'outcome'), 'subsumes')
    const here = await ask([coding('codingA', 'conifer'), coding('codingB', 'fir')], `${system}/`)
    assert.equal(valueIn(here, 'outcome'), 'subsumes')
    assert.equal((await ask([coding('codingA', 'fir'), coding('codingB', 'a', 'urn:other')])).status, 400)
    assert.equal((await reader.get(`/fhir/R4/CodeSystem/$subsumes?system=${TREE}&codeA=fir&codeB=palm`)).status, 404)
  })
})

describe('GET /fhir/R4/Observation?code:in=…', () => {
  it('finds by value sets and by hierarchies', async () => {
    const { house, keep } = await openWood()
    await using _ = house
    await keep(valueSet('urn:test:oaks', { include: [{ system: TREE, filter: [is('is-a', 'oak')] }] }))
    await keep(valueSet('urn:test:lost', { include: [{ system: 'urn:test:none' }] }))
    const { doctor, ask } = await openWard(house)
    for (const code of ['oak', 'red-oak', 'beech', 'fir']) await doctor.saw(code)
    assert.deepEqual(await ask('code:in=urn:test:oaks'), ['oak', 'red-oak'])
    assert.deepEqual(await ask('code:not-in=urn:test:oaks'), ['beech', 'fir'])
    assert.deepEqual(await ask(`code:below=${TREE}|broadleaved`), ['beech', 'oak', 'red-oak'])
    assert.deepEqual(await ask(`code:below=${TREE}|oak,${TREE}|fir`), ['fir', 'oak', 'red-oak'])
    assert.deepEqual(await ask(`code:above=${TREE}|red-oak`), ['oak', 'red-oak'])
    assert.deepEqual(await ask('status:in=http://hl7.org/fhir/ValueSet/observation-status&code=fir'), ['fir'])
    assert.deepEqual(await ask('_filter=code in "urn:test:oaks"'), ['oak', 'red-oak'])
    const { body } = await doctor.get(`/fhir/R4/Observation?code=${TREE}|fir`)
    assert.deepEqual(await ask(`_id:not=${body.entry[0].resource.id}`), ['beech', 'oak', 'red-oak'])
    const twice = await doctor.delete('/fhir/R4/Observation?code:in=urn:test:oaks')
    assert.equal(twice.status, 412, 'a condition understands it too, and finds two')
    const refused = async (query: string) => detailOf(await doctor.get(`/fhir/R4/Observation?${query}`))
    assert.match(await refused('code:in=urn:test:none'), /value set that is not kept here/)
    assert.match(await refused('code:in=urn:test:lost'), /not kept here: urn:test:none/)
    assert.match(await refused('code:below=oak'), /must be system\|code/)
    assert.match(await refused(`code:below=${TREE}|palm`), /code that its code system does not have/)
  })

  it('a value set of more than 1,000 codes is refused', async () => {
    const { house, keep } = await openWood()
    await using _ = house
    const listed = Array.from({ length: 1_001 }, (_, n) => ({ code: `c${n}` }))
    await keep(valueSet('urn:test:some', { include: [{ system: 'urn:test:x', concept: listed.slice(1) }] }))
    await keep(valueSet('urn:test:many', { include: [{ system: 'urn:test:x', concept: listed }] }))
    const { doctor, ask } = await openWard(house)
    assert.deepEqual(await ask('code:in=urn:test:some'), [])
    const refused = await doctor.get('/fhir/R4/Observation?code:in=urn:test:many')
    assert.equal(refused.status, 400)
    assert.match(detailOf(refused), /more than 1000 codes/)
  })
})

/** A practitioner who treats a patient, and writes what they saw. */
async function openWard(house: TestHouse) {
  const { patient } = await newPatient(house)
  const doctor = await house.signedIn({ roles: ['practitioner'] })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1::uuid, 'treatment', 'Patient', $2, '{see-record}', '2030-01-01Z'), (gen_random_uuid(), $1::uuid, 'licence', 'Practitioner', $1::uuid, '{}', '2030-01-01Z')`,
    [doctor.account, patient],
  )
  const saw = async (code: string) => {
    const made = await doctor.post('/fhir/R4/Observation', {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: TREE, code }] },
      subject: { reference: `Patient/${patient}` },
    })
    assert.equal(made.status, 201, JSON.stringify(made.body))
  }
  const ask = async (query: string): Promise<string[]> => {
    const { status, body } = await doctor.get(`/fhir/R4/Observation?${query}`)
    assert.equal(status, 200, JSON.stringify(body))
    type Entry = { resource: { code: { coding: { code: string }[] } } }
    return (body.entry ?? []).map(({ resource }: Entry) => resource.code.coding[0]?.code).sort()
  }
  return { doctor: { ...doctor, saw }, ask }
}
