import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openWard } from '../../tests/ward.ts'

const LOINC = 'http://loinc.org'
const coded = (...codes: string[]) => ({ coding: codes.map((code) => ({ system: LOINC, code })) })

const observed = (patient: string, more: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: coded('8867-4') },
  ...{ subject: { reference: `Patient/${patient}` }, effectiveDateTime: '2031-02-01T09:00:00Z' },
  ...more,
})
const condition = (patient: string, more: object = {}) => ({
  resourceType: 'Condition',
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
  },
  ...{ code: { text: 'Asthma' }, subject: { reference: `Patient/${patient}` } },
  ...more,
})
const visit = (patient: string) => ({
  ...{ resourceType: 'Encounter', status: 'finished', subject: { reference: `Patient/${patient}` } },
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  period: { start: '2031-01-05T09:00:00Z', end: '2031-01-05T10:00:00Z' },
})

async function put(who: Client, resource: { resourceType: string }): Promise<string> {
  const { status, body } = await who.post(`/fhir/R4/${resource.resourceType}`, resource)
  assert.equal(status, 201, JSON.stringify(body))
  return `${resource.resourceType}/${body.id}`
}
type Entry = { fullUrl: string; resource: { resourceType: string; id: string } }
const shown = ({ status, body }: Answer): string[] => {
  assert.equal(status, 200, JSON.stringify(body))
  return (body.entry ?? []).map(({ resource: { resourceType, id } }: Entry) => `${resourceType}/${id}`)
}
const path = (url: string) => url.replace('http://openhcs.test', '')
const next = ({ body }: Answer): string | undefined =>
  body.link.find(({ relation }: { relation: string }) => relation === 'next')?.url

/** A token of an app: scopes, and the patient in its context. */
async function appToken(house: TestHouse, who: Client, scopes: string[], patient?: string): Promise<Client> {
  await house.owner.query('update platform.session set scopes = $2, patient_id = $3 where account_id = $1', [
    ...[who.account, scopes, patient ?? null],
  ])
  return who
}

async function audited({ owner }: TestHouse, entity: string, operation: string): Promise<number> {
  const { rows } = await owner.query(
    'select count(*)::int as n from platform.audit_event where entity = $1 and operation = $2',
    [entity, operation],
  )
  return rows[0].n
}

describe('GET /fhir/R4/Patient/{id}/$everything', () => {
  it('is all that is about the patient, page by page, and of each an audit row', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const all = [
      await put(doctor, observed(patient.patient)),
      await put(doctor, condition(patient.patient)),
      await put(doctor, visit(patient.patient)),
    ]
    const url = `/fhir/R4/Patient/${patient.patient}/$everything`
    assert.deepEqual(shown(await patient.get(url)), all)
    assert.equal(await audited(house, String(all[0]), 'fhir $everything'), 1)
    const pages: string[][] = []
    for (let at: string | undefined = `${url}?_count=2`; at !== undefined; ) {
      const page: Answer = await patient.get(path(at))
      pages.push(shown(page))
      at = next(page)
    }
    assert.deepEqual(pages, [all.slice(0, 2), all.slice(2)])
    const posted = await doctor.post(url, {
      resourceType: 'Parameters',
      parameter: [{ name: '_type', valueCode: 'Condition' }],
    })
    assert.deepEqual(shown(posted), [all[1]])
  })

  it('narrows by type, by change and by when the care was; what lasts stays', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const old = await put(doctor, observed(patient.patient, { effectiveDateTime: '2029-05' }))
    const lasting = await put(doctor, condition(patient.patient, { recordedDate: '2020' }))
    house.setNow('2031-03-02T08:00:00Z')
    const young = await put(doctor, observed(patient.patient))
    const of = async (query: string) =>
      shown(await doctor.get(`/fhir/R4/Patient/${patient.patient}/$everything?${query}`))
    assert.deepEqual(await of('_type=Condition,Goal'), [lasting])
    assert.deepEqual(await of('_since=2031-03-01T12:00:00Z'), [young])
    assert.deepEqual(await of('start=2031-02-01'), [lasting, young])
    assert.deepEqual(await of('end=2029-05-15'), [old, lasting])
    assert.deepEqual(await of('start=2030&end=2030'), [lasting])
  })

  it('shows nobody what they may not see, and is not there for strangers', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const url = `/fhir/R4/Patient/${patient.patient}/$everything`
    const open = await put(doctor, observed(patient.patient))
    const sensitive = { meta: { security: [{ code: 'HIV' }] } }
    const hidden = await put(doctor, observed(patient.patient, sensitive))
    assert.deepEqual(shown(await doctor.get(url)), [open, hidden])
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2030-01-01Z')`,
      [patient.patient],
    )
    assert.deepEqual(shown(await doctor.get(url)), [open])
    assert.deepEqual(shown(await patient.get(url)), [open, hidden])
    assert.equal((await stranger.get(url)).status, 404)
    assert.equal((await house.anonymous.get(url)).status, 401)
    assert.equal((await doctor.get('/fhir/R4/Patient/none/$everything')).status, 404)
  })

  it('refuses what is wrong, and what is not known where that is asked for', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const url = `/fhir/R4/Patient/${patient.patient}/$everything`
    for (const query of [
      '_since=2031',
      'start=x',
      'start=ge2031',
      'end=2031-13',
      '_count=x',
      '_type=Account',
      'cursor=x',
    ])
      assert.equal((await doctor.get(`${url}?${query}`)).status, 400, query)
    assert.equal((await doctor.get(`${url}?made-up=1`)).status, 200)
    assert.equal((await doctor.get(`${url}?made-up=1`, { prefer: 'handling=strict' })).status, 400)
    const nested = { resourceType: 'Parameters', parameter: [{ name: 'start', part: [] }] }
    assert.equal((await doctor.post(url, nested)).status, 400)
  })

  it('shows an app the types of its scopes alone, and keeps it to its patient', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const seen = await put(doctor, observed(patient.patient))
    await put(doctor, condition(patient.patient))
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values (gen_random_uuid(), $1::uuid, 'treatment', 'Patient', $2, '{see-record}', '2030-01-01Z')`,
      [doctor.account, stranger.patient],
    )
    const other = await put(doctor, observed(stranger.patient))
    const url = (of: string) => `/fhir/R4/Patient/${of}/$everything`
    const app = await appToken(house, doctor, ['patient/Observation.rs'], patient.patient)
    assert.deepEqual(shown(await app.get(url(patient.patient))), [seen])
    assert.equal((await app.get(url(stranger.patient))).status, 404)
    assert.deepEqual(shown(await app.get('/fhir/R4?_type=Observation')), [seen], 'nor by a search of the whole system')
    assert.deepEqual(shown(await app.get('/fhir/R4/_history')), [seen], 'nor by its history')
    await appToken(house, doctor, ['user/Observation.rs'])
    assert.deepEqual(shown(await app.get('/fhir/R4/_history')), [other, seen])
    await appToken(house, doctor, ['user/Slot.rs'])
    assert.equal((await app.get(url(patient.patient))).status, 403)
  })
})

describe('GET /fhir/R4/Encounter/{id}/$everything', () => {
  it('is the encounter and what was in it', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const encounter = await put(doctor, visit(patient.patient))
    await put(doctor, observed(patient.patient))
    const within = await put(doctor, observed(patient.patient, { encounter: { reference: encounter } }))
    const url = `/fhir/R4/${encounter}/$everything`
    assert.deepEqual(shown(await doctor.get(url)), [encounter, within])
    assert.deepEqual(shown(await doctor.get(`${url}?_type=Observation`)), [within])
    assert.equal((await stranger.get(url)).status, 404)
    assert.equal((await doctor.get(`/fhir/R4/${within}/$everything`)).status, 404)
  })
})

describe('GET /fhir/R4/Observation/$lastn', () => {
  it('is the newest of each code, newest first', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const made = (day: string, code: object) =>
      put(doctor, observed(patient.patient, { code, effectiveDateTime: `2031-01-${day}` }))
    const pulse = [
      await made('03', coded('8867-4')),
      await made('01', coded('8867-4')),
      await made('02', coded('8867-4')),
    ]
    const weight = [await made('04', coded('29463-7', 'mass')), await made('05', coded('29463-7', 'weight'))]
    const words = [
      await made('06', { text: 'Mood' }),
      await made('07', { text: 'mood' }),
      await made('08', { text: 'Sleep' }),
    ]
    const url = `/fhir/R4/Observation/$lastn?patient=${patient.patient}`
    assert.deepEqual(shown(await doctor.get(url)), [words[2], words[1], weight[1], pulse[0]])
    assert.deepEqual(shown(await doctor.get(`${url}&max=2&code=${LOINC}|8867-4`)), [pulse[0], pulse[2]])
    assert.deepEqual(shown(await doctor.get(`${url}&date=lt2031-01-03`)), [pulse[2]])
    const first = await doctor.get(`${url}&_count=3`)
    assert.deepEqual(shown(first), [words[2], words[1], weight[1]])
    assert.deepEqual(shown(await doctor.get(path(next(first) ?? ''))), [pulse[0]])
    assert.equal(await audited(house, String(pulse[0]), 'fhir $lastn'), 3)
    assert.deepEqual(shown(await stranger.get(url)), [])
    const hiv = { meta: { security: [{ code: 'HIV' }] }, effectiveDateTime: '2031-01-20' }
    const hidden = await put(doctor, observed(patient.patient, hiv))
    assert.deepEqual(shown(await patient.get(`${url}&code=8867-4`)), [hidden])
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2030-01-01Z')`,
      [patient.patient],
    )
    assert.deepEqual(shown(await doctor.get(`${url}&code=8867-4`)), [pulse[0]], 'what is hidden does not count')
  })

  it('wants a patient, and refuses what it does not do', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const url = '/fhir/R4/Observation/$lastn'
    assert.equal((await doctor.get(`${url}?code=8867-4`)).status, 400)
    for (const more of [
      'max=0',
      'max=x',
      'max=1&max=2',
      '_sort=date',
      '_summary=count',
      '_include=*',
      'cursor=WyJ4IiwxXQ',
    ])
      assert.equal((await doctor.get(`${url}?patient=${patient.patient}&${more}`)).status, 400, more)
    assert.equal((await doctor.get(`/fhir/R4/Condition/$lastn?patient=${patient.patient}`)).status, 404)
    assert.equal((await house.anonymous.get(url)).status, 401)
  })
})

describe('/fhir/R4/{type}/{id}/$meta', () => {
  const labels = (meta: object) => ({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] })
  const metaOf = ({ status, body }: Answer) => {
    assert.equal(status, 200, JSON.stringify(body))
    return body.parameter[0].valueMeta
  }
  const [red, blue] = [
    { system: 'urn:t', code: 'red' },
    { system: 'urn:t', code: 'blue' },
  ]

  it('is read, added to and taken from, each change a new version', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const url = `/fhir/R4/${await put(doctor, observed(patient.patient, { meta: { tag: [red] } }))}`
    assert.deepEqual(metaOf(await patient.get(`${url}/$meta`)).tag, [red])
    const added = await doctor.post(
      `${url}/$meta-add`,
      labels({ tag: [{ ...red, display: 'R' }, blue], profile: ['urn:p'] }),
    )
    assert.deepEqual([metaOf(added).tag, metaOf(added).profile, metaOf(added).versionId], [[red, blue], ['urn:p'], '2'])
    assert.equal(added.headers.etag, 'W/"2"')
    const same = await doctor.post(`${url}/$meta-add`, labels({ tag: [blue], versionId: '77' }))
    assert.equal(metaOf(same).versionId, '2', 'nothing would be other')
    const less = await doctor.post(`${url}/$meta-delete`, labels({ tag: [red, blue], profile: ['urn:q'] }))
    assert.deepEqual([metaOf(less).tag, metaOf(less).profile, metaOf(less).versionId], [undefined, ['urn:p'], '3'])
    const { body } = await doctor.get(`${url}/_history`)
    assert.deepEqual(body.entry.length, 3)
    assert.equal((await doctor.get(`${url}?_tag=blue`)).body.status, 'final')
    assert.deepEqual(shown(await doctor.get('/fhir/R4/Observation?_profile=urn:p')), [url.replace('/fhir/R4/', '')])
  })

  it('takes what many write at the same time, and holds to If-Match', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const url = `/fhir/R4/${await put(doctor, observed(patient.patient))}`
    const add = (code: string, headers = {}) => doctor.post(`${url}/$meta-add`, labels({ tag: [{ code }] }), headers)
    const all = await Promise.all(['a', 'b', 'c'].map((code) => add(code)))
    assert.deepEqual(
      all.map(({ status }) => status),
      [200, 200, 200],
    )
    const { tag, versionId } = metaOf(await doctor.get(`${url}/$meta`))
    assert.deepEqual([tag.map(({ code }: { code: string }) => code).sort(), versionId], [['a', 'b', 'c'], '4'])
    assert.equal((await add('d', { 'if-match': 'W/"3"' })).status, 412)
    assert.equal((await add('d', { 'if-match': 'W/"4"' })).status, 200)
  })

  it('is refused to who may not, and where it is wrong', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const url = `/fhir/R4/${await put(doctor, observed(patient.patient))}`
    assert.equal((await stranger.get(`${url}/$meta`)).status, 404)
    assert.equal((await patient.post(`${url}/$meta-add`, labels({ tag: [red] }))).status, 403)
    assert.equal((await house.anonymous.get(`${url}/$meta`)).status, 401)
    assert.equal((await doctor.get('/fhir/R4/Observation/none/$meta')).status, 404)
    for (const body of [
      {},
      labels({ tag: 'red' }),
      { resourceType: 'Parameters', parameter: [{ name: 'x', valueString: 'a' }] },
    ])
      assert.equal((await doctor.post(`${url}/$meta-add`, body)).status, 400, JSON.stringify(body))
    const polluted = JSON.parse(
      '{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"__proto__":{"tag":[]}}}]}',
    )
    assert.equal((await doctor.post(`${url}/$meta-add`, polluted)).status, 400)
  })
})

describe('POST /fhir/R4/{type}/$validate', () => {
  const told = ({ status, body }: Answer) => {
    assert.equal(status, 200, JSON.stringify(body))
    return body.issue.map(({ severity, code }: { severity: string; code: string }) => `${severity} ${code}`)
  }
  const within = (resource: object, ...more: object[]) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'resource', resource }, ...more],
  })
  const NONE = ['information informational']

  it('tells every fault, and that there is none', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const url = '/fhir/R4/Observation/$validate'
    const good = observed(patient.patient)
    assert.deepEqual(told(await doctor.post(url, good)), NONE)
    assert.deepEqual(told(await doctor.post(url, within(good))), NONE)
    const bad = await doctor.post(url, within({ ...good, status: 'made-up', code: undefined, colour: 'red' }))
    assert.deepEqual(told(bad).sort(), ['error code-invalid', 'error required', 'error structure'])
    assert.ok(
      bad.body.issue.every(({ expression }: { expression: string[] }) => expression[0]?.startsWith('Observation')),
    )
    assert.deepEqual(told(await doctor.post(url, condition(patient.patient))), ['error invalid'])
    const profile = (valueUri: string) => within(good, { name: 'profile', valueUri })
    assert.deepEqual(told(await doctor.post(url, profile('http://hl7.org/fhir/StructureDefinition/Observation'))), NONE)
    assert.deepEqual(told(await doctor.post(url, profile('urn:mine'))), ['error not-supported'])
    assert.equal((await house.owner.query('select from platform.fhir_resource')).rowCount, 0, 'nothing is written')
  })

  it('tells with a mode whether it could be done', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const type = '/fhir/R4/Observation/$validate'
    const mode = (valueCode: string) => ({ name: 'mode', valueCode })
    const nobodys = { ...observed(patient.patient), subject: undefined }
    assert.deepEqual(told(await doctor.post(type, within(nobodys))), NONE)
    assert.deepEqual(told(await doctor.post(type, within(nobodys, mode('create')))), ['error business-rule'])
    const made = await put(doctor, observed(patient.patient))
    const [, id] = made.split('/')
    const url = `/fhir/R4/${made}/$validate`
    const same = { ...observed(patient.patient), id }
    assert.deepEqual(told(await doctor.post(url, within(same, mode('update')))), NONE)
    assert.deepEqual(told(await doctor.post(url, within({ ...same, id: 'other' }, mode('update')))), ['error invalid'])
    const moved = { ...observed(stranger.patient), id }
    assert.deepEqual(told(await doctor.post(url, within(moved, mode('update')))), ['error business-rule'])
    assert.deepEqual(told(await doctor.post(url, { resourceType: 'Parameters', parameter: [mode('delete')] })), NONE)
    assert.deepEqual(told(await doctor.post(url)), NONE, 'what is there')
    const gone = '/fhir/R4/Observation/none/$validate?mode=delete'
    assert.equal((await doctor.post(gone)).status, 404)
    assert.equal((await stranger.post(`${url}?mode=delete`)).status, 403)
  })

  it('refuses what is no question', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const url = '/fhir/R4/Observation/$validate'
    const good = observed(patient.patient)
    assert.equal((await doctor.post(url)).status, 400)
    for (const mode of ['update', 'delete', 'made-up'])
      assert.equal((await doctor.post(`${url}?mode=${mode}`, good)).status, 400, mode)
    for (const parameter of [null, [null], [{ name: 'x' }], [{ name: 'mode', valueCode: {} }]])
      assert.equal((await doctor.post(url, { resourceType: 'Parameters', parameter })).status, 400)
    assert.equal((await house.anonymous.post(url, good)).status, 401)
    const deep = `${'{"extension":['.repeat(5_000)}${']}'.repeat(5_000)}`
    const hostile = Buffer.from(JSON.stringify({ ...good, code: 'deep' }).replace('"deep"', deep))
    assert.ok(told(await doctor.upload(url, 'application/fhir+json', hostile)).includes('error too-long'))
  })
})
