import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, type Options, verify } from '@node-rs/argon2'
import { Problem } from '#platform/errors.ts'
import { isCommon } from './common-passwords.ts'

/** OWASP Password Storage Cheat Sheet: argon2id (the package's default algorithm), 19 MiB, two passes, one lane. About 7 ms. */
const COST: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const SALT_BYTES = 16

/** A hash keeps one core busy and runs on Node's four I/O threads: files and name look-ups need the others. */
const AT_ONCE = Math.min(3, Math.max(2, availableParallelism()))
/** A quarter of a second's work; whoever comes later is told to come again rather than to wait. */
const MAX_WAITING = 100

let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < AT_ONCE) running++
  else {
    if (waiting.length >= MAX_WAITING)
      throw new Problem('transient', 'Too many people sign in at this moment; try again shortly.', {
        retryAfterSeconds: 2,
      })
    await new Promise<void>((go) => waiting.push(go))
  }
  try {
    return await work()
  } finally {
    const next = waiting.shift() // it takes over this place
    if (next) next()
    else running--
  }
}

/** The same password typed on two keyboards may differ in composition; NIST SP 800-63B-4 §3.1.1.2 asks for normalisation. */
const normal = (password: string) => password.normalize('NFKC')

/** With a salt given, the same password gives the same text. */
export const hashPassword = (password: string, salt: Buffer = randomBytes(SALT_BYTES)): Promise<string> =>
  inTurn(() => hash(normal(password), { ...COST, salt: salt.subarray(0, SALT_BYTES) }))

/** Compared with when there is no such account, so that the answer takes as long. */
const nobodysHash = hash(randomBytes(SALT_BYTES), COST)

export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const known = passwordHash ?? (await nobodysHash)
  return (await inTurn(() => verify(known, normal(password)))) && passwordHash !== undefined
}

/** NIST SP 800-63B-4: length, and a list of what others try first; no rules about digits and signs. */
export function checkNewPassword(password: string, own: (string | undefined)[], pointer: string): void {
  const folded = normal(password).toLowerCase()
  const guessable = isCommon(folded) || new Set(folded).size < 4 || own.some((word) => isMadeOf(folded, word))
  if (!guessable) return
  throw new Problem('business-rule', 'This password is among the first that others would try. Choose another one.', {
    errors: [{ pointer, detail: 'is too easily guessed' }],
  })
}

/** The user name or number itself, with at most three characters more. */
const isMadeOf = (password: string, word: string | undefined) =>
  word !== undefined && word.length >= 3 && password.includes(word.toLowerCase()) && password.length - word.length <= 3
