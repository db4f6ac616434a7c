import { type FieldError, Problem } from '#platform/errors.ts'
import type { Asked } from '../interactions/asked.ts'
import type { Coding, Resource } from '../resource.ts'

/** `coding` takes a CodeableConcept too, for its codings. `passed`: may be there, and changes nothing here. */
type Kind = 'text' | 'coding' | 'resource' | 'passed'

/** What an operation was given, by the names of its parameters. */
export interface Given {
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  /** Undefined where none was given. */
  codings(name: string): readonly Coding[] | undefined
  resource(name: string): Resource | undefined
  /** How many, from 0; undefined where it was not given. */
  number(name: string): number | undefined
}

const MOST_PARAMETERS = 100
const MOST_CODINGS = 100
const LONGEST = 2_000
const PASSED_OVER = new Set(['_format', '_pretty'])

/**
 * The parameters of an operation, of an address or of a Parameters resource (hl7.org/fhir/R4/operations.html#executing). Throws Problem `invalid` with each that is
 * wrong or not known, since passing over one would answer another question.
 */
export function givenIn({ query, body }: Asked, known: Readonly<Record<string, Kind>>): Given {
  const texts = new Map<string, string[]>()
  const codings = new Map<string, Coding[]>()
  const resources = new Map<string, Resource>()
  const errors: FieldError[] = []
  const take = (name: string, value: unknown, pointer: string) => {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined
    const fault = kind === undefined ? 'is not known here' : kind === 'passed' ? undefined : takeAs(kind, name, value)
    if (fault !== undefined) errors.push({ pointer, detail: fault })
  }
  const takeAs = (kind: Kind, name: string, value: unknown): string | undefined => {
    if (kind === 'text') {
      const text = textOf(value)
      if (text === undefined) return `must be a text of 1 to ${LONGEST} characters`
      texts.set(name, [...(texts.get(name) ?? []), text])
      return undefined
    }
    if (kind === 'coding') {
      const found = codingsOf(value)
      if (found) codings.set(name, found)
      return found ? undefined : 'must be a Coding or CodeableConcept with a code, in a Parameters resource'
    }
    if (isObject(value) && typeof value.resourceType === 'string') resources.set(name, value as unknown as Resource)
    return resources.has(name) ? undefined : 'must be a resource, in a Parameters resource'
  }
  for (const [i, [name, value]] of [...query].slice(0, MOST_PARAMETERS).entries())
    if (!PASSED_OVER.has(name)) take(name, value, `/query/${Object.hasOwn(known, name) ? name : i}`)
  for (const [i, { name, value }] of parametersOf(body).entries()) take(name, value, `/body/parameter/${i}`)
  if (errors.length > 0) throw new Problem('invalid', MESSAGE, { errors: errors.slice(0, 20) })
  return {
    text: (name) => texts.get(name)?.[0],
    texts: (name) => texts.get(name) ?? [],
    codings: (name) => codings.get(name),
    resource: (name) => resources.get(name),
    number: (name) => numberOf(name, texts.get(name)?.[0]),
  }
}

const MESSAGE = 'A parameter of the operation is wrong; see errors.'

/** A refusal of what a parameter says. */
export const wrongParameter = (name: string, detail: string) =>
  new Problem('invalid', MESSAGE, { errors: [{ pointer: `/query/${name}`, detail }] })

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw wrongParameter(name, 'must be a number from 0')
  return Number(text)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string' || value === '' || value.length > LONGEST || value.includes('\0')) return undefined
  return value
}

function codingsOf(value: unknown): Coding[] | undefined {
  if (!isObject(value)) return undefined
  const list: unknown[] = Array.isArray(value.coding) ? value.coding : [value]
  const found = list.filter(isCoding)
  return found.length > 0 && found.length === list.length && found.length <= MOST_CODINGS ? found : undefined
}

const isCoding = (value: unknown): value is Coding =>
  isObject(value) &&
  typeof value.code === 'string' &&
  textOf(value.code) !== undefined &&
  (value.system === undefined || textOf(value.system) === value.system) &&
  (value.display === undefined || typeof value.display === 'string')

/** Each with its resource or `value[x]`. */
function parametersOf(body: unknown): { name: string; value: unknown }[] {
  if (body === undefined || body === null) return []
  const { resourceType, parameter = [] } = body as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters' || !Array.isArray(parameter) || parameter.length > MOST_PARAMETERS)
    throw new Problem('invalid', 'Send the parameters in the address, or as a Parameters resource.', {
      errors: [{ pointer: '/body', detail: `must be Parameters, with at most ${MOST_PARAMETERS} of them` }],
    })
  return parameter.map((one: unknown) => {
    const { name, resource, ...rest } = isObject(one) ? one : {}
    const member = Object.keys(rest).find((key) => key.startsWith('value'))
    return { name: typeof name === 'string' ? name : '', value: resource ?? (member && rest[member]) }
  })
}
