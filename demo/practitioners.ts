import { addDays } from '#platform/wall-clock.ts'
import { tongueOf, withTitle } from './names.ts'
import { DAY, type Person, people, type Town } from './people.ts'
import type { Random } from './random.ts'

export interface Licence {
  id: string
  number: string
  status: 'verified' | 'pending' | 'expired'
  from: string
  until: string
  submittedAt: number
}

export interface Practitioner extends Person {
  specialities: string[]
  licence: Licence
}

/** Of a hundred licences: verified, but over; and not looked at yet. */
const EXPIRED = 2
const PENDING = 2

/** Every speciality in turn, so that each has some; a fifth of the practitioners have a second one. */
export function practitioners(town: Town, count: number, specialities: readonly string[]): Practitioner[] {
  const kind = { word: 'practitioner', count, ages: [27, 71], without: 0 } as const
  return people(town, kind, (signIn) => signIn.practitioner !== undefined).map((person, n) => {
    const tongue = tongueOf(person.language)
    const titled = withTitle(tongue, person.name, person.gender)
    // Degrees in Latin letters after Arabic ones, and numbers in brackets: what bidirectional text trips over.
    const name = tongue.script === 'Arabic' && n % 4 === 2 ? `${titled}, MD (${1975 + (n % 45)})` : titled
    return {
      ...person,
      name,
      specialities: specialitiesOf(town.random, specialities, n, person.signIn?.practitioner?.speciality),
      licence: licenceOf(town, person, n),
    }
  })
}

function specialitiesOf(random: Random, all: readonly string[], n: number, wanted?: string): string[] {
  const first = wanted !== undefined && all.includes(wanted) ? wanted : (all[n % all.length] as string)
  return random.chance(0.2) ? [...new Set([first, random.pick(all)])] : [first]
}

function licenceOf({ random, day }: Town, { createdAt, signIn }: Person, n: number): Licence {
  const chance = random.int(100)
  const drawn = chance < EXPIRED ? 'expired' : chance < EXPIRED + PENDING ? 'pending' : 'verified'
  const status = signIn?.practitioner?.licence ?? drawn
  const until = status === 'expired' ? -random.between(2, 60) : random.between(120, 1_500)
  return {
    id: random.id(createdAt),
    number: `DEMO-${String(n + 1).padStart(5, '0')}`,
    status,
    from: addDays(day.today, -random.between(800, 3_000)),
    until: addDays(day.today, until),
    submittedAt: status === 'pending' ? day.midnight - random.between(DAY / 4, 6 * DAY) : createdAt + DAY / 8,
  }
}
