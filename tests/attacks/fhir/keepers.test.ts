import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Answer } from '#platform/testing.ts'
import { appOf, idsIn, openWard, storeOf } from './ward.ts'

const told = ({ status, body }: Answer) => `${status} ${JSON.stringify(body)}`
const ZONE = { url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Africa/Accra' }
const somebody = (id: string, more: object = {}) => ({
  ...{ resourceType: 'Patient', id, name: [{ text: 'Saba Tesfaye' }], birthDate: '1987-06-05', extension: [ZONE] },
  ...more,
})
const SSN = { system: 'http://hl7.org/fhir/sid/us-ssn' }
const trust = { resourceType: 'Organization', name: 'Mine', address: [{ city: 'Port Selam', country: 'GH' }] }

describe('/fhir/R4: writing who and what there is', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house } = ward
  const [ann, ben] = [await registered(), await registered()]
  async function registered() {
    const who = await house.signedIn()
    const { id: _, ...sent } = somebody('')
    const answer = await who.post('/fhir/R4/Patient', sent)
    assert.equal(answer.status, 201, told(answer))
    return { ...who, patient: answer.body.id as string }
  }
  const url = (id: string) => `/fhir/R4/Patient/${id}`
  const rowsOf = async () =>
    (
      await house.owner.query(
        'select p.*, s.resource from registry.patient p left join registry.said s using (id) order by id',
      )
    ).rows

  it('a token that is bound to one patient changes that one, and makes nobody', async () => {
    const bound = await appOf(house, ann, ['patient/*.cruds'], ann.patient)
    const changed = await bound.put(url(ann.patient), somebody(ann.patient, { maritalStatus: { text: 'Married' } }))
    assert.equal(changed.status, 200, told(changed))
    const before = [await rowsOf(), await storeOf(house)]
    assert.equal((await bound.put(url(ben.patient), somebody(ben.patient))).status, 404)
    assert.equal((await bound.put(url(newId()), somebody(newId()))).status, 400)
    const own = newId()
    assert.equal((await bound.put(url(own), somebody(own))).status, 404)
    const { id: _, ...anybody } = somebody('')
    assert.equal((await bound.post('/fhir/R4/Patient', anybody)).status, 403)
    assert.equal((await bound.post('/fhir/R4/Organization', trust)).status, 403)
    assert.deepEqual([await rowsOf(), await storeOf(house)], before)
  })

  it('a scope that is for another type, for reading, or narrowed to a search opens none of it', async () => {
    const before = await rowsOf()
    for (const scope of [
      'user/Observation.cruds',
      'user/Patient.rs',
      'user/Patient.cruds?gender=female',
      'patient/Patient.c',
    ]) {
      const app = await appOf(house, ann, [scope], ann.patient)
      assert.equal((await app.put(url(ann.patient), somebody(ann.patient))).status, 403, scope)
      const patch = await app.patch(url(ann.patient), [], { 'content-type': 'application/json-patch+json' })
      assert.equal(patch.status, 403, scope)
      const entry = [{ resource: somebody(ann.patient), request: { method: 'PUT', url: `Patient/${ann.patient}` } }]
      assert.equal(
        (await app.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry })).status,
        403,
        scope,
      )
    }
    assert.deepEqual(await rowsOf(), before)
  })

  it('nobody becomes somebody else by what they write of themselves', async () => {
    const number = (id: string) => ({ system: 'http://openhcs.test/v1/patients', value: id })
    const sent = somebody(ann.patient, {
      identifier: [number(ben.patient)],
      link: [{ other: { reference: `Patient/${ben.patient}` }, type: 'seealso' }],
    })
    const answer = await ann.put(url(ann.patient), sent)
    assert.equal(answer.status, 200, told(answer))
    assert.deepEqual(answer.body.identifier, [number(ann.patient)])
    assert.deepEqual(idsIn(await ben.get(`/fhir/R4/Patient?identifier=${ben.patient}`)), [ben.patient])
    assert.equal((await ann.get(url(ben.patient))).status, 404)
    assert.deepEqual(idsIn(await ben.get('/fhir/R4/Patient')), [ben.patient])
    assert.deepEqual(idsIn(await ben.get(`/fhir/R4/Patient/${ben.patient}/$everything`)), [ben.patient])
    for (const type of ['replaces', 'replaced-by']) {
      const merged = { link: [{ other: { reference: `Patient/${ben.patient}` }, type }] }
      assert.equal((await ann.put(url(ann.patient), somebody(ann.patient, merged))).status, 422)
    }
    const at = { managingOrganization: { reference: `Organization/${newId()}` } }
    assert.equal((await ann.put(url(ann.patient), somebody(ann.patient, at))).status, 422)
  })

  it('what is hostile is refused, or kept as it is, and nothing is half done', async () => {
    const before = [await rowsOf(), await storeOf(house)]
    const deep = (n: number): object =>
      n === 0 ? { url: 'http://a', valueString: 'b' } : { url: 'http://a', extension: [deep(n - 1)] }
    const hostile: object[] = [
      { name: [{ text: 'x'.repeat(301) }] },
      { name: [{ text: 'Saba\u0007' }] },
      { name: [{ text: ' ' }] },
      { birthDate: '0001-01-01' },
      { birthDate: '9999-12-31' },
      { extension: [{ ...ZONE, valueCode: 'Mars/Olympus' }] },
      { extension: [ZONE, deep(200)] },
      { gender: "female'; drop table registry.patient" },
      { identifier: [{ system: 'http://hl7.org/fhir/sid/us-ssn', value: 'x'.repeat(65) }] },
      {
        contained: [{ resourceType: 'Patient', id: 'x', identifier: [{ ...SSN, value: '078-05-1120' }] }],
        link: [{ other: { reference: '#x' }, type: 'seealso' }],
      },
      { __proto__x: 1 },
    ]
    for (const more of hostile) {
      const answer = await ann.put(url(ann.patient), somebody(ann.patient, more))
      assert.ok(answer.status === 400 || answer.status === 422, `${JSON.stringify(more).slice(0, 80)}: ${told(answer)}`)
    }
    assert.deepEqual([await rowsOf(), await storeOf(house)], before)
    const strange = {
      name: [{ text: '<script>alert(1)</script> ` \u202e' }],
      telecom: [{ system: 'phone', value: '+1;ext=5' }],
    }
    const kept = await ann.put(url(ann.patient), somebody(ann.patient, strange))
    assert.deepEqual([kept.status, kept.body.name, kept.body.telecom], [200, strange.name, strange.telecom], told(kept))
  })

  it('an id that is somebody’s in another role is nobody else’s: what is theirs stays theirs alone', async () => {
    const grants = async () =>
      (await house.owner.query('select account_id, subject_id from platform.access_grant order by id')).rows
    const [before, people] = [await grants(), await rowsOf()]
    const profile = (id: string) => ({ resourceType: 'Practitioner', id, name: [{ text: 'Dr Eve' }] })
    const taken = await ann.put(`/fhir/R4/Practitioner/${ben.patient}`, profile(ben.patient))
    const seen = await ann.get(url(ben.patient))
    assert.deepEqual([taken.status, seen.status], [404, 404], told(taken))
    const { id: _, ...sent } = profile('')
    const doctor = await ben.post('/fhir/R4/Practitioner', sent)
    assert.equal(doctor.status, 201, told(doctor))
    const mal = await house.signedIn()
    const patient = await mal.put(url(doctor.body.id), somebody(doctor.body.id))
    assert.equal(patient.status, 404, told(patient))
    const both = newId()
    const entry = [profile(both), somebody(both)].map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${both}` },
    }))
    assert.equal((await mal.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry })).status, 404)
    assert.deepEqual([(await grants()).length, await rowsOf()], [before.length + 1, people])
  })

  it('who is there and is not one’s own is told of by as many statements as who is not there', async () => {
    const refusal = (id: string) =>
      house.cost(async () => assert.equal((await ann.put(url(id), somebody(id))).status, 404))
    await refusal(newId())
    const [there, not] = [await refusal(ben.patient), await refusal(newId())]
    assert.deepEqual([there.statements, there.trips], [not.statements, not.trips])
  })

  it('of a practitioner who has been erased nobody writes anything any more', async () => {
    const administrator = await house.signedIn({ roles: ['administrator'] })
    const gone = await house.signedIn()
    const profile = { resourceType: 'Practitioner', name: [{ text: 'Dr Gone' }] }
    const { id } = (await gone.post('/fhir/R4/Practitioner', profile)).body
    const at = '2031-01-01'
    await house.owner.query(
      `update registry.practitioner set erased_at = $2, name = 'Erased person', account_id = null where id = $1`,
      [id, at],
    )
    const before = (await house.owner.query('select * from registry.practitioner order by id')).rows
    const byFhir = await administrator.put(`/fhir/R4/Practitioner/${id}`, { ...profile, id })
    const byV1 = await administrator.patch(
      `/v1/practitioners/${id}`,
      { name: 'Dr Gone' },
      { 'if-match': `"${before.find((one) => one.id === id)?.version}"` },
    )
    assert.deepEqual([byFhir.status, byV1.status], [404, 404], told(byV1))
    assert.deepEqual((await house.owner.query('select * from registry.practitioner order by id')).rows, before)
  })

  it('an outsider, in any role, changes nobody and makes nothing', async () => {
    const before = [await rowsOf(), await storeOf(house)]
    for (const role of ['practitioner', 'administrator'] as const) {
      const who = await house.signedIn({ roles: [role] })
      assert.equal((await who.put(url(ann.patient), somebody(ann.patient))).status, 404, role)
      if (role !== 'administrator') assert.equal((await who.post('/fhir/R4/Organization', trust)).status, 403, role)
    }
    assert.equal((await house.anonymous.put(url(ann.patient), somebody(ann.patient))).status, 401)
    assert.equal((await house.anonymous.post('/fhir/R4/Patient', somebody(ann.patient))).status, 401)
    assert.equal((await house.anonymous.delete(url(ann.patient))).status, 401)
    assert.deepEqual([await rowsOf(), await storeOf(house)], before)
  })
})
