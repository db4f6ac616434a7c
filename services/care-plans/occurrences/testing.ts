import assert from 'node:assert/strict'
import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse, type TestHouseOptions } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { everything } from '#services.ts'
import type { PlannedPlan } from '../plans/planned-plan.ts'
import type { CarePlansTables } from '../tables.ts'
import { planActivities } from './plan-activities.ts'

// A family of the room's tests: all of them are fictional.

export const NOW = '2031-03-03T07:00:00Z'
export const at = (time: string, date = '2031-03-03') => `${date}T${time}:00.000Z`

export type Planned = PlannedPlan['activities'][number]

export const contextOf = ({ house }: TestHouse) =>
  house.context('care_plans', { actor: system, traceId: newId(), doing: 'test' }) as Context<CarePlansTables>

export const plan = (house: TestHouse, planned: PlannedPlan): Promise<void> =>
  transact(contextOf(house), (ctx) => planActivities(ctx, planned, new Set()))

export const activity = (more: Partial<Planned> = {}): Planned => ({
  ...{ id: newId(), instruction: 'Measure the blood pressure', kind: 'measurement' as const },
  performer: { role: 'patient' },
  schedule: { timesOfDay: ['08:00'], from: '2031-03-01' },
  ...more,
})

export const planOf = (
  patient: { id: string },
  activities: Planned[],
  more: Partial<PlannedPlan> = {},
): PlannedPlan => ({
  ...{ id: newId(), patient: patient.id, status: 'active' as const, category: 'general' as const, zone: 'UTC' },
  activities,
  ...more,
})

/** A job, now. */
export const run = async ({ house }: TestHouse, job: string) =>
  house.tasks()[`care_plans:${job}`]?.({}, undefined as never)

export async function newPatient(house: TestHouse, zone = 'UTC') {
  const who = await house.signedIn()
  const facts = { name: 'Saba Tesfaye', birthDate: '1957-06-05', gender: 'female', language: 'en', zone }
  const { body, status } = await who.post('/v1/patients', facts)
  assert.equal(status, 201, JSON.stringify(body))
  return { ...who, id: body.id as string }
}

const grant = `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
  values (gen_random_uuid(), $1, $2, 'Patient', $3, $4, $5, '2030-01-01Z')`

const SEES = ['see-record', 'receive-messages']

export async function mandateOf(house: TestHouse, who: { account: string }, patient: { id: string }, powers = SEES) {
  const mandate = newId()
  await house.owner.query(grant, [who.account, 'mandate', patient.id, powers, mandate])
  return mandate
}

/** Somebody who cares for the patient by a mandate. */
export async function daughterOf(house: TestHouse, patient: { id: string }, powers = SEES) {
  const who = await house.signedIn({ self: { caregiver: newId() } })
  const mandate = await mandateOf(house, who, patient, powers)
  const end = () =>
    house.owner.query('update platform.access_grant set revoked_at = $2 where source_id = $1', [mandate, NOW])
  return { ...who, mandate, end }
}

export async function doctorOf(house: TestHouse, patient: { id: string }) {
  const id = newId()
  const who = await house.signedIn({ self: { practitioner: id } })
  await house.owner.query(grant, [who.account, 'treatment', patient.id, ['see-record'], newId()])
  return { ...who, id }
}

export async function openFamily(options: TestHouseOptions = {}) {
  const house = await openTestHouse(everything, options)
  house.setNow(NOW)
  const patient = await newPatient(house)
  const daughter = await daughterOf(house, patient)
  return { house, patient, daughter, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}

/** Until somebody waits for a lock of this house. */
export async function untilOneWaits({ owner }: TestHouse): Promise<void> {
  for (let waiting = 0; waiting === 0; ) {
    const { rows } = await owner.query(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    waiting = rows[0].n
    await owner.query('select pg_stat_clear_snapshot()')
  }
}

/** What lies in the table, in the order of time: when, and what it is. */
export async function rowsOf(house: TestHouse): Promise<[due: string, status: string][]> {
  const { rows } = await house.owner.query('select due_at, status from care_plans.occurrence order by due_at, id')
  return rows.map((row) => [row.due_at.toISOString(), row.status])
}

/** The tasks that somebody finds in their own list. */
export async function ownOf(who: Client, query = '') {
  const { status, body } = await who.get(`/v1/care-tasks${query}`)
  assert.equal(status, 200, JSON.stringify(body))
  return body.items
}
