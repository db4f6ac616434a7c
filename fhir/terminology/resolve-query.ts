import { Problem } from '#platform/errors.ts'
import type { Criterion, Filter, Own, Query, Target, Value } from '../query/query.ts'
import { aboveOf, conceptsOf, isA } from './code-system.ts'
import { expansionOf } from './expansion.ts'
import type { Terminology } from './terminology.ts'

/** Codes that one criterion may stand for. */
const MOST = 1_000
/** And all criteria of a search. */
const MOST_IN_ALL = 10_000

interface Resolving {
  terminology: Terminology
  left: number
  /** What is asked for twice, as through the several types of a chain, is worked out once. */
  done: Map<string, Promise<readonly Value[]>>
}

/**
 * A search with the codes themselves in place of `:in`, `:not-in`, `:below` and `:above` of tokens (hl7.org/fhir/R4/search.html#modifiers): what the store answers.
 * Throws Problem `invalid` where a value set or code is not known here or stands for more than 1,000 codes.
 */
export async function resolveQuery(query: Query, terminology: Terminology): Promise<Query> {
  const resolving: Resolving = { terminology, left: MOST_IN_ALL, done: new Map() }
  const criteria: Criterion[] = []
  for (const one of query.criteria) criteria.push(await criterionOf(one, resolving))
  return { ...query, criteria, filter: query.filter && (await filterOf(query.filter, resolving)) }
}

/** As deep as a chain or filter is: both are bounded where they are read. */
async function criterionOf(criterion: Criterion, resolving: Resolving): Promise<Criterion> {
  switch (criterion.kind) {
    case 'own':
      return ownOf(criterion, resolving)
    case 'has':
      return { ...criterion, criterion: await criterionOf(criterion.criterion, resolving) }
    case 'chain': {
      const to: Target[] = []
      for (const { type, criterion: next, filter } of criterion.to)
        to.push({
          ...{ type, criterion: await criterionOf(next, resolving) },
          filter: filter && (await filterOf(filter, resolving)),
        })
      return { ...criterion, to }
    }
    case 'compartment':
      return criterion
  }
}

async function filterOf(filter: Filter, resolving: Resolving): Promise<Filter> {
  if (filter.kind === 'criterion') return { ...filter, criterion: await criterionOf(filter.criterion, resolving) }
  if (filter.kind === 'not') return { ...filter, of: await filterOf(filter.of, resolving) }
  const left = await filterOf(filter.left, resolving)
  return { ...filter, left, right: await filterOf(filter.right, resolving) }
}

async function ownOf(own: Own, resolving: Resolving): Promise<Own> {
  const { parameter, modifier, values } = own
  if (parameter.type !== 'token' || !modifier || !isResolved(modifier)) return own
  const found: Value[] = []
  for (const value of values) {
    const key = JSON.stringify([modifier, value])
    const codes = resolving.done.get(key) ?? codesFor(value, modifier, `${parameter.code}:${modifier}`, resolving)
    resolving.done.set(key, codes)
    for (const code of await codes) found.push(code)
    resolving.left -= (await codes).length
    if (found.length > MOST || resolving.left < 0) throw tooMany(`${parameter.code}:${modifier}`)
  }
  return { ...own, modifier: modifier === 'not-in' ? 'not' : undefined, values: found }
}

type Resolved = 'in' | 'not-in' | 'below' | 'above'
const isResolved = (modifier: string): modifier is Resolved => ['in', 'not-in', 'below', 'above'].includes(modifier)

async function codesFor(value: Value, modifier: Resolved, name: string, { terminology }: Resolving) {
  const codes = value.kind === 'value-set' ? await inValueSet(value.url, name, terminology) : undefined
  if (codes) return codes
  if (value.kind !== 'token' || !value.system || value.code === undefined)
    throw wrong(name, 'must be system|code: what is below or above a code depends on its system')
  const { system, code } = value
  const codeSystem = await terminology.codeSystem(system)
  if (!codeSystem) throw wrong(name, 'names a code system that is not kept here')
  const concepts = conceptsOf(codeSystem)
  const placed = concepts.find(code)
  if (!placed) throw wrong(name, 'names a code that its code system does not have')
  const found = modifier === 'above' ? aboveOf(placed) : concepts.all.filter((one) => isA(one, placed))
  return found.map(({ concept }) => tokenOf(system, concept.code))
}

async function inValueSet(url: string, name: string, terminology: Terminology): Promise<Value[]> {
  const valueSet = await terminology.valueSet(url)
  if (!valueSet) throw wrong(name, 'names a value set that is not kept here')
  try {
    const codes = await expansionOf(valueSet, terminology, { most: MOST })
    return codes.map(({ system, code }) => tokenOf(system, code))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const [{ detail = error.message } = {}] = error.errors ?? []
    throw wrong(name, `cannot be worked out: its value set ${detail}`, error)
  }
}

const tokenOf = (system: string, code: string): Value => ({ kind: 'token', system, code })

const tooMany = (name: string) =>
  wrong(
    name,
    `stands for more than ${MOST} codes, or all criteria together for more than ${MOST_IN_ALL}; ask for less at once`,
  )

const wrong = (name: string, detail: string, cause?: unknown) =>
  new Problem('invalid', 'A search parameter is wrong; see the issues.', {
    cause,
    errors: [{ pointer: `/query/${name}`, detail }],
  })
