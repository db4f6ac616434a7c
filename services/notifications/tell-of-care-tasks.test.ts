import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openSmtp } from '#tests/smtp.ts'
import { careTasksDue } from '../care-plans/contract/tasks.ts'
import { openVillage, type Village } from './testing.ts'

const inboxOf = async (who: Village['patient']) => (await who.get('/v1/notifications')).body.items

/** The caregiver is to do something, and the patient something else. */
function isDue({ world, patient, caregiver, patientId }: Village, more: object = {}) {
  const one = (account: string, role: 'patient' | 'caregiver') => ({
    ...{ account, role, patients: [{ id: patientId, role }], tasks: [newId()], leaves: true },
    ...more,
  })
  world.due = [one(patient.account, 'patient'), one(caregiver.account, 'caregiver')]
  return world.due.flatMap(({ tasks }) => tasks)
}

describe('what is due by a plan', () => {
  it('is told and mailed to who is to do it, without a word of what it is, nor a name', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await village.grant(village.caregiver.account, ['see-record'])
    await village.announce(careTasksDue, { tasks: isDue(village) })
    await village.house.work()
    assert.equal((await inboxOf(village.patient))[0].template, 'care-task.patient')
    const [told] = await inboxOf(village.caregiver)
    assert.equal(told.template, 'care-task.caregiver')
    assert.match(told.text, /^It is time for something that you do for a person for whom you care\./)
    assert.doesNotMatch(JSON.stringify([told, smtp.mails.map(({ text, subject }) => [text, subject])]), /Abena/)
    assert.deepEqual(smtp.mails.map(({ to }) => String(to)).length, 2)
    for (const who of [village.practitioner, village.stranger]) assert.deepEqual(await inboxOf(who), [])
  })

  it('waits for the patient inside where it may not leave the house', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    const tasks = isDue(village, { leaves: false })
    village.world.due.pop()
    await village.announce(careTasksDue, { tasks })
    await village.house.work()
    assert.equal((await inboxOf(village.patient)).length, 1)
    assert.deepEqual(smtp.mails, [])
  })

  it('is not mailed where it may not leave the house any more', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    const told = village.house.house.tasks()['notifications:event']
    assert.ok(told)
    const delivery = { id: newId(), event: careTasksDue.name, payload: { tasks: isDue(village) } }
    await told(delivery, {} as never)
    village.world.due = village.world.due.map((due) => ({ ...due, leaves: false }))
    await village.house.work()
    assert.deepEqual(smtp.mails, [])
    assert.equal((await inboxOf(village.patient)).length, 1)
  })

  it('is not mailed once it was done, and is told once however often it is heard', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await village.grant(village.caregiver.account, ['see-record'])
    const payload = { tasks: isDue(village) }
    const told = village.house.house.tasks()['notifications:event']
    assert.ok(told)
    const delivery = { id: newId(), event: careTasksDue.name, payload }
    for (let n = 0; n < 2; n++) await told(delivery, {} as never)
    assert.equal((await inboxOf(village.patient)).length, 1)
    village.world.due.shift()
    await village.house.work()
    assert.equal(smtp.mails.length, 1)
    const { rows } = await village.house.owner.query(
      `select status, reason from notifications.delivery where channel = 'email' order by status`,
    )
    assert.deepEqual(rows, [
      { status: 'sent', reason: null },
      { status: 'skipped', reason: 'overtaken' },
    ])
  })
})
