import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { searchParameter } from '#fhir/search-parameters.ts'
import { ownedTypes } from '#fhir/types/resource-types.ts'
import { validate } from '#fhir/validate.ts'
import { definitionTypes, ownTypes } from '#platform/access.ts'
import { newId } from '#platform/ids.ts'
import { type Answer, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { aboutPatient } from '../about-patient.ts'
import { openDirectory } from '../directory.ts'
import { checked } from '../fhir-r4.ts'
import { type LeastResource, leastResource } from '../least-resource.ts'
import { openWard } from '../ward.ts'

interface Parameter {
  name: string
  type: string
  documentation?: string
}

interface Claimed {
  type: string
  interaction?: { code: string }[]
  searchParam?: Parameter[]
  searchInclude?: string[]
  searchRevInclude?: string[]
  operation?: { name: string; definition: string }[]
  versioning?: string
}

const isOwn = (type: string) => (ownTypes as readonly string[]).includes(type)
const STRICT = { prefer: 'handling=strict' }
const FORM = 'application/x-www-form-urlencoded'
const SOME: Readonly<Record<string, string>> = {
  ...{ token: 'a', reference: '1', date: '2031', number: '1', quantity: '1', string: 'a', uri: 'http://a' },
  special: '5.55|-0.2|5|km',
}
const told = ({ status, body }: Answer) => `${status} ${JSON.stringify(body)?.slice(0, 300)}`

/** A value that the parameter can have; of a composite, one for each part. */
function valueFor(type: string, { name, type: kind, documentation = '' }: Parameter): string {
  const { components: parts, targets } = searchParameter(type, name) ?? {}
  const target = /([A-Z][A-Za-z]+)\/…/.exec(documentation)?.[1] ?? targets?.at(-1)
  if (kind === 'reference' && target) return `${target}/${newId()}`
  return kind === 'composite' && parts ? parts.map((one) => SOME[one.type]).join('$') : String(SOME[kind])
}

/** As little as registry can do with. */
function leastKept(type: string, there: Record<string, string>): LeastResource {
  const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Africa/Accra' }]
  const address = { city: 'Port Selam', country: 'GH' }
  const of: Record<string, object> = {
    Patient: { name: [{ text: 'Saba Tesfaye' }], birthDate: '1987-06-05', extension },
    Practitioner: { name: [{ text: 'Dr Okello' }] },
    PractitionerRole: { practitioner: { reference: `Practitioner/${there.Practitioner}` } },
    Organization: { name: 'Harbour', address: [address] },
    Location: {
      ...{ name: 'Harbour', address: { ...address, line: ['1 Quay Road'] }, extension },
      position: { latitude: 5.55, longitude: -0.2 },
    },
  }
  return { resourceType: type, ...of[type] }
}

/** Written by rules of their own: services/scheduling/fhir/write-visit.test.ts. */
const VISITS = ['Appointment', 'AppointmentResponse']

/** Not a word of what is claimed may be missing, so it is asked for in one house, as somebody who may. */
describe('GET /fhir/R4/metadata', async () => {
  const house = await openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '100000' } })
  after(() => house[Symbol.asyncDispose]())
  const { doctor, patient } = await openWard(house)
  const administrator = await house.signedIn({ roles: ['administrator'] })
  /** Who may write this. */
  const writing = (type: string) => ((definitionTypes as readonly string[]).includes(type) ? administrator : doctor)
  /** Of what registry keeps: people make their own, so each is another's. */
  const writingAnew = async (type: string) => {
    if (type === 'Patient' || type === 'Practitioner') return house.signedIn({ roles: ['patient'] })
    return type in there ? administrator : writing(type)
  }
  const { body: statement } = await house.anonymous.get('/fhir/R4/metadata')
  const [rest] = statement.rest
  const claimed = rest.resource as Claimed[]
  const whole = claimed.filter(({ versioning }) => versioning === 'versioned')
  const can = ({ interaction = [] }: Claimed, code: string) => interaction.some((one) => one.code === code)
  /** What follows from other rooms’ rows, by type. */
  const there = await openDirectory(house, doctor)
  const written = whole.filter((one) => can(one, 'create') && !VISITS.includes(one.type))

  /** As little as is valid, about the patient. */
  function least(type: string): LeastResource {
    const kept = type in there ? leastKept(type, there) : undefined
    if (kept) return kept
    return writing(type) === administrator || isOwn(type) ? leastResource(type) : aboutPatient(type, patient.patient)
  }
  async function made(type: string): Promise<string> {
    if (there[type] !== undefined) return there[type]
    const answer = await writing(type).post(`/fhir/R4/${type}`, least(type))
    assert.equal(answer.status, 201, `${type}: ${told(answer)}`)
    return answer.body.id
  }

  it('is valid, by HL7’s schema and by ours', () => {
    checked(statement)
    assert.deepEqual(validate(statement), [])
    assert.ok(written.length > 20)
    const types = whole.filter((one) => !written.includes(one)).map(({ type }) => type)
    assert.deepEqual(types.sort(), [...VISITS, 'HealthcareService', 'PractitionerRole', 'RelatedPerson'])
    const deleted = whole.filter((one) => can(one, 'delete')).map(({ type }) => type)
    assert.deepEqual(
      whole
        .map(({ type }) => type)
        .filter((type) => !deleted.includes(type))
        .sort(),
      Object.keys(there).sort(),
    )
  })

  it('each type answers each interaction that it claims', async () => {
    for (const one of whole) {
      const { type } = one
      const [reader, writer] = [type in there ? doctor : writing(type), await writingAnew(type)]
      const url = `/fhir/R4/${type}`
      const id = await made(type)
      let own = id
      const create = async () => {
        const answer = await writer.post(url, least(type))
        own = answer.body.id
        return answer
      }
      const patch = [{ op: 'add', path: '/language', value: 'de' }]
      const asJsonPatch = { 'content-type': 'application/json-patch+json' }
      const asked: Record<string, () => Promise<Answer>> = {
        create,
        read: () => reader.get(`${url}/${id}`),
        vread: () => reader.get(`${url}/${id}/_history/1`),
        update: () => writer.put(`${url}/${own}`, { ...least(type), id: own }),
        patch: () => writer.patch(`${url}/${own}`, patch, asJsonPatch),
        'history-instance': () => reader.get(`${url}/${id}/_history`),
        'history-type': () => reader.get(`${url}/_history`),
        'search-type': () => reader.get(url),
        delete: () => reader.delete(`${url}/${own}`),
      }
      const codes = (one.interaction ?? []).flatMap(({ code }) =>
        VISITS.includes(type) && ['create', 'update', 'patch'].includes(code) ? [] : [code],
      )
      for (const code of codes.toSorted((a, b) => Number(a === 'delete') - Number(b === 'delete'))) {
        const answer = await asked[code]?.()
        assert.ok(answer && answer.status < 300, `${type} ${code}: ${answer && told(answer)}`)
      }
    }
  })

  it('each type does on a condition what it claims', async () => {
    for (const one of written) {
      const { type } = one
      const [first, second] = [await writingAnew(type), await writingAnew(type)]
      const url = `/fhir/R4/${type}`
      const id = type in there ? (await first.post(url, least(type))).body.id : await made(type)
      const found = await first.post(url, least(type), { 'if-none-exist': `_id=${id}` })
      assert.deepEqual([found.status, found.body.id], [200, id], told(found))
      assert.equal((await first.put(`${url}?_id=${id}`, least(type))).status, 200)
      const own = type in there ? newId() : `its-own-${id}`
      assert.equal((await second.put(`${url}/${own}`, { ...least(type), id: own })).status, 201)
      if (!can(one, 'delete')) continue
      assert.equal((await first.delete(`${url}?_id=${id},${own}`)).status, 412)
      assert.equal((await first.delete(`${url}?_id=${id}`)).status, 204)
    }
  })

  it('each type is read on a condition as it claims', async () => {
    const later = new Date(Date.parse('2032-01-01T00:00:00Z')).toUTCString()
    for (const { type } of whole) {
      const url = `/fhir/R4/${type}/${await made(type)}`
      const { headers } = await doctor.get(url)
      assert.equal((await doctor.get(url, { 'if-none-match': String(headers.etag) })).status, 304, type)
      assert.equal((await doctor.get(url, { 'if-modified-since': later })).status, 304, type)
    }
  })

  it('each type takes each search parameter that it claims, also where what is not known is refused', async () => {
    let asked = 0
    for (const one of claimed)
      for (const parameter of can(one, 'search-type') ? (one.searchParam ?? []) : []) {
        const value = encodeURIComponent(valueFor(one.type, parameter))
        const who = whole.includes(one) ? doctor : patient
        const answer = await who.get(`/fhir/R4/${one.type}?${parameter.name}=${value}`, STRICT)
        if (whole.includes(one)) assert.equal(answer.status, 200, `${one.type}?${parameter.name}: ${told(answer)}`)
        else assertKnown(answer, `${one.type}?${parameter.name}`)
        asked++
      }
    assert.ok(asked > 300, String(asked))
  })

  it('each type brings what it claims to include', async () => {
    for (const { type, searchInclude = [], searchRevInclude = [] } of whole) {
      const all = [
        ...searchInclude.map((one) => `_include=${one}`),
        ...searchRevInclude.map((one) => `_revinclude=${one}`),
      ]
      for (let from = 0; from < all.length; from += 40) {
        const answer = await doctor.get(`/fhir/R4/${type}?${all.slice(from, from + 40).join('&')}`, STRICT)
        assert.equal(answer.status, 200, `${type}: ${told(answer)}`)
      }
    }
  })

  it('the system does what it claims', async () => {
    const bundle = (type: string) => ({
      ...{ resourceType: 'Bundle', type },
      entry: [{ resource: least('Flag'), request: { method: 'POST', url: 'Flag' } }],
    })
    const asked: Record<string, () => Promise<Answer>> = {
      transaction: () => doctor.post('/fhir/R4', bundle('transaction')),
      batch: () => doctor.post('/fhir/R4', bundle('batch')),
      'search-system': () => doctor.get('/fhir/R4?_type=Flag,Goal&_lastUpdated=ge2031', STRICT),
      'history-system': () => doctor.get('/fhir/R4/_history'),
    }
    for (const { code } of rest.interaction) {
      const answer = await asked[code]?.()
      assert.equal(answer?.status, 200, `${code}: ${answer && told(answer)}`)
      assert.ok(answer.body.entry.length > 0, code)
    }
  })

  it('searches in each compartment that it claims, by GET and by POST', async () => {
    const ids = new Map(['Encounter', 'RelatedPerson', 'Practitioner', 'Device'].map((of) => [of, newId()]))
    ids.set('Patient', patient.patient)
    const to = (of: string) => ({ reference: `${of}/${ids.get(of)}` })
    const seen = await doctor.post('/fhir/R4/Observation', {
      ...aboutPatient('Observation', patient.patient),
      ...{ encounter: to('Encounter'), device: to('Device'), performer: [to('Practitioner'), to('RelatedPerson')] },
    })
    assert.equal(seen.status, 201, told(seen))
    const defined = (rest.compartment as string[]).map((url) => url.split('/CompartmentDefinition/')[1]?.toLowerCase())
    assert.deepEqual(defined.toSorted(), [...ids.keys()].map((of) => of.toLowerCase()).sort())
    for (const [of, id] of ids)
      for (const type of ['Observation', '*']) {
        const url = `/fhir/R4/${of}/${id}/${type}`
        const both = [
          await doctor.get(`${url}?_count=1000`, STRICT),
          await doctor.upload(`${url}/_search`, FORM, Buffer.from('_count=1000')),
        ]
        for (const answer of both) {
          const found = (answer.body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)
          assert.ok(found.includes(seen.body.id), `${url}: ${told(answer)}`)
        }
      }
  })

  it('each type and operation is in the page of FHIR’s words, or of the room that has it', () => {
    const page = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
    const words = page('fhir/README.md')
    const types = `${words} ${page('services/records/README.md').match(/^- FHIR resources: .*$/m)}`
    const names = [{ type: '', operation: rest.operation } as Claimed, ...claimed].flatMap(({ operation = [] }) =>
      operation.map(({ name }) => `$${name}`),
    )
    const isIn = (text: string) => (word: string) =>
      new RegExp(`(?<![\\w$-])${RegExp.escape(word)}(?![\\w-])`).test(text)
    assert.deepEqual(
      [...new Set(names)].filter((name) => !isIn(words)(name)),
      [],
    )
    assert.deepEqual(
      claimed.map(({ type }) => type).filter((type) => !isIn(types)(type)),
      [],
    )
  })

  it('each operation has a definition that is valid, and a door where that says', async () => {
    const all = [{ type: '', operation: rest.operation }, ...claimed] as Claimed[]
    for (const { type, operation = [] } of all)
      for (const { name, definition } of operation) {
        const { status, body } = await house.anonymous.get(new URL(definition).pathname)
        assert.deepEqual([status, body.url, body.code], [200, definition, name])
        checked(body)
        assert.deepEqual(validate(body), [], definition)
        const has = (place: string) =>
          (['GET', 'POST'] as const).some((method) =>
            [type, ':type'].some((one) => {
              const url = ['/fhir/R4', one, place, `$${name}`].filter((part) => part !== '').join('/')
              return house.app.hasRoute({ method, url })
            }),
          )
        if (body.type || body.system) assert.ok(has(''), definition)
        if (body.instance) assert.ok(has(':id'), definition)
      }
  })

  it('each operation of the store answers', async () => {
    const somebody = { resourceType: 'Patient', name: [{ text: 'Saba Tesfaye' }], birthDate: '1987-06-05' }
    const person = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: somebody }] }
    const labels = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'a' }] } }] }
    for (const { type, operation = [] } of whole) {
      const id = await made(type)
      const reader = type in there ? doctor : writing(type)
      const labelling = await writingAnew(type)
      const url = `/fhir/R4/${type}`
      const isOwn = type in there && written.some((one) => one.type === type)
      const labelled = isOwn ? (await labelling.post(url, least(type))).body.id : id
      const sex =
        'url=http://hl7.org/fhir/ValueSet/administrative-gender&system=http://hl7.org/fhir/administrative-gender'
      const gender = 'http://hl7.org/fhir/administrative-gender'
      const asked: Record<string, () => Promise<Answer>> = {
        validate: () => reader.post(`${url}/$validate`, least(type)),
        meta: () => reader.get(`${url}/${id}/$meta`),
        'meta-add': () => labelling.post(`${url}/${labelled}/$meta-add`, labels),
        'meta-delete': () => labelling.post(`${url}/${labelled}/$meta-delete`, labels),
        everything: () => reader.get(`${url}/${id}/$everything`, STRICT),
        summary: () => reader.get(`${url}/${id}/$summary`, STRICT),
        expand: () => reader.get(`${url}/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender`),
        'validate-code': () =>
          type === 'ValueSet'
            ? reader.get(`${url}/$validate-code?${sex}&code=male`)
            : reader.get(`${url}/$validate-code?url=${gender}&code=male`),
        lookup: () => reader.get(`${url}/$lookup?system=${gender}&code=male`),
        subsumes: () => reader.get(`${url}/$subsumes?system=${gender}&codeA=male&codeB=female`),
        'get-ws-binding-token': async () => {
          const channel = { type: 'websocket' }
          const active = { ...leastResource(type), status: 'requested', reason: 'To be told', channel }
          const { body } = await reader.post(url, active)
          return reader.get(`${url}/${body.id}/$get-ws-binding-token`)
        },
        'health-cards-issue': () =>
          reader.post(`${url}/${id}/$health-cards-issue`, {
            resourceType: 'Parameters',
            parameter: [{ name: 'credentialType', valueUri: 'Immunization' }],
          }),
        match: () => administrator.post(`${url}/$match`, person),
        lastn: () => reader.get(`${url}/$lastn?patient=${patient.patient}&max=2`, STRICT),
      }
      // For apps that come for themselves: services/records/bulk/export.test.ts.
      for (const { name } of operation.filter(({ name }) => name !== 'export')) {
        if (type === 'Appointment' && !asked[name]) continue // of scheduling: services/scheduling/fhir/operations.test.ts
        const answer = await asked[name]?.()
        assert.equal(answer?.status, 200, `${type} $${name}: ${answer && told(answer)}`)
        assert.deepEqual(validate(answer.body), [], `${type} $${name}`)
      }
    }
  })

  it('a type that is not claimed is not there, nor an interaction that is not', async () => {
    for (const type of ownedTypes) {
      const one = claimed.find((claim) => claim.type === type)
      const url = `/fhir/R4/${type}`
      const id = one && whole.includes(one) ? await made(type) : '1'
      const asked: Record<string, () => Promise<Answer>> = {
        read: () => doctor.get(`${url}/${id}`),
        vread: () => doctor.get(`${url}/${id}/_history/1`),
        create: () => doctor.post(url, leastResource(type)),
        update: () => doctor.put(`${url}/${id}`, { ...leastResource(type), id }),
        patch: () => doctor.patch(`${url}/${id}`, { resourceType: 'Parameters' }),
        delete: () => doctor.delete(`${url}/${id}`),
        'history-instance': () => doctor.get(`${url}/${id}/_history`),
        'history-type': () => doctor.get(`${url}/_history`),
        'search-type': () => doctor.get(url),
      }
      // A role is made in a transaction, with its practitioner.
      for (const [code, ask] of Object.entries(asked))
        if ((!one || !can(one, code)) && !(type === 'PractitionerRole' && code === 'create'))
          isNowhere(await ask(), `${type} ${code}`)
    }
  })

  it('an operation that is not claimed is not there', async () => {
    const names = [
      'validate',
      'meta',
      'meta-add',
      'meta-delete',
      'everything',
      'lastn',
      'summary',
      'document',
      'expunge',
      'stats',
      'expand',
      'lookup',
    ]
    const parameters = { resourceType: 'Parameters' }
    for (const type of ownedTypes) {
      const one = claimed.find((claim) => claim.type === type)
      const known = one?.operation?.map(({ name }) => name) ?? []
      const id = one && whole.includes(one) ? await made(type) : '1'
      for (const name of names.filter((one) => !known.includes(one)))
        for (const url of [`/fhir/R4/${type}/$${name}`, `/fhir/R4/${type}/${id}/$${name}`]) {
          isNowhere(await doctor.get(url), `GET ${url}`)
          isNowhere(await doctor.post(url, parameters), `POST ${url}`)
        }
    }
  })
})

/** Of what rooms answer by their contracts: a search may want more than one parameter, and the parameter itself is known. */
function assertKnown(answer: Answer, what: string): void {
  assert.ok([200, 400].includes(answer.status), `${what}: ${told(answer)}`)
  const [, name = ''] = what.split('?')
  const places = (answer.body.issue ?? []).map(({ expression }: { expression?: string[] }) => expression?.join() ?? '')
  assert.ok(!places.some((place: string) => place.split(/[/.]/).at(-1) === name), `${what}: ${told(answer)}`)
}

const isNowhere = (answer: Answer, what: string) =>
  assert.ok([404, 405].includes(answer.status), `${what}: ${told(answer)}`)
