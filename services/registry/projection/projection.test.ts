import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Kysely, type RawNode, sql } from 'kysely'
import { rowsAfter, rowsAmong } from '#fhir/store/due.ts'
import { idsInStore } from '#fhir/store/project.ts'
import { validate } from '#fhir/validate.ts'
import { system } from '#platform/auth.ts'
import type { Person } from '#platform/person.ts'
import type { Answer, Client, TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { backendClient, exported } from '../../../tests/bulk-client.ts'
import { pulse } from '../../../tests/ward.ts'
import type { Tables } from '../database.ts'
import { registry as service } from '../service.ts'
import {
  aLicence,
  aPatient,
  aPractitioner,
  licensed,
  nowhere,
  openRegistry,
  type Registry,
  treats,
  version,
} from '../testing.ts'

const ids = ({ status, body }: Answer): string[] => {
  assert.equal(status, 200, JSON.stringify(body))
  return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)
}

async function made(who: Client, path: string, body: object): Promise<string> {
  const answer = await who.post(path, body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body.id
}

async function openWithPatient() {
  const registry = await openRegistry({}, everything)
  const saba = await registry.patient({ phone: '+251911234567', email: 'saba@example.org' })
  const doctor = await licensed(registry)
  await registry.house.owner.query(
    `insert into platform.role_grant (account_id, role, granted_at) select a, r, now() from (values ($1::uuid, 'practitioner'), ($2, 'patient')) x(a, r)`,
    [doctor.account, saba.account],
  )
  return { registry, house: registry.house, saba, doctor, url: `/fhir/R4/Patient/${saba.id}` }
}

const versionsOf = async ({ owner }: TestHouse, type: string, id: string): Promise<number> =>
  Number(
    (
      await owner.query(
        `select count(*) as n from (select key from platform.fhir_resource union all select key from platform.fhir_past) v
         join platform.fhir_resource r using (key) where r.type = $1 and r.id = $2`,
        [type, id],
      )
    ).rows[0].n,
  )

function erase({ house }: TestHouse, person: Omit<Person, 'names'>): Promise<unknown> {
  const ctx = house.context('registry', { actor: system, traceId: 'test', doing: 'test' })
  return Promise.resolve(service.erase?.(ctx as never, { ...person, names: [] }))
}

describe('/fhir/R4/Patient', () => {
  it('shows at once what /v1 has written, and finds the patient by it', async () => {
    const { saba, url } = await openWithPatient()
    const { body } = await saba.get(url)
    assert.deepEqual(validate(body), [])
    assert.equal(body.name[0].text, aPatient.name)
    assert.deepEqual(
      [body.birthDate, body.gender, body.active, body.communication[0].language.coding[0].code],
      [aPatient.birthDate, 'female', true, 'am'],
    )
    const found = [
      ...[
        'name=saba',
        'name=tesfaye',
        'name:contains=esfay',
        `birthdate=${aPatient.birthDate}`,
        'gender=female',
        'language=am',
      ],
      ...['phone=%2B251911234567', 'telecom=saba@example.org', 'active=true', `_id=${saba.id}`],
      `identifier=http://openhcs.test/v1/patients|${saba.id}`,
    ]
    for (const query of found) assert.deepEqual(ids(await saba.get(`/fhir/R4/Patient?${query}`)), [saba.id], query)
    assert.deepEqual(ids(await saba.get('/fhir/R4/Patient?birthdate=1999')), [])
    const changed = await saba.patch(`/v1/patients/${saba.id}`, { phone: null, name: 'Saba Alemu' }, version(1))
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    const after = await saba.get(url)
    assert.deepEqual(
      [after.body.name[0].text, after.body.telecom.length, after.body.meta.versionId],
      ['Saba Alemu', 1, '2'],
    )
    assert.deepEqual(ids(await saba.get('/fhir/R4/Patient?name=tesfaye')), [])
    assert.equal((await saba.get(`${url}/_history/1`)).body.name[0].text, aPatient.name)
    const history = await saba.get(`${url}/_history`)
    assert.equal(history.body.entry?.length, 2, JSON.stringify(history.body))
  })

  it('is there for whom a relationship lets see the record, and for nobody else', async () => {
    const { registry, house, saba, doctor, url } = await openWithPatient()
    const stranger = await house.signedIn({ roles: ['patient', 'practitioner', 'caregiver'] })
    const administrator = await registry.administrator()
    const clerk = await house.signedIn({ desk: { organisation: nowhere, function: 'desk' } })
    for (const who of [stranger, doctor, administrator, clerk]) assert.equal((await who.get(url)).status, 404)
    const search = '/fhir/R4/Patient?name=saba&_total=accurate'
    for (const who of [stranger, doctor, clerk]) assert.equal((await who.get(search)).body.total, 0)
    assert.equal((await administrator.get(search)).status, 403)
    assert.equal((await house.anonymous.get(url)).status, 401)
    assert.equal((await house.anonymous.get(search)).status, 401)
    await treats(registry, doctor, saba)
    assert.equal((await doctor.get(url)).status, 200)
    assert.equal((await doctor.get(search)).body.total, 1)
  })

  it('goes with the resources about it: chains, _has, includes, the compartment, $everything', async () => {
    const { registry, saba, doctor, url } = await openWithPatient()
    await treats(registry, doctor, saba)
    await verify(registry, doctor)
    const other = await registry.patient({ name: 'Hana Bekele' })
    await treats(registry, doctor, other)
    const performer = [{ reference: `Practitioner/${doctor.id}` }]
    const observation = await made(doctor, '/fhir/R4/Observation', pulse(saba.id, { performer }))
    await made(doctor, '/fhir/R4/Observation', pulse(other.id))
    const asked: [query: string, expected: string[]][] = [
      ['Observation?subject:Patient.name=saba', [observation]],
      ['Observation?patient.birthdate=1999', []],
      ['Patient?_has:Observation:patient:code=8867-4&name=saba', [saba.id]],
      [`Observation?_id=${observation}&_include=Observation:subject`, [observation, saba.id]],
      [`Patient?_id=${saba.id}&_revinclude=Observation:subject`, [saba.id, observation]],
      [`Patient/${saba.id}/Observation`, [observation]],
      [`Patient/${saba.id}/$everything`, [saba.id, observation, doctor.id]],
      [`Patient/${saba.id}/$everything?_type=Patient,Observation`, [saba.id, observation]],
      [`Observation?_id=${observation}&_include=Observation:performer`, [observation, doctor.id]],
      ['Observation?performer:Practitioner.name=okello', [observation]],
    ]
    for (const [query, expected] of asked) assert.deepEqual(ids(await doctor.get(`/fhir/R4/${query}`)), expected, query)
    assert.equal((await saba.get(url)).status, 200)
  })

  it('is one with the patient that it became one with, until the two are parted', async () => {
    const { registry, house, saba, url } = await openWithPatient()
    const double = await registry.patient({ name: 'Saba T.' })
    const administrator = await registry.administrator()
    const doubled = `/fhir/R4/Patient/${double.id}`
    assert.equal((await saba.get(doubled)).status, 404)
    const merge = { survivor: saba.id, replaced: double.id, reason: 'One person' }
    const id = await made(administrator, '/v1/merges', merge)
    const { body } = await saba.get(doubled)
    assert.deepEqual(
      [body.active, body.link],
      [false, [{ other: { reference: `Patient/${saba.id}` }, type: 'replaced-by' }]],
    )
    assert.deepEqual((await saba.get(url)).body.link, [
      { other: { reference: `Patient/${double.id}` }, type: 'replaces' },
    ])
    assert.deepEqual(ids(await saba.get('/fhir/R4/Patient?link=Patient/x')), [])
    await house.work()
    const undone = await administrator.post(`/v1/merges/${id}/undo`, { reason: 'Two persons' }, version(1))
    assert.equal(undone.status, 200, JSON.stringify(undone.body))
    assert.equal((await saba.get(doubled)).status, 404)
    assert.equal((await double.get(doubled)).status, 200)
    assert.equal((await saba.get(url)).body.link, undefined)
  })

  it('nothing of it is left when the patient is erased', async () => {
    const { house, saba } = await openWithPatient()
    await saba.patch(`/v1/patients/${saba.id}`, { name: 'Saba Alemu' }, version(1))
    assert.equal(await versionsOf(house, 'Patient', saba.id), 2)
    await erase(house, { account: saba.account, patient: saba.id })
    assert.equal(await versionsOf(house, 'Patient', saba.id), 0)
    const { rows } = await house.owner.query('select from platform.fhir_string where parameter like $1', ['Patient.%'])
    assert.equal(rows.length, 0)
  })
})

/** A licence that an administrator has verified. */
async function verify(registry: Registry, doctor: Client & { id: string }): Promise<string> {
  const id = await made(doctor, `/v1/practitioners/${doctor.id}/licences`, aLicence)
  await registry.house.owner.query(`update registry.licence set certificate_key = 'x' where id = $1`, [id])
  const administrator = await registry.administrator()
  const { body } = await doctor.get(`/v1/practitioners/${doctor.id}/licences`)
  const answer = await administrator.post(
    `/v1/licences/${id}/verify`,
    { decision: 'verified' },
    version(body.items[0].version),
  )
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return id
}

describe('/fhir/R4/Practitioner', () => {
  it('is in the directory once a licence has been verified, and as long as the profile is in use', async () => {
    const registry = await openRegistry({}, everything)
    const doctor = await registry.practitioner({}, await registry.house.signedIn({ roles: ['patient'] }))
    const reader = await registry.house.signedIn({ roles: ['patient'] })
    const url = `/fhir/R4/Practitioner/${doctor.id}`
    assert.equal((await reader.get(url)).status, 404)
    assert.equal((await doctor.get(url)).body.name[0].text, aPractitioner.name, 'their own')
    await verify(registry, doctor)
    const { body } = await reader.get(url)
    assert.deepEqual(validate(body), [])
    assert.equal(body.name[0].text, aPractitioner.name)
    assert.deepEqual(body.qualification[0].period, { start: aLicence.validFrom, end: aLicence.validUntil })
    assert.ok(!JSON.stringify(body).includes(aLicence.number))
    const role = await reader.get(`/fhir/R4/PractitionerRole/${doctor.id}`)
    assert.deepEqual(validate(role.body), [])
    const asked = [
      'Practitioner?name=amina',
      'Practitioner?communication=sw',
      'PractitionerRole?specialty=cardiology',
      'PractitionerRole?practitioner.name=amina',
      'Practitioner?_has:PractitionerRole:practitioner:specialty=http://openhcs.test/v1/specialities|cardiology',
    ]
    for (const query of asked) assert.deepEqual(ids(await reader.get(`/fhir/R4/${query}`)), [doctor.id], query)
    const app = await backendClient(registry.house)
    const given = async () => (await exported(registry.house, app, '/fhir/R4/$export?_type=Practitioner')).output.length
    assert.equal(await given(), 1)
    const { body: own } = await doctor.get(`/v1/practitioners/${doctor.id}`)
    const rest = await doctor.patch(`/v1/practitioners/${doctor.id}`, { active: false }, version(own.version))
    assert.equal(rest.status, 200, JSON.stringify(rest.body))
    for (const what of ['', '/_history', '/_history/1']) assert.equal((await reader.get(url + what)).status, 404, what)
    for (const query of asked) assert.deepEqual(ids(await reader.get(`/fhir/R4/${query}`)), [], query)
    assert.equal(await given(), 0)
    assert.equal((await doctor.get(url)).body.active, false, 'their own')
    await doctor.patch(`/v1/practitioners/${doctor.id}`, { active: true }, version(rest.body.version))
    assert.equal((await reader.get(url)).body.active, true)
  })
})

describe('/fhir/R4/Location and Organization', () => {
  it('are found by name, by where they are, and by whom they belong to', async () => {
    const registry = await openRegistry({}, everything)
    const administrator = await registry.administrator()
    const reader = await registry.house.signedIn({ roles: ['donor'] })
    const trust = { name: 'Harbour Health Trust', city: 'Port Selam', country: 'GH', phone: '+233201234567' }
    const organisation = await made(administrator, '/v1/organisations', trust)
    const where = { latitude: 5.55, longitude: -0.2, zone: 'Africa/Accra' }
    const clinic = {
      name: 'Harbour Clinic',
      address: '1 Quay Road',
      city: 'Port Selam',
      country: 'GH',
      ...where,
      organisation,
    }
    const place = await made(administrator, '/v1/places', clinic)
    const asked: [query: string, expected: string[]][] = [
      ['Location?name=harbour', [place]],
      ['Location?near=5.56|-0.2|5|km', [place]],
      ['Location?near=6.56|-0.2|5|km', []],
      ['Location?address=quay', []],
      ['Location?address-city=port', [place]],
      ['Location?organization.name=harbour', [place]],
      ['Organization?name=harbour&active=true', [organisation]],
      [`Organization?_id=${organisation}&_revinclude=Location:organization`, [organisation, place]],
    ]
    for (const [query, expected] of asked) assert.deepEqual(ids(await reader.get(`/fhir/R4/${query}`)), expected, query)
    for (const what of [`Location/${place}`, `Organization/${organisation}`])
      assert.deepEqual(validate((await reader.get(`/fhir/R4/${what}`)).body), [], what)
    const { status } = await administrator.patch(
      `/v1/places/${place}`,
      { name: 'Quay Clinic', active: false },
      version(1),
    )
    assert.equal(status, 200)
    assert.deepEqual(ids(await reader.get('/fhir/R4/Location?name=quay&status=inactive')), [place])
    assert.equal((await registry.house.anonymous.get('/fhir/R4/Location')).status, 401)
    assert.equal((await (await registry.house.signedIn()).get('/fhir/R4/Location')).status, 403)
  })
})

describe('/fhir/R4/RelatedPerson', () => {
  it('is about its patient since the caregiver accepted, and says when the mandate was ended', async () => {
    const { registry, house, saba } = await openWithPatient()
    const hana = await registry.caregiver()
    const mandate = {
      ...{ patient: saba.id, caregiverCode: hana.answer.code, powers: ['book'] },
      validUntil: '2031-12-01T00:00:00Z',
    }
    const { body: given, status } = await saba.post('/v1/mandates', mandate)
    assert.equal(status, 201, JSON.stringify(given))
    const url = `/fhir/R4/RelatedPerson/${given.id}`
    assert.equal((await saba.get(url)).status, 404)
    assert.equal((await hana.post(`/v1/mandates/${given.id}/accept`)).status, 200)
    const { body } = await saba.get(url)
    assert.deepEqual(validate(body), [])
    assert.deepEqual(
      [body.active, body.name[0].text, body.patient.reference],
      [true, 'Hana Bekele', `Patient/${saba.id}`],
    )
    assert.deepEqual(ids(await saba.get(`/fhir/R4/Patient/${saba.id}/$everything`)), [saba.id, given.id])
    const stranger = await house.signedIn({ roles: ['patient', 'caregiver'] })
    assert.equal((await stranger.get(url)).status, 404)
    assert.deepEqual(ids(await stranger.get('/fhir/R4/RelatedPerson')), [])
    await hana.patch(`/v1/caregivers/${hana.id}`, { name: 'Hana Alemu' }, version(1))
    assert.equal((await saba.get(url)).body.name[0].text, 'Hana Alemu')
    assert.equal((await saba.post(`/v1/mandates/${given.id}/revoke`, {})).status, 200)
    assert.equal((await saba.get(url)).body.active, false)
    assert.equal(await versionsOf(house, 'RelatedPerson', given.id), 3)
    await erase(house, { account: hana.account, caregiver: hana.id })
    assert.equal(await versionsOf(house, 'RelatedPerson', given.id), 1, 'its caregiver has been erased')
    assert.ok(!JSON.stringify((await saba.get(url)).body).includes('Hana'))
    await erase(house, { account: saba.account, patient: saba.id })
    assert.equal(await versionsOf(house, 'RelatedPerson', given.id), 0)
  })
})

describe('what the store shows of registry', () => {
  it('a transaction that does not bring it about is refused by the database', async () => {
    const { house, saba } = await openWithPatient()
    const db = house.db<Tables>('registry')
    const forgetful = db.transaction().execute(async (tx) => {
      await tx.updateTable('patient').set({ name: 'Somebody' }).where('id', '=', saba.id).execute()
    })
    await assert.rejects(forgetful, /the store does not show what it changed/)
  })

  it('no other room takes any of it away', async () => {
    const { house, saba, url } = await openWithPatient()
    const forget = sql`select platform.fhir_forget('Patient', array[${saba.id}])`
    await assert.rejects(forget.execute(house.db('records')), /another room keeps this type/)
    assert.equal((await saba.get(url)).status, 200)
  })

  it('what the owner of the database changed is there after the next minute’s job', async () => {
    const { house, saba, url } = await openWithPatient()
    await house.owner.query(`update registry.patient set name = 'Saba Alemu' where id = $1`, [saba.id])
    assert.equal((await saba.get(url)).body.name[0].text, aPatient.name)
    await house.house.tasks()['registry:project-left']?.({}, undefined as never)
    assert.equal((await saba.get(url)).body.name[0].text, 'Saba Alemu')
  })

  it('what is wrong, missing or too much is mended at night, and nothing else is written', async () => {
    const { house, saba, url } = await openWithPatient()
    const night = () => house.house.tasks()['registry:mend-projections']?.({}, undefined as never)
    await night()
    assert.equal((await saba.get(url)).body.meta.versionId, '1')
    await house.owner.query(
      `update platform.fhir_resource set body = replace(body, 'Tesfaye', 'Nobody') where type = 'Patient'`,
    )
    await night()
    const { body } = await saba.get(url)
    assert.deepEqual([body.name[0].text, body.meta.versionId], [aPatient.name, '2'])
    await house.owner.query(`update platform.fhir_resource set id = id || '-stray' where type = 'Patient'`)
    await night()
    assert.equal(await versionsOf(house, 'Patient', saba.id), 1)
    assert.equal(await versionsOf(house, 'Patient', `${saba.id}-stray`), 0)
  })

  it('is compared page by page along an index, and sorted nowhere', async () => {
    const { house, saba } = await openWithPatient()
    const plans = await house.house.databases.get('registry')?.apart(async (db) => {
      await sql`select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`.execute(
        db,
      )
      const explained = db.withPlugin({
        transformQuery: ({ node }) => {
          const [first, ...rest] = (node as RawNode).sqlFragments
          return { ...node, sqlFragments: [`explain ${first}`, ...rest] } as RawNode
        },
        transformResult: async ({ result }) => result,
      })
      const of = [
        await rowsAfter(explained as Kysely<unknown>, 'patient', saba.id, 200),
        await idsInStore(explained as Kysely<unknown>, { type: 'Patient', after: saba.id, limit: 200 }),
        await rowsAmong(explained as Kysely<unknown>, 'patient', [saba.id]),
      ]
      return of.map((rows) =>
        (rows as unknown as { 'QUERY PLAN': string }[]).map((row) => row['QUERY PLAN']).join('\n'),
      )
    })
    for (const plan of plans ?? assert.fail()) {
      assert.match(plan, /Index (Only )?Scan/, plan)
      assert.doesNotMatch(plan, /Sort|Seq Scan/, plan)
    }
  })

  it('two who change what one resource says are both in it', async () => {
    const { registry, saba } = await openWithPatient()
    const lock = 'select from registry.patient where id = $1 for update'
    const changes = Array.from(
      { length: 4 },
      (_, n) => () => saba.patch(`/v1/patients/${saba.id}`, { name: `Saba ${n}` }, version(1)),
    )
    const answers = await registry.together(lock, saba.id, changes)
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412])
    const won = answers.find(({ status }) => status === 200)
    assert.equal((await saba.get(`/fhir/R4/Patient/${saba.id}`)).body.name[0].text, won?.body.name)
  })
})
