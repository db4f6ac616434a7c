import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { RunningHouse } from '../processes.ts'
import { administratorVerifies, signUp } from './people.ts'

// A doctor who can be booked, and a stream that tells of it: what more than one test begins with.

export interface Practice {
  house: RunningHouse
  practitioner: string
  licence: string
}

/** Half hours from 9 to 12 on that day. */
export async function openPractice(house: RunningHouse, monday: string): Promise<Practice> {
  const doctor = await signUp(house, 'dr-okello', 'Dr Amina Okello')
  const about = { name: 'Dr Amina Okello', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  const practitioner = (await doctor.ask(201, 'POST', '/v1/practitioners', about)).body.id
  const { place } = await administratorVerifies(house, doctor, practitioner)
  await doctor.ask(201, 'POST', '/v1/schedules', {
    place,
    room: 'Room 4',
    modes: ['in-person'],
    minutes: 30,
    hours: [{ day: 'mon', from: '09:00', until: '12:00' }],
    validFrom: monday,
    validUntil: monday,
  })
  const { items } = (await doctor.ask(200, 'GET', `/v1/practitioners/${practitioner}/licences`)).body
  return { house, practitioner, licence: items[0].id }
}

export interface Following {
  text(): string
  /** Settled when the stream ends as it should. */
  ended: Promise<unknown>
  leave(): void
}

export async function follow(origin: string, token = ''): Promise<Following> {
  const asked = request(`${origin}/v1/notifications/stream`, { headers: { authorization: `Bearer ${token}` } })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  let text = ''
  response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  const ended = once(response, 'end')
  ended.catch(() => {})
  return { text: () => text, ended, leave: () => asked.destroy() }
}
