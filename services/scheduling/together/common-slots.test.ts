import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { keepBusy, newPatient, openCalendar, openPlace, openServices, refreshOffers } from '../../../tests/calendar.ts'
import { type Dice, pick, random } from '../../../tests/dice.ts'
import { scheduling } from '../service.ts'
import { bookAll, openTeam, whole } from './testing.ts'

const MINUTE = 60_000
const GRID = 5 * MINUTE
const QUERIES = 150
const DAY_FROM = '2031-03-02T00:00:00.000Z'
const DAY_UNTIL = '2031-03-03T12:00:00.000Z'

const timeOf = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** Eight with one or two schedules a day: of different lengths, modes and places, with services or without, some kept for a desk, some of them taken. */
async function openWorld(house: TestHouse, dice: Dice) {
  const places = [await openPlace(house), await openPlace(house)]
  const practitioners: string[] = []
  for (let n = 0; n < 8; n++) {
    const own = {
      place: pick(dice, places),
      modes: pick(dice, [['in-person'], ['video', 'in-person'], ['video', 'phone']]),
    }
    const minutes = () => pick(dice, [10, 15, 20, 30])
    const until = 600 + Math.floor(dice() * 12) * 5
    const practitioner = await openCalendar(house, {
      ...own,
      from: timeOf(480),
      until: timeOf(until),
      minutes: minutes(),
    })
    if (dice() < 0.5)
      await openCalendar(house, { practitioner, ...own, from: timeOf(until + 25), until: '15:00', minutes: minutes() })
    if (dice() < 0.5) await openServices(house, practitioner, servicesOf(dice))
    if (dice() < 0.4)
      await keepBusy(house, practitioner, [[at(dice), at(dice)].sort((a, b) => +a - +b) as [Date, Date]])
    practitioners.push(practitioner)
  }
  const kept = JSON.stringify([{ channel: 'desk', release: [{ hours: 1, percent: 100 }] }])
  await house.owner.query('update scheduling.schedule set reserved = $2 where practitioner_id = $1', [
    practitioners[0],
    kept,
  ])
  await house.owner.query(`update scheduling.practitioner set licensed_until = '2031-03-03T08:40Z' where id = $1`, [
    practitioners[1],
  ])
  await refreshOffers(house, practitioners)
  for (let i = 0; i < 25; i++) {
    const who = await newPatient(house)
    const start = new Date(Math.floor(+at(dice) / GRID) * GRID).toISOString()
    await who.post('/v1/appointments', { practitioner: pick(dice, practitioners), patient: who.patient, start })
  }
  return practitioners
}

const at = (dice: Dice) => new Date(Date.parse('2031-03-02T08:00Z') + Math.floor(dice() * 420) * MINUTE)

const servicesOf = (dice: Dice) =>
  pick(dice, [['s1'], ['s1', 's2']]).map((code) => ({
    ...{ code, speciality: 'cardiology' },
    minutes: pick(dice, [10, 25, 40]),
    before: pick(dice, [0, 5, 15]),
    after: pick(dice, [0, 10]),
    notice: pick(dice, [0, 1_560]),
    window: pick(dice, [90, 2]),
    seats: pick(dice, [1, 1, 3]),
    full: pick(dice, [undefined, [1_440 + 500, 1_440 + 560]]),
  }))

interface Offered {
  practitioner_id: string
  service: string | null
  several: boolean
  modes: string[]
  place_id: string
  minutes: number
  before: number
  after: number
  notice: number
  window: number
  full: [number, number][] | null
  licensed_until: string
  ranges: [number, number][] | null
}

const OFFERED = `
  select s.practitioner_id, v.id as service, cardinality(s.services) > 1 as several, s.modes, s.place_id, coalesce(v.minutes, s.minutes) as minutes,
    coalesce(v.before_minutes, 0) as before, coalesce(v.after_minutes, 0) as after, coalesce(v.notice_minutes, 0) as notice, coalesce(v.window_days, 90) as window,
    (select json_agg(json_build_array(extract(epoch from lower(u)) * 1000, extract(epoch from upper(u)) * 1000)) from unnest(v.full_at) u) as full, p.licensed_until,
    (select json_agg(json_build_array(extract(epoch from f.start_at) * 1000, extract(epoch from f.end_at) * 1000)) from scheduling.free_range f where f.schedule_id = s.id) as ranges
  from scheduling.schedule s join scheduling.practitioner p on p.id = s.practitioner_id left join scheduling.service v on v.id = any (s.services)
  where s.reserved is null and coalesce(v.seats, 1) = 1`

interface Query {
  practitioners: string[]
  services: Map<string, string>
  mode: string | undefined
  from: number
  until: number
}

/** Of a practitioner, when a visit of that length could begin at `t` by what is free, however soon it is. */
const roomFor = ({ ranges, before, after }: Offered, t: number, length: number) =>
  (ranges ?? []).some(([from, until]) => from <= t - before * MINUTE && until >= t + (length + after) * MINUTE)

function mayBegin({ notice, window, full, licensed_until }: Offered, t: number, now: number): boolean {
  if (t < now + notice * MINUTE || t >= now + window * 86_400_000 || t >= Date.parse(licensed_until)) return false
  return !full?.some(([from, until]) => t >= from && t < until)
}

/** Every five minutes of the window are tried with everybody, for each length and each way to meet. */
function expected(offered: readonly Offered[], query: Query, now: number): string[] {
  const { practitioners, services, mode, from, until } = query
  const of = (practitioner: string) => {
    const wanted = services.get(practitioner)
    const fits = (one: Offered) => (wanted === undefined ? !one.several : one.service === wanted)
    return offered.filter((one) => one.practitioner_id === practitioner && fits(one))
  }
  const each = practitioners.map(of)
  const found = new Set<number>()
  for (const length of new Set(each.flat().map(({ minutes }) => minutes)))
    for (const way of mode === undefined ? ['in-person', 'video', 'phone'] : [mode])
      for (const place of way === 'in-person' ? new Set(each.flat().map(({ place_id }) => place_id)) : [undefined]) {
        const able = each.map((all) =>
          all.filter(
            (one) =>
              one.modes.includes(way) && one.minutes <= length && (place === undefined || one.place_id === place),
          ),
        )
        const around = Math.max(
          0,
          ...able
            .flat()
            .filter(({ ranges }) => ranges)
            .map(({ before, after }) => before + after),
        )
        for (let t = Date.parse(DAY_FROM), run = Number.NaN; t < Date.parse(DAY_UNTIL); t += GRID) {
          const there = able.map((all) => all.filter((one) => roomFor(one, t, length)))
          const fits = there.every((all) => all.length > 0) && there.flat().some(({ minutes }) => minutes === length)
          run = fits ? (Number.isNaN(run) ? t : run) : Number.NaN
          const onStep = fits && (t - run) % ((length + around) * MINUTE) === 0
          if (onStep && t >= from && t < until && there.every((all) => all.some((one) => mayBegin(one, t, now))))
            found.add(t)
        }
      }
  return [...found].sort((a, b) => a - b).map((t) => new Date(t).toISOString())
}

const urlOf = ({ practitioners, services, mode, from, until }: Query) => {
  const query = new URLSearchParams()
  for (const one of practitioners) query.append('practitioner', one)
  for (const one of services.values()) query.append('service', one)
  if (mode !== undefined) query.set('mode', mode)
  query.set('from', new Date(from).toISOString())
  query.set('until', new Date(until).toISOString())
  query.set('limit', '7')
  return `/v1/common-slots?${query}`
}

async function allPages(client: Client, url: string): Promise<string[]> {
  const starts: string[] = []
  for (let next: string | undefined; ; ) {
    const { status, body } = await client.get(next === undefined ? url : `${url}&cursor=${encodeURIComponent(next)}`)
    assert.equal(status, 200, JSON.stringify(body))
    starts.push(...body.items.map(({ start }: { start: string }) => start))
    next = body.next
    if (next === undefined) return starts
  }
}

function anyQuery(practitioners: string[], offered: readonly Offered[], dice: Dice): Query {
  const some = [...practitioners].sort(() => dice() - 0.5).slice(0, pick(dice, [2, 2, 3]))
  const services = new Map<string, string>()
  for (const one of some) {
    const own = offered.filter(({ practitioner_id, service }) => practitioner_id === one && service !== null)
    if (own.length > 0 && dice() < 0.7) services.set(one, pick(dice, own).service ?? '')
  }
  const from = Date.parse('2031-03-02T06:00Z') + Math.floor(dice() * 600) * MINUTE
  const mode = pick(dice, [undefined, undefined, 'video', 'in-person'])
  return { practitioners: some, services, mode, from, until: Math.min(Date.parse(DAY_UNTIL), from + 1_440 * MINUTE) }
}

describe('GET /v1/common-slots', () => {
  it(`shows what is free of each of them, as trying every five minutes finds it (${QUERIES} searches)`, async (t) => {
    await using house = await openTestHouse([scheduling], { env: { RATE_LIMIT_PER_MINUTE: '1000000' } })
    const dice = random(41)
    const practitioners = await openWorld(house, dice)
    const client = await newPatient(house)
    const offered: Offered[] = (await house.owner.query(OFFERED)).rows
    let shown = 0
    const bookable: [Query, string][] = []
    for (let i = 0; i < QUERIES; i++) {
      const query = anyQuery(practitioners, offered, dice)
      const starts = await allPages(client, urlOf(query))
      assert.deepEqual(starts, expected(offered, query, house.house.now().getTime()), urlOf(query))
      shown += starts.length
      if (starts.length > 0) bookable.push([query, pick(dice, starts)])
    }
    assert.ok(shown > 100 && bookable.length > 20, `${shown} times in ${bookable.length} searches`)
    await whole(house)
    // What is shown is what is booked: the first of it is, and everything that does not overlap it.
    const answers: number[] = []
    for (const [{ practitioners, services, mode }, start] of bookable.slice(0, 10)) {
      const who = await newPatient(house)
      const participants = practitioners.map((practitioner) => {
        const service = services.get(practitioner)
        return { practitioner, ...(service !== undefined && { service }) }
      })
      const wish = { participants, patient: who.patient, start, ...(mode !== undefined && { mode }) }
      answers.push((await who.post('/v1/appointments', wish)).status)
    }
    assert.equal(answers[0], 201)
    assert.deepEqual(new Set(answers.filter((status) => status !== 409)), new Set([201]), `${answers}`)
    await whole(house)
    t.diagnostic(`${shown} times in ${QUERIES} searches; booked: ${answers}`)
  })

  it('costs one statement beside the session, however many they are', async () => {
    await using house = await openTestHouse([scheduling])
    const team = await openTeam(house, 8)
    const url = urlOf({
      ...{ practitioners: team.practitioners, services: new Map(), mode: undefined },
      ...{ from: Date.parse(DAY_FROM), until: Date.parse(DAY_UNTIL) },
    })
    const { result, statements } = await house.cost(() => team.client.get(url))
    assert.equal(result.status, 200, JSON.stringify(result.body))
    assert.ok(statements <= 2, `${statements} statements`)
  })

  it('looks within hours of the day, and no more of what has been taken', async () => {
    await using house = await openTestHouse([scheduling])
    const team = await openTeam(house, 2)
    const [one, two] = team.practitioners
    const url = `/v1/common-slots?practitioner=${one}&practitioner=${two}&between=09:00-10:30&from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z`
    const times = async () =>
      (await team.client.get(url)).body.items.map(({ start }: { start: string }) => start.slice(11, 16))
    assert.deepEqual(await times(), ['09:00', '09:30', '10:00'])
    await bookAll(team)
    assert.deepEqual(await times(), ['09:30', '10:00'])
  })

  it('is refused with words that help', async () => {
    await using house = await openTestHouse([scheduling])
    const { practitioners, client } = await openTeam(house, 2)
    const [one, two] = practitioners
    const ask = async (query: string) => {
      const { status, body } = await client.get(`/v1/common-slots?${query}`)
      return [status, body.errors?.[0]?.pointer]
    }
    const both = `practitioner=${one}&practitioner=${two}`
    assert.deepEqual(await ask(`practitioner=${one}`), [400, '/query/practitioner'])
    assert.deepEqual(await ask(`practitioner=${one}&practitioner=${one}`), [400, '/query/practitioner'])
    assert.deepEqual(await ask(`${both}&service=${newId()}`), [400, '/query/service'])
    assert.deepEqual(await ask(`${both}&until=2031-05-01T00:00:00Z`), [400, '/query/until'])
    assert.equal((await house.anonymous.get(`/v1/common-slots?${both}`)).status, 401)
    const nobody = await client.get(`/v1/common-slots?practitioner=${one}&practitioner=${newId()}`)
    assert.deepEqual([nobody.status, nobody.body.items], [200, []])
  })
})
