import type { Interval } from '#services/scheduling/expand-hours.ts'
import type { Schedule } from './calendar.ts'
import type { Mandate } from './mandates.ts'
import { DAY, type Person, type Town } from './people.ts'

export interface Visit {
  id: string
  schedule: Schedule
  patient: Person
  start: number
  end: number
  mode: string
  status: 'booked' | 'fulfilled' | 'noshow' | 'cancelled'
  cancelReason: string | null
  reason: string | null
  /** Who booked: the patient or a caregiver, with an account. */
  by: Person
  relationship: 'self' | 'mandate'
  createdAt: number
}

export interface Clinic extends Town {
  patients: readonly Person[]
  /** By patient. */
  mandates: ReadonlyMap<string, Mandate[]>
}

/** What of the slots is taken in the first, second and third week from now: a fifth of the next fortnight. */
const TAKEN = [0.25, 0.15, 0.05]
const TAKEN_LATER = 0.003
const TAKEN_BEFORE = 0.03
const CANCELLED = 0.06

const reasons = [
  'Cough for a week',
  'Blood pressure check',
  'Results of the test',
  'Knee hurts on stairs',
  'Second opinion',
  null,
  null,
  null,
  'Vertiges depuis lundi',
  'Dor de cabeça à noite',
  'متابعة بعد العملية',
  'የስኳር ክትትል',
  '复诊',
] as const

/** Visits of the last month and of the weeks to come. Nobody is at two visits at once: not a practitioner, a patient or a room. */
export function visits(clinic: Clinic, schedules: readonly Schedule[]): Visit[] {
  const pick = patientPicker(clinic)
  return schedules.flatMap((schedule) => [
    ...slots(schedule.past, schedule.minutes).flatMap((slot) =>
      clinic.random.chance(TAKEN_BEFORE) ? visitAt(clinic, schedule, slot, pick) : [],
    ),
    ...slots(schedule.shifts, schedule.minutes).flatMap((slot) =>
      clinic.random.chance(shareTaken(slot[0] - clinic.day.midnight)) ? visitAt(clinic, schedule, slot, pick) : [],
    ),
  ])
}

const shareTaken = (ahead: number) => (ahead < 0 ? 0 : (TAKEN[Math.floor(ahead / (7 * DAY))] ?? TAKEN_LATER))

function slots(shifts: readonly Interval[], minutes: number): Interval[] {
  const length = minutes * 60_000
  return shifts.flatMap(([from, until]) =>
    Array.from(
      { length: Math.floor((until - from) / length) },
      (_, n) => [from + n * length, from + (n + 1) * length] as const,
    ),
  )
}

type Picker = (schedule: Schedule, slot: Interval) => Person | undefined

/** Mostly somebody from nearby who is free; those with a sign-in see those with a sign-in, so that there is something to look at. */
function patientPicker({ random, patients }: Clinic): Picker {
  const busy = new Map<string, Interval[]>()
  const near = Map.groupBy(patients, ({ home }) => home)
  const named = patients.filter(({ signIn }) => signIn)
  const free = (id: string, [from, until]: Interval) => !busy.get(id)?.some(([f, u]) => f < until && u > from)
  const take = (id: string, slot: Interval) => busy.set(id, [...(busy.get(id) ?? []), slot])
  return ({ practitioner, room }, slot) => {
    if (room && !free(room.id, slot)) return undefined
    const known = practitioner.signIn && random.chance(0.2)
    const nearby = random.chance(0.85) ? near.get(practitioner.home) : undefined
    const patient = random.pick(known ? named : (nearby ?? patients))
    if (!free(patient.id, slot) || patient.account?.id === practitioner.account?.id) return undefined
    for (const id of room ? [room.id, patient.id] : [patient.id]) take(id, slot)
    return patient
  }
}

function visitAt(clinic: Clinic, schedule: Schedule, slot: Interval, pick: Picker): Visit[] {
  const { random, day } = clinic
  const { createdAt: open, practitioner, modes } = schedule
  const [start, end] = slot
  const createdAt = Math.max(open + DAY, Math.min(start, day.midnight) - random.between(DAY / 24, 14 * DAY))
  if (practitioner.licence.status !== 'verified') return []
  const cancelled = random.chance(CANCELLED)
  const patient = pick(schedule, slot)
  const maker = patient && makerOf(clinic, patient, createdAt)
  if (!maker) return []
  const status = cancelled
    ? 'cancelled'
    : start >= day.midnight
      ? 'booked'
      : random.chance(0.07)
        ? 'noshow'
        : 'fulfilled'
  const cancelReason = cancelled ? random.pick(['pat', 'pat-cpp', 'pat-mt', 'prov-pers', 'other']) : null
  const facts = { mode: random.pick(modes), reason: random.pick(reasons), status, cancelReason, createdAt } as const
  return [{ id: random.id(createdAt), schedule, patient, start, end, ...maker, ...facts }]
}

/** Who may book for a patient at that time: themselves, or a caregiver whose mandate says so. */
function makerOf(clinic: Clinic, patient: Person, at: number) {
  const held = clinic.mandates
    .get(patient.id)
    ?.filter(
      ({ powers, from, until, revokedAt }) =>
        powers.includes('book') && from < at && until > at && (revokedAt === null || revokedAt > at),
    )
  const mandate = held?.length ? clinic.random.pick(held) : undefined
  const { account } = patient
  if (mandate?.caregiver.account && (!account || clinic.random.chance(0.5)))
    return { by: mandate.caregiver, relationship: 'mandate' } as const
  return account ? ({ by: patient, relationship: 'self' } as const) : undefined
}
