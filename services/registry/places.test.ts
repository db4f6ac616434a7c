import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nowhere, openRegistry, version } from './testing.ts'

const harbour = {
  name: 'Harbour Clinic',
  address: '3 Quay Street',
  city: 'Port Selam',
  country: 'XN',
  latitude: 5.55,
  longitude: -0.2,
  zone: 'Africa/Accra',
  phone: '+1 202 555 0147',
}
const names = ({ body }: { body: { items: { name: string }[] } }) => body.items.map(({ name }) => name)

describe('/v1/places', async () => {
  const { house, administrator, rows, waiting } = await openRegistry()
  const root = await administrator()
  const create = (change: object = {}) => root.post('/v1/places', { ...harbour, ...change })
  const { body: clinic } = await create()
  await create({ name: 'Hôpital Élan', city: 'Mont', latitude: 5.6 })
  await create({ name: 'Far 100% Clinic', city: 'Away', longitude: 18.4, zone: 'Africa/Bangui' })

  it('are made by administrators, and announced', async () => {
    const { id, ...shown } = clinic
    assert.deepEqual(shown, { ...harbour, phone: '+12025550147', active: true, version: 1 })
    assert.ok((await waiting('Place.changed')).some(({ place }) => place === id))
    const someone = await house.signedIn({ roles: ['donor'] })
    assert.equal((await someone.post('/v1/places', harbour)).status, 403)
    assert.equal((await house.anonymous.post('/v1/places', harbour)).status, 401)
    assert.equal((await rows('select 1 from platform.audit_event where entity = $1', [`Place/${id}`])).length, 1)
  })

  it('are made once for one Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'k' }
    const once = { ...harbour, name: 'Once' }
    const answers = await Promise.all([root.post('/v1/places', once, key), root.post('/v1/places', once, key)])
    const again = await root.post('/v1/places', once, key)
    assert.equal(again.status, 201)
    assert.ok(answers.every(({ status }) => status === 201 || status === 409))
    assert.deepEqual(names(await house.anonymous.get('/v1/places?q=once')), ['Once'])
    assert.equal((await root.post('/v1/places', { ...once, city: 'Else' }, key)).status, 422)
    const made = answers.find(({ status }) => status === 201)
    assert.deepEqual(again.body, made?.body)
    await rows('delete from registry.place where name = $1', ['Once'])
  })

  it('are read by everybody', async () => {
    assert.equal((await house.anonymous.get(`/v1/places/${clinic.id}`)).body.name, 'Harbour Clinic')
    assert.equal((await house.anonymous.get(`/v1/places/${nowhere}`)).status, 404)
    assert.equal((await house.anonymous.get('/v1/places/x')).status, 400)
  })

  it('are found by part of a name or town, without its accents, taken literally', async () => {
    const found = async (q: string) => names(await house.anonymous.get(`/v1/places?q=${encodeURIComponent(q)}`))
    assert.deepEqual(await found('elan'), ['Hôpital Élan'])
    assert.deepEqual(await found('SELAM'), ['Harbour Clinic'])
    assert.deepEqual(await found('harbor clinic'), ['Harbour Clinic'])
    assert.deepEqual(await found('100%'), ['Far 100% Clinic'])
    assert.deepEqual(await found('%%'), [])
    assert.deepEqual(await found('_'), [])
  })

  it('are found around a point, nearest first, page by page', async () => {
    const { body } = await house.anonymous.get('/v1/places?near=5.54,-0.2&within=50')
    assert.deepEqual(names({ body }), ['Harbour Clinic', 'Hôpital Élan'])
    assert.ok(Math.abs(body.items[0].distanceKm - 1.11) < 0.02)
    const first = await house.anonymous.get('/v1/places?near=5.54,-0.2&within=50&limit=1')
    const second = await house.anonymous.get(`/v1/places?near=5.54,-0.2&within=50&limit=1&cursor=${first.body.next}`)
    assert.deepEqual([...names(first), ...names(second)], ['Harbour Clinic', 'Hôpital Élan'])
    assert.equal(second.body.next, undefined)
    const byName = await house.anonymous.get('/v1/places?limit=2')
    assert.deepEqual(names(byName), ['Far 100% Clinic', 'Harbour Clinic'])
    assert.deepEqual(names(await house.anonymous.get(`/v1/places?limit=2&cursor=${byName.body.next}`)), [
      'Hôpital Élan',
    ])
  })

  it('refuses points that are nowhere', async () => {
    for (const query of [
      'near=91,0',
      'near=0,181',
      'near=5',
      'near=NaN,0',
      'within=5',
      'near=0,0&within=501',
      'near=0,0&within=0',
    ])
      assert.equal((await house.anonymous.get(`/v1/places?${query}`)).status, 400, query)
    assert.equal((await house.anonymous.get('/v1/places?near=90,180&within=500')).status, 200)
  })

  it('refuses what is no place', async () => {
    for (const [change, pointer] of [
      [{ latitude: 90.1 }, '/body/latitude'],
      [{ longitude: '5' }, '/body/longitude'],
      [{ latitude: null }, '/body/latitude'],
      [{ zone: 'Mars/Base' }, '/body/zone'],
      [{ country: 'JJ' }, '/body/country'],
      [{ country: 'gh' }, '/body/country'],
      [{ phone: '123' }, '/body/phone'],
      [{ name: 'a\nb' }, '/body/name'],
      [{ demo: true }, '/body/demo'],
    ] as const) {
      const { status, body } = await create(change)
      assert.equal(status, 400, JSON.stringify(change))
      assert.equal(body.errors[0].pointer, pointer)
    }
    assert.equal((await root.post('/v1/places', JSON.parse('{"latitude":1e309}'))).status, 400)
  })

  it('are changed in the version that was read', async () => {
    const path = `/v1/places/${clinic.id}`
    const both = ['Quay Clinic', 'Pier Clinic'].map((name) => root.patch(path, { name }, version(1)))
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 412])
    const { body } = await root.patch(path, { phone: null, latitude: 5.5 }, version(2))
    assert.deepEqual([body.phone, body.latitude, body.version], [undefined, 5.5, 3])
    assert.equal((await root.patch(path, { name: 'x' })).status, 428)
    assert.equal((await root.patch(path, {}, version(3))).status, 400)
    assert.equal((await root.patch(`/v1/places/${nowhere}`, { name: 'x' }, version(1))).status, 404)
  })
})
