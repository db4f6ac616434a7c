import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, describe, it } from 'node:test'
import { importedTypes } from '#platform/access.ts'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { ALL, backendClient, erased, linesIn, pathOf } from '../../../tests/bulk-client.ts'
import { indexFaults, orphans } from '../../../tests/fhir-store.ts'
import { pulse } from '../../../tests/ward.ts'
import { practitionerOf } from '../testing.ts'
import { importStream } from './import-stream.ts'

const NDJSON = 'application/fhir+ndjson'
const patientOf = (id: string, more: object = {}) => ({
  ...{ resourceType: 'Patient', id, name: [{ text: 'Saba Tesfaye' }], gender: 'female', birthDate: '1987-06-05' },
  ...more,
})
const provenance = (target: string) => ({
  ...{ target: [{ reference: target }], recorded: '2031-03-01T08:00:00Z' },
  agent: [{ who: { display: 'Fictional' } }],
})
const asText = (all: readonly (object | string)[]) =>
  all.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')

describe('POST /fhir/R4/$import', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const root = await house.signedIn({ roles: ['administrator'] })
  const send = (who: Client, text: string) => who.upload('/fhir/R4/$import', NDJSON, Buffer.from(text))
  const imported = async (who: Client, lines: readonly (object | string)[]) => {
    const begun = await send(who, asText(lines))
    assert.equal(begun.status, 202, JSON.stringify(begun.body))
    const url = pathOf(begun.headers['content-location'])
    await house.work()
    const { status, body } = await who.get(url)
    assert.equal(status, 200, JSON.stringify(body))
    return { ...body, faults: linesIn(await who.get(`${url}/outcomes`)), url }
  }
  const [saba, abel] = [newId(), newId()]
  const observation = (id: string, patient = saba, more = {}) => ({ ...pulse(patient, more), id })

  it('takes in patients and what is about them, each under its own id, in any order', async () => {
    const lines = [observation('o-1'), observation('o-2'), '', patientOf(saba), patientOf(abel)]
    const { created, unchanged, refused, danglingReferences } = await imported(root, lines)
    assert.deepEqual([created, unchanged, refused, danglingReferences], [4, 0, 0, []])
    const doctor = await practitionerOf(house, { id: saba })
    const { body } = await doctor.get('/fhir/R4/Observation/o-1')
    const { meta, ...rest } = body
    assert.deepEqual([rest, meta.versionId], [observation('o-1'), '1'])
    assert.equal((await doctor.get('/fhir/R4/Observation?code=8867-4&_total=accurate')).body.total, 2)
    assert.equal((await doctor.get(`/v1/patients/${saba}`)).body.name, 'Saba Tesfaye')
    const stranger = await practitionerOf(house, { id: abel })
    assert.equal((await stranger.get('/fhir/R4/Observation/o-1')).status, 404)
    assert.deepEqual(await indexFaults(house.owner, 'http://openhcs.test/fhir/R4'), [])
    assert.deepEqual(await orphans(house.owner), [])
  })

  it('changes nothing when it comes again, also where another house gave it versions and times', async () => {
    const meta = { versionId: '7', lastUpdated: '2020-01-01T00:00:00Z' }
    const { created, unchanged, refused } = await imported(root, [
      { ...observation('o-1'), meta },
      observation('o-2'),
      patientOf(saba, { meta }),
    ])
    assert.deepEqual([created, unchanged, refused], [0, 3, 0])
    const precise = JSON.stringify(observation('o-4')).replace('"value":72,', '"value":72.50,')
    assert.equal((await imported(root, [precise])).created, 1)
    assert.equal((await imported(root, [precise])).unchanged, 1, 'as precise as it was')
  })

  it('leaves what is there otherwise as it is, and says so', async () => {
    const { created, faults } = await imported(root, [
      observation('o-1', saba, { status: 'amended' }),
      patientOf(saba, { gender: 'male' }),
      observation('o-3'),
      observation('o-3', saba, { status: 'amended' }),
    ])
    assert.equal(created, 1)
    assert.deepEqual(
      faults.map(({ issue }: { issue: { location: string[] }[] }) => issue[0]?.location[0]),
      ['line 1', 'line 2', 'line 4'],
    )
  })

  it('tells what is wrong line by line, without repeating it, and takes the rest', async () => {
    const secret = 'Hildegard'
    const { created, faults, lines } = await imported(root, [
      'no JSON',
      '[]',
      '{"__proto__":{},"resourceType":"Flag"}',
      { resourceType: 'Slot', id: 'a' },
      { ...observation('o-5'), status: secret },
      pulse(saba),
      { ...observation('o-6'), subject: { display: secret } },
      { ...observation('a b') },
      observation('o-7'),
      patientOf('not-a-uuid'),
      patientOf(newId(), { birthDate: '2031' }),
      `{"resourceType":"Observation","id":"o-8","note":[{"text":"${'x'.repeat(300_000)}"}]}`,
      observation('o-9'),
    ])
    assert.deepEqual([created, lines, faults.length], [2, 13, 11], JSON.stringify(faults))
    assert.ok(!JSON.stringify(faults).includes(secret))
    for (const { resourceType } of faults) assert.equal(resourceType, 'OperationOutcome')
  })

  it('takes in nothing by which somebody would be told of something, nor what nobody would see', async () => {
    const subscription = {
      ...{ resourceType: 'Subscription', id: 's-1', status: 'active', reason: 'To be told', criteria: 'Observation' },
      channel: { type: 'rest-hook', endpoint: 'http://127.0.0.1/' },
    }
    const file = { resourceType: 'Binary', id: 'b-1', contentType: 'text/plain', data: 'AAAA' }
    const app = await backendClient(house, { records: { ...ALL, imports: true }, scopes: ['system/*.cruds'] })
    const { created, refused } = await imported(app, [subscription, file])
    assert.deepEqual([created, refused], [0, 2])
    assert.deepEqual((await imported(root, [subscription, file])).created, 1, 'a file of its own')
  })

  it('keeps all that a Patient says, but numbers that are sealed and merges of another house', async () => {
    const id = newId()
    const kept = {
      ...{ name: [{ family: 'Tesfaye', given: ['Saba'] }], maritalStatus: { text: 'Married' } },
      ...{ deceasedDateTime: '2030-01-01', address: [{ city: 'Port Selam' }], multipleBirthInteger: 2 },
    }
    const hospital = { system: 'http://example.org/hospital', value: 'H-4217' }
    const link = [
      { other: { reference: `Patient/${newId()}` }, type: 'replaces' },
      { other: { reference: '#x' }, type: 'seealso' },
    ]
    const identifier = [hospital, { system: 'http://hl7.org/fhir/sid/us-ssn', value: '999-55-1234' }]
    const contained = [{ resourceType: 'Patient', id: 'x', name: [{ text: 'Hana' }], identifier: identifier.slice(1) }]
    const sent = patientOf(id, { ...kept, link, identifier, contained })
    assert.equal((await imported(root, [sent])).created, 1)
    assert.equal((await imported(root, [sent])).unchanged, 1)
    assert.equal((await imported(root, [{ ...sent, maritalStatus: { text: 'Widowed' } }])).refused, 1)
    const doctor = await practitionerOf(house, { id })
    const { body } = await doctor.get(`/fhir/R4/Patient/${id}`)
    for (const [name, value] of Object.entries(kept)) assert.deepEqual(body[name], value, name)
    assert.deepEqual(body.link, [link[1]])
    assert.deepEqual(body.contained, [{ resourceType: 'Patient', id: 'x', name: [{ text: 'Hana' }] }])
    assert.deepEqual(body.identifier.slice(1), [hospital])
    const { rows } = await house.owner.query(`select from registry.said where resource like '%999-55%'`)
    assert.equal(rows.length, 0)
  })

  it('takes in organisations, places, practitioners and the role of whom nobody looks after yet', async () => {
    const [clinic, ward, doctor] = [newId(), newId(), newId()]
    const address = { city: 'Port Selam', country: 'ET' }
    const organisation = { resourceType: 'Organization', id: clinic, name: 'Harbour Health Trust', address: [address] }
    const place = {
      ...{ resourceType: 'Location', id: ward, name: 'Ward 1', position: { longitude: 38.7, latitude: 9 } },
      ...{ address: { ...address, line: ['1 Quay'] }, managingOrganization: { reference: `Organization/${clinic}` } },
    }
    const practitioner = { resourceType: 'Practitioner', id: doctor, name: [{ text: 'Amina Okello' }] }
    const roleOf = (id: string) => ({
      ...{ resourceType: 'PractitionerRole', id: newId(), practitioner: { reference: `Practitioner/${id}` } },
      organization: { reference: `Organization/${clinic}` },
    })
    const role = roleOf(doctor)
    assert.equal((await imported(root, [role, place])).refused, 2, 'before what they refer to')
    assert.equal((await imported(root, [role, practitioner])).refused, 1, 'before its organisation')
    assert.equal((await imported(root, [role, place, practitioner, organisation])).created, 3)
    assert.equal((await imported(root, [role, place, practitioner, organisation])).unchanged, 4)
    const { body } = await root.get(`/fhir/R4/Location/${ward}`)
    assert.equal(body.managingOrganization.reference, `Organization/${clinic}`)
    const others = [
      { ...practitioner, name: [{ text: 'Other' }] },
      { ...organisation, name: 'Other' },
    ]
    assert.equal((await imported(root, [...others, { ...role, active: false }])).refused, 3)
    const { body: own } = await (await house.signedIn()).post('/fhir/R4/Practitioner', {
      ...practitioner,
      id: undefined,
    })
    assert.equal((await imported(root, [roleOf(own.id), { ...practitioner, id: own.id }])).refused, 2)
    const named = await backendClient(house, { scopes: ['system/Patient.c'], records: { ...ALL, imports: true } })
    assert.equal((await imported(named, [{ ...organisation, id: newId() }])).refused, 1)
  })

  it('tells of references to what is not here, and not of what comes later in the file', async () => {
    const lost = `Patient/${newId()}`
    const { danglingReferences } = await imported(root, [
      {
        ...observation('o-10'),
        encounter: { reference: 'Encounter/nowhere' },
        hasMember: [{ reference: 'Observation/o-11' }],
      },
      observation('o-11', lost.slice(8)),
    ])
    assert.deepEqual(danglingReferences.toSorted(), ['Encounter/nowhere', lost].toSorted())
  })

  it('of whoever became one with another it is about that one', async () => {
    const double = newId()
    await imported(root, [patientOf(double)])
    const merge = { survivor: abel, replaced: double, reason: 'One person' }
    const merged = await root.post('/v1/merges', merge)
    assert.equal(merged.status, 201, JSON.stringify(merged.body))
    await house.work()
    const { created } = await imported(root, [
      observation('o-12', double),
      { resourceType: 'Provenance', id: 'p-12', ...provenance('Observation/o-12') },
    ])
    assert.equal(created, 2)
    const doctor = await practitionerOf(house, { id: abel })
    for (const url of ['Observation/o-12', 'Provenance/p-12'])
      assert.equal((await doctor.get(`/fhir/R4/${url}`)).status, 200, url)
    const { body } = await doctor.get(`/fhir/R4/Observation?patient=${abel}&_id=o-12&_total=accurate`)
    assert.equal(body.total, 1)
  })

  it('of whoever has been erased nothing comes back', async () => {
    const gone = newId()
    await imported(root, [patientOf(gone), observation('o-13', gone)])
    await erased(house, gone)
    const { created, refused } = await imported(root, [patientOf(gone), observation('o-14', gone)])
    assert.deepEqual([created, refused], [0, 2])
  })

  it('under an id that is somebody’s in another role nobody comes in', async () => {
    const doctor = await house.signedIn()
    const profile = { resourceType: 'Practitioner', name: [{ text: 'Dr Abel' }] }
    const { body } = await doctor.post('/fhir/R4/Practitioner', profile)
    assert.match(String(body.id), /^[0-9a-f-]{36}$/)
    const { created, refused } = await imported(root, [patientOf(body.id), patientOf(newId())])
    assert.deepEqual([created, refused], [1, 1])
  })

  it('takes in no Subscription, which is for whoever asks to be told', async () => {
    const subscription = {
      ...{ resourceType: 'Subscription', id: 's-1', status: 'active', reason: 'Fictional' },
      ...{ criteria: 'Observation?code=8867-4', channel: { type: 'websocket' } },
    }
    assert.deepEqual((await imported(root, [subscription])).created, 0)
  })

  it('ends where whoever brings it in may not any more', async () => {
    const other = await house.signedIn({ roles: ['administrator'] })
    const app = await backendClient(house, { scopes: ['system/*.c'], records: { ...ALL, imports: true } })
    const ids: unknown[] = []
    for (const who of [other, app]) {
      const begun = await send(who, asText([observation('o-15')]))
      assert.equal(begun.status, 202, JSON.stringify(begun.body))
      ids.push(pathOf(begun.headers['content-location']).split('/').at(-1))
    }
    await house.owner.query(`update platform.role_grant set revoked_at = '2031-03-01Z' where account_id = $1`, [
      other.account,
    ])
    await house.owner.query('update platform.client_grant set imports = false where client_id = $1', [app.id])
    await house.work()
    const { rows } = await house.owner.query(
      'select status, created, line, code from records.bulk_import i join records.bulk_fault f on f.import_id = i.id where i.id = any ($1)',
      [ids],
    )
    const ended = { status: 'done', created: 0, line: 1, code: 'forbidden' }
    assert.deepEqual(rows, [ended, ended])
  })

  it('is for administrators, and apps that an administrator lets, of the types that their scopes name', async () => {
    const text = asText([observation('o-20'), patientOf(newId())])
    assert.equal((await send(house.anonymous, text)).status, 401)
    assert.equal((await send(await house.signedIn({ roles: ['practitioner'] }), text)).status, 403)
    const imports = { ...ALL, imports: true }
    const scopes = ['system/Observation.c']
    for (const options of [{ scopes }, { scopes: ['system/*.rs'], records: imports }, { scopes, records: null }])
      assert.equal((await send(await backendClient(house, options), text)).status, 403, JSON.stringify(options))
    const app = await backendClient(house, { scopes, records: imports })
    const { created, refused, url } = await imported(app, [observation('o-20'), patientOf(newId())])
    assert.deepEqual([created, refused], [1, 1])
    const wide = await backendClient(house, { scopes: ['system/*.c'], records: imports })
    const library = { resourceType: 'Library', id: 'l-1', status: 'draft', type: { text: 'Fictional' } }
    const list = { resourceType: 'List', id: 'l-2', status: 'current', mode: 'working' }
    assert.deepEqual(
      (await imported(wide, [library, list])).created,
      0,
      'what is for all is not for an app to bring in',
    )
    assert.deepEqual((await imported(root, [library, list])).created, 2)
    for (const path of [url, `${url}/outcomes`]) assert.equal((await root.get(path)).status, 404)
  })

  it('takes one at a time of whoever brings them, also where they come together', async () => {
    const all = await Promise.all([1, 2, 3].map((n) => send(root, asText([observation(`o-3${n}`)]))))
    assert.deepEqual(all.map(({ status }) => status).sort(), [202, 409, 409])
    await house.work()
  })

  it('takes more than a batch, and stops where too much is wrong', async () => {
    const many = Array.from({ length: 1_200 }, (_, n) => observation(`many-${n}`, abel))
    assert.equal((await imported(root, many)).created, 1_200)
    const { refused, lines } = await imported(
      root,
      Array.from({ length: 20_000 }, () => '{}'),
    )
    assert.deepEqual([refused, lines], [10_000, 10_000])
  })

  it('takes a Provenance when all that came before it is here, as a file of any length comes', async () => {
    const some = (name: string) => Array.from({ length: 500 }, (_, n) => observation(`${name}-${n}`, abel))
    const of = (name: string, id = `of-${name}`) => ({
      ...{ resourceType: 'Provenance', id },
      ...provenance(`Observation/${name}-499`),
    })
    const early = Array.from({ length: 500 }, (_, n) => of('early', `of-early-${n}`))
    const ctx = house.house.context('records', { actor: system, traceId: newId(), doing: 'import-fhir' })
    const input = Readable.from([Buffer.from(asText([...some('early'), ...early, ...some('late'), of('late')]))])
    const types = new Set(importedTypes)
    const fault = (one: object) => assert.fail(JSON.stringify(one))
    const { created, refused, missing } = await importStream(ctx as never, input, { types, fault })
    assert.deepEqual([created, refused, missing], [1_501, 0, []])
    const { rows } = await house.owner.query(`select distinct about from platform.fhir_resource where id like 'of-%'`)
    assert.deepEqual(rows, [{ about: [abel] }])
  })

  it('looks up all that a Provenance of a whole record is of without a file on the disk', async () => {
    const refs = Array.from({ length: 1_200 }, (_, n) => `Provenance.target=Observation/many-${n}`)
    const { rows } = await house.owner.query(
      `explain (analyze, buffers, format json)
       select platform.fhir_behind(array(select c from json_populate_recordset(null::platform.fhir_changing, $1) c))`,
      [JSON.stringify([{ place: 0, type: 'Provenance', id: 'p-1', refs }])],
    )
    const { Plan: plan } = rows[0]['QUERY PLAN'][0]
    assert.deepEqual([plan['Temp Read Blocks'], plan['Temp Written Blocks']], [0, 0])
    assert.ok(plan['Shared Hit Blocks'] > refs.length, 'each is found')
  })

  it('has no file left once it has been gone through, and still says what came of it', async () => {
    const { url } = await imported(root, [observation('o-80')])
    const keyOf = async () =>
      (await house.owner.query('select file_key from records.bulk_import where id = $1', [url.split('/').at(-1)]))
        .rows[0].file_key
    const key = await keyOf()
    const { files } = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    const remove = files.remove.bind(files)
    const drop = async (isIdle: boolean) => {
      const removed: string[] = []
      files.remove = async (one) => removed.push(one) > 0 && isIdle
      await house.house.tasks()['records:drop-files']?.({}, undefined as never)
      files.remove = remove
      return removed.includes(key)
    }
    assert.deepEqual([await drop(false), await keyOf()], [true, key], 'it was put a moment ago')
    assert.deepEqual([await drop(true), await keyOf()], [true, null])
    assert.equal(await drop(true), false)
    assert.equal((await root.get(url)).body.created, 1)
    const begun = pathOf((await send(root, asText([observation('o-80')]))).headers['content-location'])
    assert.equal(await drop(true), false, 'another goes through the same')
    await house.work()
    assert.equal((await root.get(begun)).body.unchanged, 1)
  })

  it('is refused in another media type, and empty', async () => {
    assert.equal((await root.upload('/fhir/R4/$import', 'text/csv', Buffer.from('a'))).status, 415)
    assert.equal((await send(root, '')).status, 400)
  })

  it('of which a batch fails again and again ends with a report, and makes room', async () => {
    const begun = await send(root, asText([observation('o-90')]))
    assert.equal(begun.status, 202, JSON.stringify(begun.body))
    const url = pathOf(begun.headers['content-location'])
    const run = () => house.house.tasks()['records:import']?.({ import: url.split('/').at(-1) }, undefined as never)
    await house.owner.query('alter table platform.fhir_resource add constraint refused check (id <> $$o-90$$)')
    for (let attempt = 1; attempt < 8; attempt++) {
      await assert.rejects(async () => run())
      assert.equal((await root.get(url)).status, 202)
    }
    await run()
    await house.owner.query('alter table platform.fhir_resource drop constraint refused')
    const { created, refused } = (await root.get(url)).body
    assert.deepEqual([created, refused], [0, 1])
    const [fault] = linesIn(await root.get(`${url}/outcomes`)) as unknown as { issue: { code: string }[] }[]
    assert.equal(fault?.issue[0]?.code, 'exception')
    assert.equal((await imported(root, [observation('o-90')])).created, 1)
  })
})
