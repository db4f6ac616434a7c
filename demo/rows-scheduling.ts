import type { Room, Schedule } from './calendar.ts'
import { places } from './country.ts'
import type { Country } from './generate.ts'
import { instant, range } from './instant.ts'
import type { Practitioner } from './practitioners.ts'
import type { Batch, Row } from './queries.ts'
import { nameOf } from './rows-registry.ts'

/** Practitioners and places as scheduling mirrors them, and its hours. `free_range` and `offer` are not here: SQL makes them of these. */
export function* schedulingRows(country: Country): Generator<Batch> {
  const { schedules, placeIds: ids } = country
  const open = [...new Map(schedules.map(({ practitioner }) => [practitioner.id, practitioner])).values()]
  const rooms = [...new Set(schedules.flatMap(({ room }) => room ?? []))]
  yield ['scheduling.practitioner', open.map(practitionerRow)]
  yield ['scheduling.place', places.map((place, n) => placeRow(ids[n], place))]
  yield [
    'scheduling.resource',
    [...open.map(({ id }) => resource(id)), ...rooms.map((room) => resource(room.id, room, ids))],
  ]
  yield ['scheduling.schedule', schedules.map((schedule) => scheduleRow(schedule, ids))]
  yield ['scheduling.schedule_exception', schedules.flatMap(exceptionRows)]
  yield ['scheduling.shift', schedules.flatMap((schedule) => schedule.shifts.map((shift) => shiftRow(schedule, shift)))]
}

const placeOf = ({ place }: Schedule, ids: readonly string[]) => (place === null ? null : ids[place])

/** As registry's card says it: none for a licence that is over. */
const licensed = ({ licence }: Practitioner) =>
  licence.status === 'verified'
    ? {
        licensed_from: instant(Date.parse(licence.from)),
        licensed_until: instant(Date.parse(licence.until) + 86_400_000),
      }
    : { licensed_from: null, licensed_until: null }

const practitionerRow = (practitioner: Practitioner): Row => {
  const { id, name, gender, languages, specialities } = practitioner
  return { id, name, gender, languages, specialities, ...licensed(practitioner), demo: true }
}

const placeRow = (
  id: string | undefined,
  { name, names, zone, latitude, longitude }: (typeof places)[number],
): Row => ({
  id,
  name: nameOf({ name, names }),
  zone,
  latitude,
  longitude,
  demo: true,
})

const resource = (id: string, room?: Room, ids: readonly string[] = []): Row =>
  room
    ? { id, kind: 'room', place_id: ids[room.place], name: room.name }
    : { id, kind: 'practitioner', place_id: null, name: null }

const scheduleRow = (s: Schedule, ids: readonly string[]): Row => ({
  id: s.id,
  practitioner_id: s.practitioner.id,
  place_id: placeOf(s, ids),
  resources: s.room ? [s.room.id] : [],
  modes: s.modes,
  specialities: s.practitioner.specialities,
  zone: s.zone,
  minutes: s.minutes,
  hours: s.hours,
  valid_from: s.validFrom,
  valid_until: s.validUntil ?? null,
  expanded_until: s.expandedUntil,
  tzdata: process.versions.tz,
  version: 1 + s.exceptions.length,
  created_at: instant(s.createdAt),
  demo: true,
})

const exceptionRows = (schedule: Schedule): Row[] =>
  schedule.exceptions.map(({ id, kind, date, from, until, reason }) => ({
    id,
    schedule_id: schedule.id,
    kind,
    on_date: date,
    from_time: from ?? null,
    until_time: until ?? null,
    reason: reason ?? null,
    created_at: instant(schedule.createdAt),
  }))

const shiftRow = ({ id, practitioner }: Schedule, [from, until]: readonly [number, number]): Row => ({
  schedule_id: id,
  practitioner_id: practitioner.id,
  during: range(from, until),
})
