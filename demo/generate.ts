import { type Schedule, schedules } from './calendar.ts'
import { places, SEED } from './country.ts'
import { caregivers, type Mandate, mandates } from './mandates.ts'
import { type Account, DAY, type Day, type Person, people, type Town } from './people.ts'
import { type Practitioner, practitioners } from './practitioners.ts'
import { randomFrom } from './random.ts'
import { signIns } from './sign-ins.ts'
import { type Visit, visits } from './visits.ts'

export interface Size {
  practitioners: number
  /** Patients. */
  people: number
}

export const FULL: Size = { practitioners: 1_000, people: 5_000 }

export interface Country {
  day: Day
  /** In the order of `places`. */
  placeIds: readonly string[]
  accounts: Account[]
  administrators: Account[]
  practitioners: Practitioner[]
  patients: Person[]
  caregivers: Person[]
  mandates: Mandate[]
  schedules: Schedule[]
  visits: Visit[]
}

/** The whole country: the same for the same seed, day, size and specialities. */
export function generate(
  today: string,
  { practitioners: count, people: many }: Size,
  specialities: readonly string[],
): Country {
  const day = { today, midnight: Date.parse(`${today}T00:00:00Z`) }
  const accounts = new Map<string, Account>()
  // Chance of its own for each kind, so that another patient does not change every practitioner.
  const town = (what: string): Town => ({ random: randomFrom(`${SEED} ${what}`), day, accounts })
  const administrators = administratorsOf(town('administrators'))
  const doctors = practitioners(town('practitioners'), count, specialities)
  const patients = people(
    town('patients'),
    { word: 'patient', count: many, ages: [0, 96], without: 4 },
    ({ patient }) => patient === true,
  )
  const carers = caregivers(town('caregivers'), Math.ceil(many * 0.08), patients)
  const agreed = mandates(town('mandates'), patients, carers)
  const open = schedules(town('schedules'), doctors)
  const clinic = { ...town('visits'), patients, mandates: Map.groupBy(agreed, ({ patient }) => patient.id) }
  const atSea = randomFrom(`${SEED} places`)
  return {
    day,
    placeIds: places.map(() => atSea.id(day.midnight - 800 * DAY)),
    accounts: accountsOf(administrators, [doctors, patients, carers].flat()),
    administrators,
    practitioners: doctors,
    patients,
    caregivers: carers,
    mandates: agreed,
    schedules: open,
    visits: visits(clinic, open),
  }
}

function administratorsOf({ random, day, accounts }: Town): Account[] {
  return signIns
    .filter(({ administrator }) => administrator)
    .map(({ userName, given, family, language }) => {
      const createdAt = day.midnight - 720 * DAY
      const account = {
        id: random.id(createdAt),
        userName,
        phone: null,
        email: null,
        name: `${given} ${family}`,
        language,
        createdAt,
      }
      accounts.set(userName, account)
      return account
    })
}

/** Each once, with the name of the first record that has it. */
const accountsOf = (administrators: Account[], people: Person[]): Account[] => [
  ...new Map(
    [...administrators, ...people.flatMap(({ account }) => account ?? [])].map((account) => [account.id, account]),
  ).values(),
]
