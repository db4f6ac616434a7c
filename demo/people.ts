import { addDays } from '#platform/wall-clock.ts'
import { DEMO_DOMAIN, fictitiousPhone, places } from './country.ts'
import { fullName, tongueOf, tongues } from './names.ts'
import type { Random } from './random.ts'
import { type SignIn, signIns } from './sign-ins.ts'

/** The day of loading: everything lies before or after it, so that a demonstration is never stale. */
export interface Day {
  /** YYYY-MM-DD in UTC. */
  today: string
  midnight: number
}
export const DAY = 86_400_000

export interface Account {
  id: string
  userName: string
  phone: string | null
  email: string | null
  name: string
  language: string
  createdAt: number
}

export interface Person {
  id: string
  /** Children and some of the old have none; their caregivers act for them. */
  account: Account | null
  given: string
  family: string
  name: string
  gender: string
  bornOn: string
  language: string
  languages: string[]
  phone: string | null
  /** Index of the place near which they live. */
  home: number
  createdAt: number
  signIn?: SignIn
}

export interface Town {
  random: Random
  day: Day
  /** By user name: somebody who is a patient and a caregiver has one account and two records. */
  accounts: Map<string, Account>
}

export interface Kind {
  /** Of user names: patient0001 … */
  word: string
  count: number
  ages: readonly [number, number]
  /** How many of a hundred have no account. */
  without: number
}

/** The named sign-ins of this kind first, then people by chance. */
export function people(town: Town, kind: Kind, named: (signIn: SignIn) => boolean): Person[] {
  const first = signIns.filter(named)
  return Array.from({ length: Math.max(kind.count, first.length) }, (_, n) => personOf(town, kind, n, first[n]))
}

function personOf(town: Town, kind: Kind, n: number, signIn?: SignIn): Person {
  const { random, day } = town
  const tongue = signIn ? tongueOf(signIn.language) : random.byShare(tongues)
  const gender = signIn?.gender ?? (random.chance(0.52) ? 'female' : 'male')
  const given = signIn?.given ?? random.pick(gender === 'female' ? tongue.female : tongue.male)
  const family = signIn?.family ?? random.pick(tongue.family)
  const createdAt = day.midnight - random.between(70 * DAY, 700 * DAY)
  const others = random.some(['en', 'fr', 'ar', 'pt', 'am', 'ak', 'sw'], random.int(3))
  const age = random.between(kind.ages[0] * 365, kind.ages[1] * 365)
  const person: Person = {
    id: random.id(createdAt),
    account: null,
    given,
    family,
    name: fullName(tongue, given, family),
    gender: !signIn && random.chance(0.01) ? random.pick(['other', 'unknown']) : gender,
    bornOn: addDays(day.today, -age),
    language: tongue.language,
    languages: [...new Set([tongue.language, ...others])],
    phone: null,
    home: signIn?.practitioner?.place ?? places.indexOf(random.byShare(places)),
    createdAt,
    ...(signIn && { signIn }),
  }
  if (signIn || !random.chance(kind.without / 100)) person.account = accountOf(town, kind, n, person)
  person.phone = person.account?.phone ?? null
  return person
}

function accountOf({ random, accounts }: Town, kind: Kind, n: number, person: Person): Account {
  const userName = person.signIn?.userName ?? `${kind.word}${String(n + 1).padStart(4, '0')}`
  const known = accounts.get(userName)
  if (known) return known
  const account: Account = {
    id: random.id(person.createdAt),
    userName,
    phone: person.signIn || random.chance(0.96) ? fictitiousPhone(accounts.size) : null,
    email: person.signIn || random.chance(0.6) ? `${userName}@${DEMO_DOMAIN}` : null,
    name: person.name,
    language: person.language,
    createdAt: person.createdAt,
  }
  accounts.set(userName, account)
  return account
}
