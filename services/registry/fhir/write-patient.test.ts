import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Answer, Client } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { aPatient, openRegistry, version } from '../testing.ts'

const ZONE = { url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Africa/Addis_Ababa' }

/** As another system sends somebody, with much that no column holds. */
const someone = (more: object = {}) => ({
  resourceType: 'Patient',
  meta: { profile: ['http://example.org/fhir/StructureDefinition/fictional'] },
  extension: [{ url: 'http://example.org/fhir/extension/clan', valueString: 'Fictional' }, ZONE],
  identifier: [{ system: 'http://example.org/hospital', value: 'H-4217' }],
  name: [
    { use: 'maiden', family: 'Alemu', given: ['Saba'] },
    { use: 'official', family: 'Tesfaye', given: ['Saba', 'Hanna'] },
  ],
  telecom: [
    { system: 'phone', value: '555 0123', use: 'old' },
    { system: 'phone', value: '+251 91 123 4567', use: 'mobile' },
    { system: 'email', value: 'saba@example.org' },
  ],
  gender: 'female',
  birthDate: '1987-06-05',
  _birthDate: {
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1987-06-05T04:00:00+03:00' },
    ],
  },
  address: [{ line: ['3 Quay Street'], city: 'Port Selam', country: 'ET' }],
  maritalStatus: { text: 'Married' },
  multipleBirthInteger: 2,
  contact: [{ relationship: [{ text: 'Mother' }], name: { text: 'Hana' } }],
  communication: [
    { language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] } },
    { language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'am' }] }, preferred: true },
  ],
  generalPractitioner: [{ display: 'Dr Fictional' }],
  ...more,
})

const SSN = { system: 'http://hl7.org/fhir/sid/us-ssn', value: '999-55-1234' }

const told = ({ status, body }: Answer) => `${status} ${JSON.stringify(body)}`

async function made(who: Client, body: object, headers?: Record<string, string>): Promise<string> {
  const answer = await who.post('/fhir/R4/Patient', body, headers)
  assert.equal(answer.status, 201, told(answer))
  return answer.body.id
}

async function openDesk() {
  const registry = await openRegistry({}, everything)
  const administrator = await registry.administrator()
  const trust = { name: 'Harbour Health Trust', city: 'Port Selam', country: 'ET' }
  const { body } = await administrator.post('/v1/organisations', trust)
  const organisation = body.id as string
  const desk = await registry.house.signedIn({ desk: { organisation, function: 'desk' } })
  const at = { managingOrganization: { reference: `Organization/${organisation}` } }
  return { registry, house: registry.house, administrator, organisation, desk, at }
}

async function openSelf() {
  const registry = await openRegistry({}, everything)
  const saba = await registry.house.signedIn()
  const id = await made(saba, someone())
  return { registry, house: registry.house, saba, id, url: `/fhir/R4/Patient/${id}` }
}

/** A change of the columns that /v1 has, and its words for them. */
const inV1 = async (who: Client, id: string) => {
  const { status, body } = await who.get(`/v1/patients/${id}`)
  assert.equal(status, 200)
  return body
}

const jsonPatch = { 'content-type': 'application/json-patch+json' }

describe('POST /fhir/R4/Patient', () => {
  it('makes one’s own profile, as POST /v1/patients does, and keeps all that was said', async () => {
    const { house, saba, id, url } = await openSelf()
    const { body } = await saba.get(url)
    const { id: _id, meta, identifier, active, ...rest } = body
    const { meta: sentMeta, identifier: sentIdentifier, ...sent } = someone()
    assert.deepEqual(rest, sent)
    assert.deepEqual(meta.profile, sentMeta.profile)
    assert.deepEqual(identifier, [{ system: 'http://openhcs.test/v1/patients', value: id }, ...sentIdentifier])
    assert.equal(active, true)
    const { version: _, ...facts } = await inV1(saba, id)
    const reach = { phone: '+251911234567', email: 'saba@example.org' }
    assert.deepEqual(facts, {
      ...{ id, name: 'Saba Hanna Tesfaye', birthDate: '1987-06-05', gender: 'female', ...reach },
      ...{ language: 'am', zone: 'Africa/Addis_Ababa', active: true },
    })
    for (const query of ['family=tesfaye', 'given=hanna', 'family=alemu', 'address-city=port', 'identifier=H-4217'])
      assert.equal((await saba.get(`/fhir/R4/Patient?${query}`)).body.entry?.length, 1, query)
    const { rows } = await house.owner.query(
      `select action, relationship from platform.audit_event where entity = $1 and action = 'C'`,
      [`Patient/${id}`],
    )
    assert.deepEqual(rows, [{ action: 'C', relationship: 'self' }])
    assert.equal((await saba.post('/fhir/R4/Patient', someone())).status, 409)
  })

  it('asks for what cannot be done without, at its place', async () => {
    const { house } = await openSelf()
    const newcomer = await house.signedIn()
    const { extension: _, ...nowhere } = someone()
    const wrong: [object, string][] = [
      [nowhere, 'Patient.extension'],
      [someone({ birthDate: '1987' }), 'Patient.birthDate'],
      [someone({ birthDate: undefined }), 'Patient.birthDate'],
      [someone({ birthDate: '2099-01-01' }), 'Patient.birthDate'],
      [someone({ name: undefined }), 'Patient.name'],
      [someone({ identifier: [{ ...SSN, value: '99-9' }] }), 'Patient.identifier[0]'],
      [someone({ identifier: [{ type: { coding: [{ code: 'MB' }] }, value: 'M-4217-99' }] }), 'Patient.identifier[0]'],
      [someone({ link: [{ other: { reference: `Patient/${newId()}` }, type: 'replaces' }] }), 'Patient.link'],
    ]
    for (const [body, place] of wrong) {
      const answer = await newcomer.post('/fhir/R4/Patient', body)
      assert.ok(answer.status === 422 || answer.status === 400, told(answer))
      assert.deepEqual(answer.body.issue[1].expression, [place], told(answer))
      assert.ok(!/99-9|4217-99/.test(JSON.stringify(answer.body.issue)), told(answer))
    }
    assert.equal((await house.owner.query('select from registry.patient')).rowCount, 1)
  })

  it('seals numbers of states, taxes and insurers as claims, once, and shows them nowhere', async () => {
    const { house } = await openSelf()
    const saba = await house.signedIn()
    const tax = {
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'TAX' }] },
      value: 'TIN-0099-12',
    }
    const body = someone({ identifier: [...someone().identifier, SSN, tax] })
    const id = await made(saba, body)
    const url = `/fhir/R4/Patient/${id}`
    assert.equal((await saba.put(url, { ...body, id })).status, 200)
    const numbers = await saba.get(`/v1/patients/${id}/identifiers`)
    assert.deepEqual(
      numbers.body.items.map(({ kind, country, last, verified }: Record<string, unknown>) => [
        kind,
        country,
        last,
        verified,
      ]),
      [
        ['national', 'US', '1234', false],
        ['tax', 'ET', '9912', false],
      ],
    )
    assert.equal((await saba.get(url)).body.identifier.length, 2)
    const everywhere = `select resource from registry.said union all select body from platform.fhir_resource union all select body from platform.fhir_past`
    assert.ok(!/999-55|TIN-00/.test(JSON.stringify((await house.owner.query(everywhere)).rows)))
  })

  it('at a desk registers at its organisation, and nowhere else', async () => {
    const { registry, house, desk, at, organisation } = await openDesk()
    const place = { address: '1 Quay Road', city: 'Port Selam', country: 'ET', latitude: 9, longitude: 38 }
    const { extension: _, ...body } = someone(at)
    const answer = await desk.post('/fhir/R4/Patient', body)
    assert.deepEqual([answer.status, answer.body.issue?.[1].expression], [422, ['Patient.extension']], told(answer))
    const clinic = { name: 'Clinic', ...place, zone: 'Africa/Nairobi', organisation }
    assert.equal((await (await registry.administrator()).post('/v1/places', clinic)).status, 201)
    const id = await made(desk, body)
    assert.equal((await inV1(desk, id)).zone, 'Africa/Nairobi')
    const other = await house.signedIn({ desk: { organisation: newId(), function: 'desk' } })
    for (const [who, what] of [
      [other, someone(at)],
      [desk, someone()],
      [await house.signedIn({ roles: ['practitioner'] }), someone()],
      [await house.signedIn({ roles: ['practitioner'] }), someone(at)],
      [await registry.administrator(), someone(at)],
      [await house.signedIn(), someone(at)],
    ] as const) {
      const refused = await who.post('/fhir/R4/Patient', what)
      assert.deepEqual([refused.status, refused.body.issue[1].expression], [422, ['Patient.managingOrganization']])
    }
    assert.equal((await house.owner.query('select from registry.patient')).rowCount, 1)
  })
})

describe('PUT and PATCH /fhir/R4/Patient/:id', () => {
  it('change what /v1 changes, and the rest; what is no longer said is gone', async () => {
    const { saba, id, url } = await openSelf()
    const { address: _, ...without } = someone({ id, telecom: undefined, maritalStatus: { text: 'Widowed' } })
    const answer = await saba.put(url, without, { 'if-match': 'W/"1"' })
    assert.equal(answer.status, 200, told(answer))
    assert.equal(answer.headers.etag, 'W/"2"')
    const { body } = await saba.get(url)
    assert.deepEqual([body.address, body.telecom, body.maritalStatus.text], [undefined, undefined, 'Widowed'])
    const facts = await inV1(saba, id)
    assert.deepEqual([facts.phone, facts.email, facts.version], [undefined, undefined, 2])
    const patch = [{ op: 'replace', path: '/name/1/family', value: 'Bekele' }]
    const patched = await saba.patch(url, patch, jsonPatch)
    assert.equal(patched.status, 200, told(patched))
    assert.equal((await inV1(saba, id)).name, 'Saba Hanna Bekele')
    assert.equal((await saba.put(url, without, { 'if-match': 'W/"2"' })).status, 412)
    assert.equal((await saba.get(`${url}/_history`)).body.entry.length, 3)
  })

  it('what /v1 changes shows, and the rest stays', async () => {
    const { saba, id, url } = await openSelf()
    const change = { name: 'Saba Bekele', phone: null, language: 'fr', zone: 'Africa/Nairobi' }
    assert.equal((await saba.patch(`/v1/patients/${id}`, change, version(1))).status, 200)
    const { body } = await saba.get(url)
    assert.deepEqual(body.name, [{ use: 'maiden', family: 'Alemu', given: ['Saba'] }, { text: 'Saba Bekele' }])
    assert.deepEqual(body.telecom, [someone().telecom[0], someone().telecom[2]])
    assert.deepEqual(
      body.communication.map((one: { preferred?: boolean; language: { coding: { code: string }[] } }) => [
        one.language.coding[0]?.code,
        one.preferred,
      ]),
      [
        ['en', undefined],
        ['fr', true],
      ],
    )
    assert.deepEqual(body.extension[1].valueCode, 'Africa/Nairobi')
    assert.deepEqual([body.maritalStatus.text, body.address[0].city], ['Married', 'Port Selam'])
    // And what was read goes back as it came.
    const again = await saba.put(url, body)
    assert.deepEqual([again.status, again.headers.etag], [200, 'W/"2"'], told(again))
  })

  it('under an id of the client’s own, which must be a UUID', async () => {
    const { house } = await openSelf()
    const newcomer = await house.signedIn()
    const id = newId()
    assert.equal((await newcomer.put('/fhir/R4/Patient/h-4217', someone({ id: 'h-4217' }))).status, 422)
    const answer = await newcomer.put(`/fhir/R4/Patient/${id}`, someone({ id }))
    assert.deepEqual(
      [answer.status, answer.headers.location],
      [201, `http://openhcs.test/fhir/R4/Patient/${id}/_history/1`],
    )
    assert.equal((await inV1(newcomer, id)).id, id)
  })

  it('of whom one may not see are as though nobody were there, and leave no trace', async () => {
    const { registry, house, saba, id, url } = await openSelf()
    const { desk, clerkless } = {
      desk: await house.signedIn({ desk: { organisation: newId(), function: 'desk' } }),
      clerkless: await registry.patient(),
    }
    const doctor = await house.signedIn({ roles: ['practitioner'], self: { practitioner: newId() } })
    const other = newId()
    for (const who of [clerkless, doctor, await registry.administrator()])
      for (const wanted of [id, other]) {
        const answer = await who.put(`/fhir/R4/Patient/${wanted}`, someone({ id: wanted }))
        const nobody = await who.patch(`/fhir/R4/Patient/${wanted}`, [], jsonPatch)
        assert.deepEqual(
          [answer.status, answer.body.issue?.[0].diagnostics, answer.body.issue?.length, nobody.status],
          [404, 'There is no such resource, or you may not see it.', 1, 404],
          told(answer),
        )
      }
    assert.equal((await desk.put(url, someone({ id }))).status, 404)
    assert.deepEqual((await saba.get(url)).body.meta.versionId, '1')
    assert.equal((await house.owner.query('select from registry.patient where id = $1', [other])).rowCount, 0)
    assert.equal((await house.anonymous.put(url, someone({ id }))).status, 401)
  })

  it('a desk changes whom it keeps, until they sign in themselves', async () => {
    const { house, desk, at } = await openDesk()
    const id = await made(desk, someone(at))
    const url = `/fhir/R4/Patient/${id}`
    const answer = await desk.put(url, someone({ ...at, id, gender: 'other' }), { 'if-match': 'W/"1"' })
    assert.deepEqual([answer.status, answer.body.gender, answer.headers.etag], [200, 'other', 'W/"2"'], told(answer))
    assert.equal((await desk.put(url, someone({ ...at, id }), { 'if-match': 'W/"1"' })).status, 412)
    const numbered = await desk.put(url, someone({ ...at, id, identifier: [SSN] }))
    assert.deepEqual([numbered.status, numbered.body.issue[1].expression], [422, ['Patient.identifier[0]']])
    const elsewhere = { managingOrganization: { reference: `Organization/${newId()}` } }
    const moved = await desk.put(url, someone({ ...elsewhere, id }))
    assert.deepEqual([moved.status, moved.body.issue[1].expression], [422, ['Patient.managingOrganization']])
    const claim = await desk.post(`/v1/patients/${id}/claim-code`)
    const saba = await house.signedIn()
    const claimed = await saba.post('/v1/claims', { code: claim.body.code, birthDate: '1987-06-05' })
    assert.equal(claimed.status, 200, told(claimed))
    assert.equal((await desk.put(url, someone({ ...at, id }))).status, 404)
    assert.equal((await saba.put(url, someone({ id }))).status, 200)
  })

  it('of two at once that ask for a version one is refused, and of two that do not the later one counts', async () => {
    const { registry, saba, id, url } = await openSelf()
    const lock = 'select from registry.patient where id = $1 for update'
    const write = (n: number, headers?: Record<string, string>) => () =>
      saba.put(url, someone({ id, multipleBirthInteger: n }), headers)
    const waiting = registry.together
    const strict = await waiting(lock, id, [write(1, { 'if-match': 'W/"1"' }), write(3, { 'if-match': 'W/"1"' })])
    assert.deepEqual(strict.map(({ status }) => status).sort(), [200, 412])
    const lenient = await waiting(lock, id, [write(4), write(5)])
    assert.deepEqual(
      lenient.map(({ status }) => status),
      [200, 200],
    )
    assert.equal((await saba.get(url)).body.meta.versionId, '4')
  })

  it('of two at once that make the same, one does, and the other is told that it was second', async () => {
    const { house } = await openSelf()
    const newcomer = await house.signedIn()
    const id = newId()
    const put = () => newcomer.put(`/fhir/R4/Patient/${id}`, someone({ id }))
    const answers = await Promise.all([put(), put(), put()])
    // Who comes when the first has ended, and was known before that, is told that it is not theirs.
    const statuses = answers.map(({ status }) => (status === 404 ? 409 : status))
    assert.deepEqual(statuses.sort(), [201, 409, 409], answers.map(told).join())
    assert.equal((await put()).status, 200)
    const another = await house.signedIn()
    const posts = await Promise.all([0, 1].map(() => another.post('/fhir/R4/Patient', someone())))
    assert.deepEqual(posts.map(({ status }) => status).sort(), [201, 409])
  })

  it('nothing of it is left when the patient is erased', async () => {
    const { house, saba, id, url } = await openSelf()
    const { registry: service } = await import('../service.ts')
    const { system } = await import('#platform/auth.ts')
    const ctx = house.house.context('registry', { actor: system, traceId: 'test', doing: 'test' })
    await service.erase?.(ctx as never, { account: saba.account, patient: id, names: [] })
    assert.notEqual((await saba.get(url)).status, 200)
    const left = `select from registry.said union all select from platform.fhir_resource where type = 'Patient'`
    assert.equal((await house.owner.query(left)).rows.length, 0)
  })

  it('is not deleted', async () => {
    const { saba, url } = await openSelf()
    const answer = await saba.delete(url)
    assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET, HEAD, PUT, PATCH'], told(answer))
    assert.match(answer.body.issue[0].diagnostics, /erasures/)
  })
})

describe('a desk that creates on a condition', () => {
  const by = (value: string) => ({ 'if-none-exist': `identifier=http://example.org/hospital|${value}` })
  const as = (value: string, more: object) =>
    someone({ identifier: [{ system: 'http://example.org/hospital', value }], ...more })

  it('finds whom it keeps, and is told as of one that it changes', async () => {
    const { house, desk, at } = await openDesk()
    const id = await made(desk, as('H-1', at), by('H-1'))
    const again = await desk.post('/fhir/R4/Patient', as('H-1', at), by('H-1'))
    assert.deepEqual([again.status, again.headers.etag, again.body.id], [200, 'W/"1"', id], told(again))
    const { rowCount } = await house.owner.query(
      "select from platform.audit_event where entity = $1 and action = 'R'",
      [`Patient/${id}`],
    )
    assert.equal(rowCount, 1)
    const search = await desk.get('/fhir/R4/Patient?identifier=http://example.org/hospital|H-1')
    assert.deepEqual([search.status, search.body.entry], [200, undefined], told(search))
  })

  it('is told nothing of what is about whom it keeps', async () => {
    const { house, organisation, at } = await openDesk()
    const who = await house.signedIn({ roles: ['practitioner'], desk: { organisation, function: 'desk' } })
    const [id, noted] = [await made(who, as('H-5', at)), newId()]
    const row = {
      ...{ place: 0, type: 'Observation', id: noted, version: 1, changed_at: '2031-03-01', method: 'POST', body: '{}' },
      ...{ about: [id], categories: ['general'], tokens: [] },
      refs: [`Observation.patient=Patient/${id}`, `Observation.$patient=${id}`],
    }
    await house.owner.query('select platform.fhir_write($1)', [JSON.stringify([row])])
    const has = (more: string) => ({ 'if-none-exist': `${by('H-5')['if-none-exist']}&${more}` })
    const again = await who.post('/fhir/R4/Patient', as('H-5', at), has('birthdate=1987-06-05'))
    assert.deepEqual([again.status, again.body.id], [200, id], told(again))
    assert.notEqual(await made(who, as('H-5', at), has(`_has:Observation:patient:_id=${noted}`)), id)
  })

  it('finds nobody who has come to sign in themselves', async () => {
    const { house, desk, at } = await openDesk()
    const id = await made(desk, as('H-4', at))
    const { code } = (await desk.post(`/v1/patients/${id}/claim-code`)).body
    const claim = { code, birthDate: someone().birthDate }
    assert.equal((await (await house.signedIn()).post('/v1/claims', claim)).status, 200)
    assert.notEqual(await made(desk, as('H-4', at), by('H-4')), id)
  })

  it('finds nobody whom another desk keeps, or who came by themselves', async () => {
    const { registry, house, desk, at, administrator } = await openDesk()
    const { body } = await administrator.post('/v1/organisations', {
      name: 'Hill Clinic',
      city: 'Port Selam',
      country: 'ET',
    })
    const other = await house.signedIn({ desk: { organisation: body.id, function: 'desk' } })
    const there = { managingOrganization: { reference: `Organization/${body.id}` } }
    const first = await made(desk, as('H-2', at))
    assert.notEqual(await made(other, as('H-2', there), by('H-2')), first)
    const saba = await registry.house.signedIn()
    const own = await made(saba, as('H-3', {}))
    assert.notEqual(await made(desk, as('H-3', at), by('H-3')), own)
  })
})

describe('what it costs', () => {
  it('to register a patient: eight statements, in two trips', async () => {
    const { house, desk, at } = await openDesk()
    await made(desk, someone(at))
    const create = await house.cost(() => made(desk, someone(at)))
    assert.deepEqual([create.statements, create.trips], [8, 2])
  })

  it('by /v1: six statements, in two trips; one’s own, seven', async () => {
    const { house, desk, organisation } = await openDesk()
    const cost = async (who: Client, url: string) => {
      const { result, statements, trips } = await house.cost(() => who.post(url, aPatient))
      assert.equal(result.status, 201, told(result))
      return [statements, trips]
    }
    await cost(desk, `/v1/organisations/${organisation}/patients`)
    assert.deepEqual(await cost(desk, `/v1/organisations/${organisation}/patients`), [6, 2])
    assert.deepEqual(await cost(await house.signedIn(), '/v1/patients'), [7, 2])
  })
})
