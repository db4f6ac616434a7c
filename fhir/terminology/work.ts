import { setImmediate } from 'node:timers/promises'
import { Problem } from '#platform/errors.ts'
import type { CodeSystem } from './code-system.ts'
import type { Terminology } from './terminology.ts'
import { type Contains, canonicalOf, type ValueSet } from './value-set.ts'

/** Value sets within value sets. */
const DEEPEST = 50
/** Codes asked of parts of value sets, at about 10 µs each where they lie deep. */
const MOST_STEPS = 200_000
/** Then others have their turn. */
const STEPS_OF_A_TURN = 1_000

/** What one request is about to find out of value sets, and how much of that it may still look at. */
export interface Work {
  terminology: Terminology
  left: number
  /** Steps since others had their turn. */
  turn: number
  /** Whether a value set has a code, by that: what several value sets are made of is asked once. */
  members: Map<ValueSet, Map<string, Promise<Contains | undefined>>>
}

export const workWith = (terminology: Terminology): Work => ({
  terminology,
  left: MOST_STEPS,
  turn: 0,
  members: new Map(),
})

/** Counts: throws Problem `too-costly` where it was too much. */
export function spend(work: Work, steps = 1): void {
  work.left -= steps
  if (work.left < 0) throw new Problem('too-costly', 'The value set is made of more than is looked at for one request.')
}

/** Counts one, and says what to wait for so that others have their turn. */
export function step(work: Work): Promise<void> | undefined {
  spend(work)
  if (++work.turn < STEPS_OF_A_TURN) return undefined
  work.turn = 0
  return setImmediate()
}

/** Where one is within others: the addresses on the way. */
export type Path = readonly string[]

/** A value set that another is made of. Throws Problem `business-rule` where it is not kept here, or made of itself. */
export async function innerValueSet(work: Work, canonical: string, path: Path): Promise<[ValueSet, Path]> {
  const { url } = canonicalOf(canonical)
  if (path.includes(url)) throw refused(`is made of itself: ${shown(url)}`)
  if (path.length >= DEEPEST) throw refused(`lies more than ${DEEPEST} deep in others`)
  const found = await work.terminology.valueSet(canonical)
  if (!found) throw refused(`needs a value set that is not kept here: ${shown(canonical)}`)
  return [found, [...path, url]]
}

/** The code system of which a value set has codes that it does not list. Throws Problem `business-rule` where it is not kept here. */
export async function neededCodeSystem(work: Work, system: string, version?: string): Promise<CodeSystem> {
  const found = await work.terminology.codeSystem(system, version)
  if (!found) throw refused(`needs a code system that is not kept here: ${shown(system)}`)
  if (found.content !== 'complete') throw refused(`needs a code system of which not all is kept here: ${shown(system)}`)
  return found
}

export const refused = (detail: string) =>
  new Problem('business-rule', 'The value set cannot be worked out; see errors.', {
    errors: [{ pointer: '/valueSet', detail }],
  })

const shown = (url: string) => url.slice(0, 200)
