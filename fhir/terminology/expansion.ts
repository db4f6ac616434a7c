import { Problem } from '#platform/errors.ts'
import { conceptsOf } from './code-system.ts'
import { filterOf } from './concept-filter.ts'
import { containsOf, inAll, isExcluded, listedIn, storedCodes } from './membership.ts'
import type { Terminology } from './terminology.ts'
import type { Contains, Include, ValueSet } from './value-set.ts'
import { innerValueSet, neededCodeSystem, type Path, refused, spend, type Work, workWith } from './work.ts'

/** Of an expansion, before it is paged. */
export const MOST_CODES = 10_000

/** Concepts of a code system that are looked at while one code is asked of a value set. */
const LISTED_IN_A_STEP = 10

interface Options {
  /** Which codes are looked for: the others are passed over, and do not count. */
  wanted?: (contains: Contains) => boolean
  most?: number
}

interface Expanding extends Required<Options> {
  work: Work
  /** By their addresses: what several are made of is worked out once. */
  done: Map<string, readonly Contains[]>
}

/**
 * The codes of a value set, each once, in the order of its parts and of their code systems (hl7.org/fhir/R4/valueset.html#expansion). Throws Problem
 * `business-rule` where it cannot be worked out, `too-costly` where there are more than `most` (10,000).
 */
export function expansionOf(
  valueSet: ValueSet,
  terminology: Terminology,
  { wanted = () => true, most = MOST_CODES }: Options = {},
): Promise<readonly Contains[]> {
  const expanding = { work: workWith(terminology), done: new Map(), wanted, most }
  return expanded(valueSet, valueSet.url === undefined ? [] : [valueSet.url], expanding)
}

async function expanded(valueSet: ValueSet, path: Path, expanding: Expanding): Promise<readonly Contains[]> {
  const { work, wanted } = expanding
  const { compose, expansion } = valueSet
  if (!compose && !expansion) throw refused('says neither what it is composed of nor what it expands to')
  const found = new Map<string, Contains>()
  if (!compose) for (const one of storedCodes(valueSet, work).list.filter(wanted)) add(found, one, expanding)
  for (const include of compose?.include ?? [])
    for (const one of await codesOf(include, path, expanding))
      if (!(await isExcluded(compose?.exclude, one, work, path))) add(found, one, expanding)
  return [...found.values()]
}

function add(found: Map<string, Contains>, one: Contains, { work, most }: Expanding): void {
  spend(work)
  const key = JSON.stringify([one.system, one.code])
  if (!found.has(key)) found.set(key, one)
  if (found.size > most)
    throw new Problem('too-costly', 'The value set has more codes than are listed at once; ask for fewer.', {
      errors: [{ pointer: '/valueSet', detail: `has more than ${most} codes` }],
    })
}

/** Of one part of it. */
async function codesOf(include: Include, path: Path, expanding: Expanding): Promise<readonly Contains[]> {
  const { work, wanted } = expanding
  const { system, valueSet = [] } = include
  const [first, ...others] = valueSet
  spend(work)
  const candidates =
    system !== undefined
      ? (await ofSystem({ ...include, system }, work)).filter(wanted)
      : first === undefined
        ? []
        : await ofValueSet(first, path, expanding)
  const all = system === undefined ? others : valueSet
  if (all.length === 0) return candidates
  const common: Contains[] = []
  for (const one of candidates) if (await inAll(all, one, one, { work, path })) common.push(one)
  return common
}

async function ofValueSet(canonical: string, path: Path, expanding: Expanding): Promise<readonly Contains[]> {
  const [inner, way] = await innerValueSet(expanding.work, canonical, path)
  const before = expanding.done.get(canonical)
  if (before) return before
  const found = await expanded(inner, way, expanding)
  expanding.done.set(canonical, found)
  return found
}

async function ofSystem(
  { system, version, concept, filter = [] }: Include & { system: string },
  work: Work,
): Promise<Contains[]> {
  if (concept) {
    const of = await work.terminology.codeSystem(system, version)
    spend(work, Math.ceil(concept.length / LISTED_IN_A_STEP))
    return [...listedIn(concept).values()].map((one) => containsOf(system, one, of))
  }
  const concepts = conceptsOf(await neededCodeSystem(work, system, version))
  spend(work, Math.ceil(concepts.all.length / LISTED_IN_A_STEP))
  const passes = filter.map((one) => filterOf(one, concepts))
  return concepts.all
    .filter((placed) => passes.every((pass) => pass(placed)))
    .map((placed) => containsOf(system, placed.concept))
}
