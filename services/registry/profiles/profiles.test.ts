import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aLicence, nowhere, openRegistry, pdf, version } from '../testing.ts'

const aDonor = { name: 'Kofi Mensah', language: 'en' }
const anAdministrator = { name: 'Lena Duarte', language: 'pt', duty: 'Verifies licences' }

describe('/v1/donors', async () => {
  const { house, administrator, patient } = await openRegistry()
  const root = await administrator()
  const kofi = await house.signedIn()
  const made = await kofi.post('/v1/donors', { ...aDonor, phone: '+1 202 555 0147' })
  const path = `/v1/donors/${made.body.id}`

  it('POST makes one’s own profile, anonymous unless said otherwise, and the role donor', async () => {
    const { id: _id, ...shown } = made.body
    assert.deepEqual(shown, { ...aDonor, phone: '+12025550147', anonymous: true, active: true, version: 1 })
    assert.equal((await kofi.post('/v1/donors', aDonor)).status, 409)
    assert.equal((await house.anonymous.post('/v1/donors', aDonor)).status, 401)
    assert.equal((await kofi.post('/v1/donors', { ...aDonor, role: 'administrator' })).status, 400)
    const eager = await house.signedIn()
    const answers = await Promise.all([1, 2, 3].map(() => eager.post('/v1/donors', aDonor)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
  })

  it('GET is for oneself and administrators', async () => {
    assert.equal((await kofi.get(path)).body.name, aDonor.name)
    assert.equal((await root.get(path)).status, 200)
    assert.equal((await (await patient()).get(path)).status, 404)
    assert.equal((await kofi.get(`/v1/donors/${nowhere}`)).status, 404)
    assert.equal((await kofi.get('/v1/donors')).status, 403)
    assert.ok((await root.get('/v1/donors')).body.items.some(({ id }: { id: string }) => id === made.body.id))
  })

  it('PATCH is for oneself; an administrator takes it out of use, and then only one brings it back', async () => {
    assert.equal((await kofi.patch(path, { anonymous: false, phone: null }, version(1))).body.anonymous, false)
    assert.equal((await kofi.patch(path, { name: 'x' }, version(1))).status, 412)
    assert.equal((await (await patient()).patch(path, { name: 'x' }, version(2))).status, 404)
    assert.equal((await kofi.patch(path, { active: false }, version(2))).body.active, false)
    assert.equal((await kofi.patch(path, { active: true }, version(3))).body.active, true)
    assert.equal((await root.patch(path, { name: 'x' }, version(4))).status, 403)
    assert.equal((await root.patch(path, { active: false }, version(4))).body.active, false)
    assert.equal((await kofi.patch(path, { active: true }, version(5))).status, 403)
    assert.equal((await root.patch(path, { active: true }, version(5))).body.active, true)
  })
})

describe('/v1/administrators', async () => {
  const { house, administrator, patient } = await openRegistry()
  const [lena, other] = [await administrator(), await administrator()]
  const made = await lena.post('/v1/administrators', anAdministrator)
  const path = `/v1/administrators/${made.body.id}`

  it('are profiles of those who are administrators, and make nobody one', async () => {
    const { id: _id, ...shown } = made.body
    assert.deepEqual(shown, { ...anAdministrator, active: true, version: 1 })
    assert.equal((await lena.post('/v1/administrators', anAdministrator)).status, 409)
    assert.equal((await (await patient()).post('/v1/administrators', anAdministrator)).status, 403)
    assert.equal((await house.anonymous.get(path)).status, 401)
    assert.equal((await other.get(path)).body.duty, anAdministrator.duty)
    assert.equal((await other.get('/v1/administrators')).body.items.length, 1)
    assert.equal((await other.get(`/v1/administrators/${nowhere}`)).status, 404)
  })

  it('PATCH by others changes only whether it is in use', async () => {
    assert.equal((await lena.patch(path, { duty: null }, version(1))).body.duty, undefined)
    assert.equal((await other.patch(path, { duty: 'x' }, version(2))).status, 403)
    assert.equal((await other.patch(path, { active: false }, version(2))).body.active, false)
    assert.equal((await other.patch(path, { active: true }, version(2))).status, 412)
  })
})

describe('one person', async () => {
  const { house, administrator } = await openRegistry()

  it('may be practitioner, caregiver, patient, donor and administrator at once', async () => {
    const who = await administrator()
    const profiles = {
      patients: { name: 'A', birthDate: '1987-06-05', gender: 'other', language: 'en', zone: 'UTC' },
      caregivers: { name: 'A', language: 'en' },
      donors: { name: 'A', language: 'en' },
      administrators: { name: 'A', language: 'en' },
      practitioners: { name: 'A', gender: 'other', languages: ['en'], specialities: ['cardiology'] },
    }
    for (const [what, body] of Object.entries(profiles))
      assert.equal((await who.post(`/v1/${what}`, body)).status, 201, what)
    const { rows } = await house.owner.query(
      `select array_agg(subject_type order by subject_type) as types from platform.access_grant where account_id = $1`,
      [who.account],
    )
    assert.deepEqual(rows[0].types, ['Caregiver', 'Donor', 'Patient', 'Practitioner'])
  })
})

describe('PATCH active: false', async () => {
  const { house, administrator, practitioner, caregiver, patient } = await openRegistry()
  const root = await administrator()

  it('a practitioner is no longer offered, and is again when brought back', async () => {
    const doctor = await practitioner()
    const path = `/v1/practitioners/${doctor.id}`
    const licence = (await doctor.post(`${path}/licences`, aLicence)).body.id
    await doctor.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
    await root.post(`/v1/licences/${licence}/verify`, { decision: 'verified' }, version(2))
    const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
    const schedule = { modes: ['video'], zone: 'UTC', minutes: 30, hours, validFrom: '2031-03-01' }
    assert.equal((await doctor.post('/v1/schedules', schedule)).status, 201)
    const seeker = await patient()
    const offered = async () => {
      await house.work()
      return (await seeker.get('/v1/practitioners/find?speciality=cardiology')).body.items.length
    }
    assert.equal(await offered(), 1)
    assert.equal((await root.patch(path, { active: false }, version(1))).body.active, false)
    assert.equal(await offered(), 0)
    assert.equal((await seeker.get(path)).status, 404)
    const wish = { practitioner: doctor.id, patient: seeker.id, start: '2031-03-03T09:00:00Z' }
    assert.equal((await seeker.post('/v1/appointments', wish)).status, 422)
    assert.equal((await doctor.patch(path, { active: true }, version(2))).status, 403)
    assert.equal((await root.patch(path, { active: true }, version(2))).status, 200)
    assert.equal(await offered(), 1)
  })

  it('a practitioner whose licence is pending or has ended is not offered', async () => {
    const doctor = await practitioner({ specialities: ['neurology'] })
    const path = `/v1/practitioners/${doctor.id}`
    const seeker = await patient()
    const found = async () => {
      await house.work()
      return (await seeker.get('/v1/practitioners/find?speciality=neurology')).body.items.length
    }
    const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
    const schedule = { modes: ['video'], zone: 'UTC', minutes: 30, hours, validFrom: '2031-03-01' }
    const short = { ...aLicence, number: 'n-1', validUntil: '2031-03-10' }
    const licence = (await doctor.post(`${path}/licences`, short)).body.id
    await doctor.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
    assert.equal((await doctor.post('/v1/schedules', schedule)).status, 403)
    assert.equal(await found(), 0)
    await root.post(`/v1/licences/${licence}/verify`, { decision: 'verified' }, version(2))
    assert.equal((await doctor.post('/v1/schedules', schedule)).status, 201)
    assert.equal(await found(), 1)
    house.setNow('2031-03-11T08:00:00Z')
    assert.equal(await found(), 0)
    const wish = { practitioner: doctor.id, patient: seeker.id, start: '2031-03-17T09:00:00Z' }
    assert.equal((await seeker.post('/v1/appointments', wish)).status, 422)
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('a caregiver is named in no new mandate, a patient is for no caregiver to choose, a place and a speciality are not found', async () => {
    const [saba, hana] = [await patient(), await caregiver()]
    const mandate = { patient: saba.id, caregiver: hana.id, powers: ['book'] }
    assert.equal((await saba.post('/v1/mandates', mandate)).status, 201)
    assert.equal((await saba.patch(`/v1/patients/${saba.id}`, { active: false }, version(1))).body.active, false)
    assert.deepEqual((await hana.get('/v1/patients')).body.items, [])
    const idle = await caregiver()
    assert.equal((await idle.patch(`/v1/caregivers/${idle.id}`, { active: false }, version(1))).status, 200)
    assert.equal((await saba.post('/v1/mandates', { ...mandate, caregiver: idle.id })).status, 422)
    const place = {
      name: 'Zebra House',
      address: 'a',
      city: 'b',
      country: 'GH',
      latitude: 1,
      longitude: 2,
      zone: 'UTC',
    }
    const { id } = (await root.post('/v1/places', place)).body
    assert.equal((await root.patch(`/v1/places/${id}`, { active: false }, version(1))).body.active, false)
    assert.deepEqual((await root.get('/v1/places?q=zebra')).body.items, [])
    assert.equal((await root.patch('/v1/specialities/urology', { active: false }, version(1))).body.active, false)
    assert.ok(
      !(await root.get('/v1/specialities?q=urology')).body.items.some(
        ({ code }: { code: string }) => code === 'urology',
      ),
    )
    const body = { name: 'Dr', gender: 'other', languages: ['en'], specialities: ['urology'] }
    assert.equal((await (await house.signedIn()).post('/v1/practitioners', body)).status, 422)
  })
})
