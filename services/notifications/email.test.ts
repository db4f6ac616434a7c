import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import ICAL from 'ical.js'
import type { ParsedMail } from 'mailparser'
import { openSmtp, type TestSmtp } from '#tests/smtp.ts'
import { passwordChanged } from '../identity/contract.ts'
import { patience } from './sending/post-office.ts'
import { openVillage, type Village } from './testing.ts'

async function openWithMail(): Promise<{ village: Village; smtp: TestSmtp } & AsyncDisposable> {
  const smtp = await openSmtp()
  const village = await openVillage({ env: { SMTP_URL: smtp.url, MAIL_FROM: 'OpenHCS <desk@clinic.example>' } })
  return {
    village,
    smtp,
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await smtp.close()
    },
  }
}

/** The calendar entry as a calendar program reads it. */
function invitationIn(mail: ParsedMail | undefined) {
  const part = mail?.attachments.find(({ contentType }) => contentType === 'text/calendar')
  const calendar = new ICAL.Component(ICAL.parse(String(part?.content)))
  const component = calendar.getFirstSubcomponent('vevent')
  assert.ok(component)
  const event = new ICAL.Event(component)
  return {
    method: calendar.getFirstPropertyValue('method'),
    status: component.getFirstPropertyValue('status'),
    uid: event.uid,
    sequence: event.sequence,
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    summary: event.summary,
    location: event.location,
    organizer: event.organizer,
    attendees: event.attendees.map((attendee) => String(attendee.getFirstValue()).toLowerCase()),
    raw: String(part?.content),
    type: part?.headers.get('content-type') as unknown as { value: string; params: Record<string, string> },
  }
}

const rows = async ({ house }: Village, sql: string) => (await house.owner.query(sql)).rows

describe('e-mail about an appointment', () => {
  it('goes to everybody concerned with an invitation that a calendar understands', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    await village.happens('booked')

    assert.deepEqual(smtp.mails.map(({ to }) => [to ?? []].flat()[0]?.text).sort(), [
      '"Abena Owusu" <abena@people.example>',
      '"Dr Ama Boateng" <ama@people.example>',
      '"Kofi Owusu" <kofi@people.example>',
    ])
    const [mail] = smtp.to('abena@people.example')
    assert.equal(mail?.subject, 'Appointment booked')
    assert.equal(mail?.from?.text, '"OpenHCS" <desk@clinic.example>')
    assert.match(mail?.text ?? '', /Dr Ama Boateng/)
    assert.match(mail?.messageId ?? '', /^<[0-9a-f-]{36}@openhcs\.test>$/)
    assert.equal(mail?.headers.get('auto-submitted'), 'auto-generated')
    const { raw: _raw, type, ...invitation } = invitationIn(mail)
    assert.deepEqual(invitation, {
      method: 'REQUEST',
      status: 'CONFIRMED',
      uid: `appointment-${village.card.id}@openhcs.test`,
      sequence: 0,
      start: '2031-03-03T09:00:00.000Z',
      end: '2031-03-03T09:30:00.000Z',
      summary: 'Appointment with Dr Ama Boateng',
      location: 'Ridge Clinic',
      organizer: 'mailto:desk@clinic.example',
      attendees: ['mailto:abena@people.example'],
    })
    assert.deepEqual([type.value, type.params.method], ['text/calendar', 'REQUEST'])
  })

  it('says to the practitioner’s mailbox that somebody comes, and not who', async () => {
    await using open = await openWithMail()
    await open.village.happens('booked')

    const [mail] = open.smtp.to('ama@people.example')
    assert.doesNotMatch(`${mail?.subject} ${mail?.text} ${invitationIn(mail).raw}`, /Abena|Owusu/)
    assert.doesNotMatch(invitationIn(open.smtp.to('kofi@people.example')[0]).raw, /Abena/)
  })

  it('keeps the UID and raises SEQUENCE when the appointment moves, and takes it back when it is cancelled', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    await village.happens('booked')
    await village.happens('rescheduled', { sequence: 1, start: '2031-03-04T11:00:00Z', end: '2031-03-04T11:30:00Z' })
    await village.happens('cancelled', { sequence: 2, status: 'cancelled' })

    const told = smtp.to('kofi@people.example').map(invitationIn)
    assert.deepEqual(
      told.map(({ method, sequence, status, start }) => [method, sequence, status, start]),
      [
        ['REQUEST', 0, 'CONFIRMED', '2031-03-03T09:00:00.000Z'],
        ['REQUEST', 1, 'CONFIRMED', '2031-03-04T11:00:00.000Z'],
        ['CANCEL', 2, 'CANCELLED', '2031-03-04T11:00:00.000Z'],
      ],
    )
    assert.equal(new Set(told.map(({ uid }) => uid)).size, 1)
  })

  it('lets no name start a header, a second recipient, a calendar line or a link', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    const evil = 'Kofi\r\nBcc: thief@people.example\r\n\r\nhttp://evil.example "<x@y.example>"'
    const contact = village.world.contacts.get(village.caregiver.account)
    village.world.contacts.set(village.caregiver.account, {
      ...contact,
      account: village.caregiver.account,
      language: 'en',
      email: 'kofi@people.example',
      name: evil,
    })
    village.world.patients.set(village.patientId, `Abena\r\nX-Evil: 1 www.evil.example`)
    await village.happens('booked', {
      practitionerName: 'Dr Ama\r\nATTENDEE:mailto:thief@people.example',
      placeName: 'Ridge\nMETHOD:CANCEL',
    })

    const [mail] = smtp.to('kofi@people.example')
    assert.equal(smtp.mails.length, 3)
    assert.deepEqual(
      smtp.attempts.map(({ to }) => to.length),
      [1, 1, 1],
    )
    assert.equal(mail?.headers.has('bcc'), false)
    assert.equal(mail?.headers.has('x-evil'), false)
    assert.doesNotMatch(mail?.text ?? '', /evil\.example|http:\/\/evil/)
    const { attendees, method } = invitationIn(mail)
    assert.deepEqual([attendees, method], [['mailto:kofi@people.example'], 'REQUEST'])
  })
})

describe('the mail queue', () => {
  it('tries again when the server refuses for now, and sends once', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    smtp.mood = 'refuse'
    await village.happens('booked')
    assert.equal(smtp.mails.length, 0)
    assert.deepEqual(await rows(village, 'select status, reason, tries from notifications.delivery limit 1'), [
      { status: 'queued', reason: 'emessage 451', tries: 1 },
    ])

    smtp.mood = 'accept'
    await village.hurry()
    await village.house.work()

    assert.equal(smtp.mails.length, 3)
    assert.deepEqual(await rows(village, 'select distinct status, reason, tries from notifications.delivery'), [
      { status: 'sent', reason: null, tries: 2 },
    ])
  })

  it('does not ask again when a mailbox does not exist', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    smtp.mood = 'reject'
    await village.happens('booked')
    smtp.mood = 'accept'
    await village.hurry()
    await village.house.work()

    assert.equal(smtp.mails.length, 0)
    assert.deepEqual(await rows(village, 'select distinct status, reason from notifications.delivery'), [
      { status: 'failed', reason: 'emessage 550' },
    ])
  })

  it('gives a mail the same Message-ID when it cannot know whether the first one arrived', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    village.world.contacts.delete(village.patient.account)
    village.world.contacts.delete(village.practitioner.account)
    smtp.mood = 'drop'
    await village.happens('booked')
    smtp.mood = 'accept'
    await village.hurry()
    await village.house.work()

    assert.ok(smtp.mails.length >= 2)
    assert.equal(new Set(smtp.mails.map(({ messageId }) => messageId)).size, 1)
  })

  it('does not wait long for a server that does not answer, and leaves it alone for a while', async (test) => {
    const before = { ...patience }
    Object.assign(patience, { answerMs: 2_000, wholeMs: 10_000 })
    test.after(() => Object.assign(patience, before))
    await using open = await openWithMail()
    const { village, smtp } = open
    smtp.mood = 'hang'
    await village.happens('booked')
    assert.equal(smtp.attempts.length, 2) // two show an outage; the third was not even tried

    assert.deepEqual(await rows(village, 'select status, reason, tries from notifications.delivery order by tries'), [
      { status: 'queued', reason: 'provider-away', tries: 0 },
      { status: 'queued', reason: 'etimedout', tries: 1 },
      { status: 'queued', reason: 'etimedout', tries: 1 },
    ])
  })

  it('sends one mail for an event that is delivered twice', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    const { id: appointment, patient, practitioner } = village.card
    const delivery = { id: 'delivery-1', event: 'Appointment.booked', payload: { appointment, patient, practitioner } }
    const deliver = () => village.house.house.tasks()['notifications:event']?.(delivery, {} as never)
    await Promise.allSettled([deliver(), deliver()]) // at once: one may be told to come again
    await deliver()
    await village.house.owner.query('delete from platform.once') // as when it is cleared of what is old
    await deliver()
    await village.house.work()

    assert.equal(smtp.mails.length, 3)
    assert.equal((await rows(village, 'select from notifications.notification')).length, 3)
    const [{ id }] = await rows(village, 'select id from notifications.delivery limit 1')
    await village.house.house.tasks()['notifications:deliver']?.({ delivery: id }, {} as never)
    assert.equal(smtp.mails.length, 3)
  })

  it('says in its rows why a mail was not sent', async () => {
    await using village = await openVillage()
    await village.happens('booked')
    assert.deepEqual(await rows(village, 'select distinct status, reason, sent_at from notifications.delivery'), [
      { status: 'skipped', reason: 'not-configured', sent_at: null },
    ])
  })

  it('tells of care only where a code has reached its reader, and of the account itself everywhere', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    const { account } = village.patient
    const abena = { account, name: 'Abena Owusu', email: 'abena@people.example', language: 'en' }
    village.world.contacts.set(account, { ...abena, proved: ['phone'] })
    await village.happens('booked')
    await village.announce(passwordChanged, { account })
    await village.house.work()
    assert.deepEqual(
      smtp.to('abena@people.example').map(({ subject }) => subject),
      ['Your password was changed'],
    )
    assert.deepEqual(await rows(village, `select reason from notifications.delivery where status = 'skipped'`), [
      { reason: 'unproved-address' },
    ])

    village.world.contacts.set(account, abena)
    await village.happens('cancelled', { sequence: 1, status: 'cancelled' })
    assert.equal(smtp.to('abena@people.example').length, 2)
  })

  it('writes from a demonstration to reserved domains only', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    await village.house.owner.query('update platform.installation set demo = true')
    const { account } = village.patient
    village.world.contacts.set(account, { account, name: 'Abena Owusu', email: 'abena@openhcs.org', language: 'en' })
    await village.happens('booked')

    assert.equal(smtp.to('abena@openhcs.org').length, 0)
    assert.equal(smtp.to('kofi@people.example').length, 1)
    assert.deepEqual(await rows(village, `select reason from notifications.delivery where status = 'skipped'`), [
      { reason: 'address-not-permitted' },
    ])
  })

  it('sends only the newest time when an appointment moves while mails wait', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    smtp.mood = 'refuse'
    await village.happens('booked')
    smtp.mood = 'accept'
    await village.happens('rescheduled', { sequence: 1, start: '2031-03-04T09:00:00Z', end: '2031-03-04T09:30:00Z' })
    await village.hurry()
    await village.house.work()

    assert.deepEqual(
      smtp.mails.map((mail) => [mail.subject, invitationIn(mail).sequence]),
      Array(3).fill(['Appointment moved', 1]),
    )
  })

  it('looks again before it sends: nothing of what was overtaken, nothing to whom the mandate was withdrawn', async () => {
    await using open = await openWithMail()
    const { village, smtp } = open
    const other = await village.house.signedIn()
    village.world.contacts.set(other.account, {
      account: other.account,
      name: 'Esi Owusu',
      email: 'esi@people.example',
      language: 'en',
    })
    const mandate = await village.grant(other.account, ['receive-messages'])
    smtp.mood = 'refuse'
    await village.happens('booked')
    smtp.mood = 'accept'

    await village.revoke(mandate)
    await village.happens('cancelled', { status: 'cancelled', sequence: 1 })
    await village.hurry()
    await village.house.work()

    assert.deepEqual(
      smtp.mails.map(({ subject }) => subject),
      Array(3).fill('Appointment cancelled'),
    )
    assert.deepEqual(
      await rows(
        village,
        `select reason, count(*)::int from notifications.delivery where status = 'skipped' group by 1 order by 1`,
      ),
      [
        { reason: 'not-entitled', count: 1 },
        { reason: 'overtaken', count: 3 },
      ],
    )
  })
})
