import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { powers } from '#platform/access.ts'
import { Power } from './contract/patients.ts'
import { aPatient, nowhere, openRegistry, version } from './testing.ts'

describe('/v1/patients', async () => {
  const { house, patient, caregiver, administrator, rows } = await openRegistry()
  const saba = await patient({ phone: '+1 202 555 0147', email: 'saba@example.org' })
  const path = `/v1/patients/${saba.id}`

  it('POST makes one’s own profile, and the role patient with every power', async () => {
    const { id: _id, ...shown } = saba.answer as Record<string, unknown>
    assert.deepEqual(shown, {
      ...aPatient,
      phone: '+12025550147',
      email: 'saba@example.org',
      active: true,
      version: 1,
    })
    const { body } = await saba.get('/v1/patients')
    assert.deepEqual(body.items, [{ id: saba.id, name: aPatient.name, relationship: 'self', powers: [...powers] }])
    assert.equal((await saba.get('/v1/mandates')).status, 200)
    assert.equal((await house.anonymous.post('/v1/patients', aPatient)).status, 401)
  })

  it('POST makes one for each account, however many ask at once', async () => {
    const eager = await house.signedIn()
    const answers = await Promise.all([1, 2, 3].map(() => eager.post('/v1/patients', aPatient)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
    assert.equal(answers.find(({ status }) => status === 409)?.body.code, 'duplicate')
    assert.equal((await rows('select 1 from registry.patient where account_id = $1', [eager.account])).length, 1)
    assert.equal((await rows('select 1 from platform.access_grant where account_id = $1', [eager.account])).length, 1)
  })

  it('POST answers a repeated request as it did the first time', async () => {
    const who = await house.signedIn()
    const key = { 'idempotency-key': 'k' }
    const first = await who.post('/v1/patients', aPatient, key)
    assert.deepEqual((await who.post('/v1/patients', aPatient, key)).body, first.body)
  })

  it('POST refuses facts that cannot be', async () => {
    const who = await house.signedIn()
    for (const [change, pointer] of [
      [{ birthDate: '2031-03-03' }, '/body/birthDate'],
      [{ birthDate: '1899-12-31' }, '/body/birthDate'],
      [{ birthDate: '2001-02-29' }, '/body/birthDate'],
      [{ birthDate: '0000-01-01' }, '/body/birthDate'],
      [{ birthDate: 5 }, '/body/birthDate'],
      [{ gender: 'F' }, '/body/gender'],
      [{ language: '../' }, '/body/language'],
      [{ zone: 'UTC+3' }, '/body/zone'],
      [{ phone: '+999' }, '/body/phone'],
      [{ email: 'x' }, '/body/email'],
      [{ account: nowhere }, '/body/account'],
    ] as const) {
      const { status, body } = await who.post('/v1/patients', { ...aPatient, ...change })
      assert.equal(status, 400, JSON.stringify(change))
      assert.equal(body.errors[0].pointer, pointer)
    }
    const bornToday = await who.post('/v1/patients', { ...aPatient, birthDate: '2031-03-01' })
    assert.equal(bornToday.status, 201)
  })

  it('GET is for oneself; for others there is no such patient, and administrators see who it is', async () => {
    assert.equal((await saba.get(path)).body.birthDate, '1987-06-05')
    const other = await patient()
    const stranger = await caregiver()
    assert.equal((await other.get(path)).status, 404)
    assert.equal((await stranger.get(path)).status, 404)
    assert.equal((await other.get(`/v1/patients/${nowhere}`)).status, 404)
    const { body, status } = await (await administrator()).get(path)
    assert.deepEqual([status, body.name, body.phone, body.email], [200, 'Saba Tesfaye', undefined, undefined])
    assert.equal((await house.anonymous.get(path)).status, 401)
    assert.equal((await saba.get('/v1/patients/1')).status, 400)
  })

  it('PATCH is for oneself, in the version that was read', async () => {
    assert.equal((await (await patient()).patch(path, { name: 'Mine' }, version(1))).status, 404)
    assert.equal((await saba.patch(path, { name: 'S' })).status, 428)
    assert.equal((await saba.patch(path, { birthDate: '2040-01-01' }, version(1))).status, 400)
    const both = ['S', 'T'].map((name) => saba.patch(path, { name }, version(1)))
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 412])
    const { body } = await saba.patch(path, { phone: null, birthDate: '1987-06-06' }, version(2))
    assert.deepEqual([body.phone, body.birthDate, body.version], [undefined, '1987-06-06', 3])
    assert.equal((await saba.patch(path, {}, version(3))).status, 400)
  })

  it('leaves a trace of every read, refused ones too, and of every change', async () => {
    const traces = await rows(
      "select operation, action, coalesce(relationship, reason) as how from platform.audit_event where entity = $1 and operation <> 'listPatients' order by id",
      [`Patient/${saba.id}`],
    )
    assert.deepEqual(
      traces.map(({ operation, action, how }) => `${operation} ${action} ${how}`),
      [
        'createPatient C self',
        'readPatient R self',
        'readPatient R refused',
        'readPatient R refused',
        'readPatient R administrator',
        'updatePatient U self',
        'updatePatient U self',
      ],
    )
  })

  it('knows the powers that the ground knows', () => {
    assert.deepEqual((Power as unknown as { enum: string[] }).enum, [...powers])
  })
})

describe('/v1/caregivers', async () => {
  const { house, patient, caregiver } = await openRegistry()
  const hana = await caregiver({ phone: '+12025550148' })
  const path = `/v1/caregivers/${hana.id}`

  it('POST gives a code to tell, one profile for each account', async () => {
    assert.match((hana.answer as { code: string }).code, /^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/)
    const eager = await house.signedIn()
    const answers = await Promise.all([1, 2].map(() => eager.post('/v1/caregivers', { name: 'H', language: 'am' })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409])
    assert.equal((await house.anonymous.post('/v1/caregivers', { name: 'H', language: 'am' })).status, 401)
    for (const body of [{}, { name: 'H' }, { name: 'H', language: 'am', code: 'AAAAAAAA' }, { name: 'H', language: 7 }])
      assert.equal((await eager.post('/v1/caregivers', body)).status, 400)
  })

  it('GET is for oneself, and without the code for a patient who gave a mandate', async () => {
    assert.equal((await hana.get(path)).body.code, (hana.answer as { code: string }).code)
    const saba = await patient()
    assert.equal((await saba.get(path)).status, 404)
    await saba.post('/v1/mandates', { patient: saba.id, caregiver: hana.id, powers: ['book'] }) // also before it is accepted
    const seen = await saba.get(path)
    assert.deepEqual([seen.status, seen.body.code], [200, undefined])
    assert.equal((await (await caregiver()).get(path)).status, 404)
    assert.equal((await house.anonymous.get(path)).status, 401)
    assert.equal((await hana.get(`/v1/caregivers/${nowhere}`)).status, 404)
  })

  it('PATCH is for oneself, in the version that was read', async () => {
    assert.equal((await (await caregiver()).patch(path, { name: 'x' }, version(1))).status, 404)
    const both = ['H', 'I'].map((name) => hana.patch(path, { name, phone: null }, version(1)))
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 412])
    assert.equal((await hana.patch(path, { code: 'AAAAAAAA' }, version(2))).status, 400)
  })
})
