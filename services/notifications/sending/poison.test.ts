import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openSmtp } from '#tests/smtp.ts'
import { openVillage, type Village } from '../testing.ts'

const rows = async ({ house }: Village, sql: string, values: unknown[] = []) =>
  (await house.owner.query(sql, values)).rows

/** What a message may hold that nobody can write: times that are none, nothing at all, a visit with no such id. */
const poisons: Readonly<Record<string, string>> = {
  times: `params = params || '{"start": "never", "end": {}}'`,
  nothing: `params = 'null'`,
  visit: `resource = 'Appointment/none'`,
}

describe('a message that cannot be written', () => {
  for (const [what, change] of Object.entries(poisons))
    it(`harms nobody but itself: ${what}`, async () => {
      await using smtp = await openSmtp()
      await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
      smtp.mood = 'refuse'
      await village.happens('booked')
      const { account } = village.patient
      await rows(village, `update notifications.notification set ${change} where account_id = $1`, [account])
      smtp.mood = 'accept'
      await village.hurry()
      await village.house.work()
      assert.deepEqual(smtp.mails.length, 2)
      const state = 'select status, reason from notifications.delivery where account_id'
      assert.deepEqual(await rows(village, `${state} <> $1`, [account]), [
        { status: 'sent', reason: null },
        { status: 'sent', reason: null },
      ])
      assert.deepEqual(await rows(village, `${state} = $1`, [account]), [{ status: 'queued', reason: 'fault' }])
      const { status, body } = await village.patient.get('/v1/notifications')
      assert.deepEqual([status, body.items?.length], [200, 1])
    })

  it('nor does a job that nobody can read: it fails alone, and stays to be seen', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    const bad = `select graphile_worker.add_job('notifications:deliver', $1::json, max_attempts => 1)`
    for (const payload of ['{"delivery": "none"}', '{"delivery": {"id": 1}}', '[]']) await rows(village, bad, [payload])
    await assert.rejects(village.happens('booked'))
    assert.equal(smtp.mails.length, 3)
    const left = `select attempts, last_error is not null as told from graphile_worker._private_jobs where run_at < now() + interval '1 hour'`
    assert.deepEqual(await rows(village, left), Array(2).fill({ attempts: 1, told: true }))
  })
})
