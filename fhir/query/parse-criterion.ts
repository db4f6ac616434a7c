import { ID } from '../bundle/entry-url.ts'
import type { SearchParameter } from '../search-parameter.ts'
import { splitAt } from './escaped.ts'
import { parseValue } from './parse-value.ts'
import type { Criterion, Filter, Modifier, Target, Value } from './query.ts'
import { definition, isType, MOST_VALUES, type Reading, spend, step, wrong } from './reading.ts'

/** hl7.org/fhir/R4/search.html#modifiers. `:missing` is for all but composites. */
const MODIFIERS: Record<SearchParameter['type'], readonly string[]> = {
  number: ['missing'],
  date: ['missing'],
  string: ['missing', 'exact', 'contains'],
  token: ['missing', 'text', 'not', 'in', 'not-in', 'below', 'above', 'of-type'],
  reference: ['missing', 'identifier', 'below', 'above'],
  composite: [],
  quantity: ['missing'],
  uri: ['missing', 'below', 'above'],
  special: ['missing'],
}

/** How many references a chain may follow, there or back. */
const DEEPEST = 5

/** Reads what is behind the last `.` or `:` of a name. Of `_filter` it makes values in its own way. */
export type Leaf = (parameter: SearchParameter, modifiers: string | undefined, type: string) => Criterion

interface Path {
  /** As it was written, for what is said of it. */
  name: string
  reading: Reading
  leaf: Leaf
  /** Of `_filter`: the filter in brackets behind which this is left of the path, for one of the type. */
  within?: (rest: string, type: string, depth: number) => Filter | undefined
}

/** Undefined where a parameter is not known for all of the types: what becomes of it is for the caller to say. */
export function parseCriterion(
  types: readonly string[],
  name: string,
  text: string,
  reading: Reading,
): Criterion | undefined {
  return along(types, name, 0, { name, reading, leaf: (...at) => own(name, text, reading, at) })
}

/** `_list=42`: what a List that is kept here has as an item (hl7.org/fhir/R4/search.html#list). Lists that a server makes up (`$current-problems`) there are none of. */
export function parseList(types: readonly string[], name: string, text: string, reading: Reading): Criterion {
  const isId = splitAt(text, ',').every((id) => ID.test(id))
  const found = name === '_list' && isId ? parseCriterion(types, '_has:List:item:_id', text, reading) : undefined
  if (!found) throw wrong(name, 'must be ids of Lists that are kept here')
  return found
}

/** Follows `subject:Patient.organization.name` and `_has:Observation:patient:code` to their end. */
export function along(types: readonly string[], rest: string, depth: number, path: Path): Criterion | undefined {
  step(path.reading, path.name)
  if (depth > DEEPEST) throw wrong(path.name, `follows more than ${DEEPEST} references`)
  if (rest.startsWith('_has:')) return has(types, rest, depth, path)
  const dot = rest.indexOf('.')
  const head = dot < 0 ? rest : rest.slice(0, dot)
  const colon = head.indexOf(':')
  const code = colon < 0 ? head : head.slice(0, colon)
  const modifier = colon < 0 ? undefined : head.slice(colon + 1)
  const found = commonParameter(types, code, path.reading)
  if (found === undefined) return undefined
  if (dot >= 0) return chain(found, modifier, rest.slice(dot + 1), depth, path)
  spend(path.reading, path.name)
  return path.leaf(found, modifier, types[0] ?? 'Resource')
}

/** Of several types, only what all of them have in the same kind (hl7.org/fhir/R4/http.html#search). */
export function commonParameter(types: readonly string[], code: string, reading: Reading): SearchParameter | undefined {
  const [first, ...others] = (types.length > 0 ? types : ['Resource']).map((type) => definition(reading, type, code))
  return others.every((other) => other?.type === first?.type) ? first : undefined
}

function chain(
  parameter: SearchParameter,
  modifier: string | undefined,
  rest: string,
  depth: number,
  path: Path,
): Criterion | undefined {
  if (parameter.type !== 'reference') {
    // Of the types that a reference may lead to, those will do that can go on.
    if (depth > 0) return undefined
    throw wrong(path.name, 'goes on behind something that is no reference')
  }
  const types = modifier === undefined ? parameter.targets : [targetOf(parameter, modifier, path.name, path.reading)]
  if (types === undefined)
    throw wrong(path.name, 'must say the type that the reference leads to, such as subject:Patient.name')
  const to = types.flatMap((type): Target[] => {
    const criterion = along([type], rest, depth + 1, path)
    return criterion ? [{ type, criterion, filter: path.within?.(rest, type, depth + 1) }] : []
  })
  return to.length > 0 ? { kind: 'chain', parameter, to } : undefined
}

function targetOf({ targets }: SearchParameter, type: string, name: string, reading: Reading): string {
  if (!isType(reading, type) || targets?.includes(type) === false)
    throw wrong(name, 'names a type that the reference cannot lead to, or that is not kept here')
  return type
}

/** hl7.org/fhir/R4/search.html#has. */
function has(types: readonly string[], rest: string, depth: number, path: Path): Criterion | undefined {
  const [, type = '', code = '', ...more] = rest.split(':')
  const next = more.join(':')
  if (next === '')
    throw wrong(path.name, 'must be _has:Type:reference:parameter, such as _has:Observation:patient:code')
  const parameter = definition(path.reading, type, code)
  if (parameter === undefined) return undefined
  const leadsHere =
    types.length === 0 || parameter.targets === undefined || types.some((one) => parameter.targets?.includes(one))
  if (parameter.type !== 'reference' || !leadsHere)
    throw wrong(path.name, 'must name a reference that leads to what is searched for')
  const criterion = along([type], next, depth + 1, path)
  return criterion && { kind: 'has', type, parameter, criterion }
}

function own(name: string, text: string, reading: Reading, [parameter, written, type]: Parameters<Leaf>): Criterion {
  const { modifier, said } = modifierOf(name, parameter, written, reading)
  const parts = splitAt(text, ',')
  if (parts.length > MOST_VALUES) throw wrong(name, `has too many values: at most ${MOST_VALUES}`)
  if (modifier === 'missing' && parts.length > 1) throw wrong(name, 'must be true or false')
  const values: Value[] = parts.map((part) => parseValue(name, part, { parameter, modifier, said, type, reading }))
  return { kind: 'own', parameter, modifier, values }
}

/** A modifier, or the type of `subject:Patient=1`. What is not known changes what a name means, so it is never passed over. */
function modifierOf(name: string, parameter: SearchParameter, written: string | undefined, reading: Reading) {
  if (written === undefined) return { modifier: undefined, said: undefined }
  if (MODIFIERS[parameter.type].includes(written)) return { modifier: written as Modifier, said: undefined }
  if (parameter.type === 'reference' && /^[A-Z]/.test(written)) {
    return { modifier: undefined, said: targetOf(parameter, written, name, reading) }
  }
  const permitted = MODIFIERS[parameter.type].map((one) => `:${one}`).join(', ')
  throw wrong(
    name,
    permitted ? `has a modifier that is not known here; permitted are ${permitted}` : 'takes no modifier',
  )
}
