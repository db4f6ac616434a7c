import { addDays } from '#platform/wall-clock.ts'
import { DAY, type Person, people, type Town } from './people.ts'

export interface Mandate {
  id: string
  patient: Person
  caregiver: Person
  powers: string[]
  from: number
  until: number
  revokedAt: number | null
}

const named = (people: readonly Person[], userName: string): Person => {
  const found = people.find(({ signIn }) => signIn?.userName === userName)
  if (!found) throw new Error(`Nobody is called ${userName}`)
  return found
}

const everything = ['book', 'see-record', 'receive-messages', 'pay']

/** Each cares for one to three people; whoever has no account has somebody. Some mandates permit less, some are over or were taken back. */
export function mandates(town: Town, patients: readonly Person[], caregivers: readonly Person[]): Mandate[] {
  const { random } = town
  const alone = patients.filter(({ account }) => account === null)
  const others = patients.filter(({ account, signIn }) => account !== null && !signIn)
  const byName = (patient: string, caregiver: string, powers: string[]) =>
    mandate(town, named(patients, patient), named(caregivers, caregiver), powers)
  const list = [
    byName('esi', 'grace', everything),
    byName('tomas', 'grace', ['book', 'receive-messages']),
    byName('tomas', 'joao', ['see-record']),
    ...alone.slice(0, 1).map((child) => mandate(town, child, named(caregivers, 'grace'), everything)),
    ...alone.slice(1, 2).map((child) => mandate(town, child, named(caregivers, 'zuri'), everything)),
  ]
  const strangers = caregivers.filter(({ signIn }) => !signIn)
  alone.slice(2).forEach((patient, n) => {
    list.push(mandate(town, patient, strangers[n % strangers.length] ?? named(caregivers, 'grace'), everything))
  })
  for (const caregiver of strangers)
    for (const patient of random.some(others, random.between(1, 2)))
      if (patient.account?.id !== caregiver.account?.id)
        list.push(ended(town, mandate(town, patient, caregiver, some(town))))
  return list
}

const some = ({ random }: Town) => (random.chance(0.8) ? everything : random.some(everything, 2).sort())

function mandate({ random, day }: Town, patient: Person, caregiver: Person, powers: string[]): Mandate {
  const from = day.midnight - random.between(65 * DAY, 500 * DAY)
  const until = day.midnight + random.between(30, 1_300) * DAY
  return { id: random.id(from), patient, caregiver, powers, from, until, revokedAt: null }
}

function ended({ random, day }: Town, one: Mandate): Mandate {
  const at = day.midnight - random.between(DAY, 60 * DAY)
  if (random.chance(0.04)) return { ...one, revokedAt: at }
  return random.chance(0.04) ? { ...one, until: at } : one
}

/** A tenth of the caregivers are patients too, with the same account. */
export function caregivers(town: Town, count: number, patients: readonly Person[]): Person[] {
  const kind = { word: 'caregiver', count, ages: [19, 78], without: 0 } as const
  const adults = patients.filter(
    ({ account, signIn, bornOn }) => account && !signIn && bornOn < addDays(town.day.today, -7_000),
  )
  return people(town, kind, (signIn) => signIn.caregiver === true).map((person, n) => {
    const patient = n % 10 === 9 ? adults[n] : undefined
    return patient ? { ...patient, id: person.id, createdAt: person.createdAt } : person
  })
}
