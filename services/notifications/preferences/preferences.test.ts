import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openSmtp } from '#tests/smtp.ts'
import { passwordChanged } from '../../identity/contract.ts'
import { appointmentBooked } from '../../scheduling/contract.ts'
import { openVillage, type Village } from '../testing.ts'

const url = '/v1/notification-preferences'
const rows = async ({ house }: Village, sql: string) => (await house.owner.query(sql)).rows

/** Only the patient and her son are written to, by mail; her visit is on 3 March at 09:00 in Accra. */
async function openWithMail(now = '2031-02-20T12:00:00Z') {
  const smtp = await openSmtp()
  const village = await openVillage({ env: { SMTP_URL: smtp.url }, now })
  village.world.contacts.delete(village.practitioner.account)
  const choose = async (who: Village['patient'], body: object, { about = '', version = 1 } = {}) => {
    const answer = await who.put(`${url}${about && `?patient=${about}`}`, body, { 'if-match': `"${version}"` })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }
  /** As when the database’s clock has come to what waits. */
  const runAll = async (job: 'deliver' | 'digest') => {
    const { rows: jobs } = await village.house.owner.query(
      `select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'notifications:${job}' order by j.id`,
    )
    for (const { payload } of jobs) await village.house.house.tasks()[`notifications:${job}`]?.(payload, {} as never)
    return jobs.length
  }
  return {
    smtp,
    village,
    choose,
    runAll,
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await smtp.close()
    },
  }
}

const wish = (category: string, channel: string, wish: string) => ({ category, channel, wish })
const off = { wishes: [wish('appointments', 'email', 'off')] }
const reasons = (village: Village) =>
  rows(
    village,
    `select channel, status, reason from notifications.delivery where account_id = '${village.patient.account}' order by channel`,
  )

describe('PUT /v1/notification-preferences', () => {
  it('is read as it was chosen, and replaced by who has read it last', async () => {
    await using open = await openWithMail()
    const { patient } = open.village
    assert.deepEqual((await patient.get(url)).body, { wishes: [], version: 1 })
    const chosen = {
      wishes: [wish('reminders', 'sms', 'at-once'), wish('work', 'email', 'daily')],
      zone: 'Africa/Accra',
      quietHours: { from: '21:00', until: '07:00' },
      dailyAt: '17:30',
    }
    assert.deepEqual(await open.choose(patient, chosen), { ...chosen, version: 2 })
    const read = await patient.get(url)
    assert.deepEqual([read.body, read.headers.etag], [{ ...chosen, version: 2 }, '"2"'])
    assert.equal((await patient.put(url, chosen, { 'if-match': '"1"' })).status, 412)
    assert.equal((await patient.put(url, chosen)).status, 428)
    assert.deepEqual(await open.choose(patient, { wishes: [] }, { version: 2 }), { wishes: [], version: 3 })
  })

  it('of two who choose at the same time lets one', async () => {
    await using open = await openWithMail()
    const { patient } = open.village
    const both = (version: number) =>
      Promise.all([1, 2].map(() => patient.put(url, off, { 'if-match': `"${version}"` })))
    for (const version of [1, 2]) assert.deepEqual((await both(version)).map(({ status }) => status).sort(), [200, 412])
  })

  it('wants what goes together', async () => {
    await using open = await openWithMail()
    const { patient, caregiver, patientId, house } = open.village
    const put = async (who: typeof patient, body: object, about = '') =>
      (await who.put(`${url}${about}`, body, { 'if-match': '"1"' })).status
    assert.equal(await put(patient, { wishes: [], quietHours: { from: '21:00', until: '07:00' } }), 422)
    assert.equal(await put(patient, { wishes: [wish('work', 'sms', 'daily')] }), 422)
    assert.equal(await put(caregiver, { wishes: [], zone: 'Africa/Accra' }, `?patient=${patientId}`), 422)
    for (const wrong of [
      { wishes: [], zone: 'Africa/Nowhere' },
      { wishes: [], zone: 'UTC', dailyAt: '24:00' },
      { wishes: [wish('account', 'email', 'off')] },
      { wishes: [wish('work', 'fax', 'off')] },
    ])
      assert.equal(await put(patient, wrong), 400, JSON.stringify(wrong))
    assert.equal((await house.anonymous.put(url, off, { 'if-match': '"1"' })).status, 401)
    assert.equal((await house.anonymous.get(url)).status, 401)
  })

  it('is about a patient for who cares for them, while they do', async () => {
    await using open = await openWithMail()
    const { village } = open
    const about = `${url}?patient=${village.patientId}`
    const statuses = async () =>
      Promise.all(
        [village.caregiver, village.stranger, village.patient, village.practitioner].map(
          async (who) => (await who.get(about)).status,
        ),
      )
    assert.deepEqual(await statuses(), [200, 404, 404, 404])
    assert.equal((await village.stranger.put(about, off, { 'if-match': '"1"' })).status, 404)
    assert.equal((await village.caregiver.get(`${url}?patient=${newId()}`)).status, 404)
    await village.house.owner.query(`update platform.access_grant set revoked_at = $1 where relationship = 'mandate'`, [
      village.house.house.now(),
    ])
    assert.deepEqual(await statuses(), [404, 404, 404, 404])
  })
})

describe('what somebody has chosen', () => {
  it('keeps a message in the app that is not wanted elsewhere, and says so in its row', async () => {
    await using open = await openWithMail()
    const { village, smtp, choose } = open
    await choose(village.patient, off)
    await village.happens('booked')
    assert.deepEqual(await reasons(village), [{ channel: 'email', status: 'skipped', reason: 'not-wanted' }])
    assert.deepEqual([smtp.to('abena@people.example').length, smtp.to('kofi@people.example').length], [0, 1])
    assert.equal((await village.patient.get('/v1/notifications')).body.items.length, 1)
  })

  it('about a patient goes before what they chose in general', async () => {
    await using open = await openWithMail()
    const { village, smtp, choose } = open
    const { caregiver, patientId } = village
    await choose(caregiver, off)
    await choose(caregiver, { wishes: [wish('appointments', 'email', 'at-once')] }, { about: patientId })
    await village.happens('booked')
    assert.equal(smtp.to('kofi@people.example').length, 1)
    await choose(caregiver, off, { about: patientId, version: 2 })
    await choose(caregiver, { wishes: [] }, { version: 2 })
    await village.happens('rescheduled', { sequence: 1 })
    assert.equal(smtp.to('kofi@people.example').length, 1)
  })

  it('may be a text beside the mail, for who has a phone', async () => {
    await using open = await openWithMail()
    const { village, choose } = open
    await choose(village.patient, { wishes: [wish('appointments', 'sms', 'at-once')] })
    await village.happens('booked')
    assert.deepEqual(
      (await reasons(village)).map(({ channel }) => channel),
      ['email'],
    )
    const { account } = village.patient
    const abena = { account, name: 'Abena', email: 'abena@people.example', phone: '+12025550147', language: 'en' }
    village.world.contacts.set(account, abena)
    await village.happens('rescheduled', { sequence: 1 })
    assert.deepEqual(
      (await reasons(village)).map(({ channel }) => channel),
      ['email', 'email', 'sms'],
    )
  })
})

describe('quiet hours', () => {
  const quiet = { wishes: [], zone: 'Africa/Addis_Ababa', quietHours: { from: '21:00', until: '07:00' } }

  it('put off what is not urgent to their end, on the recipient’s clock', async () => {
    await using open = await openWithMail('2031-02-20T19:00:00Z') // 22:00 in Addis Ababa
    const { village, smtp, choose, runAll } = open
    await choose(village.patient, quiet)
    await village.happens('booked')
    await village.announce(passwordChanged, { account: village.patient.account })
    await village.house.work()
    assert.deepEqual(
      smtp.to('abena@people.example').map(({ subject }) => subject),
      ['Your password was changed'],
    )
    assert.deepEqual(
      await rows(village, `select run_at from graphile_worker._private_jobs where payload::jsonb ? 'delivery'`),
      [{ run_at: new Date('2031-02-21T04:00:00Z') }],
    )
    village.house.setNow('2031-02-21T04:00:00Z')
    assert.equal(await runAll('deliver'), 1)
    assert.deepEqual(
      smtp.to('abena@people.example').map(({ subject }) => subject),
      ['Your password was changed', 'Appointment booked'],
    )
  })

  it('do not keep back what would come too late for the visit', async () => {
    await using open = await openWithMail('2031-03-03T01:00:00Z')
    const { village, smtp, choose } = open
    await choose(village.patient, { ...quiet, zone: 'Africa/Accra', quietHours: { from: '21:00', until: '07:01' } })
    await village.happens('cancelled', { status: 'cancelled', sequence: 1 })
    assert.equal(smtp.to('abena@people.example').length, 1)
  })
})

describe('a daily digest', () => {
  const daily = { wishes: [wish('appointments', 'email', 'daily')], zone: 'Africa/Accra', dailyAt: '18:00' }

  it('is one mail with what is still so, at the time that was chosen', async () => {
    await using open = await openWithMail()
    const { village, smtp, choose, runAll } = open
    await choose(village.patient, daily)
    await village.happens('booked')
    await village.happens('rescheduled', { sequence: 1, start: '2031-03-04T09:00:00Z' })
    const { card, world } = village
    const second = { ...card, id: newId(), sequence: 0, start: '2031-03-10T09:00:00Z', end: '2031-03-10T09:30:00Z' }
    world.cards.set(second.id, second)
    await village.announce(appointmentBooked, {
      appointment: second.id,
      patient: second.patient,
      practitioner: second.practitioner,
    })
    await village.house.work()
    assert.equal(smtp.to('abena@people.example').length, 0)

    village.house.setNow('2031-02-20T18:00:00Z')
    assert.equal(await runAll('digest'), 1)
    const [mail, ...others] = smtp.to('abena@people.example')
    assert.deepEqual([mail?.subject, others.length, mail?.attachments.length], ['2 messages of today', 0, 0])
    assert.match(mail?.text ?? '', /moved.*Tuesday, 4 March[\s\S]*Monday, 10 March/)
    assert.deepEqual((await reasons(village)).map(({ status, reason }) => `${status} ${reason}`).sort(), [
      'sent null',
      'sent null',
      'skipped overtaken',
    ])
    await runAll('digest')
    assert.equal(smtp.to('abena@people.example').length, 1)
  })

  it('goes without one that cannot be written, which is tried by itself', async () => {
    await using open = await openWithMail()
    const { village, smtp, choose, runAll } = open
    await choose(village.patient, daily)
    const { card, world } = village
    const second = { ...card, id: newId(), start: '2031-03-10T09:00:00Z', end: '2031-03-10T09:30:00Z' }
    world.cards.set(second.id, second)
    await village.happens('booked')
    await village.announce(appointmentBooked, {
      appointment: second.id,
      patient: second.patient,
      practitioner: second.practitioner,
    })
    await village.house.work()
    await village.house.owner.query(
      `update notifications.notification set params = params || '{"start": "never"}' where resource = 'Appointment/' || $1`,
      [second.id],
    )
    village.house.setNow('2031-02-20T18:00:00Z')
    await runAll('digest')
    assert.equal(smtp.to('abena@people.example').length, 1)
    assert.deepEqual((await reasons(village)).map(({ status, reason }) => `${status} ${reason}`).sort(), [
      'queued fault',
      'sent null',
    ])
    assert.equal(await runAll('deliver'), 1)
  })

  it('waits for a server that is away, and does not hold what is urgent', async () => {
    await using open = await openWithMail()
    const { village, smtp, choose, runAll } = open
    await choose(village.patient, daily)
    await village.happens('booked')
    smtp.mood = 'refuse'
    village.house.setNow('2031-02-20T18:00:00Z')
    await runAll('digest')
    assert.deepEqual(
      (await reasons(village)).map(({ status, reason }) => [status, reason]),
      [['queued', 'emessage 451']],
    )
    smtp.mood = 'accept'
    await runAll('digest')
    assert.equal(smtp.to('abena@people.example').length, 1)
    village.house.setNow('2031-03-02T16:00:00Z')
    await village.happens('cancelled', { status: 'cancelled', sequence: 1 })
    assert.equal(smtp.to('abena@people.example').length, 1, 'a visit of tomorrow can wait for six o’clock')
    village.house.setNow('2031-03-03T06:30:00Z')
    Object.assign(village.card, { status: 'booked' })
    await village.happens('rescheduled', { sequence: 2, status: 'booked', start: '2031-03-03T10:00:00Z' })
    assert.equal(smtp.to('abena@people.example').length, 2, 'one of this morning cannot')
  })
})
