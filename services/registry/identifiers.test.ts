import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rotateKeys } from '#platform/rotate-keys.ts'
import { lastOf, sealed } from './seal-identifiers.ts'
import { nowhere, openRegistry } from './testing.ts'

const national = { kind: 'national', country: 'GH', value: 'GHA-QVXJWK.000 4217-x' }
const search = '/v1/identifiers/search'

describe('numbers of people', async () => {
  const { house, patient, caregiver, practitioner, administrator, rows } = await openRegistry()
  const saba = await patient()
  const path = `/v1/patients/${saba.id}/identifiers`
  const desk = await administrator()

  it('are shown by their end, and kept encrypted', async () => {
    const { status, body } = await saba.post(path, national)
    assert.equal(status, 201, JSON.stringify(body))
    const { id, createdAt: _createdAt, ...shown } = body
    assert.deepEqual(shown, { kind: 'national', country: 'GH', last: '217X', verified: false })
    assert.deepEqual((await saba.get(path)).body.items, [body])
    const everywhere = JSON.stringify([
      await rows('select * from registry.identifier'),
      await rows('select * from registry.identifier_index'),
      await rows('select * from platform.audit_event'),
      await rows('select * from platform.once'),
    ])
    assert.doesNotMatch(everywhere, /qvxjwk/i)
    const read = await saba.post(`/v1/identifiers/${id}/reveal`, { purpose: 'own-use' })
    assert.equal(read.body.value, national.value)
    const seen = await rows(`select reason from platform.audit_event where entity = $1 order by id`, [
      `Identifier/${id}`,
    ])
    assert.deepEqual(
      seen.map(({ reason }) => reason),
      [null, null, 'own-use'],
    )
  })

  it('are found by administrators however they are written, in a body and never a URL', async () => {
    const sought = { of: 'patient', ...national, value: 'gha qvxjwk000 4217 X' }
    const { body } = await desk.post(search, sought)
    assert.deepEqual(
      body.items.map((item: { patient: string }) => item.patient),
      [saba.id],
    )
    assert.deepEqual((await desk.post(search, { ...sought, of: 'practitioner' })).body.items, [])
    assert.deepEqual((await desk.post(search, { ...sought, country: 'KE' })).body.items, [])
    assert.equal((await saba.post(search, sought)).status, 403)
    assert.equal((await house.anonymous.post(search, sought)).status, 401)
  })

  it('are verified for one person; a claim keeps nobody out', async () => {
    const [{ id }] = (await saba.get(path)).body.items
    const thief = await patient()
    const claim = await thief.post(`/v1/patients/${thief.id}/identifiers`, national)
    assert.equal(claim.status, 201)
    const both = [id, claim.body.id].map((one) => desk.post(`/v1/identifiers/${one}/verify`))
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 409])
    const third = await patient()
    assert.equal((await desk.post(`/v1/patients/${third.id}/identifiers`, national)).body.code, 'duplicate')
    assert.equal((await desk.post(`/v1/identifiers/${nowhere}/verify`)).status, 404)
    assert.equal((await saba.post(`/v1/identifiers/${id}/verify`)).status, 403)
  })

  it('are of oneself and of whom one may see; for others they are not there', async () => {
    const { id } = (await saba.post(path, { ...national, kind: 'tax' })).body
    const stranger = await patient()
    for (const other of [stranger, await caregiver()]) {
      assert.equal((await other.get(path)).status, 404)
      assert.equal((await other.post(`/v1/identifiers/${id}/reveal`, { purpose: 'claim' })).status, 404)
    }
    assert.equal((await stranger.post(path, national)).status, 404)
    assert.equal((await stranger.delete(`${path}/${id}`)).status, 404)
    assert.equal((await stranger.delete(`/v1/patients/${stranger.id}/identifiers/${id}`)).status, 404)
    assert.equal((await desk.get(path)).status, 200)
    assert.equal((await desk.post(`/v1/patients/${nowhere}/identifiers`, national)).status, 404)
    assert.equal((await saba.delete(`${path}/${id}`)).status, 204)
    assert.equal((await saba.delete(`${path}/${id}`)).status, 404)
  })

  it('practitioners have theirs', async () => {
    const amina = await practitioner()
    const own = `/v1/practitioners/${amina.id}/identifiers`
    const made = await amina.post(own, national)
    assert.equal(made.status, 201, 'the same number as a patient: it may be the same person')
    assert.equal((await saba.get(own)).status, 404)
    assert.equal((await amina.get(own)).body.items.length, 1)
    assert.equal((await amina.post(`/v1/identifiers/${made.body.id}/reveal`, { purpose: 'own-use' })).status, 200)
    assert.equal((await amina.delete(`${own}/${made.body.id}`)).status, 204)
  })

  it('that cannot be are refused', async () => {
    for (const [change, pointer] of [
      [{ country: 'ZQ' }, '/body/country'],
      [{ value: '12-34' }, '/body/value'],
      [{ value: '../../etc' }, '/body/value'],
      [{ value: '1234567890<script>' }, '/body/value'],
      [{ kind: 'insurance' }, '/body/issuer'],
      [{ verified: true }, '/body/verified'],
    ] as const) {
      const { status, body } = await saba.post(path, { ...national, ...change })
      assert.equal(status, 400, JSON.stringify(change))
      assert.equal(body.errors[0].pointer, pointer)
    }
    assert.deepEqual(['12345', 'AB-123-45', '123456789', '١٢٣٤٥٦٧٨٩'].map(lastOf), ['45', '345', '6789', '٦٧٨٩'])
  })

  it('do not open in another row', async () => {
    const other = await patient()
    const { id } = (await other.post(`/v1/patients/${other.id}/identifiers`, { ...national, value: 'A-777777' })).body
    await house.owner.query(
      'update registry.identifier set sealed = (select sealed from registry.identifier where patient_id = $1 limit 1) where id = $2',
      [saba.id, id],
    )
    const answer = await other.post(`/v1/identifiers/${id}/reveal`, { purpose: 'own-use' })
    assert.equal(answer.status, 500)
    await house.owner.query('delete from registry.identifier where id = $1', [id])
  })

  it('move to a new key while others are written, found and kept unique', async () => {
    const { owner, house: inside } = house
    const context = () =>
      inside.context('registry', { actor: { kind: 'system' } as never, traceId: 't', doing: 'keys' })
    const write = async (n: number) => {
      const who = await patient()
      const number = { ...national, value: `R-00000${n}` }
      assert.equal((await who.post(`/v1/patients/${who.id}/identifiers`, number)).status, 201)
      assert.equal((await desk.post(search, { of: 'patient', ...number })).body.items.length, 1)
      const twice = [who, await patient()].map(({ id }) => desk.post(`/v1/patients/${id}/identifiers`, number))
      assert.deepEqual((await Promise.all(twice)).map(({ status }) => status).sort(), [201, 409])
    }
    await write(0)
    const before = (await rows('select name from platform.data_key')).map(({ name }) => name)
    let round = 0
    // Between the bites there is always a writer.
    const reencrypt = async (ctx: never) => {
      await write(++round)
      return sealed.reencrypt(ctx, 2)
    }
    const { current } = await rotateKeys({
      send: (text, values) => owner.query(text, values),
      config: inside.config,
      rooms: [{ room: 'registry', sealed: { ...sealed, reencrypt } as never, context }],
      now: inside.now(),
    })
    assert.ok(round > 3 && !before.includes(current))
    assert.deepEqual(await sealed.count(context() as never), [
      { key: current, count: (await rows('select id from registry.identifier')).length },
    ])
    assert.deepEqual(await rows('select distinct key_name from registry.identifier_index'), [{ key_name: current }])
    await write(99)
    assert.equal((await desk.post(search, { of: 'patient', ...national })).body.items.length, 2)
  })
})
