import { fold } from '../indexing/fold.ts'
import type { Coding } from '../resource.ts'

export interface Concept {
  text?: string
  coding?: (Coding & { display?: string })[]
}

/** Anatomical Therapeutic Chemical classification, WHO: whoever prescribes gives its codes; none of its tables is here. */
const ATC = 'http://www.whocc.no/atc'
/** Letters of an ATC code that name a substance, a chemical subgroup (level 4), a pharmacological subgroup (level 3). */
const [SUBSTANCE, CHEMICAL, PHARMACOLOGICAL] = [7, 5, 4]

/** What something is made of, as far as codes and words say. */
export interface Substance {
  /** Of it as a whole, `system|code`. */
  codes: ReadonlySet<string>
  /** Of what is in it. */
  ingredients: ReadonlySet<string>
  systems: ReadonlySet<string>
  atc: readonly string[]
  /** Folded, each a list of words. */
  names: readonly (readonly string[])[]
}

export function substanceOf(whole: readonly Concept[], ingredients: readonly Concept[] = []): Substance {
  const all = [...whole, ...ingredients]
  const codings = all.flatMap(({ coding = [] }) => coding)
  const texts = all.flatMap(({ text, coding = [] }) => [text, ...coding.map(({ display }) => display)])
  return {
    codes: codesOf(whole),
    ingredients: codesOf(ingredients),
    systems: new Set(codings.flatMap(({ system, code }) => (system && code ? [system] : []))),
    atc: codings.flatMap(({ system, code }) => (system === ATC && code ? [code.toUpperCase()] : [])),
    names: texts.map((text) => wordsOf(text ?? '')).filter((words) => words.length > 0),
  }
}

const codesOf = (concepts: readonly Concept[]) =>
  new Set(
    concepts.flatMap(({ coding = [] }) =>
      coding.flatMap(({ system, code }) => (system && code ? [`${system}|${code}`] : [])),
    ),
  )

/** Folded one by one: a text folded as a whole would be cut, and what is said at its end not be compared. */
const wordsOf = (text: string): string[] =>
  (text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).map(fold).filter((word) => word !== '')

export type Match = 'code' | 'ingredient' | 'class' | 'text'

/** How two are alike; the closest that is found. `kin`: how far up the ATC two that are classed apart still count as one. */
export function matchOf(one: Substance, other: Substance, kin: 'chemical' | 'pharmacological'): Match | undefined {
  if (meet(one.codes, other.codes)) return 'code'
  const isWithin =
    meet(one.ingredients, other.codes) || meet(one.codes, other.ingredients) || meet(one.ingredients, other.ingredients)
  if (isWithin) return 'ingredient'
  if (one.atc.some((a) => other.atc.some((b) => areKin(a, b, kin)))) return 'class'
  return one.names.some((a) => other.names.some((b) => isSaidIn(a, b) || isSaidIn(b, a))) ? 'text' : undefined
}

const meet = (some: ReadonlySet<string>, others: ReadonlySet<string>): boolean => !some.isDisjointFrom(others)

/** A class and what is in it, or two substances of one class. */
function areKin(a: string, b: string, kin: 'chemical' | 'pharmacological'): boolean {
  const level = kin === 'chemical' ? CHEMICAL : PHARMACOLOGICAL
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (short.length < SUBSTANCE) return short.length >= PHARMACOLOGICAL && long.startsWith(short)
  return short.slice(0, level) === long.slice(0, level)
}

/** As whole words in their order: `penicillin` in `penicillin v 250 mg`, and not in `phenoxymethylpenicillin`. */
const isSaidIn = (some: readonly string[], all: readonly string[]): boolean =>
  all.some((_, at) => some.every((word, n) => all[at + n] === word))
