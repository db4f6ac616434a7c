import assert from 'node:assert/strict'
import type { Client, TestHouse } from '#platform/testing.ts'

/** A patient waits twice: for one they are offered a time of the practitioner. */
export async function line({ house }: TestHouse, who: Client, patient: string, practitioner: string) {
  const wait = async (wish: object): Promise<string> => {
    const { status, body } = await who.post('/v1/waitlist-entries', { patient, ...wish })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }
  const offered = await wait({ speciality: 'cardiology' })
  const freed = { practitioner, resources: [], from: '2031-03-04T09:00:00Z', until: '2031-03-04T09:30:00Z' }
  await house.tasks()['scheduling:offer-freed']?.(freed, {} as never)
  const { body } = await who.get(`/v1/waitlist-entries/${offered}`)
  return { waiting: await wait({ practitioner }), offer: String(body.offer?.id) }
}
