import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
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
    const breakers = [await Breaker.over(ctx, ['smtp-1']), await Breaker.over(ctx, ['smtp-1'])]
    const admitted = await Promise.all(breakers.map((breaker) => breaker.admits('smtp-1')))
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
