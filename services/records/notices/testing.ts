import assert from 'node:assert/strict'
import type { Client, TestHouse } from '#platform/testing.ts'

/** As little as a Subscription is, to be told of heart rates. */
export const subscription = (channel: object, more: object = {}) => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'To be told',
  criteria: 'Observation?code=http://loinc.org|8867-4',
  channel,
  ...more,
})

/** What it has become, with its address. */
export async function subscribed(who: Client, channel: object, more: object = {}) {
  const { status, body } = await who.post('/fhir/R4/Subscription', subscription(channel, more))
  assert.equal(status, 201, JSON.stringify(body))
  return { ...body, path: `/fhir/R4/Subscription/${body.id}` }
}

/** Jobs that wait for another try are due now. */
export const hurry = (house: TestHouse) =>
  house.owner.query('update graphile_worker._private_jobs set run_at = now() where run_at > now()')

/** What became of each version that was to be told. */
export async function noticesIn(house: TestHouse): Promise<{ status: string; reason: string | null }[]> {
  const { rows } = await house.owner.query('select status, reason from records.notice order by created_at, id')
  return rows
}
