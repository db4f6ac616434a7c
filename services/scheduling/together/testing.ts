import assert from 'node:assert/strict'
import type { Client, TestHouse } from '#platform/testing.ts'
import { faultsOf, newPatient, openCalendar, openPlace } from '../../../tests/calendar.ts'

export const nine = '2031-03-03T09:00:00.000Z'
export const ten = '2031-03-03T10:00:00.000Z'
export const at = (version: number) => ({ 'if-match': `"${version}"` })

export interface Team {
  house: TestHouse
  place: string
  practitioners: string[]
  doctors: Client[]
  client: Client & { patient: string }
  /** What a booking of all of them asks for. */
  wish: { participants: { practitioner: string; service?: string }[]; patient: string; start: string }
}

/** Several at one place from eight to six, in whose hours there are visits of half an hour; one room for each name that is given. */
export async function openTeam(house: TestHouse, size = 3, rooms: (string | undefined)[] = []): Promise<Team> {
  const place = await openPlace(house)
  const practitioners: string[] = []
  for (let i = 0; i < size; i++) {
    const room = rooms[i]
    practitioners.push(await openCalendar(house, { place, ...(room !== undefined && { room }) }))
  }
  const doctors = await Promise.all(practitioners.map((practitioner) => house.signedIn({ self: { practitioner } })))
  const client = await newPatient(house)
  const participants = practitioners.map((practitioner) => ({ practitioner }))
  return { house, place, practitioners, doctors, client, wish: { participants, patient: client.patient, start: nine } }
}

export async function bookAll({ client, wish }: Pick<Team, 'client' | 'wish'>, more: object = {}) {
  const { status, body } = await client.post('/v1/appointments', { ...wish, ...more })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

/** All of a visit, in the order in which they were named. */
export async function rowsOf({ owner }: TestHouse) {
  const { rows } = await owner.query(
    `select id, practitioner_id, status, start_at, end_at, version, together, category from scheduling.appointment order by array_position(given_by, practitioner_id), id`,
  )
  return rows
}

/** For whom and when. */
export async function claimsOf({ owner }: TestHouse): Promise<Map<string, string>> {
  const { rows } = await owner.query(
    `select resource_id, to_char(lower(during) at time zone 'UTC', 'HH24:MI') || '-' || to_char(upper(during) at time zone 'UTC', 'HH24:MI') as during from scheduling.claim`,
  )
  return new Map(rows.map(({ resource_id, during }) => [resource_id, during]))
}

export const whole = async (house: TestHouse) => assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
