import assert from 'node:assert/strict'
import { existsSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { strFromU8, unzipSync } from 'fflate'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../calendar.ts'

const script = '<script>alert(1)</script> "Zo\u0301\u202e'
const facts = { name: script, birthDate: '1990-01-01', gender: 'female', language: 'en', zone: 'UTC' }

async function signUp(house: TestHouse, userName: string): Promise<Client> {
  const password = 'salt-harbour-lantern'
  await house.anonymous.post('/v1/accounts', { userName, name: script, password })
  return house.withToken((await house.anonymous.post('/v1/sessions', { userName, password })).body.token)
}

async function fetchExport(house: TestHouse, { token }: Client, id: string) {
  const url = `/v1/exports/${id}/file`
  const response = await house.app.inject({ url, headers: { authorization: `Bearer ${token}` } })
  assert.equal(response.statusCode, 200)
  assert.match(String(response.headers['content-disposition']), /^attachment; filename="everything-about-you\.zip"$/)
  const files = unzipSync(new Uint8Array(response.rawPayload))
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]))
}

describe('a copy of everything about a person', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const treats = await openCalendar(house)
  const who = await signUp(house, 'saba')
  const patient = (await who.post('/v1/patients', facts)).body.id
  const number = { kind: 'national', country: 'GH', value: 'GHA-QVXJWK-000-4217' }
  await who.post(`/v1/patients/${patient}/identifiers`, number)
  const visit = { practitioner: treats, patient, start: '2031-03-03T09:00:00Z', reason: 'cough' }
  assert.equal((await who.post('/v1/appointments', visit)).status, 201)
  const carer = await signUp(house, 'carer')
  const caregiver = (await carer.post('/v1/caregivers', { name: 'Hana', language: 'en' })).body.id
  const give = async (powers: string[]) => {
    const given = await who.post('/v1/mandates', { patient, caregiver, powers })
    assert.equal((await carer.post(`/v1/mandates/${given.body.id}/accept`)).status, 200)
    return given
  }

  it('has JSON, FHIR and a page that runs nothing, from every room, and no number in full', async () => {
    const asked = await who.post('/v1/exports', {})
    assert.equal(asked.status, 201, JSON.stringify(asked.body))
    assert.equal((await who.post('/v1/exports', {})).body.code, 'duplicate')
    assert.equal((await who.get(`/v1/exports/${asked.body.id}/file`)).status, 404, 'not ready')
    await house.work()
    assert.equal((await who.get(`/v1/exports/${asked.body.id}`)).body.status, 'ready')
    const files = await fetchExport(house, who, asked.body.id)
    assert.deepEqual(Object.keys(files).sort(), ['everything.json', 'fhir-r4-bundle.json', 'index.html'])
    assert.doesNotMatch(JSON.stringify(files), /qvxjwk/i)

    const data = JSON.parse(files['everything.json'] as string)
    assert.deepEqual(Object.keys(data), ['madeAt', ...everything.map(({ name }) => name), 'files'])
    assert.equal(data.registry['Patient profile'][0].name, script)
    assert.equal(data.scheduling.Appointments[0].reason, 'cough')
    assert.equal(data.identity.Account[0].user_name, 'saba')
    assert.doesNotMatch(JSON.stringify(data), /password_hash|token|argon2/)
    const log = Object.entries(data.registry).find(([title]) => title.startsWith('Who saw'))?.[1] as { by: string }[]
    assert.ok(log.some(({ by }) => by === 'you'))

    const bundle = JSON.parse(files['fhir-r4-bundle.json'] as string)
    const types = bundle.entry.map(({ resource }: { resource: { resourceType: string } }) => resource.resourceType)
    assert.deepEqual([bundle.resourceType, bundle.type, ...types], ['Bundle', 'collection', 'Patient', 'Appointment'])

    const page = files['index.html'] as string
    assert.doesNotMatch(page, /<script/i)
    assert.match(page, /&lt;script&gt;/)
    assert.match(page, /<html lang="en">[\s\S]*<title>[\s\S]*<h1>[\s\S]*<nav aria-label/)
    assert.match(page, /<th scope="col">/)
    assert.match(page, /<td dir="auto">/)
  })

  it('is told without contents, and is nobody else’s', async () => {
    const [{ id }] = (await who.get('/v1/exports')).body.items
    const told = (await who.get('/v1/notifications')).body.items.find(
      ({ resource }: { resource: string }) => resource === `Export/${id}`,
    )
    assert.equal(told.title, 'Your copy is ready')
    for (const path of [`/v1/exports/${id}`, `/v1/exports/${id}/file`]) {
      assert.equal((await carer.get(path)).status, 404)
      assert.equal((await house.anonymous.get(path)).status, 401)
    }
  })

  it('is also for a caregiver whose mandate covers all of it, as long as it stands', async () => {
    assert.equal((await carer.post('/v1/exports', { patient })).status, 404)
    const partly = await give(['book', 'see-record'])
    assert.equal((await carer.post('/v1/exports', { patient })).status, 404)
    await who.post(`/v1/mandates/${partly.body.id}/revoke`, {})
    const fully = await give(['see-record', 'see-sensitive'])
    assert.equal(fully.status, 201, JSON.stringify(fully.body))
    const { body } = await carer.post('/v1/exports', { patient })
    await house.work()
    const data = JSON.parse((await fetchExport(house, carer, body.id))['everything.json'] as string)
    assert.deepEqual(data.identity, {}, 'the account is not the patient’s record')
    assert.equal(data.registry['Patient profile'].length, 1)
    await who.post(`/v1/mandates/${fully.body.id}/revoke`, {})
    assert.equal((await carer.get(`/v1/exports/${body.id}/file`)).status, 404)
  })

  it('can be fetched for some days, and its file goes when no other record has the same', async () => {
    const [{ id, expiresAt }] = (await who.get('/v1/exports')).body.items
    const { rows } = await house.owner.query('select file_key as key from registry.data_export where id = $1', [id])
    const path = join(house.house.config.OPENHCS_HOME, 'files', rows[0].key.slice(0, 2), rows[0].key)
    const job = (name: string) => house.house.tasks()[`registry:${name}`]?.({}, { job: {} } as never)
    house.setNow(expiresAt)
    assert.equal((await who.get(`/v1/exports/${id}/file`)).status, 404)
    await job('forget')
    assert.equal((await who.get(`/v1/exports/${id}`)).body.status, 'expired')
    await job('drop-files')
    assert.ok(existsSync(path), 'one that was written a moment ago may be about to be referred to')
    house.setNow(new Date(Date.parse(expiresAt) + 3_600_000).toISOString())
    await job('drop-files')
    assert.ok(existsSync(path), 'its own time counts too')
    utimesSync(path, 0, 0)
    await job('drop-files')
    assert.ok(!existsSync(path))
    assert.equal(
      (await house.owner.query('select 1 from registry.file_unused where key = $1', [rows[0].key])).rowCount,
      0,
    )
  })
})
