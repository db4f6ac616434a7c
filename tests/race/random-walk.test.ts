import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client, TestHouse } from '#platform/testing.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar, openPlace, openServices, refreshOffers } from '../calendar.ts'
import { type Dice, pick, random } from '../dice.ts'

const OPERATIONS = 10_000
const WORKERS = 16
const DAYS = 12

const GROUP = {
  ...{ code: 'group', speciality: 'cardiology', minutes: 30, before: 5, after: 0, notice: 0, window: 90, seats: 3 },
  full: undefined,
}

interface World {
  house: TestHouse
  practitioners: { id: string; schedule: string; client: Client }[]
  patients: (Client & { patient: string })[]
  booked: { id: string; client: Client }[]
}

async function openWorld(house: TestHouse): Promise<World> {
  const practitioners = []
  const place = await openPlace(house)
  for (let i = 0; i < 6; i++) {
    // The first three share one room, the third and the fourth one device; with the fifth three come at a time.
    const room = i < 3 && { room: 'Shared', place }
    const device = (i === 2 || i === 3) && { device: 'Shared', place }
    const id = await openCalendar(house, { ...room, ...device })
    if (i === 4) await openServices(house, id, [GROUP])
    const { rows } = await house.owner.query('select id from scheduling.schedule where practitioner_id = $1', [id])
    practitioners.push({ id, schedule: rows[0].id, client: await house.signedIn({ self: { practitioner: id } }) })
  }
  await refreshOffers(
    house,
    practitioners.map(({ id }) => id),
  )
  const patients = await Promise.all(Array.from({ length: 40 }, () => newPatient(house)))
  return { house, practitioners, patients, booked: [] }
}

const startOf = (dice: Dice) =>
  new Date(
    Date.parse('2031-03-02T08:00:00Z') + Math.floor(dice() * DAYS) * 86_400_000 + Math.floor(dice() * 120) * 300_000,
  ).toISOString()

async function book({ practitioners, patients, booked }: World, dice: Dice): Promise<number> {
  const client = pick(dice, patients)
  const { status, body } = await client.post('/v1/appointments', {
    practitioner: pick(dice, practitioners).id,
    patient: client.patient,
    start: startOf(dice),
  })
  if (status === 201) booked.push({ id: body.id, client })
  return status
}

async function hold({ practitioners, patients, booked }: World, dice: Dice): Promise<number> {
  const client = pick(dice, patients)
  const held = await client.post('/v1/holds', {
    practitioner: pick(dice, practitioners).id,
    patient: client.patient,
    start: startOf(dice),
  })
  if (held.status !== 201) return held.status
  if (dice() < 0.4) return (await client.delete(`/v1/holds/${held.body.id}`)).status
  const { status, body } = await client.post('/v1/appointments', { hold: held.body.id })
  if (status === 201) booked.push({ id: body.id, client })
  return status
}

async function change(world: World, dice: Dice, what: 'cancel' | 'reschedule'): Promise<number> {
  if (world.booked.length === 0) return 0
  const { id, client } = pick(dice, world.booked)
  const { headers, status } = await client.get(`/v1/appointments/${id}`)
  if (status !== 200) return status
  const body = what === 'cancel' ? { reason: 'pat' } : { start: startOf(dice) }
  return (await client.post(`/v1/appointments/${id}/${what}`, body, { 'if-match': String(headers.etag) })).status
}

async function edit({ practitioners }: World, dice: Dice): Promise<number> {
  const { client, schedule } = pick(dice, practitioners)
  const date = startOf(dice).slice(0, 10)
  const kind = dice() < 0.5 ? 'add' : 'withdraw'
  const hour = String(8 + Math.floor(dice() * 12)).padStart(2, '0')
  const url = `/v1/schedules/${schedule}/exceptions`
  const { status, body } = await client.post(`${url}?acceptAffected=true`, {
    kind,
    date,
    from: `${hour}:00`,
    until: `${hour}:45`,
  })
  if (status === 201 && dice() < 0.8) return (await client.delete(`${url}/${body.id}?acceptAffected=true`)).status
  return status
}

/** A minute passes, and the job that moves next slots on runs among the bookings. */
async function advance({ house }: World): Promise<number> {
  house.setNow(new Date(house.house.now().getTime() + 60_000).toISOString())
  await house.house.tasks()['scheduling:advance']?.({}, undefined as never)
  return 0
}

function step(world: World, dice: Dice): Promise<number> {
  const what = dice()
  if (what < 0.4) return book(world, dice)
  if (what < 0.6) return hold(world, dice)
  if (what < 0.78) return change(world, dice, 'reschedule')
  if (what < 0.96) return change(world, dice, 'cancel')
  if (what < 0.97) return advance(world)
  return edit(world, dice)
}

describe(`${OPERATIONS} random bookings, holds, moves, cancellations and edits by ${WORKERS} at once`, () => {
  it('leave a projection that equals shifts − claims, and no overlap', async (t) => {
    await using house = await openTestHouse(everything, {
      env: { DATABASE_POOL_SIZE: '16', RATE_LIMIT_PER_MINUTE: '10000000' },
    })
    const world = await openWorld(house)
    const seen = new Map<number, number>()
    const began = performance.now()
    await Promise.all(
      Array.from({ length: WORKERS }, async (_, worker) => {
        const dice = random(worker + 1)
        for (let i = 0; i < OPERATIONS / WORKERS; i++) {
          const status = await step(world, dice)
          seen.set(status, (seen.get(status) ?? 0) + 1)
        }
      }),
    )
    t.diagnostic(
      `${((performance.now() - began) / 1_000).toFixed(1)} s; answers: ${[...seen]
        .sort()
        .map(([status, n]) => `${n} × ${status}`)
        .join(', ')}`,
    )
    assert.deepEqual(
      [...seen.keys()].filter((status) => status >= 500),
      [],
    )
    assert.ok((seen.get(201) ?? 0) > 1_000, 'the walk must really book')
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})
