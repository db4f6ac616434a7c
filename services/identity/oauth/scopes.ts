import { parseScope } from '#platform/access.ts'

/** Scopes that say something else than which resources: who signs in, for how long, and in whose context. */
export const plainScopes = ['openid', 'fhirUser', 'offline_access', 'launch', 'launch/patient'] as const

const words = (text: string | undefined) => [...new Set((text ?? '').split(' ').filter(Boolean))]
const isPlain = (scope: string) => (plainScopes as readonly string[]).includes(scope)

export const isKnownScope = (scope: string): boolean => isPlain(scope) || parseScope(scope) !== undefined

export const plainPart = (text: string): string => words(text).filter(isPlain).join(' ')

/** Whether an app that may have `held` may have `asked`: the same, or less of it. */
function covers(held: string, asked: string): boolean {
  if (held === asked) return true
  const [have, want] = [parseScope(held), parseScope(asked)]
  if (!have || !want || have.context !== want.context) return false
  const resource = have.resource === '*' || have.resource === want.resource
  const letters = [...want.letters].every((letter) => have.letters.includes(letter))
  return resource && letters && (have.filter === undefined || have.filter === want.filter)
}

/**
 * What an app gets of what it asks: words that nobody knows, and what it is not registered for, are left out. Scopes of the context system/
 * are for apps that come for themselves, the others for those that a person sends.
 */
export function permitted(asked: string | undefined, allowed: string, person: boolean): string[] {
  const held = words(allowed)
  return words(asked).filter((scope) => {
    const context = parseScope(scope)?.context
    const fits = person ? context !== 'system' : context === 'system'
    return isKnownScope(scope) && fits && held.some((one) => covers(one, scope))
  })
}

export const isPatientScope = (scope: string): boolean => parseScope(scope)?.context === 'patient'

const VERBS: Record<string, string> = { c: 'add', r: 'read', u: 'change', d: 'delete', s: 'search' }
const PLAIN: Record<string, string> = {
  openid: 'know who you are here',
  fhirUser: 'know which record of the register is yours',
  offline_access: 'go on while you are away, until you end it',
  launch: 'start with the patient who is open now',
  'launch/patient': 'work with the patient whom you choose below',
}

/** A scope in plain words, for the page that asks for consent. */
export function inWords(scope: string): string {
  const parsed = parseScope(scope)
  if (!parsed) return PLAIN[scope] ?? scope
  const verbs = [...parsed.letters].map((letter) => VERBS[letter])
  const list = verbs.length > 1 ? `${verbs.slice(0, -1).join(', ')} and ${verbs.at(-1)}` : verbs[0]
  const what = parsed.resource === '*' ? 'everything' : parsed.resource
  const part = parsed.filter ? ` (only ${parsed.filter})` : ''
  return `${list} ${what}${part} ${parsed.context === 'patient' ? 'of that patient' : 'that you may'}`
}
