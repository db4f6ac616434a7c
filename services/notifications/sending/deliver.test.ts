import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { eventually } from '#tests/journeys/people.ts'
import { openSmtp } from '#tests/smtp.ts'
import { openVillage, type Village } from '../testing.ts'
import { Breaker } from './breaker.ts'

const rows = async ({ house }: Village, sql: string, values: unknown[] = []) =>
  (await house.owner.query(sql, values)).rows

/** Two servers: the first is asked first. */
async function openWithTwo() {
  const [first, second] = [await openSmtp(), await openSmtp()]
  const village = await openVillage({ env: { SMTP_URL: `${first.url} ${second.url}` } })
  return {
    first,
    second,
    village,
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      for (const smtp of [first, second]) await smtp.close()
    },
  }
}

const attemptsOf = (village: Village) =>
  rows(
    village,
    'select provider, outcome, code, count(*)::int from notifications.attempt group by 1, 2, 3 order by 1, 2',
  )

/** Lets what waits be tried until nothing does; how often that was. */
async function exhaust(village: Village): Promise<number> {
  const tries = async () => (await rows(village, 'select max(tries) as tries from notifications.delivery'))[0].tries
  for (let before = -1; before !== (await tries()); ) {
    before = await tries()
    await village.hurry()
    await village.house.work()
  }
  return tries()
}

/** Only the patient is written to, so that attempts can be counted. */
function tellPatientOnly({ world, practitioner, caregiver }: Village): void {
  for (const { account } of [practitioner, caregiver]) world.contacts.delete(account)
}

describe('the chain of providers', () => {
  it('passes on what the first cannot take, and leaves it alone after two failures', async () => {
    await using open = await openWithTwo()
    const { first, second, village } = open
    await first.close()
    for (const sequence of [0, 1, 2]) await village.happens(sequence === 0 ? 'booked' : 'rescheduled', { sequence })

    assert.equal(second.mails.length, 9)
    assert.deepEqual(await attemptsOf(village), [
      { provider: 'smtp-1', outcome: 'unreached', code: 'esocket', count: 2 },
      { provider: 'smtp-2', outcome: 'taken', code: null, count: 9 },
    ])
    assert.deepEqual(await rows(village, 'select distinct status, provider from notifications.delivery'), [
      { status: 'sent', provider: 'smtp-2' },
    ])
  })

  it('tries a provider that rested with one message, whichever process has it, and goes back to it', async () => {
    await using open = await openWithTwo()
    const { first, second, village } = open
    first.mood = 'accept'
    const rest = (until: string) =>
      rows(
        village,
        `insert into notifications.provider values ('smtp-1', 2, $1) on conflict (name) do update set rests_until = $1`,
        [until],
      )
    await rest('2031-02-20T08:00:01Z')
    await village.happens('booked')
    assert.deepEqual([first.mails.length, second.mails.length], [0, 3])

    village.house.setNow('2031-02-20T08:00:01Z')
    await village.happens('rescheduled', { sequence: 1 })
    assert.deepEqual([first.mails.length, second.mails.length], [3, 3])
    assert.deepEqual(await rows(village, 'select from notifications.provider'), [])
  })

  it('lets one of many probe', async () => {
    await using village = await openVillage()
    await rows(village, `insert into notifications.provider values ('smtp-1', 5, '2031-02-20T08:00:00Z')`)
    const ctx = village.house.house.context('notifications', { actor: system, traceId: newId(), doing: 'test' })
    const breakers = [await Breaker.of(ctx, 'smtp-1'), await Breaker.of(ctx, 'smtp-1')]
    const admitted = await Promise.all(breakers.map((breaker) => breaker.admits()))
    assert.deepEqual(admitted.sort(), [false, true])
  })

  it('does not ask the second what the first refused for good', async () => {
    await using open = await openWithTwo()
    const { first, second, village } = open
    tellPatientOnly(village)
    first.mood = 'reject'
    await village.happens('booked')
    assert.deepEqual([first.attempts.length, second.attempts.length], [1, 0])
    assert.deepEqual(await rows(village, 'select status, reason, provider from notifications.delivery'), [
      { status: 'failed', reason: 'emessage 550', provider: 'smtp-1' },
    ])
  })
})

describe('a message', () => {
  it('is one row for each event, recipient, channel and template, whatever is written beside it', async () => {
    await using village = await openVillage()
    tellPatientOnly(village)
    await village.happens('booked')
    const again = `insert into notifications.delivery (id, notification_id, event, account_id, channel, template, due_at, created_at)
      select $1, notification_id, event, account_id, channel, template, due_at, created_at from notifications.delivery`
    await assert.rejects(rows(village, again, [newId()]), { constraint: 'delivery_once' })
  })

  it('keeps its attempts as they were written, until it goes itself', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await village.happens('booked')
    await assert.rejects(rows(village, `update notifications.attempt set outcome = 'refused'`), /written once/)
    await assert.rejects(rows(village, 'delete from notifications.attempt'), /written once/)
    await rows(village, 'delete from notifications.notification')
    assert.deepEqual(await rows(village, 'select from notifications.attempt'), [])
  })

  it('that cannot be written is given up after twelve tries, and does not stop the others', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    tellPatientOnly(village)
    smtp.mood = 'refuse'
    await village.happens('booked')
    await rows(village, `update notifications.notification set params = params || '{"start": "never"}'`)
    assert.equal(await exhaust(village), 12)
    assert.deepEqual(await rows(village, 'select status, reason from notifications.delivery'), [
      { status: 'dead', reason: 'fault' },
    ])
  })
})

describe('messages that are due at once', () => {
  /** So many visits' messages that wait: three of each. */
  async function waitingOf(village: Village, visits: number): Promise<string[]> {
    for (let n = 0; n < visits; n++) {
      Object.assign(village.card, { id: newId() })
      village.world.cards.set(village.card.id, { ...village.card })
      await village.happens('booked')
    }
    const queued = await rows(village, `select id from notifications.delivery where status = 'queued'`)
    return queued.map(({ id }) => id)
  }

  const sendAll = ({ house }: Village, ids: readonly string[]) =>
    Promise.all(ids.map((delivery) => house.house.tasks()['notifications:deliver']?.({ delivery }, {} as never)))

  it('are looked up and written down together: many cost as few statements as a few', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    const contacts = [...village.world.contacts]
    const cost = async (visits: number) => {
      for (const [account, contact] of contacts) village.world.contacts.set(account, contact)
      smtp.mood = 'refuse'
      const ids = await waitingOf(village, visits)
      village.world.contacts.clear() // nobody can be written to any more, so that no server decides what is done together
      const { statements } = await village.house.cost(() => sendAll(village, ids))
      return { messages: ids.length, statements }
    }
    const [few, many] = [await cost(1), await cost(5)]
    assert.deepEqual([few.messages, many.messages], [3, 15])
    assert.equal(many.statements, few.statements)
    assert.deepEqual(
      await rows(village, 'select status, reason, count(*)::int from notifications.delivery group by 1, 2'),
      [{ status: 'skipped', reason: 'no-address', count: 18 }],
    )
  })

  it('do not fail together: one that nobody can read or write stays behind alone', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    smtp.mood = 'refuse'
    const ids = await waitingOf(village, 3)
    await rows(village, 'delete from notifications.provider')
    const [first] = ids
    const poison = `update notifications.notification set resource = 'Appointment/none' where id = (select notification_id from notifications.delivery where id = $1)`
    await rows(village, poison, [first])
    smtp.mood = 'accept'
    await assert.rejects(sendAll(village, [...ids, 'none']))
    const left = `select id, status, reason from notifications.delivery where status <> 'sent'`
    await eventually('the others have gone', async () => (await rows(village, left)).length === 1)
    assert.deepEqual(await rows(village, left), [{ id: first, status: 'queued', reason: 'fault' }])
    assert.equal(smtp.mails.length, ids.length - 1)
  })
})

describe('an outage', () => {
  it('is one failure for all that were being handed over, so that the provider rests as shortly as after two', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    const ctx = village.house.house.context('notifications', { actor: system, traceId: newId(), doing: 'test' })
    const fail = async () => (await Breaker.of(ctx, 'smtp-1')).failed()
    await Promise.all(Array.from({ length: 8 }, fail))
    const state = 'select failures, rests_until from notifications.provider'
    assert.deepEqual(await rows(village, state), [{ failures: 1, rests_until: null }])
    await Promise.all(Array.from({ length: 8 }, fail))
    assert.deepEqual(await rows(village, state), [{ failures: 2, rests_until: new Date('2031-02-20T08:00:15Z') }])
  })
})
