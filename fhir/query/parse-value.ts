import type { SearchParameter } from '../search-parameter.ts'
import { splitAt, unescaped } from './escaped.ts'
import { parseDate } from './parse-date.ts'
import { parseNumber, parseQuantity } from './parse-number.ts'
import { parseReference } from './parse-reference.ts'
import type { Modifier, Value } from './query.ts'
import { definition, type Reading, wrong } from './reading.ts'

/** What a value is read against. `type` has the parameter; `said` is the type of `subject:Patient=1`. */
export interface Asked {
  parameter: SearchParameter
  modifier: Modifier | undefined
  said: string | undefined
  type: string
  reading: Reading
}

/** One value, still escaped. Throws Problem `invalid` where it has the wrong form. */
export function parseValue(name: string, text: string, asked: Asked): Value {
  if (text === '') throw wrong(name, 'has an empty value: leave it out, or escape a comma that belongs to it')
  if (text.includes('\0')) throw wrong(name, 'holds a character that nothing stored can hold')
  const { parameter, modifier } = asked
  if (modifier === 'missing') return missing(name, text)
  if (modifier === 'identifier') return token(name, text)
  if (modifier === 'text') return { kind: 'string', text: unescaped(text) }
  if (modifier === 'of-type') return ofType(name, text)
  if (modifier === 'in' || modifier === 'not-in') return { kind: 'value-set', url: unescaped(text) }
  return ofKind[parameter.type](name, text, asked)
}

const ofKind: Record<SearchParameter['type'], (name: string, text: string, asked: Asked) => Value> = {
  number: parseNumber,
  date: parseDate,
  string: (_, text) => ({ kind: 'string', text: unescaped(text) }),
  token,
  reference: parseReference,
  composite,
  quantity: parseQuantity,
  uri: (_, text) => ({ kind: 'uri', uri: unescaped(text) }),
  special,
}

function missing(name: string, text: string): Value {
  if (text !== 'true' && text !== 'false') throw wrong(name, 'must be true or false')
  return { kind: 'missing', missing: text === 'true' }
}

/** hl7.org/fhir/R4/search.html#token: `code`, `system|code`, `|code`, `system|`. */
function token(name: string, text: string): Value {
  const parts = splitAt(text, '|').map(unescaped)
  if (parts.length === 1) return { kind: 'token', system: undefined, code: parts[0] }
  const [system = '', code = ''] = parts
  if (parts.length > 2 || (system === '' && code === ''))
    throw wrong(name, 'must be code, system|code, |code or system|; a | within one of them is written as \\|')
  return { kind: 'token', system, code: code === '' ? undefined : code }
}

function ofType(name: string, text: string): Value {
  const parts = splitAt(text, '|').map(unescaped)
  const [system = '', code = '', value = ''] = parts
  if (parts.length !== 3 || parts.includes(''))
    throw wrong(name, "must be system|code|value: the identifier's type, then its value")
  return { kind: 'of-type', system, code, value }
}

/** hl7.org/fhir/R4/search.html#composite: `code$value`, each as the parameter that it stands for. */
function composite(name: string, text: string, { parameter, type, reading }: Asked): Value {
  const components = parameter.components ?? []
  const parts = splitAt(text, '$')
  if (parts.length !== components.length)
    throw wrong(
      name,
      `must be ${components.map(({ code }) => code).join('$')}; a $ within one of them is written as \\$`,
    )
  return {
    kind: 'composite',
    parts: components.map(({ code }, i) => {
      const part = definition(reading, type, code)
      if (!part || part.type === 'composite') throw wrong(name, 'is not supported here')
      return parseValue(name, parts[i] ?? '', { parameter: part, modifier: undefined, said: undefined, type, reading })
    }),
  }
}

const KILOMETRES: Readonly<Record<string, number>> = { km: 1, m: 0.001, '[mi_i]': 1.609344 }
const DECIMAL = /^[+-]?\d{1,8}(?:\.\d{1,20})?$/
/** Where no distance was said: what can be reached for an ordinary visit. */
const USUAL_KM = 50

/** hl7.org/fhir/R4/location.html#positional: `latitude|longitude`, then `|distance` and `|unit`. */
function special(name: string, text: string, { parameter }: Asked): Value {
  if (parameter.code !== 'near') throw wrong(name, 'is not supported here')
  const parts = splitAt(text, '|').map(unescaped)
  const [latitude, longitude, distance] = parts
    .slice(0, 3)
    .map((part) => (DECIMAL.test(part) ? Number(part) : undefined))
  const km = parts[2] ? (distance ?? 0) * (factor(parts[3]) ?? 0) : USUAL_KM
  const isPlace =
    latitude !== undefined && longitude !== undefined && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  if (!isPlace || !(km > 0) || parts.length > 4)
    throw wrong(name, 'must be latitude|longitude|distance|unit, such as 46.95|7.45|5|km; the unit is km, m or [mi_i]')
  return { kind: 'near', latitude, longitude, km }
}

const factor = (unit = '') => (unit === '' ? 1 : Object.hasOwn(KILOMETRES, unit) ? KILOMETRES[unit] : undefined)
