import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { firstIdOf } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../calendar.ts'

describe('retention', () => {
  it('deletes what is older than its setting, and nothing else', async () => {
    const days = { KEEP_APPOINTMENTS_DAYS: '100', KEEP_NOTIFICATIONS_DAYS: '50', KEEP_SESSIONS_DAYS: '10' }
    await using house = await openTestHouse(everything, { env: days })
    const practitioner = await openCalendar(house)
    const who = await house.signedIn()
    const facts = { name: 'Saba', birthDate: '1990-01-01', gender: 'female', language: 'en', zone: 'UTC' }
    const patient = (await who.post('/v1/patients', facts)).body.id
    for (const start of ['2031-03-03T09:00:00Z', '2031-03-10T09:00:00Z'])
      assert.equal((await who.post('/v1/appointments', { practitioner, patient, start })).status, 201)
    await house.work()
    const count = async (table: string) => (await house.owner.query(`select 1 from ${table}`)).rowCount
    const run = async (job: string) => house.house.tasks()[job]?.({}, { job: {} } as never)
    const night = async (now: string) => {
      house.setNow(now)
      for (const job of ['scheduling:forget', 'notifications:forget', 'identity:forget-once']) await run(job)
    }
    await night('2031-04-01T03:00:00Z')
    assert.deepEqual([await count('scheduling.appointment'), await count('scheduling.claim')], [2, 4])
    assert.ok(((await count('notifications.notification')) ?? 0) >= 2)
    await night('2031-06-12T00:00:00Z') // the first is over for a hundred days, the second is not
    assert.deepEqual([await count('scheduling.appointment'), await count('scheduling.claim')], [1, 2])
    assert.equal(await count('notifications.notification'), 0)
    assert.ok(((await count('platform.session')) ?? 0) > 0)
    await night('2032-06-12T00:00:00Z')
    assert.equal(await count('scheduling.appointment'), 0)
    assert.equal(await count('platform.session'), 0)
  })

  it('finds what is old by its key', () => {
    const time = new Date('2031-03-01T08:00:00Z')
    assert.equal(Number.parseInt(firstIdOf(time).replace('-', '').slice(0, 12), 16), time.getTime())
    assert.ok(firstIdOf(new Date('2001-01-01')) < firstIdOf(new Date('2031-03-01')))
  })
})
