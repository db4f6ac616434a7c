import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { type FieldError, Problem } from './errors.ts'
import { Closed, type OperationSpec } from './operation.ts'

/** Errors shown at most: enough to mend a request, and a hostile one does not get a long answer. */
const MAX_ERRORS = 20

const zones = new Set(Intl.supportedValuesOf('timeZone'))

/** The runtime lists one name of each zone (Asia/Calcutta), and accepts all (Asia/Kolkata); offsets are no zones. */
function isZone(name: string): boolean {
  if (zones.has(name)) return true
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    return false
  }
  if (zones.size < 2_000) zones.add(name)
  return true
}

/**
 * RFC 3339 permits 23:59:60, which no clock of ours can hold; years, also in UTC alone, that PostgreSQL and JavaScript print differently; and offsets
 * that PostgreSQL does not take.
 */
function isInstant(text: string): boolean {
  const at = Date.parse(text)
  return at >= FIRST && at < PAST && !text.startsWith('0000') && !/[+-](1[6-9]|2\d):\d\d$/.test(text)
}
const FIRST = Date.parse('0001-01-01T00:00:00Z')
const PAST = Date.parse('+010000-01-01T00:00:00Z')

function ajv(coerceTypes: boolean | 'array'): Ajv {
  const instance = new Ajv({
    allErrors: true,
    strict: false,
    useDefaults: true,
    coerceTypes,
    removeAdditional: false,
    ownProperties: true,
  })
  addFormats.default(instance)
  instance.addFormat('iana-zone', isZone)
  const dateTime = instance.formats['date-time'] as { validate(text: string): boolean }
  instance.addFormat('date-time', (text: string) => dateTime.validate(text) && isInstant(text))
  const date = instance.formats.date as { validate(text: string): boolean }
  instance.addFormat('date', (text: string) => date.validate(text) && !text.startsWith('0000'))
  return instance
}

const strict = ajv(false)
/** What comes in a URL is text: '20' becomes 20, and one value of a list stands for the list. */
const fromText = ajv('array')

export interface Input {
  params: unknown
  query: unknown
  body: unknown
}

const nothing = Closed({})

/**
 * Compiles the check of an operation's input. It fills in defaults and throws an `invalid` Problem that points at each fault; on the FHIR face, where an address names
 * nothing that could be there, `not-found`: `/Appointment/_history` is no appointment of a wrong form.
 */
export function inputValidator(operation: OperationSpec): (input: Input) => void {
  const parts: [keyof Input, ValidateFunction][] = [
    ['params', fromText.compile(operation.params ?? nothing)],
    ['query', fromText.compile(operation.query ?? nothing)],
    ...(operation.body ? [['body', strict.compile(operation.body)] as [keyof Input, ValidateFunction]] : []),
  ]
  return (input) => {
    const errors: FieldError[] = []
    for (const [part, check] of parts) {
      // Not `??`: a body of null is a body, and no object.
      if (!check(input[part] === undefined ? {} : input[part]))
        errors.push(...(check.errors ?? []).map((error) => fieldError(part, error)))
    }
    if (operation.fhir && errors.length > 0 && errors.every(({ pointer }) => pointer.startsWith('/params/')))
      throw new Problem('not-found', 'There is no such resource, or you may not see it.')
    if (errors.length > 0)
      throw new Problem('invalid', 'Parts of the request are wrong; see errors.', {
        errors: errors.slice(0, MAX_ERRORS),
      })
  }
}

function fieldError(part: keyof Input, { instancePath, params, keyword, message }: ErrorObject): FieldError {
  const named = params.missingProperty ?? params.additionalProperty
  const pointer = `/${part}${instancePath}${named === undefined ? '' : `/${escapePointer(String(named))}`}`
  return { pointer, detail: detailOf(keyword, params, message ?? 'is wrong') }
}

function detailOf(keyword: string, params: Record<string, unknown>, message: string): string {
  if (keyword === 'additionalProperties') return 'is not known here; leave it out'
  if (keyword === 'required') return 'is missing'
  if (keyword === 'enum') return `must be one of: ${(params.allowedValues as unknown[]).join(', ')}`
  if (keyword === 'format' && params.format === 'date-time')
    return 'must be an RFC 3339 date-time with offset, such as 2031-03-03T09:00:00Z'
  if (keyword === 'format' && params.format === 'date') return 'must be a date that exists, such as 2031-03-03'
  if (keyword === 'format' && params.format === 'iana-zone') return 'must be an IANA time zone, such as Africa/Accra'
  if (keyword === 'pattern') return 'has a form that is not accepted here'
  return message
}

/** RFC 6901 §3. A name that a caller made up is cut short. */
const escapePointer = (name: string) => name.slice(0, 64).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')

/**
 * JSON text may hold NUL and lone surrogates as escapes: PostgreSQL refuses the first and would alter the second. Almost no text has
 * either, so one pass over the raw body decides whether to look closely.
 */
export function refuseBrokenText(raw: string, value: unknown): void {
  if (/\\u(0000|d[89a-f])/i.test(raw) && isBroken(value))
    throw new Problem('invalid', 'A text holds a NUL or half a surrogate pair. Send well-formed Unicode.', {
      errors: [{ pointer: '/body', detail: 'must be well-formed Unicode without NUL' }],
    })
}

/** Walks with its own stack: a body of 100,000 nested arrays must not end in a RangeError. */
function isBroken(value: unknown): boolean {
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string' && (next.includes('\0') || !next.isWellFormed())) return true
    if (typeof next !== 'object' || next === null) continue
    // One by one: a spread of 100,000 is too many arguments.
    if (!Array.isArray(next)) for (const name of Object.keys(next)) left.push(name)
    for (const one of Object.values(next)) left.push(one)
  }
  return false
}
