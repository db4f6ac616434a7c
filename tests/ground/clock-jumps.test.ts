import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type Bookable, bookingOf, halvesIn, openBookable, type Wish } from '../bookable.ts'
import { moveClock, movedBy } from '../moving-clock.ts'
import { type RunningHouse, startHouse } from '../processes.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const LIMIT = 60

const folder = mkdtempSync(join(tmpdir(), 'openhcs-clock-'))
after(() => rmSync(folder, { recursive: true, force: true }))

async function open(name: string, env: Record<string, string> = {}) {
  const clock = join(folder, name)
  writeFileSync(clock, '0')
  const house = await startHouse('together', { RATE_LIMIT_PER_MINUTE: '1000000', ...movedBy(clock), ...env })
  const bookable = await openBookable(house.databaseUrls.ownerUrl)
  return {
    house,
    bookable,
    jump: (milliseconds: number) => moveClock(clock, milliseconds),
    async [Symbol.asyncDispose]() {
      await bookable[Symbol.asyncDispose]()
      await house[Symbol.asyncDispose]()
    },
  }
}

const ask = async (house: RunningHouse, status: number, method: string, path: string, options: object) => {
  const answer = await house.ask(method, path, options)
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
  return answer
}

const at = ({ wishes }: Bookable, n: number): Wish => wishes[n] as Wish

/** The first that one practitioner has free. */
async function firstFree(house: RunningHouse, { practitioner, token }: Wish): Promise<number> {
  const { body } = await ask(house, 200, 'GET', `/v1/practitioners/${practitioner}/slots?limit=1`, { token })
  return Date.parse(body.items[0].start)
}

async function verifies({ house, bookable }: Awaited<ReturnType<typeof open>>): Promise<void> {
  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
  assert.deepEqual(await halvesIn(bookable.owner), [])
}

describe('a clock that jumps', () => {
  it('by an hour: what was held is free again, nothing that has passed is offered, and what is booked stays', async () => {
    await using world = await open('hour')
    const { house, bookable, jump } = world
    const [booked, held, other] = [at(bookable, 0), at(bookable, 4), at(bookable, 1)]
    const { body: visit } = await ask(house, 201, 'POST', '/v1/appointments', bookingOf(booked))
    const { body: hold } = await ask(house, 201, 'POST', '/v1/holds', bookingOf(held))
    const before = await firstFree(house, booked)

    jump(HOUR)
    await ask(house, 404, 'POST', '/v1/appointments', {
      ...bookingOf({ ...held, key: other.key }),
      body: { hold: hold.id },
    })
    await ask(
      house,
      201,
      'POST',
      '/v1/appointments',
      bookingOf({ ...other, practitioner: held.practitioner, start: held.start, key: at(bookable, 9).key }),
    )
    assert.ok((await firstFree(house, booked)) >= before + HOUR - 30 * 60_000)
    const { body } = await ask(house, 200, 'GET', `/v1/appointments/${visit.id}`, { token: booked.token })
    assert.equal(body.status, 'booked')

    jump(0)
    await ask(
      house,
      409,
      'POST',
      '/v1/appointments',
      bookingOf({ ...at(bookable, 2), practitioner: held.practitioner, start: held.start }),
    )
    await verifies(world)
  })

  it('by a day, and back: bookings of either day exclude each other, keys answer as before, and the audit verifies', async () => {
    await using world = await open('day')
    const { house, bookable, jump } = world
    const [early, late] = [at(bookable, 0), at(bookable, 40)]
    const first = await ask(house, 201, 'POST', '/v1/appointments', bookingOf(early))

    jump(DAY)
    const second = await ask(house, 201, 'POST', '/v1/appointments', bookingOf(late))
    const past = new Date(Math.floor((Date.now() + 20 * HOUR) / 900_000) * 900_000).toISOString()
    await ask(house, 422, 'POST', '/v1/appointments', bookingOf({ ...at(bookable, 3), start: past }))
    assert.ok((await firstFree(house, early)) > Date.now() + DAY - 60_000)
    assert.equal((await ask(house, 201, 'POST', '/v1/appointments', bookingOf(early))).body.id, first.body.id)

    jump(0)
    assert.equal((await ask(house, 201, 'POST', '/v1/appointments', bookingOf(late))).body.id, second.body.id)
    const rival = { ...at(bookable, 1), practitioner: late.practitioner, start: late.start }
    await ask(house, 409, 'POST', '/v1/appointments', bookingOf(rival))
    const cancel = { token: late.token, body: { reason: 'pat' }, headers: { 'if-match': '"1"' } }
    await ask(house, 200, 'POST', `/v1/appointments/${second.body.id}/cancel`, cancel)
    await ask(house, 201, 'POST', '/v1/appointments', bookingOf({ ...rival, key: at(bookable, 50).key }))
    await verifies(world)
  })

  it('back by a day does not keep anybody out until it is that late again', async () => {
    await using world = await open('limits', { RATE_LIMIT_PER_MINUTE: String(LIMIT) })
    const { house, bookable, jump } = world
    const { token } = at(bookable, 0)
    jump(DAY)
    for (let n = 0; n < LIMIT; n++) await house.ask('GET', '/v1/appointments', { token })
    const { headers } = await ask(house, 429, 'GET', '/v1/appointments', { token })
    assert.ok(Number(headers.get('retry-after')) <= 60)
    jump(0)
    const refused = await ask(house, 429, 'GET', '/v1/appointments', { token })
    assert.ok(Number(refused.headers.get('retry-after')) <= 60, refused.headers.get('retry-after') ?? '')
  })
})
