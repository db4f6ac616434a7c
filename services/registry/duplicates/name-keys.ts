import toLatin from 'any-ascii'

// What two records are compared by. Names come in many scripts and spellings, so they are brought into Latin letters, and from there to the
// consonants by which they sound. The weights of what agrees are data: migrations/0010_patient_match.sql.

export interface Facts {
  name: string
  birthDate: string
  gender: string
  phone: string | null
}

/** What is kept of a patient for comparing: the columns of `patient_match`. */
export interface Match {
  tokens: string[]
  skeletons: string[]
  letters: string[]
  birth_date: string
  gender: string
  phone: string | null
  keys: string[]
}

const MAX_TOKENS = 8
const MAX_LETTERS = 40

/** Chinese names come without a space: the first character is the family's, but for a few of two. */
const HAN_NAME =
  /(?<!\p{Script=Han})(欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|\p{Script=Han})(\p{Script=Han}{1,2})(?!\p{Script=Han})/gu
/** Alef and its kin at the beginning of a word are a vowel; the article before a name comes and goes. */
const ARABIC_ARTICLE = /(?<![\p{Script=Arabic}])ال(?=\p{Script=Arabic}{3})/gu
const ARABIC_VOWEL = /(?<![\p{Script=Arabic}])[اأإآعٱ]/gu

/** Waw is a consonant before a vowel that is written, and otherwise a vowel. */
const ARABIC_WAW = /(?<=\p{Script=Arabic})و(?![اي])/gu
/** The blocks of India's scripts are laid out alike; scholars write `c` for their `ch`, and `m` where others hear `n`. */
const INDIC_CH =
  /[\u091a-\u091b\u099a-\u099b\u0a1a-\u0a1b\u0a9a-\u0a9b\u0b1a-\u0b1b\u0b9a-\u0b9b\u0c1a-\u0c1b\u0c9a-\u0c9b\u0d1a-\u0d1b]/gu
const INDIC_NASAL = /\u0902|\u0982|\u0a02|\u0a82|\u0b02|\u0b82|\u0c02|\u0c82|\u0d02/gu

/** The words of a name in Latin letters, lower case. */
export function tokensOf(name: string): string[] {
  const parted = name
    .normalize('NFC')
    .replace(HAN_NAME, (_, family: string, given: string) => ` ${latinWord(family)} ${latinWord(given)} `)
    .replace(ARABIC_ARTICLE, '')
    .replace(ARABIC_VOWEL, 'a')
    .replace(ARABIC_WAW, '')
    .replace(INDIC_CH, 'ch')
    .replace(INDIC_NASAL, 'n')
  const words = toLatin(parted)
    .toLowerCase()
    .replace(/['`’]/g, '')
    .split(/[^a-z]+/)
    .map((word) => word.slice(0, MAX_LETTERS))
  const named = words.filter((word) => word !== '' && !PARTICLES.has(word))
  return (named.length > 0 ? named : words.filter((word) => word !== '')).slice(0, MAX_TOKENS)
}

const latinWord = (han: string) => toLatin(han).toLowerCase()

/** Words that one writer puts in and the next leaves out. */
const PARTICLES = new Set([
  'al',
  'el',
  'bin',
  'ibn',
  'bint',
  'de',
  'da',
  'la',
  'van',
  'von',
  'dr',
  'mr',
  'mrs',
  'ms',
  'ato',
])

const SOUNDS: [RegExp, string][] = [
  [/shch|sch|sh|zh|ch|tch|cz|ts|tz/g, 's'],
  [/ph/g, 'f'],
  [/[ck]h|ck|q/g, 'k'],
  [/gh|dj|j/g, 'g'],
  [/([tdbpg])h/g, '$1'],
  [/x/g, 'ks'],
  [/c(?=[eiy])/g, 's'],
  [/c/g, 'k'],
  [/z/g, 's'],
  [/(?<=[aeiou])w(?![aeiouy])/g, ''],
  [/v/g, 'w'],
  [/d/g, 't'],
]

/** The consonants as they sound, with one sign for any vowel at the beginning. Doubled ones are one, but where no vowels are written between. */
export function skeletonOf(token: string): string {
  const sound = SOUNDS.reduce((word, [spelling, sounds]) => word.replace(spelling, sounds), token)
  const single = /.[aeiou]/.test(token) ? sound.replace(/(.)\1+/g, '$1') : sound
  const first = single.charAt(0)
  return (/[aeiouy]/.test(first) ? 'a' : first) + single.slice(1).replace(/[aeiouyh]/g, '')
}

/** Last digits of a number that name a subscriber, with whatever prefix it was written. */
const SUBSCRIBER_DIGITS = 9

export function matchOf({ name, birthDate, gender, phone }: Facts): Match {
  const tokens = tokensOf(name)
  const skeletons = tokens.map(skeletonOf)
  const letters = [
    ...inOrder('letters', tokens.join(''), 5),
    ...inOrder('consonants', skeletons.join('').replace(/[ahw]/g, ''), 3),
  ]
  const keys = [...dateKeys(birthDate, skeletons), ...phoneKeys(phone)]
  return { tokens, skeletons, letters, birth_date: birthDate, gender, phone, keys: [...new Set(keys)] }
}

/** Too few letters say nothing. */
const inOrder = (what: string, letters: string, least: number): string[] =>
  letters.length < least ? [] : [`${what}:${[...letters].sort().join('')}`]

/** The day and a first letter, or a word and either the year or the day; a day and its month count the same when swapped. */
function dateKeys(birthDate: string, skeletons: readonly string[]): string[] {
  const [year, month, day] = birthDate.split('-') as [string, string, string]
  const date = [month, day].sort().join('-')
  return [
    ...skeletons.map((word) => `d:${year}-${date}:${word.charAt(0)}`),
    ...skeletons.flatMap((word) => [`y:${year}:${word}`, `m:${date}:${word}`]),
  ]
}

const phoneKeys = (phone: string | null): string[] =>
  phone === null ? [] : [`p:${phone.replace(/\D/g, '').slice(-SUBSCRIBER_DIGITS)}`]
