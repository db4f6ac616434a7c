import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'
import { invitationFor } from './invitation.ts'

const id = '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'
const visit: Parameters<typeof invitationFor>[0]['visits'][number] = {
  ...{
    appointment: id,
    patient: 'Saba Tesfaye',
    practitioner: 'Dr Amina; Okello, "MD"',
    mode: 'in-person',
    sequence: 2,
  },
  ...{ start: '2031-03-03T09:00:00Z', end: '2031-03-03T09:30:00Z', zone: 'Africa/Accra', place: 'Clinic, 3\\4' },
}
const invitation = (cancelled: boolean, visits: Parameters<typeof invitationFor>[0]['visits'] = [visit]) =>
  invitationFor({
    ...{ cancelled, visits, part: 'patient', language: 'en', host: 'openhcs.test' },
    organizer: { name: 'OpenHCS', email: 'no-reply@openhcs.test' },
    attendee: { name: 'Saba Tesfaye', email: 'saba@example.org' },
    now: new Date('2031-03-01T08:00:00Z'),
  }).content

describe('an invitation', () => {
  for (const [method, status] of [
    ['REQUEST', 'CONFIRMED'],
    ['CANCEL', 'CANCELLED'],
  ] as const)
    it(`is read alike by ical.js and node-ical: ${method}`, () => {
      const text = invitation(method === 'CANCEL')
      const calendar = new ICAL.Component(ICAL.parse(text) as never)
      const event = new ICAL.Event(calendar.getFirstSubcomponent('vevent') ?? assert.fail())
      const [other] = Object.values(nodeIcal.sync.parseICS(text)).filter((one) => one?.type === 'VEVENT')
      assert.ok(other?.type === 'VEVENT')
      const uid = `appointment-${id}@openhcs.test`
      const summary = 'Appointment with Dr Amina; Okello, "MD"'
      const [start, end] = ['2031-03-03T09:00:00.000Z', '2031-03-03T09:30:00.000Z']
      const facts = { uid, summary, location: 'Clinic, 3\\4', start, end, status }
      const one = (time: InstanceType<typeof ICAL.Time>) => time.toJSDate().toISOString()
      assert.deepEqual(
        {
          ...{ uid: event.uid, summary: event.summary, location: event.location, start: one(event.startDate) },
          ...{ end: one(event.endDate), status: event.component.getFirstPropertyValue('status') },
        },
        facts,
      )
      assert.deepEqual(
        {
          ...{ uid: other.uid, summary: String(other.summary), location: String(other.location) },
          ...{ start: other.start.toISOString(), end: other.end?.toISOString(), status: other.status },
        },
        facts,
      )
      assert.equal(calendar.getFirstPropertyValue('method'), method)
      assert.equal(event.sequence, 2)
    })

  for (const [cancelled, status] of [
    [false, 'CONFIRMED'],
    [true, 'CANCELLED'],
  ] as const)
    it(`of several visits publishes each under its own UID: ${status}`, () => {
      const later = {
        ...visit,
        appointment: `${id.slice(0, -1)}e`,
        start: '2031-03-10T09:00:00Z',
        end: '2031-03-10T09:30:00Z',
      }
      const text = invitation(cancelled, [visit, later])
      const calendar = new ICAL.Component(ICAL.parse(text) as never)
      assert.equal(calendar.getFirstPropertyValue('method'), 'PUBLISH')
      assert.deepEqual(
        calendar
          .getAllSubcomponents('vevent')
          .map((event) => [
            ...[event.getFirstPropertyValue('uid'), event.getFirstPropertyValue('status')],
            ...[event.getFirstPropertyValue('sequence'), event.hasProperty('attendee')],
          ]),
        [
          [`appointment-${id}@openhcs.test`, status, 2, false],
          [`appointment-${later.appointment}@openhcs.test`, status, 2, false],
        ],
      )
      assert.equal(Object.values(nodeIcal.sync.parseICS(text)).filter((one) => one?.type === 'VEVENT').length, 2)
    })
})
