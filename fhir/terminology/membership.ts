import { type Concept, conceptsOf } from './code-system.ts'
import { filterOf } from './concept-filter.ts'
import type { Contains, Include, Listed, StoredContains, ValueSet } from './value-set.ts'
import { innerValueSet, neededCodeSystem, type Path, refused, spend, step, type Work } from './work.ts'

/** Without a system: of any. */
export interface Asked {
  system: string | undefined
  code: string
}

/**
 * The code as a value set has it; undefined where it has none such. Nothing is listed for that, so the value set may be of any size. Throws Problem
 * `business-rule` where it cannot be worked out, `too-costly` where that takes too much.
 */
export const memberOf = (valueSet: ValueSet, asked: Asked, work: Work): Promise<Contains | undefined> =>
  member(valueSet, asked, work, valueSet.url === undefined ? [] : [valueSet.url])

function member(valueSet: ValueSet, asked: Asked, work: Work, path: Path): Promise<Contains | undefined> {
  const known = work.members.get(valueSet) ?? new Map<string, Promise<Contains | undefined>>()
  work.members.set(valueSet, known)
  const key = JSON.stringify([asked.system, asked.code])
  const before = known.get(key)
  if (before) return before
  const found = memberIn(valueSet, asked, work, path)
  known.set(key, found)
  return found
}

async function memberIn(valueSet: ValueSet, asked: Asked, work: Work, path: Path): Promise<Contains | undefined> {
  const { compose, expansion } = valueSet
  if (!compose) {
    if (!expansion) throw refused('says neither what it is composed of nor what it expands to')
    const alike = storedCodes(valueSet, work).byCode.get(asked.code) ?? []
    spend(work, alike.length)
    return alike.find(({ system }) => asked.system === undefined || system === asked.system)
  }
  for (const include of compose.include) {
    const found = await includedBy(include, asked, work, path)
    if (found && !(await isExcluded(compose.exclude, found, work, path))) return found
  }
  return undefined
}

export async function isExcluded(
  exclude: readonly Include[] = [],
  asked: Asked,
  work: Work,
  path: Path,
): Promise<boolean> {
  for (const one of exclude) if (await includedBy(one, asked, work, path)) return true
  return false
}

async function includedBy(include: Include, asked: Asked, work: Work, path: Path): Promise<Contains | undefined> {
  const turn = step(work)
  if (turn) await turn
  const { system, valueSet = [] } = include
  let found: Contains | undefined
  if (system !== undefined) {
    if (asked.system !== undefined && asked.system !== system) return undefined
    found = await inSystem({ ...include, system }, asked.code, work)
    if (!found) return undefined
  }
  return inAll(valueSet, asked, found, { work, path })
}

/** What is in one of several value sets alone is not in what they have in common. */
export async function inAll(
  valueSets: readonly string[],
  asked: Asked,
  found: Contains | undefined,
  { work, path }: { work: Work; path: Path },
): Promise<Contains | undefined> {
  let known = found
  for (const canonical of valueSets) {
    const [inner, way] = await innerValueSet(work, canonical, path)
    const one = await member(inner, known ?? asked, work, way)
    if (!one) return undefined
    known ??= one
  }
  return known
}

async function inSystem(
  { system, version, concept, filter = [] }: Include & { system: string },
  code: string,
  work: Work,
): Promise<Contains | undefined> {
  if (concept) {
    const listed = listedIn(concept).get(code)
    return listed && containsOf(system, listed, (await work.terminology.codeSystem(system, version)) ?? undefined)
  }
  const concepts = conceptsOf(await neededCodeSystem(work, system, version))
  const placed = concepts.find(code)
  if (!placed || !filter.every((one) => filterOf(one, concepts)(placed))) return undefined
  return containsOf(system, placed.concept)
}

/** A code as it is listed, with what its code system says of it where it is kept here. */
export function containsOf(system: string, listed: Listed | Concept, of?: Parameters<typeof conceptsOf>[0]): Contains {
  const known = of && conceptsOf(of).find(listed.code)?.concept
  const { code } = listed
  return {
    ...{ system, code, display: listed.display ?? known?.display },
    designation: listed.designation ?? known?.designation,
  }
}

const listed = new WeakMap<readonly Listed[], ReadonlyMap<string, Listed>>()

export function listedIn(concepts: readonly Listed[]): ReadonlyMap<string, Listed> {
  const before = listed.get(concepts)
  if (before) return before
  const made = new Map(concepts.map((one) => [one.code, one]))
  listed.set(concepts, made)
  return made
}

interface Stored {
  list: readonly Contains[]
  byCode: ReadonlyMap<string, readonly Contains[]>
}

const flat = new WeakMap<ValueSet, Stored>()

/** Of a value set that comes expanded: what may be chosen, in its order. */
export function storedCodes(valueSet: ValueSet, work: Work): Stored {
  const before = flat.get(valueSet)
  if (before) return before
  const list: Contains[] = []
  const waiting: StoredContains[] = [...(valueSet.expansion?.contains ?? [])].reverse()
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    spend(work)
    const { system = '', code, display, designation, abstract } = next
    if (code !== undefined && !abstract) list.push({ system, code, display, designation })
    for (const below of [...(next.contains ?? [])].reverse()) waiting.push(below)
  }
  const made = { list, byCode: Map.groupBy(list, ({ code }) => code) }
  flat.set(valueSet, made)
  return made
}
