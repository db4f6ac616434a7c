import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient } from '../../../tests/calendar.ts'
import { addPractitioner, arrive, book, ok, openClinic, version } from './testing.ts'

const starts = ({ items }: { items: { start: string }[] }) => items.map(({ start }) => start.slice(0, 16))

describe('GET /v1/places/:id/day', () => {
  it('shows the desk all of its place, and a practitioner their own', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const second = await addPractitioner(house, clinic.place)
    const { visit, patient } = await book(clinic, '2031-03-01T09:00:00Z')
    await book({ house, ...second }, '2031-03-01T09:30:00Z')
    await book(clinic, '2031-03-02T09:00:00Z')
    const path = `/v1/places/${clinic.place}/day`
    assert.deepEqual(starts(ok(await clinic.desk.get(path))), ['2031-03-01T09:00', '2031-03-01T09:30'])
    assert.deepEqual(starts(ok(await clinic.doctor.get(path))), ['2031-03-01T09:00'])
    assert.deepEqual(starts(ok(await clinic.desk.get(`${path}?practitioner=${second.practitioner}`))), [
      '2031-03-01T09:30',
    ])
    assert.deepEqual(starts(ok(await clinic.desk.get(`${path}?date=2031-03-02`))), ['2031-03-02T09:00'])
    ok(await arrive(clinic.desk, visit))
    assert.deepEqual(starts(ok(await clinic.desk.get(`${path}?status=arrived`))), ['2031-03-01T09:00'])
    const { rows } = await house.owner.query(
      `select count(*)::int as n from platform.audit_event where operation = 'listDay' and subject = $1 and account_id = $2`,
      [`Patient/${patient}`, clinic.desk.account],
    )
    assert.equal(rows[0].n, 2)
  })

  it('comes in pages, and is not there for whoever has nothing to do there', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    for (const time of ['09:00', '09:30', '10:00']) await book(clinic, `2031-03-01T${time}:00Z`)
    const path = `/v1/places/${clinic.place}/day`
    const first = ok(await clinic.desk.get(`${path}?limit=2`))
    assert.deepEqual(starts(ok(await clinic.desk.get(`${path}?limit=2&cursor=${first.next}`))), ['2031-03-01T10:00'])
    assert.equal((await house.anonymous.get(path)).status, 401)
    for (const who of [
      clinic.stranger,
      await newPatient(house),
      await house.signedIn({ self: { practitioner: newId() } }),
    ])
      assert.equal((await who.get(path)).status, 404)
    assert.equal((await clinic.desk.get(`/v1/places/${newId()}/day`)).status, 404)
    assert.equal((await clinic.desk.get(`${path}?date=2031-02-30`)).status, 400)
  })

  for (const [zone, date, first, last] of [
    ['Asia/Kolkata', '2032-01-01', '2031-12-31T18:30', '2032-01-01T18:00'],
    ['America/New_York', '2031-11-02', '2031-11-02T04:00', '2031-11-03T04:30'], // 25 hours
    ['America/New_York', '2032-03-14', '2032-03-14T05:00', '2032-03-15T03:30'], // 23 hours
  ] as const)
    it(`has the hours that the clocks in ${zone} give ${date}`, async () => {
      const now = new Date(Date.parse(`${first}Z`) - 86_400_000)
      await using house = await openTestHouse(everything, { now: now.toISOString() })
      const clinic = await openClinic(house, zone)
      const half = 1_800_000
      const at = (time: string, halves: number) => new Date(Date.parse(`${time}Z`) + halves * half).toISOString()
      for (const start of [at(first, -1), at(first, 0), at(last, 0), at(last, 1)]) await book(clinic, start)
      assert.deepEqual(starts(ok(await clinic.desk.get(`/v1/places/${clinic.place}/day?date=${date}`))), [first, last])
    })
})

describe('PUT /v1/places/:id/day-settings', () => {
  it('says how the day is run, by the desk of the place', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const path = `/v1/places/${clinic.place}/day-settings`
    const defaults = { earlyMinutes: 120, lateMinutes: 10, graceMinutes: 30, version: 1 }
    assert.deepEqual(ok(await (await newPatient(house)).get(path)), defaults)
    assert.equal((await clinic.desk.get(`/v1/places/${newId()}/day-settings`)).status, 404)
    const change = { earlyMinutes: 15, lateMinutes: 0 }
    assert.equal((await clinic.stranger.put(path, change, version(1))).status, 404)
    assert.equal((await clinic.desk.put(path, { earlyMinutes: 15 }, version(1))).status, 400)
    const both = await Promise.all([
      clinic.desk.put(path, change, version(1)),
      clinic.desk.put(path, change, version(1)),
    ])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
    assert.deepEqual(ok(await clinic.desk.get(path)), { ...change, version: 2 })
    const patient = await book(clinic, '2031-03-01T09:00:00Z')
    assert.match((await arrive(patient, patient.visit)).body.detail, /15 minutes before/)
  })
})
