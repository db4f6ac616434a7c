import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { faultsOf, newPatient, openCalendar } from '../../../tests/calendar.ts'
import { scheduling } from '../service.ts'
import { UNANSWERED } from './end-offer.ts'
import { monday, type Patient, run, visitAt, waits } from './testing.ts'

// Whatever people do, one after another: the real line against one that is a list in memory.

const TIMES = ['09:00', '09:30', '10:00', '10:30']

interface Entry {
  id: string
  who: Patient
  rank: number
  status: 'waiting' | 'offered' | 'met' | 'left' | 'expired'
  asked: Set<string>
  lapsed: number
}
interface Time {
  start: string
  /** Whose it is: a visit, an offer, or nobody's. */
  visit?: { who: Patient; id: string } | undefined
  offer?: Entry | undefined
}

const step = fc.record({
  act: fc.constantFrom('join', 'free', 'free', 'accept', 'decline', 'lapse', 'leave', 'raise'),
  which: fc.nat(7),
})

class Line {
  readonly house: TestHouse
  readonly practitioner: string
  readonly entries: Entry[] = []
  readonly times: Time[] = []
  readonly doctor: Patient
  constructor(house: TestHouse, practitioner: string, doctor: Patient) {
    this.house = house
    this.practitioner = practitioner
    this.doctor = doctor
  }

  /** What should be so: the first of the list that was not asked before. */
  offers(time: Time): void {
    const [next] = this.entries
      .filter(({ status, asked }) => status === 'waiting' && !asked.has(time.start))
      .sort((a, b) => a.rank - b.rank || this.entries.indexOf(a) - this.entries.indexOf(b))
    if (!next) return
    Object.assign(next, { status: 'offered' })
    next.asked.add(time.start)
    time.offer = next
  }

  async pass(time: Time): Promise<void> {
    this.offers(time)
    const end = new Date(Date.parse(monday(time.start)) + 1_800_000).toISOString()
    await run(this.house, 'offer-freed', {
      practitioner: this.practitioner,
      resources: [],
      from: monday(time.start),
      until: end,
    })
  }

  async offerId(entry: Entry): Promise<string> {
    const { rows } = await this.house.owner.query(
      `select id from scheduling.waitlist_offer where entry_id = $1 and status = 'open'`,
      [entry.id],
    )
    assert.equal(rows.length, 1)
    return rows[0].id
  }

  async join(): Promise<void> {
    if (this.entries.length > 5) return
    const who = await newPatient(this.house)
    const id = await waits(who, { practitioner: this.practitioner })
    this.entries.push({ id, who, rank: 3, status: 'waiting', asked: new Set(), lapsed: 0 })
  }

  async free({ which }: { which: number }): Promise<void> {
    const time = this.times[which % this.times.length]
    if (!time?.visit) return
    const { who, id } = time.visit
    const { version } = (await who.get(`/v1/appointments/${id}`)).body
    const gone = await who.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, { 'if-match': `"${version}"` })
    assert.equal(gone.status, 200)
    time.visit = undefined
    await this.pass(time)
  }

  async answer(act: string, { which }: { which: number }): Promise<void> {
    const open = this.times.filter(({ offer }) => offer)
    const time = open[which % Math.max(1, open.length)]
    const entry = time?.offer
    if (!time || !entry) return
    const offer = await this.offerId(entry)
    time.offer = undefined
    if (act === 'accept') {
      assert.equal((await entry.who.post(`/v1/waitlist-offers/${offer}/accept`)).status, 200)
      time.visit = { who: entry.who, id: offer }
      entry.status = 'met'
      return
    }
    await this.refuse(act, entry, offer)
    await this.pass(time)
  }

  async refuse(act: string, entry: Entry, offer: string): Promise<void> {
    if (act === 'decline') {
      assert.equal((await entry.who.post(`/v1/waitlist-offers/${offer}/decline`)).status, 200)
      entry.status = 'waiting'
    } else if (act === 'lapse') {
      await this.house.owner.query('update scheduling.waitlist_offer set expires_at = $2 where id = $1', [
        offer,
        this.house.house.now(),
      ])
      await run(this.house, 'end-offer', { offer })
      entry.status = ++entry.lapsed < UNANSWERED ? 'waiting' : 'expired'
    } else {
      assert.equal((await entry.who.delete(`/v1/waitlist-entries/${entry.id}`)).status, 204)
      await run(this.house, 'end-offer', { offer })
      entry.status = 'left'
    }
  }

  async raise({ which }: { which: number }): Promise<void> {
    const entry = this.entries[which % Math.max(1, this.entries.length)]
    if (!entry || !['waiting', 'offered'].includes(entry.status)) return
    const path = `/v1/waitlist-entries/${entry.id}`
    const { version } = (await this.doctor.get(path)).body
    const said = { priority: 'urgent', reason: 'referral' }
    assert.equal((await this.doctor.put(`${path}/priority`, said, { 'if-match': `"${version}"` })).status, 200)
    entry.rank = 2
  }

  async take(one: { act: string; which: number }): Promise<void> {
    if (one.act === 'join') await this.join()
    else if (one.act === 'free') await this.free(one)
    else if (one.act === 'raise') await this.raise(one)
    else await this.answer(one.act, one)
  }

  async isRight(): Promise<void> {
    const { rows } = await this.house.owner.query(
      `select w.id, w.status, to_char(o.start_at at time zone 'UTC', 'HH24:MI') as offered from scheduling.waitlist_entry w
       left join scheduling.waitlist_offer o on o.entry_id = w.id and o.status = 'open' where w.id = any ($1)`,
      [this.entries.map(({ id }) => id)],
    )
    const real = new Map(rows.map(({ id, status, offered }) => [id, [status, offered]]))
    for (const entry of this.entries) {
      const start = this.times.find(({ offer }) => offer === entry)?.start ?? null
      assert.deepEqual(real.get(entry.id), [entry.status, start])
    }
  }
}

async function lineOf(house: TestHouse): Promise<Line> {
  const practitioner = await openCalendar(house)
  const doctor = await house.signedIn({ roles: ['practitioner'], self: { practitioner } })
  const line = new Line(house, practitioner, { ...doctor, patient: '' })
  for (const start of TIMES) {
    const { who, id } = await visitAt(house, practitioner, monday(start))
    line.times.push({ start, visit: { who, id } })
  }
  return line
}

describe('the line', () => {
  it('is in order after whatever people do, and no time is offered twice at once', async () => {
    await using house = await openTestHouse([scheduling])
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), async (steps) => {
        const line = await lineOf(house)
        for (const one of [{ act: 'join', which: 0 }, { act: 'join', which: 0 }, ...steps]) {
          await line.take(one)
          await line.isRight()
        }
      }),
      { numRuns: 12, endOnFailure: true },
    )
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})
