import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aPractitioner, nowhere, openRegistry, png, version } from './testing.ts'

describe('/v1/practitioners', async () => {
  const { house, administrator, practitioner, rows, waiting } = await openRegistry()
  const [root, someone] = [await administrator(), await house.signedIn()]
  const amina = await practitioner()
  const path = `/v1/practitioners/${amina.id}`

  it('POST makes one’s own profile; the role does not follow from it', async () => {
    const { id: _id, ...shown } = amina.answer as Record<string, unknown>
    assert.deepEqual(shown, { ...aPractitioner, licensed: false, active: true, version: 1 })
    assert.equal((await amina.get('/v1/schedules')).status, 403)
    assert.equal((await house.anonymous.post('/v1/practitioners', aPractitioner)).status, 401)
  })

  it('POST makes one for each account, however many ask at once', async () => {
    const eager = await house.signedIn()
    const answers = await Promise.all([1, 2, 3].map(() => eager.post('/v1/practitioners', aPractitioner)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
    assert.equal((await rows('select 1 from platform.access_grant where account_id = $1', [eager.account])).length, 1)
  })

  it('POST says which specialities do not exist', async () => {
    const { status, body } = await someone.post('/v1/practitioners', {
      ...aPractitioner,
      specialities: ['cardiology', 'alchemy', 'astrology'],
    })
    assert.equal(status, 422)
    assert.deepEqual(
      body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/body/specialities/1', '/body/specialities/2'],
    )
  })

  it('POST refuses what is not asked for', async () => {
    for (const change of [
      { licensed: true },
      { account_id: nowhere },
      { gender: 'x' },
      { languages: [] },
      { languages: ['English!'] },
      { specialities: ['cardiology', 'cardiology'] },
      { about: 'a\u0000b' },
      { about: 'x'.repeat(2_001) },
      { name: 5 },
    ])
      assert.equal((await someone.post('/v1/practitioners', { ...aPractitioner, ...change })).status, 400)
  })

  it('GET shows unverified ones to themselves and to administrators alone', async () => {
    assert.equal((await amina.get(path)).status, 200)
    assert.equal((await root.get(path)).status, 200)
    assert.equal((await someone.get(path)).status, 404)
    assert.equal((await house.anonymous.get(path)).status, 401)
    assert.equal((await someone.get(`/v1/practitioners/${nowhere}`)).status, 404)
    assert.equal((await someone.get('/v1/practitioners/1')).status, 400)
  })

  it('PATCH is for oneself and administrators, in the version that was read', async () => {
    assert.equal((await someone.patch(path, { about: 'x' }, version(1))).status, 404)
    assert.equal((await amina.patch(path, { about: 'x' })).status, 428)
    assert.equal((await amina.patch(path, { licensed: true }, version(1))).status, 400)
    assert.equal((await amina.patch(path, { specialities: ['alchemy'] }, version(1))).status, 422)
    const both = [amina, root].map((who) => who.patch(path, { about: `by ${who.account}` }, version(1)))
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 412])
    assert.equal((await root.patch(`/v1/practitioners/${nowhere}`, { about: 'x' }, version(1))).status, 404)
    assert.deepEqual(await waiting('Practitioner.changed'), [{ practitioner: amina.id }])
  })

  it('GET list is for administrators: by status and name, newest first', async () => {
    const hana = await practitioner({ name: 'Dr Hána Bekele' })
    const ids = async (query: string) =>
      (await root.get(`/v1/practitioners?${query}`)).body.items.map(({ id }: { id: string }) => id)
    assert.equal((await amina.get('/v1/practitioners')).status, 403)
    assert.deepEqual(await ids('q=hana'), [hana.id])
    assert.deepEqual(await ids('status=licensed'), [])
    const all = await ids('')
    assert.deepEqual(all, [...all].sort().reverse())
    const { body } = await root.get('/v1/practitioners?limit=1')
    assert.deepEqual([body.items[0].id, ...(await ids(`cursor=${body.next}`))], all)
  })

  it('leaves a trace of who read whom', async () => {
    const traces = await rows(
      "select account_id from platform.audit_event where operation = 'readPractitioner' and subject = $1 order by id",
      [`Practitioner/${amina.id}`],
    )
    assert.deepEqual(
      traces.map(({ account_id }) => account_id),
      [amina.account, root.account],
    )
  })
})

describe('/v1/practitioners/:id/photo', async () => {
  const { house, administrator, practitioner } = await openRegistry()
  const amina = await practitioner()
  const path = `/v1/practitioners/${amina.id}/photo`

  it('takes one’s own photo, and gives it as a file that nothing runs', async () => {
    assert.equal((await amina.get(path)).status, 404)
    const { status, body } = await amina.upload(path, 'image/png', png)
    assert.deepEqual([status, body.photo, body.version], [200, path, 2])
    const response = await house.app.inject({ url: path, headers: { authorization: `Bearer ${amina.token}` } })
    assert.equal(response.statusCode, 200)
    assert.deepEqual(response.rawPayload.subarray(0, 24), png.subarray(0, 24), 'drawn anew, of the same size')
    assert.equal(response.headers['content-type'], 'image/png')
    assert.equal(response.headers['content-length'], String(response.rawPayload.length))
    assert.equal(response.headers['x-content-type-options'], 'nosniff')
    assert.equal(response.headers['content-disposition'], 'attachment; filename="photo.png"')
    assert.match(String(response.headers['content-security-policy']), /sandbox/)
    assert.equal((await (await administrator()).get(path)).status, 200)
  })

  it('believes the content, not the header', async () => {
    const html = Buffer.from('<html><script>alert(1)</script>')
    for (const [type, content, status] of [
      ['image/jpeg', png, 422],
      ['image/png', html, 422],
      ['image/png', png.subarray(0, 6), 422],
      ['image/png', Buffer.alloc(0), 400],
      ['image/png', Buffer.alloc(2_097_153), 413],
      ['image/svg+xml', html, 415],
      ['text/html', html, 415],
      ['application/json', Buffer.from('{}'), 415],
    ] as const)
      assert.equal((await amina.upload(path, type, content)).status, status, type)
  })

  it('is nobody else’s', async () => {
    const other = await practitioner()
    assert.equal((await other.upload(path, 'image/png', png)).status, 404)
    assert.equal((await other.get(path)).status, 404)
    assert.equal((await house.anonymous.upload(path, 'image/png', png)).status, 401)
    assert.equal((await house.anonymous.get(path)).status, 401)
  })
})
