import { type RawBuilder, sql } from 'kysely'
import { Problem } from '#platform/errors.ts'
import { isOfWhole, partsOf } from '../derived-parameters.ts'
import { fold, foldEnd, MOST_SURELY_WHOLE } from '../indexing/fold.ts'
import { endOf, laterWordsOf } from '../indexing/string-values.ts'
import type { Chain, Compartment, Criterion, Filter, Has, Own, Value } from '../query/query.ts'
import type { SearchParameter } from '../search-parameter.ts'
import { compartmentOf, searchParameter } from '../search-parameters.ts'
import { COMPARTMENT } from './change.ts'
import { isAmount, isDate } from './ranges.ts'
import { type Seer, seenBy } from './seer.ts'

// What a search asks, as conditions on a row of fhir_resource. Everything that comes from outside is a value, and never a part of the text.

type Condition = RawBuilder<boolean>

interface Row {
  /** Its alias. */
  r: string
  /** The types that it may be of. */
  types: readonly string[]
  seer: Seer
  /** How many rows within rows: for their aliases. */
  depth: number
}

const all = (conditions: readonly Condition[]): Condition => sql`(${sql.join(conditions, sql` and `)})`
const any = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`
const not = (condition: Condition): Condition => sql`(not ${condition})`

export function conditionOf(criterion: Criterion, row: Row): Condition {
  switch (criterion.kind) {
    case 'own':
      return ownCondition(criterion, row)
    case 'chain':
      return chainCondition(criterion, row)
    case 'has':
      return hasCondition(criterion, row)
    case 'compartment':
      return within(criterion, row)
  }
}

export function filterCondition(filter: Filter, row: Row): Condition {
  if (filter.kind === 'criterion') return conditionOf(filter.criterion, row)
  if (filter.kind === 'not') return not(filterCondition(filter.of, row))
  const both = [filterCondition(filter.left, row), filterCondition(filter.right, row)]
  return filter.kind === 'and' ? all(both) : any(both)
}

/** A condition that all matches must meet, which leaves few where it says of which patients they are: those are looked up first. */
export function firstCondition(criterion: Criterion, row: Row): Condition {
  if (asksForUse(criterion))
    return any(keys(row, IN_USE).map((key) => sql`${key} = any (${sql.ref(`${row.r}.tokens`)})`))
  const references = referencesToPatients(criterion)
  if (references === undefined) return conditionOf(criterion, row)
  return sql`${sql.ref(`${row.r}.key`)} in (select platform.fhir_of_patients(${keys(row, references)}::text[]))`
}

/** As the index has them; undefined where the criterion asks for anything else. */
export function referencesToPatients(criterion: Criterion): string[] | undefined {
  if (criterion.kind === 'compartment' && criterion.of === 'Patient') return [`${COMPARTMENT}=${criterion.id}`]
  if (criterion.kind !== 'own' || criterion.modifier !== undefined || partsOf(criterion.parameter)) return undefined
  const { parameter, values } = criterion
  const [first, ...more] = values.map((value) =>
    value.kind === 'reference' ? (value.type ?? parameter.targets?.join()) : '',
  )
  return first === 'Patient' && more.every((type) => type === first)
    ? values.flatMap((value) => referenceKeys(criterion, value))
    : undefined
}

/** The same of tokens. */
export function tokensOf(criterion: Criterion): string[] | undefined {
  if (criterion.kind !== 'own' || criterion.modifier !== undefined) return undefined
  const { parameter, values } = criterion
  if (partsOf(parameter) || isOfWhole(parameter) || parameter.code === '_id') return undefined
  return values.every(({ kind }) => kind === 'token')
    ? values.map((value) => tokenKey(parameter.code, value))
    : undefined
}

const IN_USE = ['active=true']

/** What nearly all have is no condition that an index should look up: so it is written as one that none can. */
export const asksForUse = (criterion: Criterion): boolean => tokensOf(criterion)?.join() === IN_USE.join()

/** Keys begin with the type: one for each that it may be of. */
const keys = ({ types }: Row, names: readonly string[]): string[] =>
  types.flatMap((type) => names.map((name) => `${type}.${name}`))

const has = (row: Row, tokens: readonly string[]): Condition =>
  sql`${sql.ref(`${row.r}.tokens`)} && ${keys(row, tokens)}::text[]`
const refers = (row: Row, references: readonly string[]): Condition =>
  sql`${sql.ref(`${row.r}.refs`)} && ${keys(row, references)}::text[]`

/** By the parameters that its definition has for each of the types, any of which will do; of a patient what is about them too. */
function within({ of, id }: Compartment, row: Row): Condition {
  if (of === 'Patient') return refers(row, [`${COMPARTMENT}=${id}`])
  const named = row.types.flatMap((type) => compartmentOf(of, type).map((code) => `${type}.${code}=${of}/${id}`))
  const refersTo = sql<boolean>`${sql.ref(`${row.r}.refs`)} && ${named}::text[]`
  const isItself = row.types.includes(of) && compartmentOf(of, of).includes('_id')
  return isItself
    ? any([refersTo, sql`(${sql.ref(`${row.r}.type`)} = ${of} and ${sql.ref(`${row.r}.id`)} = ${id})`])
    : refersTo
}

function ownCondition(criterion: Own, row: Row): Condition {
  const { parameter, modifier, values } = criterion
  const parts = partsOf(parameter)
  if (parts) return eachOf(criterion, parts, row)
  if (isOfWhole(parameter)) return any(values.map((value) => together(parameter, value, row)))
  if (modifier === 'missing') return missing(criterion, row)
  if (parameter.code === '_id') {
    const is = sql<boolean>`${sql.ref(`${row.r}.id`)} = any (${values.flatMap((one) => (one.kind === 'token' ? (one.code ?? []) : []))}::text[])`
    return modifier === 'not' ? not(is) : is
  }
  if (parameter.code === '_lastUpdated') {
    const at = sql.ref(`${row.r}.changed_at`)
    return any(
      values.flatMap((value) =>
        value.kind === 'date' ? isDate(value, at, sql`${at} + interval '1 ms'`, row.seer.now) : [],
      ),
    )
  }
  if (modifier === 'not')
    return not(
      has(
        row,
        values.map((value) => tokenKey(parameter.code, value)),
      ),
    )
  const tokens = values.filter(({ kind }) => kind === 'token' || kind === 'of-type')
  if (tokens.length === values.length)
    return has(
      row,
      values.map((value) =>
        tokenKey(modifier === 'identifier' ? `${parameter.code}:identifier` : parameter.code, value),
      ),
    )
  if (values.every(({ kind }) => kind === 'reference' || kind === 'reference-url'))
    return refers(
      row,
      values.flatMap((value) => referenceKeys(criterion, value)),
    )
  return any(values.map((value) => single(criterion, value, row)))
}

/** By either of two parameters that find together what it finds; by neither, where it is denied. */
function eachOf({ modifier, values }: Own, parts: readonly string[], row: Row): Condition {
  const each = parts.map((code) => ownCondition({ kind: 'own', parameter: named(code, row), modifier, values }, row))
  const denied = modifier === 'not' || values.some((value) => value.kind === 'missing' && value.missing)
  return denied ? all(each) : any(each)
}

/** What a composite of the whole resource pairs is asked for one by one; not where one of them finds what the pair does not (../indexing/index-of.ts). */
function together({ code, components = [] }: SearchParameter, value: Value, row: Row): Condition {
  if (value.kind !== 'composite') throw unsupported()
  const parts = value.parts.map((part, n) => {
    const parameter = named(components[n]?.code ?? '', row)
    return ownCondition({ kind: 'own', parameter, modifier: undefined, values: [part] }, row)
  })
  return all([...parts, not(has(row, [`${code}=`]))])
}

function named(code: string, { types: [type = ''] }: Row): SearchParameter {
  const parameter = searchParameter(type, code)
  if (!parameter) throw unsupported()
  return parameter
}

/** A token's key as the index has it; see IndexValues. */
function tokenKey(parameter: string, value: Value): string {
  if (value.kind === 'of-type') return `${parameter}:of-type=${value.system}|${value.code}|${value.value}`
  return `${parameter}=${tokenPart(value)}`
}

function tokenPart(value: Value): string {
  if (value.kind !== 'token') throw unsupported()
  const { system, code = '' } = value
  return system === undefined ? code : `${system}|${code}`
}

function referenceKeys({ parameter: { code, targets = [] } }: Own, value: Value): string[] {
  if (value.kind === 'reference-url') return [`${code}=${value.url}`]
  if (value.kind !== 'reference') throw unsupported()
  return (value.type === undefined ? targets : [value.type]).map((type) => `${code}=${type}/${value.id}`)
}

/** One value that is looked up in a table of its own. */
function single({ parameter: { code }, modifier }: Own, value: Value, row: Row): Condition {
  switch (value.kind) {
    case 'string':
      if (modifier === 'ends') return endsWith(code, value.text, row)
      return inTable(
        row,
        'fhir_string',
        modifier === 'text' ? [`${code}:text`] : modifier === undefined ? [code, laterWordsOf(code)] : [code],
        textCondition(value.text, modifier),
      )
    case 'uri':
      return inTable(row, 'fhir_string', [code], uriCondition(value.uri, modifier))
    case 'date':
      return inTable(row, 'fhir_date', [code], isDate(value, sql`i.low`, sql`i.high`, row.seer.now))
    case 'number':
    case 'quantity':
      return inTable(row, 'fhir_quantity', [code], quantityCondition(value))
    case 'near':
      return near(row, value)
    case 'composite':
      return composite(code, value.parts, row)
    default:
      throw unsupported()
  }
}

type Table = 'fhir_string' | 'fhir_date' | 'fhir_quantity'

function inTable(row: Row, table: Table, parameters: readonly string[], condition: Condition): Condition {
  return sql`exists (select from ${sql.table(`platform.${table}`)} i where i.key = ${sql.ref(`${row.r}.key`)} and ${isParameter(keys(row, parameters))} and ${condition})`
}

/** A composite's may be open at its end: `code-value-date=http://loinc.org|`. */
function isParameter(names: readonly string[]): Condition {
  const open = names.filter((name) => name.includes('=') && name.endsWith('|'))
  if (open.length === 0) return sql`i.parameter = any (${[...names]}::text[])`
  return any(open.map((name) => sql`(i.parameter >= ${name} and i.parameter < ${name + LAST})`))
}

/** Above every character, in the order of bytes: what begins with a text lies between it and the text with this behind. */
const LAST = '\u{10ffff}'
const LONGEST = 200

function textCondition(text: string, modifier: Own['modifier']): Condition {
  const folded = fold(text).slice(0, LONGEST)
  if (modifier === 'exact') return sql`i.value = ${folded} and i.exact = ${text}`
  if (modifier === 'contains') return sql`i.value like ${`%${like(folded)}%`}`
  return sql`i.value >= ${folded} and i.value < ${folded + LAST}`
}

/** What may be cut has its end beside it. */
function endsWith(code: string, text: string, row: Row): Condition {
  const ends = sql<boolean>`i.value like ${`%${like(foldEnd(text))}`}`
  const isWhole = sql<boolean>`octet_length(i.value) <= ${MOST_SURELY_WHOLE}`
  return any([
    inTable(row, 'fhir_string', [code], all([isWhole, ends])),
    inTable(row, 'fhir_string', [endOf(code)], ends),
  ])
}

function uriCondition(uri: string, modifier: Own['modifier']): Condition {
  if (modifier === 'below')
    return sql`i.value >= ${uri} and i.value < ${uri + LAST} and (i.value = ${uri} or starts_with(i.value, ${`${uri.replace(/\/$/, '')}/`}))`
  if (modifier === 'above') return sql`i.value = any (${above(uri)}::text[])`
  return sql`i.value = ${uri}`
}

/** Itself and what it lies below: `http://a/b` is below `http://a`. */
function above(uri: string): string[] {
  const parts = uri.split('/').slice(0, 50)
  return parts.map((_, n) => parts.slice(0, n + 1).join('/')).filter((one) => one !== '')
}

/** Without a unit: the number as it was written, which is there beside that in the canonical unit, and has a `|` in its unit where it has one. */
function quantityCondition(value: Extract<Value, { kind: 'number' | 'quantity' }>): Condition {
  if (value.kind === 'quantity' && value.unit === undefined)
    return sql`(i.unit = '' or strpos(i.unit, '|') > 0) and ${isAmount(value)}`
  return sql`i.unit = ${value.kind === 'number' ? '' : value.unit} and ${isAmount(value)}`
}

function composite(code: string, [first, second]: readonly Value[], row: Row): Condition {
  if (!first || !second) throw unsupported()
  const [one, other] = [tokenPart(first), keyPart(second)]
  // `system|` is the beginning of what is there; all else is the whole of it.
  const isOpen = (part: string) => part.endsWith('|')
  if (other !== undefined) {
    const isAnyType = other.startsWith('/') // of a reference that says only the id
    if (!isOpen(one) && !isOpen(other) && !isAnyType) return has(row, [`${code}=${one}$${other}`])
    const pattern = (type: string) =>
      `${like(`${type}.${code}=${one}`)}${isOpen(one) ? '%' : ''}$${isAnyType ? '%' : ''}${like(other)}${isOpen(other) ? '%' : ''}`
    return sql`exists (select from unnest(${sql.ref(`${row.r}.tokens`)}) k where k like any (${row.types.map(pattern)}::text[]))`
  }
  const own: Own = {
    kind: 'own',
    parameter: { code: `${code}=${one}`, type: 'special', expression: '' },
    modifier: undefined,
    values: [second],
  }
  return single(own, second, row)
}

/** The second part, where the index has it in the key. */
function keyPart(value: Value): string | undefined {
  if (value.kind === 'token') return tokenPart(value)
  if (value.kind === 'reference') return `${value.type ?? ''}/${value.id}`
  return value.kind === 'reference-url' ? value.url : undefined
}

const like = (text: string) => text.replace(/[\\%_]/g, '\\$&')

const RADIUS = 6371.0088
const KM_PER_DEGREE = (RADIUS * Math.PI) / 180

/** A band of latitudes from the index, then the haversine formula. */
function near({ r }: Row, { latitude, longitude, km }: Value & { kind: 'near' }): Condition {
  const band = km / KM_PER_DEGREE
  return sql`exists (select from platform.fhir_position i where i.key = ${sql.ref(`${r}.key`)} and i.latitude between ${latitude - band} and ${latitude + band}
    and 2 * ${RADIUS}::float8 * asin(sqrt(least(1, sin(radians(i.latitude - ${latitude}) / 2) ^ 2 + cos(radians(${latitude})) * cos(radians(i.latitude)) * sin(radians(i.longitude - ${longitude}) / 2) ^ 2))) <= ${km})`
}

function missing({ parameter: { code, type }, values }: Own, row: Row): Condition {
  const wanted = values.some((value) => value.kind === 'missing' && value.missing)
  const there = present(code, type, row)
  return wanted ? not(there) : there
}

function present(code: string, type: Own['parameter']['type'], row: Row): Condition {
  const list = (column: 'tokens' | 'refs') =>
    sql<boolean>`exists (select from unnest(${sql.ref(`${row.r}.${column}`)}) k where ${any(keys(row, [code]).map((key) => sql`starts_with(k, ${`${key}=`})`))})`
  if (code.startsWith('_') && ['_id', '_lastUpdated'].includes(code)) return sql`true`
  switch (type) {
    case 'token':
      return list('tokens')
    case 'reference':
      return any([list('refs'), has(row, [`${code}=`])])
    case 'date':
      return any([inTable(row, 'fhir_date', [code], sql`true`), has(row, [`${code}=`])])
    case 'number':
    case 'quantity':
      return any([inTable(row, 'fhir_quantity', [code], sql`true`), has(row, [`${code}=`])])
    case 'string':
    case 'uri':
      return any([inTable(row, 'fhir_string', [code], sql`true`), has(row, [`${code}=`])])
    case 'special':
      return sql`exists (select from platform.fhir_position i where i.key = ${sql.ref(`${row.r}.key`)})`
    case 'composite':
      throw unsupported()
  }
}

/** What a reference leads to: only what the seer may see, else a chain would tell of it. */
function chainCondition({ parameter: { code }, to }: Chain, row: Row): Condition {
  const c = `c${row.depth}`
  return any(
    to.map(({ type, criterion, filter }) => {
      const inner = { ...row, r: c, types: [type], depth: row.depth + 1 }
      const met = all([conditionOf(criterion, inner), ...(filter ? [filterCondition(filter, inner)] : [])])
      const found = row.types.map(
        (from) =>
          sql`select ${`${from}.${code}=${type}/`} || ${sql.ref(`${c}.id`)} from ${rowsOf(c, type, row.seer)} and ${met}`,
      )
      return sql`${sql.ref(`${row.r}.refs`)} && array(${sql.join(found, sql` union all `)})`
    }),
  )
}

/** What refers to it, and the seer may see. */
function hasCondition({ type, parameter: { code }, criterion }: Has, row: Row): Condition {
  const h = `h${row.depth}`
  const inner = { ...row, r: h, types: [type], depth: row.depth + 1 }
  return any(
    row.types.map((target) => {
      const prefix = `${type}.${code}=${target}/`
      return sql`(${sql.ref(`${row.r}.type`)} = ${target} and ${sql.ref(`${row.r}.id`)} in (select substr(k, ${prefix.length + 1}::int) from ${rowsOf(h, type, row.seer, sql` cross join unnest(${sql.ref(`${h}.refs`)}) k`)} and starts_with(k, ${prefix}) and ${conditionOf(criterion, inner)}))`
    }),
  )
}

const rowsOf = (alias: string, type: string, seer: Seer, joined = sql``) =>
  sql`platform.fhir_resource ${sql.ref(alias)}${joined} where ${sql.ref(`${alias}.type`)} = ${type} and ${sql.ref(`${alias}.body`)} is not null and ${seenBy(seer, alias)}`

const unsupported = () =>
  new Problem('invalid', 'A search of this kind is not answered here; see GET /fhir/R4/metadata.')
