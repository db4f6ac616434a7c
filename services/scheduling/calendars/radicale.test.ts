import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient } from '../../../tests/calendar.ts'
import { eventAt } from '../../../tests/foreign-calendar.ts'
import { lacksRadicale, type Radicale, startRadicale } from '../../../tests/radicale.ts'
import { openPractice, weekly } from '../testing.ts'

async function openWorld(house: TestHouse) {
  const { doctor, practitioner, place } = await openPractice(house, 'UTC')
  assert.equal((await doctor.post('/v1/schedules', weekly(place))).status, 201)
  const client = await newPatient(house)
  const freeOn = async (day: string): Promise<string[]> =>
    (
      await client.get(`/v1/practitioners/${practitioner}/slots?from=${day}T00:00:00Z&until=${day}T23:59:00Z`)
    ).body.items.map(({ start }: { start: string }) => start.slice(11, 16))
  const subscribe = async ({
    url: address,
    user,
    password,
  }: Omit<Radicale, 'put' | 'delete' | typeof Symbol.asyncDispose>) => {
    const diary = { label: 'Diary', kind: 'caldav', address, user, password }
    const { status, body } = await doctor.post('/v1/busy-calendars', diary)
    assert.equal(status, 201, JSON.stringify(body))
    await house.work()
    return body.id as string
  }
  const read = async (id: string) => {
    await house.house.tasks()['scheduling:import-busy']?.({ calendar: id }, undefined as never)
    return (await doctor.get(`/v1/busy-calendars/${id}`)).body
  }
  return { doctor, freeOn, subscribe, read }
}

const skip = lacksRadicale()

describe('busy times from a CalDAV server (Radicale)', { skip }, () => {
  it('close hours: single entries, those that repeat, and changes of these', async () => {
    await using house = await openTestHouse(everything, { env: { CALENDAR_PRIVATE_HOSTS: '127.0.0.1/32' } })
    await using radicale = await startRadicale()
    const { freeOn, subscribe, read } = await openWorld(house)
    await radicale.put('once', eventAt('20310303T090000Z', 30))
    await radicale.put('weekly', eventAt('20310303T093000Z', 30, 'RRULE:FREQ=WEEKLY', 'EXDATE:20310310T093000Z'))
    await radicale.put('old', eventAt('20300303T090000Z', 30))
    const id = await subscribe(radicale)
    const { state, unread } = await read(id)
    assert.deepEqual([state, unread], ['read', 0])
    assert.deepEqual(await Promise.all(['2031-03-03', '2031-03-10', '2031-03-17'].map(freeOn)), [
      [],
      ['09:00', '09:30'],
      ['09:00'],
    ])
    await radicale.delete('once')
    await read(id)
    assert.deepEqual(await freeOn('2031-03-03'), ['09:00'])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('say what is wrong: another’s password, a collection that is not there, and a server that is none', async () => {
    await using house = await openTestHouse(everything, { env: { CALENDAR_PRIVATE_HOSTS: '127.0.0.1/32' } })
    await using radicale = await startRadicale()
    const { subscribe, read } = await openWorld(house)
    const { url, user, password } = radicale
    const errorOf = async (more: object) => (await read(await subscribe({ url, user, password, ...more }))).error
    assert.equal(await errorOf({ password: 'another' }), 'unauthorised')
    assert.equal(await errorOf({ url: url.replace('diary', 'nothing') }), 'not-there')
    assert.equal(await errorOf({ url: url.replace('diary/', '') }), 'not-a-calendar')
  })

  it('are read again only when its tag has changed', async () => {
    await using house = await openTestHouse(everything, { env: { CALENDAR_PRIVATE_HOSTS: '127.0.0.1/32' } })
    await using radicale = await startRadicale()
    const { subscribe, read } = await openWorld(house)
    await radicale.put('once', eventAt('20310303T090000Z', 30))
    const id = await subscribe(radicale)
    await house.owner.query('delete from scheduling.busy') // what an import that reads nothing leaves as it is
    await read(id)
    const count = async () => (await house.owner.query('select from scheduling.busy')).rowCount
    assert.equal(await count(), 0)
    await radicale.put('twice', eventAt('20310310T090000Z', 30))
    await read(id)
    assert.equal(await count(), 2)
  })
})
