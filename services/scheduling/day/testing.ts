import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import type { Answer, Client, TestHouse } from '#platform/testing.ts'
import { type CalendarOptions, newPatient, openCalendar, openPlace } from '../../../tests/calendar.ts'

export interface Clinic {
  house: TestHouse
  place: string
  organisation: string
  practitioner: string
  doctor: Client
  desk: Client
  /** Works at the desk of another organisation. */
  stranger: Client
}

/** A place with its desk, and a practitioner with hours there on every day, whenever its clocks say so. */
export async function openClinic(house: TestHouse, zone = 'UTC', options: CalendarOptions = {}): Promise<Clinic> {
  const place = await openPlace(house)
  const organisation = newId()
  await house.owner.query('update scheduling.place set organisation_id = $2, zone = $3 where id = $1', [
    place,
    organisation,
    zone,
  ])
  const { practitioner, doctor } = await addPractitioner(house, place, zone, options)
  return {
    house,
    place,
    organisation,
    practitioner,
    doctor,
    desk: await house.signedIn({ desk: { organisation, function: 'desk' } }),
    stranger: await house.signedIn({ desk: { organisation: newId(), function: 'desk' } }),
  }
}

export async function addPractitioner(house: TestHouse, place: string, zone = 'UTC', options: CalendarOptions = {}) {
  const practitioner = await openCalendar(house, { from: '00:00', until: '24:00', place, ...options })
  await house.owner.query('update scheduling.schedule set zone = $2 where practitioner_id = $1', [practitioner, zone])
  return { practitioner, doctor: await house.signedIn({ self: { practitioner } }) }
}

export type Booked = Client & { patient: string; visit: string }

/** Somebody new who has booked themselves. */
export async function book(
  { house, practitioner }: Pick<Clinic, 'house' | 'practitioner'>,
  start: string,
  more: object = {},
): Promise<Booked> {
  const who = await newPatient(house)
  const visit = ok(await who.post('/v1/appointments', { practitioner, patient: who.patient, start, ...more }), 201).id
  return { ...who, visit }
}

export function ok({ status, body }: Answer, expected = 200) {
  assert.equal(status, expected, JSON.stringify(body))
  return body
}

export const version = (at: number) => ({ 'if-match': `"${at}"` })

export const arrive = async (who: Client, visit: string, body: object = {}, at = 1) =>
  who.post(`/v1/appointments/${visit}/arrive`, body, version(at))
