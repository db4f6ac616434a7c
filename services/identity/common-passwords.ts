import { dictionary } from '@zxcvbn-ts/language-common'

// What guessing begins with: 49,000 passwords by how often they are found in leaks, and how people lengthen them to satisfy a form.

/** Words of this product and of those who try it, which no list of the world has. */
const OURS = 'openhcs healthcare administrator changeme letmein contrasena contraseña motdepasse wachtwoord passwort'

let known: ReadonlySet<string> | undefined
const isKnown = (text: string): boolean => {
  known ??= new Set([...dictionary['passwords-common'], ...OURS.split(' ')])
  return known.has(text)
}

/** So short a word is no more than the digits around it. */
const SHORTEST_WORD = 4
/** As many digits and signs as people put around a word: a year and an exclamation mark. */
const MOST_AROUND = 6

/** Whether others would try it first. `password` is folded to lower case. */
export function isCommon(password: string): boolean {
  const [unit] = /^(.+?)\1*$/su.exec(password)?.slice(1) ?? [password]
  return isKnown(password) || isSequence(password) || isDecorated(password) || (unit !== password && isPoor(unit ?? ''))
}

/** What it repeats, where it repeats itself. */
const isPoor = (unit: string) => unit.length < SHORTEST_WORD || isKnown(unit) || isDecorated(unit)

function isDecorated(password: string): boolean {
  const word = password.replace(/^[\P{L}]+|[\P{L}]+$/gu, '')
  const plain = word.replace(/[013457$@!]/g, (sign) => PLAIN[sign] ?? sign)
  return (
    word.length >= SHORTEST_WORD && password.length - word.length <= MOST_AROUND && (isKnown(word) || isKnown(plain))
  )
}

const PLAIN: Record<string, string> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', $: 's', '@': 'a', '!': 'i' }

/** `abcdefghij`, `0987654321`: each next to the one before, the ten digits in a circle. */
function isSequence(password: string): boolean {
  const codes = [...password].map((sign) => sign.codePointAt(0) ?? 0)
  const circle = /^\d+$/.test(password) ? 10 : 0x110000
  return [1, circle - 1].some((step) =>
    codes.every((code, i) => i === 0 || (code - (codes[i - 1] as number) + circle) % circle === step),
  )
}
