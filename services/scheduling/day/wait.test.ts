import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Dice, random } from '../../../tests/dice.ts'
import { dueAt } from './order.ts'
import { type Range, type Seer, visitMinutes, type Waiting, waits } from './wait.ts'

const PLANNED = 15
const start = Date.parse('2031-03-03T08:00:00Z')
const clock = (minutes: number) => new Date(start + minutes * 60_000)

/** Lengths of consultations are lognormal, about half as wide as they are long. */
function lengthOf(dice: Dice, mean: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice())
  const sigma = Math.sqrt(Math.log(1.25))
  return mean * Math.exp(sigma * normal - sigma ** 2 / 2)
}

interface Comer {
  arrived: number
  due: Date
  practitioner: string | null
  booked: number | undefined
  told?: Range | undefined
  called?: number
}

interface Day {
  seers: number
  /** What a visit takes on average. */
  mean: number
  /** Without a booking. */
  anHour: number
}

/** Everybody who comes on a day of eight hours, in the order in which they come. */
function comersOf(dice: Dice, { seers, anHour }: Day): Comer[] {
  const comers: Comer[] = []
  for (let at = 0; at < 480; at += -Math.log(1 - dice()) * (60 / anHour))
    comers.push({
      arrived: at,
      practitioner: null,
      booked: undefined,
      due: dueAt({ arrived: clock(at), level: 4 }, 10),
    })
  for (let seer = 0; seer < seers; seer++)
    for (let booked = 0; booked < 480; booked += 45) {
      if (dice() < 0.1) continue // nobody comes
      const arrived = Math.max(0, booked - 20 + dice() * 25)
      const due = dueAt({ arrived: clock(arrived), level: 4, start: clock(booked) }, 10)
      comers.push({ arrived, practitioner: `dr-${seer}`, booked, due })
    }
  return comers.sort((a, b) => a.arrived - b.arrived)
}

/** A day as it goes; everybody is told, when they come, how long it will be. */
function simulate(dice: Dice, day: Day): Comer[] {
  const comers = comersOf(dice, day)
  const seers = Array.from({ length: day.seers }, (_, i) => ({ practitioner: `dr-${i}`, since: 0, until: 0 }))
  const lengths: number[] = []
  const waiting: Comer[] = []
  const called: Comer[] = []
  const call = (now: number) => {
    for (const seer of seers) {
      if (seer.until > now) continue
      waiting.sort((a, b) => a.due.getTime() - b.due.getTime() || a.arrived - b.arrived)
      const next = waiting.find(({ practitioner }) => practitioner === null || practitioner === seer.practitioner)
      if (!next) continue
      waiting.splice(waiting.indexOf(next), 1)
      const length = lengthOf(dice, day.mean)
      lengths.push(length)
      Object.assign(seer, { since: now, until: now + length })
      called.push(Object.assign(next, { called: now }))
    }
  }
  /** Lengths of visits that are over by now. */
  const known = (now: number) => lengths.slice(0, lengths.length - seers.filter(({ until }) => until > now).length)
  for (let now = 0; now < 1_000; now += 0.25) {
    for (const one of comers.filter(
      ({ arrived, called }) => called === undefined && arrived > now - 0.25 && arrived <= now,
    )) {
      waiting.push(one)
      one.told = tell(one, { now, waiting, comers, seers, minutes: visitMinutes(known(now), PLANNED) })
    }
    call(now)
  }
  return called
}

interface Moment {
  now: number
  waiting: Comer[]
  comers: Comer[]
  seers: { practitioner: string; since: number; until: number }[]
  minutes: number
}

function tell(one: Comer, { now, waiting, comers, seers, minutes }: Moment): Range | undefined {
  const toCome = comers.filter(({ arrived, booked }) => booked !== undefined && booked > now - 10 && arrived > now)
  const order = [...waiting, ...toCome].sort((a, b) => a.due.getTime() - b.due.getTime() || a.arrived - b.arrived)
  const asked = order.map(
    (each): Waiting => ({
      practitioner: each.practitioner,
      ...(each.arrived > now && { comesIn: (each.booked ?? 0) - now }),
    }),
  )
  const there = seers.map(
    ({ practitioner, since, until }): Seer => ({ practitioner, busy: until > now ? [now - since] : [] }),
  )
  return waits(asked, there, minutes)[order.indexOf(one)]
}

const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN

describe('how long somebody will wait', () => {
  for (const day of [
    { seers: 1, mean: 15, anHour: 2 },
    { seers: 1, mean: 20, anHour: 1.5 },
    { seers: 2, mean: 15, anHour: 5 },
    { seers: 3, mean: 11, anHour: 11 },
    { seers: 3, mean: 20, anHour: 5 },
  ])
    it(`is what they were told, for eight of ten, on days like ${JSON.stringify(day)}`, (t) => {
      const people = Array.from({ length: 40 }, (_, seed) => simulate(random(seed + 1), day)).flat()
      const told = people.flatMap(({ told, called = 0, arrived }) =>
        told ? [{ ...told, waited: called - arrived }] : [],
      )
      const inside =
        told.filter(({ from, until, waited }) => waited >= from - 1 && waited <= until + 1).length / told.length
      const off = median(told.map(({ from, until, waited }) => Math.abs((from + until) / 2 - waited)))
      const bias = median(told.map(({ from, until, waited }) => (from + until) / 2 - waited))
      const long = median(told.map(({ waited }) => waited))
      const wide = median(told.map(({ from, until }) => until - from))
      t.diagnostic(
        `${told.length} people: within ${(inside * 100).toFixed(0)} %, off by ${off.toFixed(1)} (bias ${bias.toFixed(1)}) of ${long.toFixed(0)} minutes, told ${wide} minutes wide`,
      )
      assert.ok(inside >= 0.8, `${inside}`)
      assert.ok(off <= 10, `${off}`)
    })

  it('is never told shorter to somebody who stands further back', () => {
    const dice = random(7)
    for (let round = 0; round < 2_000; round++) {
      const seers = Array.from({ length: 1 + Math.floor(dice() * 4) }, (_, i) => ({
        practitioner: `dr-${i}`,
        busy: dice() < 0.5 ? [dice() * 40] : [],
      }))
      const whose = dice() < 0.5 ? null : 'dr-0'
      const order = Array.from({ length: 12 }, () => ({
        practitioner: whose,
        ...(dice() < 0.2 && { comesIn: dice() * 60 - 10 }),
      }))
      const told = waits(order, seers, 5 + dice() * 40).flatMap((range) => range ?? [])
      for (const [i, range] of told.entries()) {
        const before = told[i - 1] ?? range
        assert.ok(range.from >= before.from && range.until >= before.until && range.from <= range.until)
        assert.deepEqual([range.from % 5, range.until % 5], [0, 0])
      }
    }
  })

  it('is nothing while somebody is free, and nothing can be said where nobody is', () => {
    const order = [{ practitioner: null }, { practitioner: 'away' }]
    assert.deepEqual(waits(order, [{ practitioner: 'here', busy: [] }], 15), [{ from: 0, until: 0 }, undefined])
    assert.deepEqual(waits(order, [], 15), [undefined, undefined])
  })

  it('learns from the day, and not too much from one visit', () => {
    assert.equal(visitMinutes([], 15), 15)
    assert.equal(visitMinutes([15, 15], 15), 15)
    assert.equal(visitMinutes([300], 15), 22.5, 'somebody forgot to end it: it counts as three planned visits')
    assert.ok(Math.abs(visitMinutes(Array(100).fill(25), 15) - 25) < 0.5)
  })
})
