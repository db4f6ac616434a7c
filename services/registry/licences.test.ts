import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { aLicence, nowhere, openRegistry, pdf, png, version } from './testing.ts'

type Made = Client & { id: string }

async function openWithLicence() {
  const opened = await openRegistry()
  const submit = async (who: Made, change: object = {}) => {
    const { status, body } = await who.post(`/v1/practitioners/${who.id}/licences`, { ...aLicence, ...change })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  /** Ready to be looked at, in version 2. */
  const submitWhole = async (who: Made, change: object = {}) => {
    const id = await submit(who, change)
    assert.equal((await who.upload(`/v1/licences/${id}/certificate`, 'application/pdf', pdf)).status, 200)
    return id
  }
  return { ...opened, submit, submitWhole, amina: await opened.practitioner(), root: await opened.administrator() }
}

describe('licences of one’s own', async () => {
  const { house, practitioner, amina, root, submit } = await openWithLicence()
  const path = `/v1/practitioners/${amina.id}/licences`

  it('POST adds a pending one, once for one Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'k' }
    const { status, body } = await amina.post(path, aLicence, key)
    const { id, ...shown } = body
    assert.equal(status, 201)
    assert.deepEqual(shown, { practitioner: amina.id, ...aLicence, status: 'pending', certificate: false, version: 1 })
    assert.equal((await amina.post(path, aLicence, key)).body.id, id)
    assert.equal((await amina.post(path, { ...aLicence, number: 'x' }, key)).status, 422)
    assert.equal((await amina.get(path)).body.items.length, 1)
  })

  it('POST is for oneself', async () => {
    const other = await practitioner()
    for (const who of [other, root, await house.signedIn()]) assert.equal((await who.post(path, aLicence)).status, 404)
    assert.equal((await house.anonymous.post(path, aLicence)).status, 401)
  })

  it('POST refuses dates that cannot be', async () => {
    for (const [change, pointer] of [
      [{ validUntil: '2029-12-31' }, '/body/validUntil'], // before validFrom
      [{ validFrom: '2020-01-01', validUntil: '2031-02-28' }, '/body/validUntil'], // past
      [{ validUntil: '2091-01-01' }, '/body/validUntil'],
      [{ validUntil: '9999-12-31' }, '/body/validUntil'],
      [{ validFrom: '0001-01-01' }, '/body/validFrom'],
      [{ validFrom: '2031-02-29' }, '/body/validFrom'],
      [{ validFrom: '2031-1-1' }, '/body/validFrom'],
      [{ validFrom: 20310101 }, '/body/validFrom'],
      [{ country: 'Ghana' }, '/body/country'],
      [{ status: 'verified' }, '/body/status'],
      [{ number: '\u0000' }, undefined],
    ] as const) {
      const { status, body } = await amina.post(path, { ...aLicence, ...change })
      assert.equal(status, 400, JSON.stringify(change))
      if (pointer) assert.equal(body.errors[0].pointer, pointer)
    }
  })

  it('PATCH corrects it in the version that was read', async () => {
    const licence = `/v1/licences/${await submit(amina)}`
    assert.equal((await amina.patch(licence, { number: 'A-2' })).status, 428)
    const both = ['A-2', 'A-3'].map((number) => amina.patch(licence, { number }, version(1)))
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 412])
    assert.equal((await amina.patch(licence, { validUntil: '2029-01-01' }, version(2))).status, 400)
    assert.equal((await amina.patch(licence, {}, version(2))).status, 400)
    const other = await practitioner()
    assert.equal((await other.patch(licence, { number: 'mine' }, version(2))).status, 404)
    assert.equal((await amina.patch(`/v1/licences/${nowhere}`, { number: 'x' }, version(1))).status, 404)
  })

  it('GET lists them to oneself and to administrators', async () => {
    const { body } = await amina.get(`${path}?limit=1`)
    const next = await root.get(`${path}?cursor=${body.next}`)
    assert.deepEqual([body.items.length, next.body.items.length], [1, 1])
    assert.equal((await (await practitioner()).get(path)).status, 404)
    assert.equal((await house.anonymous.get(path)).status, 401)
    assert.equal((await amina.get(`${path}?cursor=x`)).status, 400)
  })
})

describe('/v1/licences/:id/certificate', async () => {
  const { house, practitioner, amina, root, submit } = await openWithLicence()
  const licence = await submit(amina)
  const path = `/v1/licences/${licence}/certificate`

  it('is uploaded by oneself, and read by oneself and administrators', async () => {
    assert.equal((await amina.get(path)).status, 404)
    const { status, body } = await amina.upload(path, 'application/pdf', pdf)
    assert.deepEqual([status, body.certificate, body.version], [200, true, 2])
    for (const who of [amina, root]) {
      const { headers } = await who.get(path)
      assert.equal(headers['content-type'], 'application/pdf')
      assert.equal(headers['content-disposition'], 'attachment; filename="certificate.pdf"')
    }
    const other = await practitioner()
    assert.equal((await other.get(path)).status, 404)
    assert.equal((await other.upload(path, 'application/pdf', pdf)).status, 404)
    assert.equal((await root.upload(path, 'application/pdf', pdf)).status, 404)
    assert.equal((await house.anonymous.get(path)).status, 401)
    assert.equal((await house.anonymous.upload(path, 'application/pdf', pdf)).status, 401)
  })

  it('is what its content is', async () => {
    assert.equal((await amina.upload(path, 'application/pdf', png)).status, 422)
    assert.equal((await amina.upload(path, 'application/pdf', Buffer.from('PK\u0003\u0004'))).status, 422)
    assert.equal((await amina.upload(path, 'image/webp', png)).status, 415)
    assert.equal((await amina.upload(path, 'image/png', Buffer.alloc(5_242_881))).status, 413)
    assert.equal((await amina.upload(path, 'image/png', png)).status, 200)
  })
})

describe('POST /v1/licences/:id/verify', async () => {
  const { house, practitioner, administrator, amina, root, submit, submitWhole, rows, waiting, together } =
    await openWithLicence()
  const verify = (id: string, of: number, body: object = { decision: 'verified' }, who: Client = root) =>
    who.post(`/v1/licences/${id}/verify`, body, version(of))

  it('is for administrators, and not for a licence of their own', async () => {
    const both = await administrator()
    const own = await practitioner({}, both)
    const id = await submitWhole(own, { number: 'own' })
    assert.equal((await verify(id, 2, undefined, both)).status, 403)
    assert.equal((await verify(id, 2, undefined, amina)).status, 403)
    assert.equal((await verify(id, 2, undefined, house.anonymous)).status, 401)
    assert.equal((await verify(nowhere, 1)).status, 404)
    assert.equal((await amina.get('/v1/licences')).status, 403)
  })

  it('needs a certificate, the version that was looked at, and a reason to reject', async () => {
    const bare = await submit(amina, { number: 'bare' })
    const refused = await verify(bare, 1)
    assert.equal(refused.status, 422)
    assert.match(refused.body.detail, /no certificate/)
    assert.equal((await root.post(`/v1/licences/${bare}/verify`, { decision: 'verified' })).status, 428)
    const whole = await submitWhole(amina, { number: 'whole' })
    assert.equal((await verify(whole, 1)).status, 412) // what was looked at had no certificate
    assert.equal((await verify(whole, 2, { decision: 'rejected' })).status, 422)
    assert.equal((await verify(whole, 2, { decision: 'perhaps' })).status, 400)
  })

  it('opens again what was rejected, once it is corrected', async () => {
    const id = await submitWhole(amina, { number: 'mended' })
    const rejected = await verify(id, 2, { decision: 'rejected', reason: 'Unreadable' })
    assert.deepEqual([rejected.body.status, rejected.body.reason], ['rejected', 'Unreadable'])
    assert.equal((await verify(id, 3)).status, 422)
    const mended = await amina.patch(`/v1/licences/${id}`, { number: 'mended-2' }, version(3))
    assert.deepEqual([mended.body.status, mended.body.reason, mended.body.decidedAt], ['pending', undefined, undefined])
    assert.equal((await waiting('Licence.rejected')).length, 1)
  })

  it('makes a practitioner, for everybody to see, for as long as the licence holds', async () => {
    const someone = await house.signedIn()
    const [profile, schedules] = [`/v1/practitioners/${amina.id}`, '/v1/schedules']
    assert.deepEqual([(await someone.get(profile)).status, (await amina.get(schedules)).status], [404, 403])
    const id = await submitWhole(amina)
    const key = { 'idempotency-key': 'verify', ...version(2) }
    const body = { decision: 'verified' }
    const verified = await root.post(`/v1/licences/${id}/verify`, body, key)
    assert.deepEqual([verified.status, verified.body.status], [200, 'verified'])
    assert.deepEqual((await root.post(`/v1/licences/${id}/verify`, body, key)).body, verified.body)
    assert.deepEqual(await waiting('Licence.verified'), [{ licence: id, practitioner: amina.id }])
    assert.equal((await amina.get(schedules)).status, 200)
    assert.equal((await someone.get(profile)).body.licensed, true)
    const licensed = await root.get('/v1/practitioners?status=licensed')
    assert.deepEqual(
      licensed.body.items.map(({ id }: { id: string }) => id),
      [amina.id],
    )
    house.setNow('2031-12-31T23:00:00Z')
    assert.equal((await amina.get(schedules)).status, 200)
    house.setNow('2033-01-01T00:00:01Z')
    // The tests' own sessions end after a year, so this one is made anew.
    const later = await house.signedIn()
    assert.equal((await later.get(profile)).body.licensed, false)
    const grants = await rows('select valid_from, valid_until from platform.access_grant where source_id = $1', [id])
    assert.deepEqual(
      [grants[0].valid_from.toISOString(), grants[0].valid_until.toISOString()],
      ['2030-01-01T00:00:00.000Z', '2033-01-01T00:00:00.000Z'],
    )
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('closes what was verified to every change', async () => {
    const [{ id, version: present }] = await rows("select id, version from registry.licence where status = 'verified'")
    assert.equal((await amina.patch(`/v1/licences/${id}`, { number: 'other' }, version(present))).status, 422)
    assert.equal((await amina.upload(`/v1/licences/${id}/certificate`, 'application/pdf', pdf)).status, 422)
    assert.equal((await verify(id, present, { decision: 'rejected', reason: 'x' })).status, 422)
  })

  it('lets one of two decisions stand', async () => {
    const id = await submitWhole(await practitioner(), { number: 'raced' })
    const other = await administrator()
    const answers = await together('select 1 from registry.licence where id = $1 for update', id, [
      () => verify(id, 2),
      () => verify(id, 2, { decision: 'rejected', reason: 'Not readable' }, other),
    ])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412])
  })

  it('verifies one licence of an issuer for one person', async () => {
    const [one, two] = [await practitioner(), await practitioner()]
    const first = await submitWhole(one, { number: 'AB-1' })
    const second = await submitWhole(two, { number: 'ab-1', issuer: 'MEDICAL and Dental Council' })
    const answers = await Promise.all([verify(first, 2), verify(second, 2)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
  })

  it('does not verify what has ended meanwhile', async () => {
    const id = await submitWhole(await practitioner(), { number: 'ended', validUntil: '2031-03-01' })
    house.setNow('2031-03-02T00:00:00Z')
    assert.equal((await verify(id, 2)).status, 422)
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('GET lists by status, oldest first', async () => {
    const { body } = await root.get('/v1/licences?status=pending&limit=2')
    const ids = body.items.map(({ id }: { id: string }) => id)
    assert.deepEqual(ids, [...ids].sort())
    assert.ok(body.next)
    assert.equal((await root.get(`/v1/licences?status=pending&cursor=${body.next}`)).status, 200)
    assert.equal((await root.get('/v1/licences?status=lost')).status, 400)
  })
})
