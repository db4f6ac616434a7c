import { Problem } from '#platform/errors.ts'
import type { OperationSpec } from '#platform/operation.ts'

// Search parameters of R4 (hl7.org/fhir/R4/search.html) as conditions of ours.

const wrong = (name: string, detail: string, pointer = `/query/${name}`) =>
  new Problem('invalid', 'A parameter is wrong; see the issues.', {
    errors: [{ pointer, detail }],
  })

type Query = Readonly<Record<string, unknown>>

const namesOf = ({ query }: OperationSpec): string[] => Object.keys((query?.properties ?? {}) as object)

/**
 * What of a query was looked at, in the order in which it came. A modifier that changes what a name means is always refused; a name that is not known
 * only where the client asks for that (`Prefer: handling=strict`).
 */
export function usedOf(operation: OperationSpec, query: Query, prefer: string | string[] | undefined): URLSearchParams {
  const known = namesOf(operation)
  const unknown = Object.keys(query).filter((name) => !known.includes(name))
  const strict = /(^|[,;\s])handling=strict\b/.test(String(prefer ?? ''))
  const refused = strict ? unknown : unknown.filter((name) => known.includes(name.split(':')[0] ?? ''))
  if (refused.length > 0)
    throw new Problem('invalid', 'Search parameters or modifiers are not known here; see GET /fhir/R4/metadata.', {
      errors: refused.slice(0, 20).map((name) => ({ pointer: `/query/${plain(name)}`, detail: 'is not known here' })),
    })
  const used = new URLSearchParams()
  for (const name of Object.keys(query).filter((one) => known.includes(one)))
    for (const value of [query[name]].flat()) used.append(name, String(value))
  return used
}

/** A name that a caller made up is cut short. */
const plain = (name: string) => name.slice(0, 64).replace(/[^\w.:-]/g, '_')

export interface Bounds {
  /** Not before. */
  from: Date | null
  /** Before. */
  until: Date | null
}

const DATE = /^(eq|ge|gt|le|lt|sa|eb)?((\d{4})(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?)$/

/** All of them together, as bounds on an instant. A time without an offset is in UTC. */
export function boundsOf(name: string, values: readonly string[] = []): Bounds {
  let from = Number.NEGATIVE_INFINITY
  let until = Number.POSITIVE_INFINITY
  for (const value of values) {
    const [, prefix = 'eq', text = ''] = DATE.exec(value) ?? []
    const [low, high] = spanOf(text) ?? []
    if (low === undefined || high === undefined)
      throw wrong(name, 'must be a date that exists, with eq, ge, gt, le, lt, sa or eb before it, such as ge2031-03-03')
    if (prefix === 'eq' || prefix === 'ge') from = Math.max(from, low)
    if (prefix === 'gt' || prefix === 'sa') from = Math.max(from, high)
    if (prefix === 'eq' || prefix === 'le') until = Math.min(until, high)
    if (prefix === 'lt' || prefix === 'eb') until = Math.min(until, low)
  }
  return {
    from: from === Number.NEGATIVE_INFINITY ? null : new Date(from),
    until: until === Number.POSITIVE_INFINITY ? null : new Date(until),
  }
}

/** From when until when a date of some precision reaches, in milliseconds. */
function spanOf(text: string): [number, number] | undefined {
  const [date = '', time] = text.split('T')
  const day = `${date}-01-01`.slice(0, 10)
  const midnight = new Date(`${day}T00:00:00Z`)
  if (date === '' || date.startsWith('0000') || Number.isNaN(midnight.getTime())) return undefined
  if (midnight.toISOString().slice(0, 10) !== day) return undefined
  if (time === undefined) return [midnight.getTime(), afterDate(date, midnight)]
  const zoned = /(Z|[+-]\d\d:\d\d)$/.test(time) ? text : `${text}Z`
  const low = Date.parse(zoned)
  if (Number.isNaN(low)) return undefined
  return [low, low + (/\.\d/.test(time) ? 1 : /^\d\d:\d\d:\d\d/.test(time) ? 1_000 : 60_000)]
}

function afterDate(date: string, start: Date): number {
  const end = new Date(start)
  if (date.length === 4) end.setUTCFullYear(end.getUTCFullYear() + 1)
  else if (date.length === 7) end.setUTCMonth(end.getUTCMonth() + 1)
  else end.setUTCDate(end.getUTCDate() + 1)
  return end.getTime()
}

const ID = /^[A-Za-z0-9.-]{1,64}$/

/** `Type/id`, its whole address here, or the id alone where there is one type. */
export function referenceOf(
  name: string,
  values: readonly string[] | undefined,
  { types, base, pointer }: { types: readonly string[]; base: string; pointer?: string },
): { type: string; id: string } | undefined {
  const [value, ...more] = values ?? []
  if (value === undefined) return undefined
  if (more.length > 0 || value.includes(',')) throw wrong(name, 'is asked for one at a time', pointer)
  const [first = '', second, ...rest] = value.replace(`${base}/`, '').split('/')
  const [type, id] = second === undefined && types.length === 1 ? [types[0] as string, first] : [first, second ?? '']
  if (rest.length > 0 || !types.includes(type) || !ID.test(id))
    throw wrong(name, `must be a reference: ${types.map((one) => `${one}/…`).join(' or ')}`, pointer)
  return { type, id }
}

/** Codes of a token parameter; several with commas between, any of which will do. A system before `|` is left out: each of ours has one. */
export function codesOf(name: string, values: readonly string[] | undefined): string[] | undefined {
  if (values === undefined) return undefined
  if (values.length > 1) throw wrong(name, 'comes once, with commas between several')
  return (values[0] ?? '').split(',').map((one) => one.slice(one.lastIndexOf('|') + 1))
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
export const isUuid = (id: string): boolean => UUID.test(id)
/** The id of a record of ours; of what cannot be one, that of none. */
export const recordId = (id: string): string => (isUuid(id) ? id : '00000000-0000-0000-0000-000000000000')
