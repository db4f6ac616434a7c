import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openGateway } from '#tests/sms-gateway.ts'
import { openSmtp } from '#tests/smtp.ts'
import { openVillage } from '../testing.ts'

const phone = '+12025550147'

/** Abena has a mailbox and a phone, both proved; nobody else is written to. Her visit is on 3 March at 09:00. */
async function openWithBoth() {
  const [smtp, gateway] = [await openSmtp(), await openGateway()]
  const village = await openVillage({ env: { SMTP_URL: smtp.url, SMS_GATEWAY_URL: gateway.url } })
  const { account } = village.patient
  village.world.contacts.clear()
  village.world.contacts.set(account, { account, name: 'Abena', email: 'abena@people.example', phone, language: 'en' })
  const jobs = async (task: string) => {
    const { rows } = await village.house.owner.query(
      `select j.payload, j.run_at from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = $1`,
      [`notifications:${task}`],
    )
    return rows as { payload: { group?: string }; run_at: Date }[]
  }
  const run = async (task: string) => {
    for (const { payload } of await jobs(task))
      await village.house.house.tasks()[`notifications:${task}`]?.(payload, {} as never)
    await village.house.work()
  }
  /** As far as the reminder of the eve. */
  const toTheEve = async () => {
    await village.happens('booked')
    village.house.setNow('2031-03-02T18:00:00Z')
    for (const { payload } of await jobs('remind'))
      if (payload.group?.startsWith('eve'))
        await village.house.house.tasks()['notifications:remind']?.(payload, {} as never)
    await village.house.work()
    village.house.setNow('2031-03-03T06:00:00Z')
  }
  return {
    smtp,
    gateway,
    village,
    jobs,
    run,
    toTheEve,
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await smtp.close()
      await gateway[Symbol.asyncDispose]()
    },
  }
}

describe('a reminder that nobody has read', () => {
  it('goes by text too, some hours before the visit, and once', async () => {
    await using open = await openWithBoth()
    await open.toTheEve()
    assert.deepEqual([open.smtp.mails.length, open.gateway.messages.length], [2, 0])
    assert.deepEqual(
      (await open.jobs('escalate')).map(({ run_at }) => run_at.toISOString()),
      ['2031-03-03T06:00:00.000Z'],
      'of the patient; her son has no address',
    )
    await Promise.all([open.run('escalate'), open.run('escalate')])
    await open.run('escalate')
    assert.equal(open.gateway.messages.length, 1)
    assert.match(open.gateway.messages[0]?.text ?? '', /^Your appointment is on Mon 3 Mar, 09:00/)
    const { rows } = await open.village.house.owner.query(
      'select channel, status from notifications.delivery where escalation',
    )
    assert.deepEqual(rows, [{ channel: 'sms', status: 'sent' }])
  })

  it('does not when it was read, has arrived, is not wanted there, or the visit was moved', async () => {
    for (const [what, act] of [
      ['read', ({ village }) => village.patient.post('/v1/notifications/read', { until: 9 })],
      ['arrived', ({ village }) => village.house.owner.query(`update notifications.delivery set status = 'delivered'`)],
      [
        'not wanted',
        ({ village }) =>
          village.patient.put(
            '/v1/notification-preferences',
            { wishes: [{ category: 'reminders', channel: 'sms', wish: 'off' }] },
            { 'if-match': '"1"' },
          ),
      ],
      ['moved', async ({ village }) => Object.assign(village.card, { sequence: 1 })],
    ] as [string, (open: Awaited<ReturnType<typeof openWithBoth>>) => Promise<unknown>][]) {
      await using open = await openWithBoth()
      await open.toTheEve()
      await act(open)
      await open.run('escalate')
      assert.equal(open.gateway.messages.length, 0, what)
    }
  })

  it('does not go to a phone that nobody has proved', async () => {
    await using open = await openWithBoth()
    const { account } = open.village.patient
    const abena = { account, name: 'Abena', email: 'abena@people.example', phone, language: 'en' }
    open.village.world.contacts.set(account, { ...abena, proved: ['email'] })
    await open.toTheEve()
    await open.run('escalate')
    assert.equal(open.gateway.messages.length, 0)
  })
})

describe('a message about a visit that was refused for good', () => {
  it('goes by the next channel at once', async () => {
    await using open = await openWithBoth()
    open.smtp.mood = 'reject'
    await open.village.happens('booked')
    assert.equal(open.gateway.messages.length, 1)
    assert.match(open.gateway.messages[0]?.text ?? '', /^You have an appointment/)
  })
})
