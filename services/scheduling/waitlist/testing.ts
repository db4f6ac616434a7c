import assert from 'node:assert/strict'
import type { Client, TestHouse } from '#platform/testing.ts'
import { newPatient } from '../../../tests/calendar.ts'

export type Patient = Client & { patient: string }

export const monday = (time: string) => `2031-03-03T${time}:00Z`

/** Somebody who has the time, and can give it back. */
export async function visitAt(house: TestHouse, practitioner: string, start: string, more: object = {}) {
  const who = await newPatient(house)
  const { status, body } = await who.post('/v1/appointments', { practitioner, patient: who.patient, start, ...more })
  assert.equal(status, 201, JSON.stringify(body))
  return {
    who,
    id: body.id as string,
    cancel: async () => {
      const answer = await who.post(`/v1/appointments/${body.id}/cancel`, { reason: 'pat' }, { 'if-match': '"1"' })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
    },
  }
}

/** The entry's id. */
export async function waits(who: Patient, wish: object): Promise<string> {
  const { status, body } = await who.post('/v1/waitlist-entries', { patient: who.patient, ...wish })
  assert.equal(status, 201, JSON.stringify(body))
  return body.id
}

export const entryOf = async (who: Patient, id: string) => (await who.get(`/v1/waitlist-entries/${id}`)).body

export const offerOf = async (who: Patient, id: string): Promise<string | undefined> =>
  (await entryOf(who, id)).offer?.id

/** The time to answer is up; jobs of the test's future run when the test says so. */
export async function lapse(house: TestHouse, offer: string, at: string): Promise<void> {
  house.setNow(at)
  await run(house, 'end-offer', { offer })
  await house.work()
}

export const run = async ({ house }: TestHouse, job: string, payload: object) =>
  house.tasks()[`scheduling:${job}`]?.(payload, undefined as never)
