import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Client } from '#platform/testing.ts'
import {
  licenceRejected,
  licenceRevoked,
  licenceVerified,
  mandateGranted,
  mandateRevoked,
} from '../registry/contract.ts'
import { openVillage, type Village } from './testing.ts'

const titles = async (client: Client): Promise<string[]> =>
  (await client.get('/v1/notifications')).body.items.map(({ title }: { title: string }) => title)

const templates = async (client: Client): Promise<string[]> =>
  (await client.get('/v1/notifications')).body.items.map(({ template }: { template: string }) => template)

describe('Appointment.booked', () => {
  it('is told to caregivers whose mandate includes messages, now', async () => {
    await using village = await openVillage()
    const { house } = village
    const withMandate = async (...powers: string[]) => {
      const { account } = await house.signedIn()
      return { account, mandate: await village.grant(account, powers) }
    }
    const messages = await withMandate('receive-messages')
    await withMandate('book', 'see-record')
    const past = await withMandate('receive-messages')
    const future = await withMandate('receive-messages')
    await village.revoke((await withMandate('receive-messages')).mandate)
    const period = 'update platform.access_grant set valid_from = $2, valid_until = $3 where source_id = $1'
    await house.owner.query(period, [past.mandate, '2031-02-01T00:00:00Z', '2031-02-19T00:00:00Z'])
    await house.owner.query(period, [future.mandate, '2031-03-01T00:00:00Z', '2032-02-19T00:00:00Z'])

    await village.happens('booked')

    const { rows } = await house.owner.query('select account_id from notifications.notification')
    const told = [village.patient, village.practitioner, village.caregiver, messages].map(({ account }) => account)
    assert.deepEqual(new Set(rows.map(({ account_id }) => account_id)), new Set(told))
  })

  it('is told to who booked also without the power of messages, while the mandate to book stands', async () => {
    await using village = await openVillage()
    const booker = await village.house.signedIn()
    const mandate = await village.grant(booker.account, ['book'])
    await village.happens('booked', { bookedBy: booker.account })
    assert.deepEqual(await templates(booker), ['appointment-booked.caregiver'])

    await village.revoke(mandate)
    await village.happens('rescheduled', { sequence: 1 })
    assert.deepEqual(await templates(booker), [])
    const { rows } = await village.house.owner.query('select from notifications.notification where account_id = $1', [
      booker.account,
    ])
    assert.equal(rows.length, 1)
  })

  it('is told once to somebody who is concerned twice, in the nearest part', async () => {
    await using village = await openVillage()
    await village.grant(village.practitioner.account, ['receive-messages'])
    await village.happens('booked', { bookedBy: village.patient.account })
    assert.deepEqual(await templates(village.practitioner), ['appointment-booked.practitioner'])
    assert.deepEqual(await templates(village.patient), ['appointment-booked.patient'])
  })

  it('is not told when it comes after the visit, or when the appointment is gone', async () => {
    await using village = await openVillage({ now: '2031-03-03T09:00:00Z' })
    await village.happens('booked')
    village.world.cards.clear()
    await village.happens('booked')
    assert.deepEqual(await titles(village.patient), [])
  })

  it('is on record for the patient: who else was told', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    const { rows } = await village.house.owner.query(
      'select account_id, actor, room, operation, action, entity, relationship, reason from platform.audit_event where subject = $1 order by relationship',
      [`Patient/${village.patientId}`],
    )
    const entry = {
      actor: 'system',
      room: 'notifications',
      operation: 'Appointment.booked',
      action: 'R',
      entity: `Appointment/${village.card.id}`,
      reason: 'told',
    }
    assert.deepEqual(rows, [
      { account_id: village.caregiver.account, relationship: 'mandate', ...entry },
      { account_id: village.practitioner.account, relationship: 'treatment', ...entry },
    ])
  })

  it('keeps nothing of why somebody comes', async () => {
    await using village = await openVillage()
    await village.happens('cancelled', { status: 'cancelled', cancelReason: 'patient-unwell' as never })
    const { rows } = await village.house.owner.query('select params::text from notifications.notification')
    assert.ok(rows.length > 0)
    for (const { params } of rows) assert.doesNotMatch(params, /unwell/)
  })
})

async function caregiverRecord({ house, caregiver }: Village): Promise<string> {
  const { rows } = await house.owner.query(
    `select subject_id from platform.access_grant where account_id = $1 and subject_type = 'Caregiver'`,
    [caregiver.account],
  )
  return rows[0].subject_id
}

describe('Mandate.granted and Mandate.revoked', () => {
  it('are told to both sides, and the end stays readable after the end', async () => {
    await using village = await openVillage()
    const mandate = await village.grant(village.caregiver.account, ['see-record'])
    const payload = { mandate, patient: village.patientId, caregiver: await caregiverRecord(village) }
    await village.announce(mandateGranted, payload)
    await village.house.work()
    const [item] = (await village.caregiver.get('/v1/notifications')).body.items
    assert.deepEqual(
      [item.text.split('.')[0], item.link],
      ['Abena Owusu asks you to act for them', `/v1/mandates/${mandate}`],
    )
    assert.deepEqual(await templates(village.patient), ['mandate-granted.patient'])

    await village.revoke(mandate)
    await village.announce(mandateRevoked, payload)
    await village.house.work()
    assert.deepEqual(await templates(village.caregiver), ['mandate-revoked.caregiver', 'mandate-granted.caregiver'])
    assert.deepEqual(await templates(village.patient), ['mandate-revoked.patient', 'mandate-granted.patient'])
  })

  it('are not told when they are no longer so', async () => {
    await using village = await openVillage()
    const mandate = await village.grant(village.caregiver.account, ['see-record'])
    const payload = { mandate, patient: village.patientId, caregiver: await caregiverRecord(village) }
    await village.revoke(mandate)
    await village.announce(mandateGranted, payload)
    await village.house.work()
    assert.deepEqual(await templates(village.caregiver), [])
  })
})

describe('Licence.verified, Licence.rejected and Licence.revoked', () => {
  for (const [event, granted, expected] of [
    [licenceVerified, true, ['licence-verified.practitioner']],
    [licenceVerified, false, []],
    [licenceRejected, false, ['licence-rejected.practitioner']],
    [licenceRejected, true, []],
    [licenceRevoked, false, ['licence-revoked.practitioner']],
    [licenceRevoked, true, []],
  ] as const)
    it(`${event.name} is told as ${expected[0] ?? 'nothing'} when the licence is ${granted ? '' : 'not '}good now`, async () => {
      await using village = await openVillage()
      const licence = newId()
      if (granted)
        await village.house.owner.query(
          `update platform.access_grant set source_id = $1 where account_id = $2 and relationship = 'licence'`,
          [licence, village.practitioner.account],
        )
      await village.announce(event, { licence, practitioner: village.practitionerId })
      await village.house.work()
      assert.deepEqual(await templates(village.practitioner), expected)
    })
})

describe('what was told', () => {
  it('is forgotten after a year, with its mail', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    const left = async () => {
      await village.house.house.tasks()['notifications:forget']?.({}, {} as never)
      const { rows } = await village.house.owner.query(
        'select (select count(*)::int from notifications.notification) as told, (select count(*)::int from notifications.delivery) as mails',
      )
      return rows[0]
    }
    village.house.setNow('2032-02-20T07:59:59Z')
    assert.deepEqual(await left(), { told: 3, mails: 3 })
    village.house.setNow('2032-02-20T08:00:01Z')
    assert.deepEqual(await left(), { told: 0, mails: 0 })
  })
})
