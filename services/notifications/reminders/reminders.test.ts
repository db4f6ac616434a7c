import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openSmtp } from '#tests/smtp.ts'
import { appointmentBooked } from '../../scheduling/contract.ts'
import type { Card } from '../appointment-card.ts'
import { openVillage, type Village } from '../testing.ts'

/** Kind and time of each job that waits. */
const planned = async ({ house }: Village): Promise<string[]> => {
  const { rows } = await house.owner.query(`
    select j.run_at, j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'notifications:remind' order by j.run_at`)
  return rows.map(({ run_at, payload }) => `${payload.group.split(':')[0]} ${run_at.toISOString()}`)
}

const groups = async ({ house }: Village): Promise<string[]> =>
  (await house.owner.query('select distinct group_key from notifications.reminder order by 1')).rows.map(
    (row) => row.group_key,
  )

const run = (village: Village, group: string | undefined) =>
  village.house.house.tasks()['notifications:remind']?.({ group }, {} as never) as Promise<void>

/** Everything that is planned, as when its time has come. */
async function runAll(village: Village, rule: 'week' | 'eve' | 'hours'): Promise<void> {
  for (const group of await groups(village)) if (group.startsWith(rule)) await run(village, group)
  await village.house.work()
}

const titles = async (client: Village['patient']) =>
  (await client.get('/v1/notifications')).body.items.map(({ title }: { title: string }) => title)

/** One more visit of the same patient. */
async function bookAnother({ card, world, announce, house }: Village, change: Partial<Card>): Promise<Card> {
  const second: Card = {
    ...card,
    id: newId(),
    sequence: 0,
    status: 'booked',
    practitionerName: 'Dr Yaw Mensah',
    ...change,
  }
  world.cards.set(second.id, second)
  await announce(appointmentBooked, {
    appointment: second.id,
    patient: second.patient,
    practitioner: second.practitioner,
  })
  await house.work()
  return second
}

describe('planning a reminder', () => {
  it('is for a week before and the eve, moves with the appointment, and is dropped with it', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    assert.deepEqual(await planned(village), ['week 2031-02-24T10:00:00.000Z', 'eve 2031-03-02T18:00:00.000Z'])

    await village.happens('rescheduled', { sequence: 1, start: '2031-03-10T15:00:00Z', end: '2031-03-10T15:30:00Z' })
    assert.deepEqual(await planned(village), ['week 2031-03-03T10:00:00.000Z', 'eve 2031-03-09T18:00:00.000Z'])

    await village.happens('cancelled', { sequence: 2, status: 'cancelled' })
    assert.deepEqual(await planned(village), [])
    assert.deepEqual(await groups(village), [])
  })

  it('goes by the clock where the visit is', async () => {
    await using village = await openVillage()
    await village.happens('booked', { zone: 'Pacific/Auckland', start: '2031-03-03T20:00:00Z' }) // the 4th, at nine
    assert.deepEqual(await planned(village), ['week 2031-02-24T21:00:00.000Z', 'eve 2031-03-03T05:00:00.000Z'])
  })

  for (const [booked, expected] of [
    ['2031-02-24T10:00:00Z', ['eve 2031-03-02T18:00:00.000Z']],
    ['2031-03-02T18:00:00Z', ['hours 2031-03-03T07:00:00.000Z']],
    ['2031-03-03T07:00:01Z', []],
    ['2031-03-03T09:00:00Z', []],
  ] as const)
    it(`for a visit at 09:00 on the 3rd that is booked at ${booked} is ${expected[0] ?? 'none'}`, async () => {
      await using village = await openVillage({ now: booked })
      await village.happens('booked')
      assert.deepEqual(await planned(village), expected)
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

  it('keeps that of another visit on the day when one is cancelled', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    await bookAnother(village, { start: '2031-03-03T14:00:00Z', end: '2031-03-03T14:30:00Z' })
    assert.equal((await planned(village)).length, 2, 'they share their jobs')
    await village.happens('cancelled', { sequence: 1, status: 'cancelled' })
    assert.equal((await planned(village)).length, 2)
    await runAll(village, 'week')
    assert.deepEqual(await titles(village.patient), [
      'Your appointment is near',
      'Appointment cancelled',
      'Appointment booked',
      'Appointment booked',
    ])
  })
})

describe('sending a reminder', () => {
  it('tells the patient and caregivers, in the app and by mail, and once', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await village.happens('booked')
    village.house.setNow('2031-03-02T18:00:00Z')
    const group = (await groups(village)).find((one) => one.startsWith('eve'))

    await Promise.all([run(village, group), run(village, group)].map((one) => one.catch(() => {}))) // one may be told to come again
    await run(village, group)
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
    const before = { ...village.card }
    const again = async (change: Partial<Card>, now = '2031-02-20T08:00:00Z') => {
      village.house.setNow('2031-02-20T08:00:00Z')
      Object.assign(village.card, before)
      village.world.cards.set(before.id, village.card)
      await village.announce(appointmentBooked, {
        appointment: before.id,
        patient: before.patient,
        practitioner: before.practitioner,
      })
      await village.house.work()
      Object.assign(village.card, change)
      village.house.setNow(now)
      await runAll(village, 'eve')
    }
    for (const change of [
      { start: '2031-03-04T09:00:00Z' },
      { status: 'cancelled' },
      { status: 'arrived' },
    ] as Partial<Card>[])
      await again(change)
    await again({}, before.start)
    village.world.cards.clear()
    await runAll(village, 'week')

    assert.ok((await titles(village.patient)).every((title: string) => title === 'Appointment booked'))
  })

  it('says nothing to a caregiver whose mandate has ended meanwhile', async () => {
    await using village = await openVillage()
    const other = await village.house.signedIn()
    const mandate = await village.grant(other.account, ['receive-messages'])
    await village.happens('booked')
    await village.revoke(mandate)
    village.house.setNow('2031-03-02T18:00:00Z')

    await runAll(village, 'eve')

    const { rows } = await village.house.owner.query(
      `select account_id from notifications.notification where template like 'appointment-reminder%'`,
    )
    assert.deepEqual(
      new Set(rows.map(({ account_id }) => account_id)),
      new Set([village.patient.account, village.caregiver.account]),
    )
  })

  it('is one message for several visits of a day, and two for those of two days', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await village.happens('booked')
    await bookAnother(village, { start: '2031-03-03T14:00:00Z', end: '2031-03-03T14:30:00Z' })
    await bookAnother(village, { start: '2031-03-04T09:00:00Z', end: '2031-03-04T09:30:00Z' })
    village.house.setNow('2031-02-25T10:00:00Z')
    await runAll(village, 'week')

    const [other, both] = (await village.patient.get('/v1/notifications')).body.items
      .slice(0, 2)
      .sort((a: { title: string }, b: { title: string }) => a.title.length - b.title.length)
    assert.deepEqual([other.title, both.title], ['Your appointment is near', 'Your appointments are near'])
    assert.match(
      both.text,
      /2 appointments:\n- with Dr Ama Boateng on Monday.*09:00.*\n- with Dr Yaw Mensah on Monday.*14:00/,
    )
    assert.equal(smtp.to('abena@people.example').filter(({ subject }) => / near$/.test(subject ?? '')).length, 2)
    assert.equal(smtp.to('kofi@people.example').filter(({ subject }) => / near$/.test(subject ?? '')).length, 2)
    const mail = smtp.to('abena@people.example').find(({ subject }) => subject === both.title)
    assert.match(
      mail?.text ?? '',
      /09:00 \(.*\): to confirm, move or cancel\nhttp:\/\/openhcs\.test\/links\/x+\n\n.*14:00 \(.*\): to confirm, move or cancel\nhttp/,
    )
  })

  it('of several visits mails those that are still as they were', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await village.happens('booked')
    const second = await bookAnother(village, { start: '2031-03-03T14:00:00Z', end: '2031-03-03T14:30:00Z' })
    smtp.mood = 'refuse'
    await runAll(village, 'eve')
    smtp.mood = 'accept'
    Object.assign(second, { status: 'cancelled', sequence: 1 })
    await village.hurry()
    await village.house.work()
    const [mail] = smtp.to('abena@people.example').filter(({ subject }) => / near$/.test(subject ?? ''))
    assert.match(mail?.text ?? '', /Boateng/)
    assert.doesNotMatch(mail?.text ?? '', /Mensah/)
  })

  it('keeps apart what may not leave the house', async () => {
    await using village = await openVillage()
    await village.house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'messages', 'hiv', '2031-01-01')`,
      [village.patientId],
    )
    await village.happens('booked')
    await bookAnother(village, { start: '2031-03-03T14:00:00Z', end: '2031-03-03T14:30:00Z', category: 'hiv' })
    await runAll(village, 'eve')
    assert.deepEqual((await titles(village.patient)).slice(0, 2), [
      'Your appointment is near',
      'Your appointment is near',
    ])
    const { rows } = await village.house.owner.query(
      `select count(*)::int from notifications.delivery where template = 'appointment-reminder.patient'`,
    )
    assert.deepEqual(rows, [{ count: 1 }])
  })
})
