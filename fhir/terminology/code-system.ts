import { Problem } from '#platform/errors.ts'
import type { Coding, Resource } from '../resource.ts'

export interface Designation {
  language?: string
  use?: Coding
  value: string
}

/** `value[x]` under its own name: valueCode, valueCoding and so on. */
export interface ConceptProperty {
  code: string
  [value: string]: unknown
}

/** hl7.org/fhir/R4/codesystem.html. */
export interface Concept {
  code: string
  display?: string
  definition?: string
  designation?: readonly Designation[]
  property?: readonly ConceptProperty[]
  concept?: readonly Concept[]
}

export interface CodeSystem extends Resource {
  resourceType: 'CodeSystem'
  url?: string
  name?: string
  title?: string
  version?: string
  caseSensitive?: boolean
  content?: string
  concept?: readonly Concept[]
}

/** A concept with where it stands: R4 writes a hierarchy as concepts within concepts, so each has one parent at most. */
export interface Placed {
  concept: Concept
  parent: Placed | undefined
}

export interface Concepts {
  /** Each before those below it. */
  all: readonly Placed[]
  find(code: string): Placed | undefined
}

export const DEEPEST = 50

const known = new WeakMap<CodeSystem, Concepts>()

/** All concepts of a code system. Throws Problem `too-costly` where they lie more than 50 deep. */
export function conceptsOf(codeSystem: CodeSystem): Concepts {
  const before = known.get(codeSystem)
  if (before) return before
  const all = placedIn(codeSystem.concept ?? [])
  const keyOf = codeSystem.caseSensitive === false ? (code: string) => code.toLowerCase() : (code: string) => code
  const byCode = new Map<string, Placed>()
  for (const one of all) if (!byCode.has(keyOf(one.concept.code))) byCode.set(keyOf(one.concept.code), one)
  const concepts: Concepts = { all, find: (code) => byCode.get(keyOf(code)) }
  known.set(codeSystem, concepts)
  return concepts
}

function placedIn(concepts: readonly Concept[]): Placed[] {
  const all: Placed[] = []
  const waiting = concepts.map((concept) => ({ concept, parent: undefined as Placed | undefined, depth: 1 })).reverse()
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { concept, parent, depth } = next
    if (depth > DEEPEST)
      throw new Problem('too-costly', 'The concepts of a code system lie deeper within one another than is read here.')
    const placed = { concept, parent }
    all.push(placed)
    for (const below of [...(concept.concept ?? [])].reverse())
      waiting.push({ concept: below, parent: placed, depth: depth + 1 })
  }
  return all
}

/** Whether it is the other, or below it. */
export function isA(placed: Placed, other: Placed): boolean {
  for (let at: Placed | undefined = placed; at; at = at.parent) if (at === other) return true
  return false
}

/** Itself, and what it is below. */
export function aboveOf(placed: Placed): Placed[] {
  const found: Placed[] = []
  for (let at: Placed | undefined = placed; at; at = at.parent) found.push(at)
  return found
}
