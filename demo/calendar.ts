import { addDays, dateIn } from '#platform/wall-clock.ts'
import { expandHours, HORIZON_DAYS, type HoursRule, type Interval } from '#services/scheduling/expand-hours.ts'
import { places } from './country.ts'
import { DAY, type Day, type Town } from './people.ts'
import type { Practitioner } from './practitioners.ts'
import type { Random } from './random.ts'

type Hours = HoursRule['hours'][number]
type Exception = HoursRule['exceptions'][number] & { id: string; reason?: string }

export interface Room {
  id: string
  place: number
  name: string
}

export interface Schedule extends Omit<HoursRule, 'hours' | 'exceptions'> {
  id: string
  practitioner: Practitioner
  /** Index of the place; none where visits are by video or phone only. */
  place: number | null
  room: Room | null
  modes: string[]
  minutes: number
  hours: Hours[]
  exceptions: Exception[]
  expandedUntil: string
  createdAt: number
  /** From the night before today on, as scheduling itself expands. */
  shifts: Interval[]
  /** Of the last month. */
  past: Interval[]
}

const workdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** Times of a working day; the last one is a night, whose halves meet at midnight. */
const patterns: readonly (readonly (readonly [string, string])[])[] = [
  [
    ['08:00', '12:00'],
    ['13:00', '16:30'],
  ],
  [['09:00', '12:30']],
  [['07:30', '11:30']],
  [['13:00', '18:00']],
  [['08:00', '14:00']],
  [['16:00', '20:00']],
  [
    ['00:00', '02:00'],
    ['20:00', '24:00'],
  ],
]
/** One in so many works at night. */
const NIGHT = 40

/** A third have a second schedule on other days, by video and phone or at a second place in the same zone. */
export function schedules(town: Town, all: readonly Practitioner[]): Schedule[] {
  const rooms = new Map<string, Room>()
  return all
    .filter(({ licence }) => licence.status !== 'pending')
    .flatMap((practitioner) => {
      const { random } = town
      const days = random.some(workdays, random.pick([2, 2, 3, 3]))
      const cut = days.length > 2 && random.chance(0.33) ? Math.ceil(days.length / 2) : days.length
      const first = scheduleOf(town, practitioner, days.slice(0, cut), { rooms, first: true })
      return cut < days.length
        ? [first, scheduleOf(town, practitioner, days.slice(cut), { rooms, first: false })]
        : [first]
    })
}

function scheduleOf(
  { random, day }: Town,
  practitioner: Practitioner,
  days: readonly Hours['day'][],
  { rooms, first }: { rooms: Map<string, Room>; first: boolean },
): Schedule {
  const { home, signIn } = practitioner
  const away = signIn?.practitioner ? signIn.practitioner.videoOnly === true : random.chance(first ? 0.12 : 0.5)
  const zone = places[home]?.zone ?? 'UTC'
  const place = away ? null : first ? home : random.pick(sameZone(zone))
  const createdAt = day.midnight - 64 * DAY + random.int(DAY)
  const rule = {
    id: random.id(createdAt),
    practitioner,
    place,
    room: place !== null && random.chance(0.3) ? roomIn(random, rooms, place, createdAt) : null,
    modes: away
      ? random.pick([['video'], ['video', 'phone'], ['phone']])
      : random.pick([['in-person'], ['in-person', 'video']]),
    zone,
    minutes: random.pick([15, 20, 30, 30, 30, 45, 60]),
    hours: hoursOf(random, days),
    exceptions: exceptionsOf(random, day, first),
    validFrom: addDays(day.today, -60),
    ...(random.chance(0.1) && { validUntil: addDays(day.today, random.between(40, 200)) }),
    expandedUntil: addDays(dateIn(zone, new Date(day.midnight)), HORIZON_DAYS),
    createdAt,
  }
  return expanded(rule, day)
}

const sameZone = (zone: string) => places.flatMap((place, index) => (place.zone === zone ? [index] : []))

function hoursOf(random: Random, days: readonly Hours['day'][]): Hours[] {
  const pattern = patterns[random.chance(1 / NIGHT) ? patterns.length - 1 : random.int(patterns.length - 1)] ?? []
  const inOrder = workdays.filter((day) => days.includes(day))
  return inOrder.flatMap((day) => pattern.map(([from, until]) => ({ day, from, until })))
}

/** Rooms are shared: whoever has one has it in turn with a few others, sometimes at the same hours. */
function roomIn(random: Random, rooms: Map<string, Room>, place: number, at: number): Room {
  const name = `Room ${1 + random.int(1 + (places[place]?.share ?? 1))}`
  const room = rooms.get(`${place} ${name}`) ?? { id: random.id(at), place, name }
  rooms.set(`${place} ${name}`, room)
  return room
}

/** A holiday of the whole day, an afternoon off, or a Sunday more (Sundays are otherwise free, so nothing overlaps). */
function exceptionsOf(random: Random, { today, midnight }: Day, first: boolean): Exception[] {
  if (!random.chance(0.2)) return []
  const id = random.id(midnight - 20 * DAY)
  const date = addDays(today, random.between(3, 60))
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
  const kind = random.int(first ? 3 : 2)
  if (kind === 0) return [{ id, kind: 'withdraw', date, reason: 'Feast of the Nil' }]
  if (kind === 1) return [{ id, kind: 'withdraw', date, from: '12:00', until: '24:00', reason: 'At sea' }]
  return [{ id, kind: 'add', date: addDays(date, 6 - weekday), from: '09:00', until: '12:00' }]
}

function expanded(rule: Omit<Schedule, 'shifts' | 'past'>, { today, midnight }: Day): Schedule {
  const shifts = expandHours(rule, addDays(today, -1), rule.expandedUntil).filter(([, until]) => until > midnight)
  const past = expandHours(rule, addDays(today, -30), addDays(today, -1)).filter(([, until]) => until <= midnight)
  return { ...rule, shifts, past }
}
