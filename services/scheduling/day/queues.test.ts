import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { addPractitioner, ok, version } from './testing.ts'

const aPlace = { name: 'Quay', address: 'a', city: 'b', country: 'ZZ', latitude: 1, longitude: 2, zone: 'Asia/Kolkata' }

/** A place as registry knows it, which scheduling has not heard of. */
async function openPlaceOf(house: TestHouse) {
  const root = await house.signedIn({ roles: ['administrator'] })
  const founded = { name: 'Ours', city: 'Port Selam', country: 'ZZ' }
  const organisation = ok(await root.post('/v1/organisations', founded), 201).id
  const place = ok(await root.post('/v1/places', { ...aPlace, organisation }), 201).id as string
  const desk = await house.signedIn({ desk: { organisation, function: 'desk' } })
  const stranger = await house.signedIn({ desk: { organisation: newId(), function: 'manager' } })
  return { place, desk, stranger, organisation }
}

describe('POST /v1/queues', () => {
  it('opens one for a speciality or a service, with the next free letter, in the zone of the place', async () => {
    await using house = await openTestHouse(everything)
    const { place, desk } = await openPlaceOf(house)
    const one = ok(await desk.post('/v1/queues', { place, speciality: 'cardiology', minutes: 15 }), 201)
    assert.deepEqual([one.letter, one.zone, one.version], ['A', 'Asia/Kolkata', 1])
    const two = ok(await desk.post('/v1/queues', { place, service: 'vaccination', name: 'Jabs', minutes: 5 }), 201)
    assert.deepEqual([two.letter, two.name], ['B', 'Jabs'])
    const { items } = ok(await desk.get(`/v1/places/${place}/queues`))
    assert.deepEqual(
      items.map(({ letter, waiting }: { letter: string; waiting: number }) => [letter, waiting]),
      [
        ['A', 0],
        ['B', 0],
      ],
    )
  })

  it('refuses what is there, what is nobody’s or two people’s, and whoever does not run the day', async () => {
    await using house = await openTestHouse(everything)
    const { place, desk, stranger } = await openPlaceOf(house)
    const wanted = { place, speciality: 'cardiology', minutes: 15 }
    ok(await desk.post('/v1/queues', wanted), 201)
    assert.equal((await desk.post('/v1/queues', wanted)).status, 409)
    assert.equal((await desk.post('/v1/queues', { place, service: 'jab', letter: 'A', minutes: 15 })).status, 409)
    assert.equal((await desk.post('/v1/queues', { place, minutes: 15 })).status, 422)
    assert.equal((await desk.post('/v1/queues', { ...wanted, service: 'jab' })).status, 422)
    assert.equal((await desk.post('/v1/queues', { ...wanted, letter: 'a' })).status, 400)
    assert.equal((await desk.post('/v1/queues', { ...wanted, place: newId() })).status, 404)
    assert.equal((await stranger.post('/v1/queues', wanted)).status, 404)
    assert.equal((await house.anonymous.post('/v1/queues', wanted)).status, 401)
    const nobodyThere = await desk.post('/v1/queues', { place, practitioner: newId(), minutes: 15 })
    assert.match(nobodyThere.body.detail, /no hours at the place/)
  })

  it('lets practitioners open their own where they have hours, and nowhere else', async () => {
    await using house = await openTestHouse(everything)
    const { place, desk } = await openPlaceOf(house)
    ok(await desk.post('/v1/queues', { place, speciality: 'surgery', minutes: 15 }), 201)
    const { practitioner, doctor } = await addPractitioner(house, place)
    const own = { place, practitioner, minutes: 15 }
    assert.equal((await doctor.post('/v1/queues', { place, speciality: 'cardiology', minutes: 15 })).status, 404)
    ok(await doctor.post('/v1/queues', own), 201)
    const elsewhere = await house.signedIn({ self: { practitioner: newId() } })
    assert.equal((await elsewhere.post('/v1/queues', own)).status, 404)
  })

  it('gives each its own letter when many are opened at once', async () => {
    await using house = await openTestHouse(everything)
    const { place, desk } = await openPlaceOf(house)
    const wanted = Array.from({ length: 8 }, (_, i) => ({ place, service: `service-${i}`, minutes: 15 }))
    const made = await Promise.all(wanted.map((body) => desk.post('/v1/queues', body)))
    assert.deepEqual(made.map((answer) => ok(answer, 201).letter).sort(), [...'ABCDEFGH'])
  })
})

describe('a queue', () => {
  it('is changed in the version that was read, and closed when nobody waits', async () => {
    await using house = await openTestHouse(everything)
    const { place, desk, stranger } = await openPlaceOf(house)
    const { id } = ok(await desk.post('/v1/queues', { place, speciality: 'cardiology', minutes: 15 }), 201)
    const path = `/v1/queues/${id}`
    const change = { letter: 'H', name: 'Hearts', minutes: 20 }
    assert.equal((await stranger.put(path, change, version(1))).status, 404)
    assert.equal((await desk.put(path, change, version(2))).status, 412)
    assert.deepEqual(ok(await desk.put(path, change, version(1))).name, 'Hearts')
    const entry = ok(await desk.post('/v1/queue-entries', { queue: id }), 201)
    assert.match((await desk.delete(path, version(2))).body.detail, /Somebody waits/)
    const left = { step: 'leave', reason: 'left-unseen' }
    ok(await desk.post(`/v1/queue-entries/${entry.id}/steps`, left, version(1)))
    assert.equal((await stranger.delete(path, version(2))).status, 404)
    assert.equal((await desk.delete(path, version(2))).status, 204)
    assert.equal((await desk.post('/v1/queue-entries', { queue: id })).status, 404)
    ok(await desk.post('/v1/queues', { place, speciality: 'cardiology', minutes: 15 }), 201)
  })

  it('is never closed over somebody who joins at the same moment', async () => {
    await using house = await openTestHouse(everything)
    const { place, desk } = await openPlaceOf(house)
    for (let round = 0; round < 5; round++) {
      const { id } = ok(await desk.post('/v1/queues', { place, speciality: 'cardiology', minutes: 15 }), 201)
      const [joined, closed] = await Promise.all([
        desk.post('/v1/queue-entries', { queue: id }),
        desk.delete(`/v1/queues/${id}`, version(1)),
      ])
      assert.deepEqual(
        [joined.status === 201, closed.status === 204],
        joined.status === 201 ? [true, false] : [false, true],
      )
      if (joined.status !== 201) continue
      const left = { step: 'leave', reason: 'left-unseen' }
      ok(await desk.post(`/v1/queue-entries/${joined.body.id}/steps`, left, version(1)))
      assert.equal((await desk.delete(`/v1/queues/${id}`, version(1))).status, 204)
    }
  })
})
