import { parseQuery } from '#fhir/query/parse-query.ts'
import type { Criterion, Filter } from '#fhir/query/query.ts'
import { searchParameter } from '#fhir/search-parameters.ts'
import { clientTypes, definitionTypes, directoryTypes, personTypes, recordTypes, visitTypes } from '#platform/access.ts'
import type { Actor } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import type { InputOf } from '#platform/operation.ts'
import { inputValidator } from '#platform/validate.ts'
import * as contract from '../contract/bulk-export.ts'

type Given = InputOf<typeof contract.exportPatients>['query']
type Parameters = InputOf<typeof contract.exportPatientsByParameters>['body']

/** What an export is of: hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters. */
export interface ExportAsked {
  types: string[]
  searches: string[]
  patients: string[] | null
  since: Date | null
  /** Nothing that is about nobody. */
  of_patients: boolean
}

const OF_PATIENTS: readonly string[] = [...personTypes, ...visitTypes, ...recordTypes]
const OF_ALL: readonly string[] = [...OF_PATIENTS, ...directoryTypes, 'Schedule', ...definitionTypes]
const MOST_PATIENTS = 1_000

/** Throws where it asks for what there is not, or for a type that the token may not have: it would take what is left out for all there is. */
export function exportAsked(level: 'system' | 'patient', given: Given, actor: Actor, base: string): ExportAsked {
  const known = level === 'system' ? OF_ALL : OF_PATIENTS
  const held = clientTypes(actor, 'r')
  const mayHave = (type: string) => held.includes('*') || held.includes(type)
  const named = given._type?.split(',')
  const unknown = named?.find((type) => !known.includes(type))
  if (unknown !== undefined) throw wrong('_type', 'names a type that is not exported here')
  if (named && !named.every(mayHave))
    throw new Problem('forbidden', 'None of the scopes of this token lets it have one of the types.')
  const types = [...new Set(named ?? known.filter(mayHave))]
  if (types.length === 0)
    throw new Problem('forbidden', 'None of the scopes of this token names a type that is exported here.')
  return {
    types,
    searches: (given._typeFilter ?? []).map((text) => checkedSearch(text, { types, mayHave, base })),
    patients: given.patient === undefined ? null : given.patient.split(',').map(idOf),
    since: given._since === undefined ? null : new Date(given._since),
    of_patients: level === 'patient',
  }
}

const REFERENCE = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/

function idOf(reference: string, place: number): string {
  const id = REFERENCE.exec(reference)?.[1]
  if (id === undefined || place >= MOST_PATIENTS) throw wrong('patient', 'must be at most 1,000 of Patient/…')
  return id
}

interface Kept {
  types: readonly string[]
  mayHave(type: string): boolean
  base: string
}

function checkedSearch(text: string, { types, mayHave, base }: Kept): string {
  const [type = '', query = ''] = text.split(/\?(.*)/s, 2)
  if (!types.includes(type)) throw wrong('_typeFilter', 'must begin with one of the types, and a question mark')
  const { criteria, filter, includes } = searchFrom(text, base)
  if ((criteria.length === 0 && !filter) || includes.length > 0 || query === '')
    throw wrong('_typeFilter', 'must ask for something, and include nothing')
  if (![...criteria.flatMap(typesBehind), ...(filter ? typesIn(filter) : [])].every(mayHave))
    throw new Problem('forbidden', 'A search goes through a type that none of the scopes of this token lets it have.')
  return text
}

/** What a chain or `_has` looks at beside the type itself: whoever may not have that must not find out by what it finds. */
function typesBehind(criterion: Criterion): string[] {
  if (criterion.kind === 'has') return [criterion.type, ...typesBehind(criterion.criterion)]
  if (criterion.kind === 'chain')
    return criterion.to.flatMap(({ type, criterion, filter }) => [
      ...[type, ...typesBehind(criterion)],
      ...(filter ? typesIn(filter) : []),
    ])
  return []
}

function typesIn(filter: Filter): string[] {
  if (filter.kind === 'criterion') return typesBehind(filter.criterion)
  return filter.kind === 'not' ? typesIn(filter.of) : [...typesIn(filter.left), ...typesIn(filter.right)]
}

/** A search as it was taken. Throws Problem `invalid` with what is wrong. */
export function searchOf(text: string, base: string) {
  const [type = '', query = ''] = text.split(/\?(.*)/s, 2)
  return parseQuery([type], new URLSearchParams(query), { base, strict: true, parameters: searchParameter })
}

/** What is wrong in a search is wrong in the parameter that it stands in. */
function searchFrom(text: string, base: string) {
  try {
    return searchOf(text, base)
  } catch (error) {
    throw error instanceof Problem ? at(error, () => '/query/_typeFilter') : error
  }
}

/** Starts what a Parameters resource asks for, as an address would ask for it, and says of what is wrong where it stands there. */
export async function byParameters<R>(body: Parameters, start: (given: Given) => Promise<R>): Promise<R> {
  try {
    return await start(fromParameters(body))
  } catch (error) {
    throw error instanceof Problem ? at(error, (pointer) => placeIn(body, pointer)) : error
  }
}

const at = (problem: Problem, place: (pointer: string) => string): Problem =>
  new Problem(problem.code, problem.message, {
    cause: problem,
    errors: (problem.errors ?? []).map(({ pointer, detail }) => ({ pointer: place(pointer), detail })),
  })

function placeIn({ parameter = [] }: Parameters, pointer: string): string {
  const place = parameter.findIndex(({ name }) => `${pointer}/`.startsWith(`/query/${name}/`))
  const { name: _name, ...values } = parameter[place] ?? {}
  const [member] = Object.keys(values)
  if (member === undefined) return pointer
  return `/body/parameter/${place}/${member}${member === 'valueReference' ? '/reference' : ''}`
}

const check = inputValidator(contract.exportAll)

/** The same as an address would have it, and held to the same; of patients there may be more than fit into one. */
function fromParameters({ parameter = [] }: Parameters): Given {
  const all = (name: string) =>
    parameter
      .filter((one) => one.name === name)
      .flatMap(
        ({ valueString, valueInstant, valueReference }) =>
          valueString ?? valueInstant ?? valueReference?.reference ?? [],
      )
  const [[since], [format], types] = [all('_since'), all('_outputFormat'), all('_type')]
  const [filters, patients] = [all('_typeFilter'), all('patient')]
  const query = {
    ...(since !== undefined && { _since: since }),
    ...(format !== undefined && { _outputFormat: format }),
    ...(types.length > 0 && { _type: types.join() }),
    ...(filters.length > 0 && { _typeFilter: filters }),
  }
  check({ params: {}, query, body: undefined })
  return { ...(query as Given), ...(patients.length > 0 && { patient: patients.join() }) }
}

const wrong = (name: string, detail: string) =>
  new Problem('invalid', 'A parameter is wrong; see the issues.', { errors: [{ pointer: `/query/${name}`, detail }] })
