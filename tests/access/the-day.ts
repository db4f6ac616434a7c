import assert from 'node:assert/strict'
import type { Client, TestHouse } from '#platform/testing.ts'

/** As Okello and a colleague at the same place give it together. */
async function sharedBy(saba: Client, [one, other]: [string, string], patient: string) {
  const participants = [{ practitioner: one }, { practitioner: other }]
  const { status, body } = await saba.post('/v1/appointments', { participants, patient, start: '2031-03-12T14:00:00Z' })
  assert.equal(status, 201, JSON.stringify(body))
  return body.id as string
}

/** Visits of Saba with Okello on the present day, and who waits. */
export async function theDay(
  owner: TestHouse['owner'],
  saba: Client,
  okello: Client,
  { colleague, ...wish }: { practitioner: string; patient: string; colleague: string },
) {
  const at = async (time: string) => {
    const { status, body } = await saba.post('/v1/appointments', { ...wish, start: `2031-03-01T${time}Z` })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  const [today, arrived, begun] = [await at('09:00:00'), await at('09:30:00'), await at('10:00:00')]
  const { status, body } = await okello.post(`/v1/appointments/${arrived}/arrive`, {}, { 'if-match': '"1"' })
  assert.equal(status, 200, JSON.stringify(body))
  await owner.query(
    `update scheduling.appointment set start_at = '2031-03-01T07:30:00Z', end_at = '2031-03-01T07:55:00Z' where id = $1`,
    [begun],
  )
  const { queue, id: entry } = body.entry as { queue: string; id: string }
  const walkIn = await okello.post('/v1/queue-entries', { queue, firstName: 'Sami' })
  assert.equal(walkIn.status, 201, JSON.stringify(walkIn.body))
  const weekly = { ...wish, start: '2031-03-10T14:00:00Z', rule: 'FREQ=WEEKLY;COUNT=2' }
  const series = await saba.post('/v1/series', weekly)
  assert.equal(series.status, 201, JSON.stringify(series.body))
  return {
    colleague,
    /** Of Okello and the colleague, together. */
    shared: await sharedBy(saba, [wish.practitioner, colleague], wish.patient),
    /** Of two visits, and the first of them. */
    series: series.body.series as string,
    inSeries: series.body.items[0].appointment as string,
    today,
    /** She has been checked in. */
    arrived,
    /** It has begun without her. */
    begun,
    /** Of Okello at the place; she waits there. */
    queue,
    entry,
    /** Somebody who waits there and is not registered. */
    walkIn: walkIn.body.id as string,
  }
}
