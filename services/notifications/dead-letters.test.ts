import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openSmtp } from '#tests/smtp.ts'
import { openVillage } from './testing.ts'

async function openWithDead() {
  const smtp = await openSmtp()
  const village = await openVillage({ env: { SMTP_URL: smtp.url } })
  const ada = await village.house.signedIn({ roles: ['administrator'] })
  smtp.mood = 'reject'
  await village.happens('booked')
  await village.house.owner.query(`update notifications.delivery set status = 'dead' where account_id <> $1`, [
    village.patient.account,
  ])
  smtp.mood = 'accept'
  return {
    ada,
    smtp,
    village,
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await smtp.close()
    },
  }
}

describe('GET /v1/deliveries', () => {
  it('lists what was given up, or refused, page by page and without names', async () => {
    await using open = await openWithDead()
    const { ada } = open
    const first = (await ada.get('/v1/deliveries?limit=1')).body
    const second = (await ada.get(`/v1/deliveries?limit=1&cursor=${first.next}`)).body
    assert.equal(new Set([...first.items, ...second.items].map(({ id }) => id)).size, 2)
    assert.equal(second.next, undefined)
    const failed = (await ada.get('/v1/deliveries?status=failed&channel=email')).body
    assert.deepEqual(
      failed.items.map(({ id: _, ...item }: { id: string }) => item),
      [
        {
          channel: 'email',
          template: 'appointment-booked.patient',
          status: 'failed',
          reason: 'emessage 550',
          provider: 'smtp-1',
          tries: 1,
          createdAt: '2031-02-20T08:00:00.000Z',
          dueAt: '2031-02-20T08:00:00.000Z',
        },
      ],
    )
    assert.deepEqual((await ada.get('/v1/deliveries?channel=sms')).body.items, [])
    assert.doesNotMatch(JSON.stringify([first, second, failed]), /Owusu|Boateng|people\.example/)
  })

  it('is for administrators, and wants to be asked rightly', async () => {
    await using open = await openWithDead()
    assert.equal((await open.village.practitioner.get('/v1/deliveries')).status, 403)
    assert.equal((await open.village.house.anonymous.get('/v1/deliveries')).status, 401)
    assert.equal((await open.ada.get('/v1/deliveries?status=sent')).status, 400)
  })
})

describe('POST /v1/deliveries/:id/replay', () => {
  it('sends it again, once, whoever asks at the same time, and is on record', async () => {
    await using open = await openWithDead()
    const { ada, smtp, village } = open
    const [{ id }] = (await ada.get('/v1/deliveries')).body.items
    const both = await Promise.all([ada.post(`/v1/deliveries/${id}/replay`), ada.post(`/v1/deliveries/${id}/replay`)])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409])
    await village.house.work()
    assert.equal(smtp.mails.length, 1)
    assert.match(smtp.mails[0]?.messageId ?? '', new RegExp(id))
    const { rows } = await village.house.owner.query(
      `select account_id, action, entity from platform.audit_event where operation = 'replayDelivery'`,
    )
    assert.deepEqual(rows, [{ account_id: ada.account, action: 'U', entity: `Delivery/${id}` }])
    assert.equal((await ada.post(`/v1/deliveries/${id}/replay`)).status, 409, 'it was sent')
  })

  it('says no more than before to who may no longer be told', async () => {
    await using open = await openWithDead()
    const { ada, smtp, village } = open
    await village.house.owner.query(`update platform.access_grant set revoked_at = $1 where relationship = 'mandate'`, [
      '2031-02-20T08:00:00Z',
    ])
    for (const { id } of (await ada.get('/v1/deliveries')).body.items) await ada.post(`/v1/deliveries/${id}/replay`)
    await village.house.work()
    assert.equal(smtp.to('kofi@people.example').length, 0)
    assert.equal(smtp.to('ama@people.example').length, 1)
  })

  it('is for administrators, and of what is there', async () => {
    await using open = await openWithDead()
    const { ada, village } = open
    const [{ id }] = (await ada.get('/v1/deliveries')).body.items
    assert.equal((await village.patient.post(`/v1/deliveries/${id}/replay`)).status, 403)
    assert.equal((await village.house.anonymous.post(`/v1/deliveries/${id}/replay`)).status, 401)
    assert.equal((await ada.post(`/v1/deliveries/${newId()}/replay`)).status, 404)
  })
})
