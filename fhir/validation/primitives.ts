import { isNarrative } from './narrative.ts'

// Primitive types: hl7.org/fhir/R4/datatypes.html#primitive, each by its regular expression there or by what that means. All take a time that grows with the
// length of the text alone: no expression here has two ways to match the same text.

/** What must not be longer than 1 MB, in characters. */
const LONGEST = 1024 * 1024
const MOST = 2 ** 31 - 1

export interface Primitive {
  json: 'string' | 'number' | 'boolean'
  holds(value: never): boolean
  /** How it is written counts: it may be a Decimal. */
  isExact?: true
  /** Said where it does not hold. */
  diagnostics: string
}

const text = (holds: (text: string) => boolean, diagnostics: string): Primitive => ({
  json: 'string',
  holds,
  diagnostics,
})

const number = (holds: (number: number) => boolean, diagnostics: string): Primitive => ({
  json: 'number',
  holds,
  diagnostics,
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/
const VISIBLE = /\S/
const ID = /^[A-Za-z0-9.-]{1,64}$/
const SIMPLE_CODE = /^[\w.-]{1,100}$/
const SPACED = /^\s|\s\s|[^\S ]|\s$/
const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/
const TIME = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?$/
const CLOCK_AND_ZONE = /^T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))$/
const OID = /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const [DIGIT, PAD, SPACE] = [1, 2, 3]
/** What each character is there. */
const BASE64 = new Uint8Array(128)
for (const digit of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  BASE64[digit.charCodeAt(0)] = DIGIT
for (const space of ' \t\r\n') BASE64[space.charCodeAt(0)] = SPACE
BASE64['='.charCodeAt(0)] = PAD

/** What most texts are, told by one look. */
const PLAIN_URI = /^[!-~]{1,100}$/
const PLAIN = /^[!-~][ -~]{0,99}$/

/** Without what cannot be stored or written as XML: control characters, halves of characters. */
const isText = (it: string) =>
  PLAIN.test(it) || (it.length <= LONGEST && !CONTROL.test(it) && it.isWellFormed() && VISIBLE.test(it))
const isUri = (it: string) =>
  PLAIN_URI.test(it) || (it.length > 0 && it.length <= LONGEST && !/\s/.test(it) && isText(it))
const isCode = (it: string) =>
  it.length > 0 && it.length <= LONGEST && (SIMPLE_CODE.test(it) || (!SPACED.test(it) && isText(it)))
const isTimed = (it: string) => it.length <= 40 && isDate(it.slice(0, 10)) && CLOCK_AND_ZONE.test(it.slice(10))

/** The year 0000 is none, and 30 February is no day. */
export function isDate(it: string): boolean {
  if (it.length > 10 || !DATE.test(it) || it.startsWith('0000')) return false
  if (it.length < 10 || it.slice(8) <= '28') return true
  const [year, month, day] = [Number(it.slice(0, 4)), Number(it.slice(5, 7)), Number(it.slice(8))]
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31)
}

/** White space between groups of characters is permitted. Counted one by one, without a copy: there may be tens of MB. */
function isBase64(it: string): boolean {
  let [digits, pads] = [0, 0]
  for (let at = 0; at < it.length; at++) {
    const kind = BASE64[it.charCodeAt(at)]
    if (kind === PAD) pads++
    else if (kind === DIGIT && pads === 0) digits++
    else if (kind !== SPACE) return false
  }
  return digits > 0 && pads <= 2 && (digits + pads) % 4 === 0
}

const isWhole = (from: number) => (it: number) => Number.isInteger(it) && it >= from && it <= MOST

const string = text(isText, 'A text must say something, in at most 1 MB, without control characters.')
const uri = text(isUri, 'An address must not be empty, and has no white space.')

export const primitives: ReadonlyMap<string, Primitive> = new Map<string, Primitive>(
  Object.entries({
    base64Binary: text(isBase64, 'This is no base64.'),
    boolean: { json: 'boolean', holds: () => true, diagnostics: '' },
    canonical: uri,
    code: text(isCode, 'A code must not be empty, and has no white space at its ends nor more than one space inside.'),
    date: text(isDate, 'A date is written as YYYY, YYYY-MM or YYYY-MM-DD, and must be a day that there is.'),
    dateTime: text(
      (it) => (it.length > 10 ? isTimed(it) : isDate(it)),
      'A time is written as YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz, and must be a day that there is.',
    ),
    decimal: { ...number(Number.isFinite, 'This number is too large.'), isExact: true },
    id: text((it) => ID.test(it), 'An id has 1 to 64 letters, digits, hyphens and dots.'),
    instant: text(isTimed, 'An instant is written as YYYY-MM-DDThh:mm:ss.sss+zz:zz, and must be a day that there is.'),
    integer: number(isWhole(-MOST - 1), 'A whole number of 32 bits is needed here.'),
    markdown: string,
    oid: text((it) => it.length <= 1000 && OID.test(it), 'An OID is written as urn:oid:1.2.3.'),
    positiveInt: number(isWhole(1), 'A whole number from 1 to 2,147,483,647 is needed here.'),
    string,
    time: text((it) => it.length <= 18 && TIME.test(it), 'A time of day is written as hh:mm:ss.'),
    unsignedInt: number(isWhole(0), 'A whole number from 0 to 2,147,483,647 is needed here.'),
    uri,
    url: uri,
    uuid: text((it) => UUID.test(it), 'A UUID is written as urn:uuid: and lower-case hexadecimal digits.'),
    xhtml: text(
      isNarrative,
      'A narrative is one div of XHTML that says something, with the elements and attributes that R4 permits.',
    ),
  }),
)
