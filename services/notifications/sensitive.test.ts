import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openVillage } from './testing.ts'

describe('a message about something sensitive', () => {
  it('is for caregivers who may see what is sensitive', async () => {
    await using village = await openVillage()
    const [plain, trusted] = [await village.house.signedIn(), await village.house.signedIn()]
    await village.grant(plain.account, ['receive-messages', 'see-record'])
    await village.grant(trusted.account, ['receive-messages', 'see-sensitive'])
    await village.happens('booked', { category: 'hiv' })
    assert.equal((await plain.get('/v1/notifications')).body.items.length, 0)
    assert.equal((await trusted.get('/v1/notifications')).body.items.length, 1)
    await village.happens('rescheduled', { category: 'general', sequence: 1 })
    assert.equal((await plain.get('/v1/notifications')).body.items.length, 1)
  })

  it('does not leave the house where the patient refuses that, and is told to no caregiver', async () => {
    await using village = await openVillage()
    await village.grant(village.caregiver.account, ['receive-messages', 'see-sensitive'])
    await village.house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'messages', 'hiv', '2031-01-01')`,
      [village.patientId],
    )
    const mailed = async () => {
      const { rows } = await village.house.owner.query(
        `select n.account_id from notifications.delivery e join notifications.notification n on n.id = e.notification_id`,
      )
      return rows.map(({ account_id }) => account_id)
    }
    await village.happens('booked', { category: 'hiv' })
    assert.deepEqual(await mailed(), [village.practitioner.account])
    assert.equal((await village.patient.get('/v1/notifications')).body.items.length, 1)
    assert.equal((await village.caregiver.get('/v1/notifications')).body.items.length, 0)
    await village.happens('rescheduled', { category: 'general', sequence: 1 })
    assert.ok((await mailed()).includes(village.patient.account), 'other messages go on')
  })
})
