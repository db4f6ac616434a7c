import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { erase } from '../erase.ts'
import type { SchedulingTables } from '../tables.ts'
import { at, bookAll, openTeam, rowsOf, ten } from './testing.ts'

async function told(house: TestHouse, who: Client): Promise<string[]> {
  await house.work()
  const { body } = await who.get('/v1/notifications')
  return body.items
    .map(({ template }: { template: string }) => template)
    .filter((template: string) => template.startsWith('appointment'))
    .reverse()
}

const changes = (part: string) => ['booked', 'rescheduled', 'cancelled'].map((what) => `appointment-${what}.${part}`)

describe('messages about a visit that several give', () => {
  it('tell who comes once, and each who gives it of their own', async () => {
    await using house = await openTestHouse(everything)
    const saba = await house.signedIn()
    const facts = { name: 'Saba Test', birthDate: '1990-02-01', gender: 'female', language: 'en', zone: 'UTC' }
    const patient = (await saba.post('/v1/patients', facts)).body.id as string
    const team = await openTeam(house)
    for (const [i, id] of team.practitioners.entries())
      await house.owner.query('update scheduling.practitioner set name = $2 where id = $1', [id, `Dr Number ${i + 1}`])
    const { id } = await bookAll({ client: { ...saba, patient }, wish: { ...team.wish, patient } })
    await house.work()
    const { items } = (await saba.get('/v1/notifications')).body
    const booked = items.find(({ template }: { template: string }) => template === 'appointment-booked.patient')
    assert.match(booked.text, /Dr Number 1, Dr Number 2, Dr Number 3/)
    assert.equal(booked.resource, `Appointment/${id}`)
    const { rows } = await house.owner.query('select distinct appointment_id from notifications.reminder')
    assert.deepEqual(rows, [{ appointment_id: id }], 'reminded once')
    await saba.post(`/v1/appointments/${id}/reschedule`, { start: ten }, at(1))
    await house.work()
    await saba.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, at(2))
    assert.deepEqual(await told(house, saba), changes('patient'))
    const parts = await rowsOf(house)
    for (const [i, doctor] of team.doctors.entries()) {
      assert.deepEqual(await told(house, doctor), changes('practitioner'))
      const { body } = await doctor.get('/v1/notifications')
      assert.equal(body.items[0].resource, `Appointment/${parts[i].id}`)
    }
  })

  it('say to all that it is off when one of those who give it is erased', async () => {
    await using house = await openTestHouse(everything)
    const team = await openTeam(house)
    await bookAll(team)
    const [, second] = team.practitioners
    const ctx = house.house.context('scheduling', { actor: system, traceId: newId(), doing: 'test' })
    await erase(ctx as Context<SchedulingTables>, { names: [], ...(second !== undefined && { practitioner: second }) })
    assert.deepEqual([...new Set((await rowsOf(house)).map(({ status }) => status))], ['cancelled'])
  })
})
