import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { aLicence, nowhere, openRegistry, pdf, treats, version } from './testing.ts'

const hours = {
  zone: 'UTC',
  minutes: 30,
  modes: ['video'],
  specialities: ['cardiology'],
  hours: [{ day: 'mon', from: '09:00', until: '12:00' }],
  validFrom: '2031-03-01',
}
const reason = { reason: 'Struck off by the council' }

async function openClinic() {
  const registry = await openRegistry()
  const root = await registry.administrator()
  let number = 1
  /** A practitioner with a licence that was verified. */
  const verified = async (client?: Client, change: object = {}) => {
    const doctor = await registry.practitioner({}, client)
    const given = { ...aLicence, number: `n-${number++}`, ...change }
    const licence = (await doctor.post(`/v1/practitioners/${doctor.id}/licences`, given)).body.id as string
    await doctor.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
    const path = `/v1/licences/${licence}/verify`
    assert.equal((await root.post(path, { decision: 'verified' }, version(2))).status, 200)
    return { ...doctor, licence, path: `/v1/practitioners/${doctor.id}` }
  }
  /** What practising opens, each with what it answers now. */
  const practises = async (doctor: Client, treated: string, other: string) => [
    (await doctor.get(`/v1/patients/${treated}`)).status,
    (await doctor.post('/v1/emergency-look-ups', { name: 'Nobody Here', birthDate: '1987-06-05' })).status,
    (await doctor.post('/v1/break-glass', { patient: other, reason: 'Unconscious after an accident' })).status,
    (await doctor.post('/v1/schedules', hours)).status,
  ]
  return { ...registry, root, verified, practises }
}
const NOTHING = [403, 403, 403, 403]

describe('POST /v1/licences/{id}/revoke', async () => {
  const clinic = await openClinic()
  const { house, root, verified, practises, patient, rows, waiting } = clinic

  it('ends what the licence opened with the next request, and the holder is told', async () => {
    const [doctor, saba, other] = [await verified(), await patient(), await patient()]
    await treats(clinic, doctor, saba)
    assert.deepEqual(await practises(doctor, saba.id, other.id), [200, 200, 201, 201])
    await house.work()
    const path = `/v1/licences/${doctor.licence}/revoke`

    const { status, body } = await root.post(path, reason, version(3))

    assert.equal(status, 200)
    assert.deepEqual([body.status, body.reason, body.version], ['revoked', reason.reason, 4])
    assert.deepEqual(await practises(doctor, saba.id, other.id), NOTHING)
    assert.equal((await doctor.get(`/v1/patients/${other.id}`)).status, 403)
    assert.deepEqual(await waiting('Practitioner.changed'), [{ practitioner: doctor.id }])
    await house.work()
    const [offered] = await rows('select licensed_from from scheduling.practitioner where id = $1', [doctor.id])
    assert.equal(offered.licensed_from, null)
    const [told] = (await doctor.get('/v1/notifications')).body.items
    assert.equal(told.template, 'licence-revoked.practitioner')
    assert.equal((await doctor.get(doctor.path)).body.licensed, false)
    assert.equal((await saba.get(doctor.path)).status, 404)
    const [audited] = await rows(`select action, entity from platform.audit_event where operation = 'revokeLicence'`)
    assert.deepEqual(audited, { action: 'E', entity: `Licence/${doctor.licence}` })
  })

  it('stays so: it is neither corrected nor decided on again, and a new one may be verified', async () => {
    const doctor = await verified()
    const path = `/v1/licences/${doctor.licence}`
    assert.equal((await root.post(`${path}/revoke`, reason, version(3))).status, 200)
    assert.equal((await doctor.patch(path, { number: 'x' }, version(4))).status, 422)
    assert.equal((await doctor.upload(`${path}/certificate`, 'application/pdf', pdf)).status, 422)
    for (const decision of ['verified', 'rejected'])
      assert.equal((await root.post(`${path}/verify`, { decision, ...reason }, version(4))).status, 422)
    assert.equal((await root.post(`${path}/revoke`, reason, version(4))).status, 422)
    const { number, issuer } = (await doctor.get(`${doctor.path}/licences`)).body.items[0]
    const again = (await doctor.post(`${doctor.path}/licences`, { ...aLicence, number, issuer })).body.id
    await doctor.upload(`/v1/licences/${again}/certificate`, 'application/pdf', pdf)
    const verify = `/v1/licences/${again}/verify`
    assert.equal((await root.post(verify, { decision: 'verified' }, version(2))).status, 200)
    assert.equal((await doctor.post('/v1/emergency-look-ups', { name: 'A', birthDate: '1987-06-05' })).status, 200)
  })

  it('is for administrators, not for the holder, of what is verified, with a reason and the version that was seen', async () => {
    const own = await verified(await clinic.administrator())
    const path = `/v1/licences/${own.licence}/revoke`
    assert.equal((await own.post(path, reason, version(3))).status, 403)
    const doctor = await verified()
    assert.equal((await doctor.post(path, reason, version(3))).status, 403)
    assert.equal((await house.anonymous.post(path, reason, version(3))).status, 401)
    assert.equal((await root.post(path, reason)).status, 428)
    assert.equal((await root.post(path, reason, version(2))).status, 412)
    assert.equal((await root.post(path, { reason: ' ' }, version(3))).status, 400)
    assert.equal((await root.post(path, {}, version(3))).status, 400)
    assert.equal((await root.post(`/v1/licences/${nowhere}/revoke`, reason, version(1))).status, 404)
    const pending = (await own.post(`${own.path}/licences`, { ...aLicence, number: 'p' })).body.id
    assert.equal((await root.post(`/v1/licences/${pending}/revoke`, reason, version(1))).status, 422)
    const both = await Promise.all([1, 2].map(() => root.post(path, reason, version(3))))
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
  })
})

describe('PATCH /v1/practitioners/{id} active: false by an administrator', async () => {
  const clinic = await openClinic()
  const { house, root, verified, practises, patient, rows, together, practitioner } = clinic

  it('ends what practising opens with the next request, and gives it back', async () => {
    const [doctor, saba, other] = [await verified(), await patient(), await patient()]
    await treats(clinic, doctor, saba)
    assert.equal((await root.patch(doctor.path, { active: false }, version(1))).status, 200)
    assert.deepEqual(await practises(doctor, saba.id, other.id), NOTHING)
    assert.ok(!(await doctor.get('/v1/account').then(({ body }) => body.roles ?? [])).includes('practitioner'))
    assert.equal((await doctor.get(doctor.path)).body.active, false)
    assert.equal((await root.patch(doctor.path, { active: true }, version(2))).status, 200)
    assert.deepEqual(await practises(doctor, saba.id, other.id), [200, 200, 201, 201])
  })

  it('one’s own leaves the treatment of those whom one treats as it was', async () => {
    const [doctor, saba] = [await verified(), await patient()]
    await treats(clinic, doctor, saba)
    assert.equal((await doctor.patch(doctor.path, { active: false }, version(1))).status, 200)
    assert.equal((await doctor.get(`/v1/patients/${saba.id}`)).status, 200)
    assert.equal((await root.patch(doctor.path, { active: false }, version(2))).status, 200)
    assert.equal((await doctor.get(`/v1/patients/${saba.id}`)).status, 403)
  })

  it('gives nothing back by a licence that was revoked or has ended meanwhile', async () => {
    const looks = (who: Client) => who.post('/v1/emergency-look-ups', { name: 'A', birthDate: '1987-06-05' })
    const doctor = await verified()
    assert.equal((await root.patch(doctor.path, { active: false }, version(1))).status, 200)
    assert.equal((await root.post(`/v1/licences/${doctor.licence}/revoke`, reason, version(3))).status, 200)
    assert.equal((await root.patch(doctor.path, { active: true }, version(2))).status, 200)
    assert.equal((await looks(doctor)).status, 403)
    const lapsed = await verified(undefined, { validUntil: '2031-03-02' })
    assert.equal((await root.patch(lapsed.path, { active: false }, version(1))).status, 200)
    house.setNow('2031-03-03T08:00:00Z')
    assert.equal((await root.patch(lapsed.path, { active: true }, version(2))).status, 200)
    assert.equal((await looks(lapsed)).status, 403)
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('a licence that is verified meanwhile opens nothing before the practitioner is back', async () => {
    const doctor = await practitioner()
    const path = `/v1/practitioners/${doctor.id}`
    const licence = (await doctor.post(`${path}/licences`, { ...aLicence, number: 'late' })).body.id
    await doctor.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
    assert.equal((await root.patch(path, { active: false }, version(1))).status, 200)
    const verify = `/v1/licences/${licence}/verify`
    assert.equal((await root.post(verify, { decision: 'verified' }, version(2))).status, 200)
    assert.equal((await doctor.post('/v1/schedules', hours)).status, 403)
    assert.equal((await root.patch(path, { active: true }, version(2))).status, 200)
    assert.equal((await doctor.post('/v1/schedules', hours)).status, 201)
  })

  it('of revoking and bringing back at once, and of verifying and taking out of use, none leaves a grant behind', async () => {
    const live = (id: string) =>
      rows(
        `select from platform.access_grant where subject_id = $1 and relationship = 'licence' and revoked_at is null`,
        [id],
      )
    const doctor = await verified()
    assert.equal((await root.patch(doctor.path, { active: false }, version(1))).status, 200)
    // Bringing back has seen the licence, and waits for the grant; nobody must revoke the one and leave the other.
    const grant = 'select from platform.access_grant where source_id = $1 for update'
    const revoked = await together(grant, doctor.licence, [
      () => root.patch(doctor.path, { active: true }, version(2)),
      () => root.post(`/v1/licences/${doctor.licence}/revoke`, reason, version(3)),
    ])
    assert.deepEqual(
      revoked.map(({ status }) => status),
      [200, 200],
    )
    assert.deepEqual(await live(doctor.id), [])
    const late = await practitioner()
    const licence = (await late.post(`/v1/practitioners/${late.id}/licences`, { ...aLicence, number: 'raced' })).body.id
    await late.upload(`/v1/licences/${licence}/certificate`, 'application/pdf', pdf)
    await together('select from registry.practitioner where id = $1 for update', late.id, [
      () => root.post(`/v1/licences/${licence}/verify`, { decision: 'verified' }, version(2)),
      () => root.patch(`/v1/practitioners/${late.id}`, { active: false }, version(1)),
    ])
    assert.deepEqual(await live(late.id), [])
  })
})
