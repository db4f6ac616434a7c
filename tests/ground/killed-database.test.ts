import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { bookingOf, halvesIn, openBookable, type Wish } from '../bookable.ts'
import { eventually } from '../journeys/people.ts'
import { openKillablePostgres } from '../killable-postgres.ts'
import { type Answer, type RunningHouse, startHouse } from '../processes.ts'

const CLIENTS = 8

/** Clients who book and search, one after another, until they are stopped. */
class Clients {
  readonly acknowledged = new Set<string>()
  readonly strange: string[] = []
  unavailable = 0
  readonly #waiting: Wish[]
  readonly #house: RunningHouse
  #stopped = false
  readonly #ended: Promise<unknown>

  constructor(house: RunningHouse, wishes: readonly Wish[]) {
    this.#house = house
    this.#waiting = [...wishes]
    this.#ended = Promise.all(Array.from({ length: CLIENTS }, () => this.#work())).catch((error) =>
      this.strange.push(`${error}`),
    )
  }

  stop(): Promise<unknown> {
    this.#stopped = true
    return this.#ended
  }

  async #work(): Promise<void> {
    for (let wish = this.#waiting.shift(); wish && !this.#stopped; wish = this.#waiting.shift()) {
      this.#note(await this.#house.ask('GET', '/v1/practitioners/find', { token: wish.token }), 200)
      const booked = await this.#house.ask('POST', '/v1/appointments', bookingOf(wish))
      this.#note(booked, 201)
      if (booked.status === 201) this.acknowledged.add(booked.body.id)
      else this.#waiting.push(wish)
    }
  }

  #note({ status, headers, body }: Answer, wanted: number): void {
    const isProblem = headers.get('content-type')?.startsWith('application/problem+json') && body.status === status
    if (status === 503 && isProblem && headers.get('retry-after') !== null) this.unavailable++
    else if (status !== wanted) this.strange.push(`${status} ${JSON.stringify(body)}`)
  }
}

const KILLS = 2

async function arrange(ownerUrl: string) {
  await using bookable = await openBookable(ownerUrl)
  return bookable
}

/** Of those who were told that they are booked, who is not; and what is not whole. */
async function lostIn(ownerUrl: string, acknowledged: ReadonlySet<string>): Promise<string[]> {
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  const { rows } = await owner.query('select id from scheduling.appointment')
  const there = new Set(rows.map(({ id }) => id))
  const lost = [...[...acknowledged].filter((id) => !there.has(id)), ...(await halvesIn(owner))]
  await owner.end()
  return lost
}

describe('PostgreSQL, killed and started again under load', () => {
  it('is answered with 503 while it is away, and then served and worked with again by itself', async (t) => {
    await using server = await openKillablePostgres()
    await using house = await startHouse('together', {
      ...server.env,
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'silent',
    })
    const { patients, wishes } = await arrange(server.ownerUrl)
    const clients = new Clients(house, wishes)
    for (let n = 1; n <= KILLS; n++) {
      const [booked, refused] = [clients.acknowledged.size, clients.unavailable]
      await eventually('bookings are made', async () => clients.acknowledged.size > booked + 20)
      await server.kill()
      await eventually('clients are told', async () => clients.unavailable > refused + CLIENTS)
      const down = await house.ask('GET', '/readyz')
      assert.equal(down.status, 503)
      await server.start()
    }
    const before = clients.acknowledged.size
    await eventually('bookings are made again', async () => clients.acknowledged.size > before + 20)
    await eventually('it says so', async () => (await house.ask('GET', '/readyz')).status === 200)
    await clients.stop()
    assert.deepEqual([...new Set(clients.strange)], [])
    assert.ok(house.processes.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null))

    assert.deepEqual(await lostIn(server.ownerUrl, clients.acknowledged), [])
    const told = async () =>
      (await house.ask('GET', '/v1/notifications?limit=1', { token: patients[0]?.token as string })).body.items.length
    await eventually('events are delivered again', told)
    t.diagnostic(`${clients.acknowledged.size} bookings, ${clients.unavailable} × 503`)
  })
})
