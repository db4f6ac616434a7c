import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openSmtp } from '#tests/smtp.ts'
import { waitlistOfferMade } from '../scheduling/contract.ts'
import { openVillage, type Village } from './testing.ts'

async function isOffered({ world, card, announce }: Village, more: object = {}): Promise<string> {
  const id = newId()
  const { patient, practitioner, practitionerName, start, end, zone, mode, placeName = '', bookedBy, category } = card
  const offer = { id, entry: newId(), patient, practitioner, practitionerName, placeName }
  const when = { start, end, zone, mode, expiresAt: '2031-02-20T10:00:00Z' }
  world.offers.set(id, { ...offer, ...when, bookedBy, category, ...more })
  await announce(waitlistOfferMade, { offer: id, patient, practitioner })
  return id
}

const inboxOf = async (who: Village['patient']) => (await who.get('/v1/notifications')).body.items

describe('a time that is offered to somebody who waits', () => {
  it('is told to who can take it, with links that act, and not to the practitioner', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    const id = await isOffered(village)
    await village.house.work()
    const [told] = await inboxOf(village.patient)
    assert.equal(told.template, 'waitlist-offer.patient')
    assert.match(
      told.text,
      /Dr Ama Boateng on Monday,? 3 March 2031 at 09:00 \(Greenwich Mean Time\), at Ridge Clinic\./,
    )
    assert.match(told.text, /until Thursday,? 20 February 2031 at 10:00/)
    assert.match(told.link, /^\/v1\/waitlist-entries\//)
    assert.equal((await inboxOf(village.caregiver))[0].template, 'waitlist-offer.caregiver')
    for (const who of [village.practitioner, village.stranger]) assert.deepEqual(await inboxOf(who), [])
    for (const [who, mailbox] of [
      [village.patient, 'abena'],
      [village.caregiver, 'kofi'],
    ] as const)
      assert.match(String(smtp.to(`${mailbox}@people.example`)[0]?.text), new RegExp(`/links/${id}/${who.account}`))
  })

  it('is not told when it has ended, and not mailed when it ends before the mail goes', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await isOffered(village, { expiresAt: '2031-02-20T08:00:00Z' })
    await village.house.work()
    assert.deepEqual(await inboxOf(village.patient), [])
    const id = await isOffered(village)
    const told = village.house.house.tasks()['notifications:event']
    assert.ok(told)
    await told({ id: newId(), event: 'WaitlistOffer.made', payload: { offer: id } }, {} as never)
    village.world.offers.delete(id)
    await village.house.work()
    assert.deepEqual(smtp.mails, [])
    const { rows } = await village.house.owner.query(
      `select distinct status, reason from notifications.delivery where channel = 'email'`,
    )
    assert.deepEqual(rows, [{ status: 'skipped', reason: 'overtaken' }])
  })
})

describe('a mail about a visit', () => {
  it('has links for patient and caregiver, and none for the practitioner or when it was cancelled', async () => {
    await using smtp = await openSmtp()
    await using village = await openVillage({ env: { SMTP_URL: smtp.url } })
    await village.happens('booked')
    const links = (mailbox: string) =>
      smtp.to(`${mailbox}@people.example`).map(({ text }) => /\/links\//.test(String(text)))
    assert.deepEqual([links('abena'), links('kofi'), links('ama')], [[true], [true], [false]])
    await village.happens('cancelled', { status: 'cancelled', sequence: 1 })
    assert.deepEqual(links('abena'), [true, false])
  })
})
