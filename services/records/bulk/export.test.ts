import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import {
  ALL,
  ASYNC,
  backendClient,
  erased,
  exported,
  linesIn,
  pathOf,
  resourcesIn,
} from '../../../tests/bulk-client.ts'
import { pulse } from '../../../tests/ward.ts'
import { newPatient, practitionerOf } from '../testing.ts'

const security = (code: string) => ({
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code }] },
})
const names = (all: { resourceType: string; id: string }[]) => all.map((one) => `${one.resourceType}/${one.id}`).sort()

async function openHouse() {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const [patient, stranger] = [await newPatient(house), await newPatient(house)]
  const doctor = await practitionerOf(house, patient)
  const make = async (resource: { resourceType: string }) => {
    const { status, body } = await doctor.post(`/fhir/R4/${resource.resourceType}`, resource)
    assert.equal(status, 201, JSON.stringify(body))
    return body as { resourceType: string; id: string }
  }
  return { house, doctor, patient: patient.id, stranger, make }
}

describe('GET /fhir/R4/$export', async () => {
  const { house, patient, stranger, doctor, make } = await openHouse()
  const first = await make(pulse(patient))
  const flag = await make({
    resourceType: 'Flag',
    ...{ status: 'active', code: { text: 'Fictional' }, subject: { reference: `Patient/${patient}` } },
  } as { resourceType: string })
  const client = await backendClient(house)

  it('gives everything in files of a type each, and says of when it is', async () => {
    const begun = await client.get('/fhir/R4/$export', ASYNC)
    assert.equal(begun.status, 202, JSON.stringify(begun.body))
    const status = pathOf(begun.headers['content-location'])
    const waiting = await client.get(status)
    assert.deepEqual([waiting.status, waiting.headers['retry-after']], [202, '5'])
    assert.match(String(waiting.headers['x-progress']), /^0 of \d+ types$/)
    await house.work()
    const { body: manifest, headers } = await client.get(status)
    assert.ok(headers.expires)
    assert.deepEqual(
      [manifest.request, manifest.requiresAccessToken, manifest.error, manifest.deleted],
      ['http://openhcs.test/fhir/R4/$export', true, [], []],
    )
    assert.ok(new Date(manifest.transactionTime) <= house.house.now())
    const all = await resourcesIn(client, manifest)
    const patients = [patient, stranger.id].map((id) => ({ resourceType: 'Patient', id }))
    assert.deepEqual(names(all), names([first, flag, ...patients]))
    assert.deepEqual(
      all.find(({ id }) => id === first.id),
      first,
    )
    const file = await client.get(pathOf(manifest.output[0].url))
    assert.equal(file.headers['content-type'], 'application/fhir+ndjson')
  })

  it('leaves an audit row of each patient, whom it tells which app it was', async () => {
    const { rows } = await house.owner.query(
      `select distinct subject from platform.audit_event where account_id = $1 and subject like 'Patient/%'`,
      [client.id],
    )
    assert.deepEqual(rows.map(({ subject }) => subject).sort(), [`Patient/${patient}`, `Patient/${stranger.id}`].sort())
    const { body } = await stranger.get(`/v1/patients/${stranger.id}/access-log`)
    assert.ok(
      body.items.some(({ text }: { text: string }) => text === 'Research register was given a copy of your record.'),
      JSON.stringify(body.items),
    )
  })

  it('is refused without respond-async, for types and searches that there are not, and for another format', async () => {
    assert.equal((await client.get('/fhir/R4/$export')).status, 400)
    for (const query of [
      '_type=Nonsense',
      '_type=Slot',
      '_typeFilter=Observation?nonsense=1',
      '_typeFilter=Observation',
      '_typeFilter=Observation?_include=Observation:subject',
      '_since=yesterday',
      '_outputFormat=csv',
      'unknown=1',
    ])
      assert.equal((await client.get(`/fhir/R4/$export?${query}`, ASYNC)).status, 400, query)
  })

  it('is for apps that come for themselves, that may read something, and whom somebody’s records are open to', async () => {
    assert.equal((await house.anonymous.get('/fhir/R4/$export', ASYNC)).status, 401)
    const root = await house.signedIn({ roles: ['administrator'] })
    for (const who of [doctor, root]) assert.equal((await who.get('/fhir/R4/$export', ASYNC)).status, 403)
    const none = { ...ALL, patients: 'none' }
    for (const options of [{ records: null }, { records: none }, { scopes: ['system/*.c'] }]) {
      const other = await backendClient(house, options)
      assert.equal((await other.get('/fhir/R4/$export', ASYNC)).status, 403, JSON.stringify(options))
    }
  })

  it('is refused to an app whose scopes name no type that is exported', async () => {
    for (const scope of ['system/Slot.rs', 'system/Subscription.rs']) {
      const other = await backendClient(house, { scopes: [scope] })
      assert.equal((await other.get('/fhir/R4/$export', ASYNC)).status, 403, scope)
    }
  })

  it('searches through no type that the scopes do not name', async () => {
    const narrow = await backendClient(house, { scopes: ['system/Observation.rs'] })
    for (const query of [
      'patient.birthdate=1987-06-05',
      '_has:Provenance:target:recorded=gt2000',
      '_filter=patient.name co "Saba"',
      '_filter=has-member:Observation[patient.name co "Saba"].status pr true',
    ]) {
      const url = `/fhir/R4/$export?_type=Observation&_typeFilter=${encodeURIComponent(`Observation?${query}`)}`
      assert.equal((await narrow.get(url, ASYNC)).status, 403, query)
    }
    const patients = await exported(house, client, '/fhir/R4/$export?_type=Patient&_typeFilter=Patient%3Fgender%3Dmale')
    assert.deepEqual(patients.output, [])
  })

  it('is held to the same where it is asked by Parameters', async () => {
    const ask = (parameter: object[]) =>
      client.post('/fhir/R4/$export', { resourceType: 'Parameters', parameter }, ASYNC)
    const many = Array.from({ length: 21 }, (_, n) => ({ name: '_typeFilter', valueString: `Observation?code=${n}` }))
    for (const parameter of [
      [{ name: '_since', valueString: 'yesterday' }],
      [{ name: '_outputFormat', valueString: 'csv' }],
      many,
    ])
      assert.equal((await ask(parameter)).status, 400, JSON.stringify(parameter[0]))
  })

  it('gives the types that scopes name alone, and what is asked for of them', async () => {
    const narrow = await backendClient(house, { scopes: ['system/Observation.r', 'system/Flag.rs?status=active'] })
    assert.deepEqual(names(await resourcesIn(narrow, await exported(house, narrow))), names([first]))
    assert.equal((await narrow.get('/fhir/R4/$export?_type=Flag', ASYNC)).status, 403)
    const flags = await exported(house, client, '/fhir/R4/$export?_type=Flag')
    assert.deepEqual(names(await resourcesIn(client, flags)), names([flag]))
    const other = await make(pulse(patient, { code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] } }))
    const found = await exported(
      house,
      client,
      '/fhir/R4/$export?_type=Observation&_typeFilter=Observation%3Fcode%3D8480-6',
    )
    assert.deepEqual(names(await resourcesIn(client, found)), names([other]))
  })

  it('takes two at once of an app, also where they are asked for together; one that is called off makes room', async () => {
    const busy = await backendClient(house)
    const all = await Promise.all(Array.from({ length: 6 }, () => busy.get('/fhir/R4/$export', ASYNC)))
    const [begun, refused] = [202, 429].map((status) => all.filter((one) => one.status === status))
    assert.ok(begun?.length === 1 || begun?.length === 2, String(all.map(({ status }) => status)))
    assert.equal((begun?.length ?? 0) + (refused?.length ?? 0), 6)
    while ((await busy.get('/fhir/R4/$export', ASYNC)).status !== 429);
    assert.equal((await busy.get('/fhir/R4/$export', ASYNC)).headers['retry-after'], '60')
    const status = pathOf(begun?.[0]?.headers['content-location'])
    assert.equal((await busy.delete(status)).status, 202)
    assert.equal((await busy.get(status)).status, 404)
    assert.equal((await busy.get('/fhir/R4/$export', ASYNC)).status, 202)
    await house.work()
  })
})

describe('an export', async () => {
  const { house, patient, stranger, doctor, make } = await openHouse()
  const client = await backendClient(house)
  const observations = '/fhir/R4/$export?_type=Observation'

  it('shows everything as it was when it began, whatever is written meanwhile', async () => {
    const kept = await make(pulse(patient))
    const gone = await make(pulse(patient))
    const begun = await client.get(observations, ASYNC)
    house.setNow('2031-03-01T08:10:00Z')
    await doctor.put(`/fhir/R4/Observation/${kept.id}`, { ...kept, status: 'amended' })
    await doctor.delete(`/fhir/R4/Observation/${gone.id}`)
    await make(pulse(patient))
    await house.work()
    const { body } = await client.get(pathOf(begun.headers['content-location']))
    assert.deepEqual(
      (await resourcesIn(client, body)).toSorted((a, b) => a.id.localeCompare(b.id)),
      [kept, gone].toSorted((a, b) => a.id.localeCompare(b.id)),
    )
  })

  it('has patients as they were then, with where they live by the clock', async () => {
    const begun = await client.get('/fhir/R4/$export?_type=Patient', ASYNC)
    const ifMatch = { 'if-match': '"1"' }
    house.setNow('2031-03-01T08:20:00Z')
    const changed = await stranger.patch(`/v1/patients/${stranger.id}`, { name: 'Hana Bekele' }, ifMatch)
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    await house.work()
    const { body } = await client.get(pathOf(begun.headers['content-location']))
    const one = (await resourcesIn(client, body)).find(({ id }) => id === stranger.id)
    assert.deepEqual(
      [one?.name, one?.extension],
      [[{ text: 'Saba Tesfaye' }], [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'UTC' }]],
    )
    const { output } = await exported(house, client, '/fhir/R4/$export?_type=Patient&_since=2031-03-01T08:15:00Z')
    assert.deepEqual(names(await resourcesIn(client, { output })), [`Patient/${stranger.id}`])
  })

  it('since a time has what changed, and what was deleted as transactions', async () => {
    const [before, kept, gone] = [await make(pulse(patient)), await make(pulse(patient)), await make(pulse(patient))]
    house.setNow('2031-03-01T09:00:00Z')
    await doctor.put(`/fhir/R4/Observation/${kept.id}`, { ...kept, status: 'amended' })
    await doctor.delete(`/fhir/R4/Observation/${gone.id}`)
    const { output, deleted } = await exported(house, client, `${observations}&_since=2031-03-01T08:30:00Z`)
    assert.deepEqual(names(await resourcesIn(client, { output })), names([kept]))
    assert.ok(before.id)
    const ofOne = `/fhir/R4/Patient/$export?_type=Observation&patient=${patient}&_since=2031-03-01T08:30:00Z`
    assert.equal((await exported(house, client, ofOne)).deleted.length, 1)
    const [bundle] = linesIn(await client.get(pathOf(deleted[0]?.url)))
    assert.deepEqual([deleted[0]?.type, bundle?.type], ['Bundle', 'transaction'])
    assert.deepEqual(bundle?.entry, [{ request: { method: 'DELETE', url: `Observation/${gone.id}` } }])
  })

  it('of patients alone has no definitions, and of some patients nobody else', async () => {
    const root = await house.signedIn({ roles: ['administrator'] })
    const library = { resourceType: 'Library', status: 'draft', type: { text: 'Fictional' } }
    assert.equal((await root.post('/fhir/R4/Library', library)).status, 201)
    const types = async (url: string) => (await exported(house, client, url)).output.map(({ type }) => type)
    assert.ok((await types('/fhir/R4/$export')).includes('Library'))
    assert.ok(!(await types('/fhir/R4/Patient/$export')).includes('Library'))
    const one = await exported(house, client, `/fhir/R4/Patient/$export?patient=Patient/${stranger.id}`)
    assert.deepEqual(names(await resourcesIn(client, one)), [`Patient/${stranger.id}`])
    const parameter = [{ name: 'patient', valueReference: { reference: `Patient/${stranger.id}` } }]
    const posted = await client.post('/fhir/R4/Patient/$export', { resourceType: 'Parameters', parameter }, ASYNC)
    assert.equal(posted.status, 202, JSON.stringify(posted.body))
    await house.work()
    const { body } = await client.get(pathOf(posted.headers['content-location']))
    assert.deepEqual(names(await resourcesIn(client, body)), [`Patient/${stranger.id}`])
  })

  it('leaves out who has refused its purpose, whom it was not granted, and what is sensitive unless it is granted by name', async () => {
    const hiv = await make(pulse(patient, security('HIV')))
    const has = async (records: object) => {
      const one = await backendClient(house, { records: { ...ALL, ...records } })
      return names(await resourcesIn(one, await exported(house, one)))
    }
    const [secret, person] = [`Observation/${hiv.id}`, `Patient/${patient}`]
    assert.ok(!(await has({})).includes(secret))
    assert.ok((await has({ categories: ['hiv'] })).includes(secret))
    const organisation = newId()
    await house.owner.query(
      `insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from) values ($1, $2, 'Patient', $3, $3, '2030-01-01Z')`,
      [newId(), organisation, stranger.id],
    )
    const ofOrganisation = { patients: 'organisations', organisations: [organisation] }
    assert.deepEqual(
      (await has(ofOrganisation)).filter((name) => !name.startsWith('Library')),
      [`Patient/${stranger.id}`],
    )
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'research', 'general', '2030-01-01Z')`,
      [patient],
    )
    const research = await has({ purpose: 'research', categories: ['hiv'] })
    assert.ok(!research.some((name) => name.startsWith('Observation') || name === person), String(research))
    assert.ok((await has({ categories: ['hiv'] })).includes(person))
  })

  it('has nothing of whoever has been erased, though records of their treatment are kept', async () => {
    const gone = await newPatient(house)
    const treats = await practitionerOf(house, gone)
    const { body: kept } = await treats.post('/fhir/R4/Observation', pulse(gone.id))
    const has = async () => names(await resourcesIn(client, await exported(house, client, observations)))
    assert.ok((await has()).includes(`Observation/${kept.id}`))
    await erased(house, gone.id)
    const { rows } = await house.owner.query('select from platform.fhir_resource where id = $1', [kept.id])
    assert.equal(rows.length, 1)
    assert.ok(!(await has()).includes(`Observation/${kept.id}`))
  })

  it('shows nothing any more when the app is granted something else', async () => {
    const app = await backendClient(house)
    const root = await house.signedIn({ roles: ['administrator'] })
    const status = async () => pathOf((await app.get(observations, ASYNC)).headers['content-location'])
    const done = await status()
    await house.work()
    const file = pathOf((await app.get(done)).body.output[0].url)
    assert.equal((await app.get(file)).status, 200)
    const running = await status()
    const { items } = (await root.get('/v1/oauth-clients?limit=100')).body
    const { version } = items.find(({ id }: { id: string }) => id === app.id)
    const records = { ...ALL, purpose: 'research' }
    const changed = await root.patch(`/v1/oauth-clients/${app.id}`, { records }, { 'if-match': `"${version}"` })
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    assert.equal((await app.get(file)).status, 404)
    await house.work()
    assert.equal((await app.get(running)).status, 500)
  })

  it('that fails again and again is told to have failed, and makes room', async () => {
    const app = await backendClient(house)
    const status = pathOf((await app.get(observations, ASYNC)).headers['content-location'])
    const id = status.split('/').at(-1)
    await house.owner.query(`update records.bulk_export set searches = '{Observation?nonsense=1}' where id = $1`, [id])
    for (let attempt = 1; attempt <= 8; attempt++) {
      assert.equal((await app.get(status)).status, 202)
      await assert.rejects(async () => house.house.tasks()['records:export']?.({ export: id }, undefined as never))
    }
    assert.equal((await app.get(status)).status, 500)
    await house.house.tasks()['records:export']?.({ export: id }, undefined as never)
    await house.work()
  })

  it('is gone after a day, with its files', async () => {
    const begun = await client.get(observations, ASYNC)
    await house.work()
    const status = pathOf(begun.headers['content-location'])
    const { output } = (await client.get(status)).body
    house.setNow('2031-03-03T09:00:00Z')
    assert.equal((await client.get(status)).status, 404)
    assert.equal((await client.get(pathOf(output[0].url))).status, 404)
    await house.owner.query("select graphile_worker.add_job('records:drop-files', '{}'::json)")
    await house.work()
    const kept = await house.owner.query('select count(*)::int as n from records.bulk_file')
    assert.ok(kept.rows[0].n > 0, 'what was put a moment ago stays for an hour')
  })
})
