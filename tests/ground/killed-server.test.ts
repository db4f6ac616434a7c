import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { type Bookable, bookingOf, halvesIn, openBookable, type Wish } from '../bookable.ts'
import { eventually } from '../journeys/people.ts'
import { type RunningHouse, startHouse } from '../processes.ts'

const BOOKINGS = 2_000
const CLIENTS = 16
const KILLED_AFTER = [500, 1_000, 1_500]

/** The clients, and what they were told: appointments by the key of the request. */
class Clients {
  readonly acknowledged = new Map<string, string>()
  readonly #house: RunningHouse
  #waiting: Wish[]

  constructor(house: RunningHouse, wishes: readonly Wish[]) {
    this.#house = house
    this.#waiting = [...wishes]
  }

  /** Until so many have their answer. Who gets none asks again, with the same key, the next time. */
  async book(until: number, then: () => void): Promise<void> {
    const unanswered: Wish[] = []
    const client = async () => {
      for (let wish = this.#waiting.shift(); wish; wish = this.#waiting.shift()) {
        const answer = await this.#house.ask('POST', '/v1/appointments', bookingOf(wish)).catch(() => undefined)
        if (!answer) return void unanswered.push(wish)
        assert.equal(answer.status, 201, JSON.stringify(answer.body))
        this.acknowledged.set(wish.key, answer.body.id)
        if (this.acknowledged.size === until) then()
        if (this.acknowledged.size >= until) return
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, client))
    this.#waiting.unshift(...unanswered)
  }
}

const kill = ({ processes: [child] }: RunningHouse) => child?.kill('SIGKILL')

/** The dead process has nothing open any more: what it had sent has been committed, or is taken back. */
async function settle({ processes: [child] }: RunningHouse, { owner }: Bookable): Promise<void> {
  if (child?.signalCode === null) await once(child, 'exit')
  const others = `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  await eventually('its connections end', async () => (await owner.query(others)).rowCount === 0)
}

const ids = async ({ owner }: Bookable) =>
  new Set<string>((await owner.query('select id from scheduling.appointment')).rows.map(({ id }) => id))

describe('a server that is killed in the middle of 2,000 bookings', () => {
  it('has every booking that it acknowledged, no half of one that it did not, and makes none twice', async (t) => {
    await using house = await startHouse('together', { RATE_LIMIT_PER_MINUTE: '1000000' })
    await using bookable = await openBookable(house.databaseUrls.ownerUrl)
    const clients = new Clients(house, bookable.wishes.slice(0, BOOKINGS))
    let unheard = 0
    for (const so of KILLED_AFTER) {
      await clients.book(so, () => kill(house))
      await settle(house, bookable)
      const there = await ids(bookable)
      assert.deepEqual(
        [...clients.acknowledged.values()].filter((id) => !there.has(id)),
        [],
      )
      assert.deepEqual(await halvesIn(bookable.owner), [])
      unheard += there.size - clients.acknowledged.size
      await house.restart({})
    }
    await clients.book(BOOKINGS, () => {})
    assert.deepEqual(new Set(clients.acknowledged.values()), await ids(bookable))
    assert.equal(clients.acknowledged.size, BOOKINGS)
    assert.deepEqual(await halvesIn(bookable.owner), [])
    t.diagnostic(`${unheard} were committed and nobody heard of it: asked for again under their keys`)
  })
})
