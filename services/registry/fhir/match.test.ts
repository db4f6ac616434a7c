import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aPatient, openRegistry } from '../testing.ts'

describe('POST /fhir/R4/Patient/$match', async () => {
  const { house, patient, administrator, rows } = await openRegistry()
  const ada = await administrator()
  const facts = { name: 'Екатерина Щербакова', birthDate: '1979-03-11', gender: 'female', phone: '+12025550147' }
  const katya = await patient(facts)
  await patient(aPatient)
  await house.work() // patients are compared once they are written
  const somebody = (more: object = {}) => ({ resourceType: 'Patient', birthDate: facts.birthDate, ...more })
  const ask = (resource: object, more: object[] = [], who = ada) =>
    who.post('/fhir/R4/Patient/$match', {
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource }, ...more],
    })
  const onlyCertain = { name: 'onlyCertainMatches', valueBoolean: true }
  const phone = { telecom: [{ system: 'phone', value: facts.phone, use: 'mobile' }] }

  it('finds who may be this person, in any script, with score and grade, and records who was shown', async () => {
    const { status, body, headers } = await ask(somebody({ name: [{ given: ['Ekaterina'], family: 'Scherbakova' }] }))
    assert.equal(status, 200)
    assert.match(String(headers['content-type']), /^application\/fhir\+json/)
    const [entry] = body.entry
    assert.equal(body.total, 1)
    assert.equal(entry.resource.id, katya.id)
    assert.deepEqual(entry.search.extension[0].valueCode, 'probable')
    assert.ok(entry.search.score > 0.99 && entry.search.score <= 1)
    const read = `select from platform.audit_event where subject = $1 and reason = 'duplicates'`
    assert.equal((await rows(read, [`Patient/${katya.id}`])).length, 1)
  })

  it('calls a match certain where name, birth date and phone of one alone are the same', async () => {
    const same = somebody({ name: [{ text: facts.name }], ...phone })
    const { body } = await ask(same, [onlyCertain])
    assert.deepEqual(
      body.entry.map(({ resource, search }: { resource: { id: string }; search: { extension: object[] } }) => [
        resource.id,
        search.extension,
      ]),
      [[katya.id, [{ url: 'http://hl7.org/fhir/StructureDefinition/match-grade', valueCode: 'certain' }]]],
    )
    const without = await ask(somebody({ name: [{ text: facts.name }] }), [onlyCertain])
    assert.deepEqual(without.body, { resourceType: 'Bundle', type: 'searchset', total: 0 })
  })

  it('passes over what it does not compare, and finds nobody where nobody is', async () => {
    const more = { maritalStatus: { text: 'Married' }, telecom: [{ system: 'phone', value: 'by the river' }] }
    const { status, body } = await ask({ ...somebody(more), birthDate: '2001-09-09', name: [{ text: 'Nobody Here' }] })
    assert.deepEqual([status, body.total], [200, 0])
  })

  it('says what is missing', async () => {
    for (const [resource, pointer] of [
      [somebody(), 'name'],
      [somebody({ name: [{}] }), 'name'],
      [{ resourceType: 'Patient', name: [{ text: facts.name }] }, 'birthDate'],
    ] as const) {
      const { status, body } = await ask(resource)
      assert.equal(status, 400)
      assert.match(JSON.stringify(body), new RegExp(pointer))
      assert.equal(body.resourceType, 'OperationOutcome')
    }
    assert.equal((await ask(somebody({ name: [{ text: facts.name }], birthDate: '1979' }))).status, 400)
  })

  it('is for administrators, who look for duplicates', async () => {
    const same = somebody({ name: [{ text: facts.name }] })
    assert.equal((await ask(same, [], katya)).status, 403)
    assert.equal((await ask(same, [], house.anonymous as never)).status, 401)
  })
})
