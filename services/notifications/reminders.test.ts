import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openSmtp } from '#tests/smtp.ts'
import { openVillage, type Village } from './testing.ts'

const planned = async ({ house }: Village) => {
  const { rows } = await house.owner.query(`
    select j.run_at, j.key, j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'notifications:remind'`)
  return rows
}

const run = ({ house }: Village, payload: object) =>
  house.house.tasks()['notifications:remind']?.(payload, {} as never) as Promise<void>

const titles = async (client: Village['patient']) =>
  (await client.get('/v1/notifications')).body.items.map(({ title }: { title: string }) => title)

describe('planning a reminder', () => {
  it('is for a day before, moves with the appointment, and is dropped with it', async () => {
    await using village = await openVillage()
    const { id } = village.card
    await village.happens('booked')
    assert.deepEqual(await planned(village), [
      {
        run_at: new Date('2031-03-02T09:00:00Z'),
        key: `reminder:${id}`,
        payload: { appointment: id, start: '2031-03-03T09:00:00Z' },
      },
    ])

    await village.happens('rescheduled', { sequence: 1, start: '2031-03-10T15:00:00Z', end: '2031-03-10T15:30:00Z' })
    assert.deepEqual(
      (await planned(village)).map(({ run_at }) => run_at),
      [new Date('2031-03-09T15:00:00Z')],
    )

    await village.happens('cancelled', { sequence: 2, status: 'cancelled' })
    assert.deepEqual(await planned(village), [])
  })

  for (const [booked, expected] of [
    ['2031-03-02T09:00:01Z', ['2031-03-03T07:00:00.000Z']],
    ['2031-03-03T07:00:01Z', []],
    ['2031-03-03T09:00:00Z', []],
  ] as const)
    it(`for a visit at 09:00 on the 3rd that is booked at ${booked} is ${expected[0] ?? 'none'}`, async () => {
      await using village = await openVillage({ now: booked })
      await village.happens('booked')
      assert.deepEqual(
        (await planned(village)).map(({ run_at }) => run_at.toISOString()),
        expected,
      )
    })

  it('drops the old one when the new time is too near for any', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    await village.happens('rescheduled', { sequence: 1, start: '2031-02-20T09:00:00Z', end: '2031-02-20T09:30:00Z' })
    assert.deepEqual(await planned(village), [])
  })

  it('goes by what the card says, in whatever order the events come', async () => {
    await using village = await openVillage()
    await village.happens('cancelled', { sequence: 1, status: 'cancelled' })
    await village.happens('booked')

    assert.deepEqual(await planned(village), [])
    assert.deepEqual(await titles(village.patient), ['Appointment cancelled'])
  })
})

describe('sending a reminder', () => {
  it('tells the patient and caregivers, in the app and by mail, and once', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await village.happens('booked')
    const [{ payload }] = await planned(village)
    village.house.setNow('2031-03-02T09:00:00Z')

    await run(village, payload)
    await run(village, payload)
    await village.house.work()

    assert.deepEqual(await titles(village.patient), ['Your appointment is near', 'Appointment booked'])
    assert.deepEqual(await titles(village.caregiver), ['An appointment is near', 'Appointment booked'])
    assert.deepEqual(await titles(village.practitioner), ['New appointment'])
    const reminders = smtp.mails.filter(({ subject }) => subject?.endsWith('is near'))
    assert.deepEqual(
      reminders.map(({ attachments }) => attachments.length),
      [0, 0],
    )
  })

  it('says nothing of an appointment that was moved, cancelled, is over, or is gone', async () => {
    await using village = await openVillage()
    const { id, start } = village.card
    const reminder = { appointment: id, start }
    const before = { ...village.card }
    for (const change of [{ start: '2031-03-04T09:00:00Z' }, { status: 'cancelled' }, { status: 'arrived' }]) {
      Object.assign(village.card, before, change)
      await run(village, reminder)
    }
    Object.assign(village.card, before)
    village.house.setNow(start)
    await run(village, reminder)
    village.world.cards.clear()
    await run(village, reminder)

    assert.deepEqual(await titles(village.patient), [])
  })

  it('says nothing to a caregiver whose mandate has ended meanwhile', async () => {
    await using village = await openVillage()
    const other = await village.house.signedIn()
    const mandate = await village.grant(other.account, ['receive-messages'])
    await village.happens('booked')
    await village.revoke(mandate)
    village.house.setNow('2031-03-02T09:00:00Z')

    await run(village, { appointment: village.card.id, start: village.card.start })

    const { rows } = await village.house.owner.query(
      `select account_id from notifications.notification where template like 'appointment-reminder%'`,
    )
    assert.deepEqual(
      new Set(rows.map(({ account_id }) => account_id)),
      new Set([village.patient.account, village.caregiver.account]),
    )
  })
})
