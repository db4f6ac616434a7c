/**
 * A value of JSON as RFC 8785 writes it: no white space, members in the order of their names by UTF-16 code units, strings as ECMAScript writes them. Numbers
 * stay as they are written in the value (fhir/decimal.ts), where RFC 8785 would make 1.5 of 1.50: FHIR's own canonical form changes none
 * (hl7.org/fhir/R4/json.html#canonical), and how precise a measurement is is part of it. Without such numbers both are the same bytes. Throws where the value is none
 * of I-JSON: half of a surrogate pair, a number that is none, what JSON has no word for.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (isPlain(value))
    return `{${Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${leaf(name)}:${canonicalJson(member)}`)
      .join(',')}}`
  return leaf(value)
}

/** Others are exotic: what JSON.stringify makes of a Date is not what was given. */
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))

function leaf(value: unknown): string {
  const isRight =
    value === null ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && value.isWellFormed()) ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    value instanceof Number // fhir/decimal.ts, which writes itself
  if (!isRight) throw new TypeError('This is no value of JSON that can be signed')
  return JSON.stringify(value)
}

type Resource = Readonly<Record<string, unknown>>

/** What of a resource is signed, by the names that FHIR has for it: hl7.org/fhir/R4/json.html#canonical. */
const METHODS = {
  /** Without `text`, which is made of the rest, and `meta`, which tells the version and the labels that it has where it is kept. */
  'http://hl7.org/fhir/canonicalization/json#static': ({ text: _text, meta: _meta, ...rest }: Resource) => rest,
  /** Of a Bundle: all but its own `id` and `meta`. */
  'http://hl7.org/fhir/canonicalization/json#document': ({ id: _id, meta: _meta, ...rest }: Resource) => rest,
}

export type Canonicalization = keyof typeof METHODS

export const isCanonicalization = (name: unknown): name is Canonicalization =>
  typeof name === 'string' && Object.hasOwn(METHODS, name)

/** The bytes that are signed. Several resources are a list, in the order in which the Provenance names them. */
export function canonicalForm(signed: Resource | readonly Resource[], method: Canonicalization): Uint8Array {
  const part = METHODS[method]
  return Buffer.from(canonicalJson(Array.isArray(signed) ? signed.map(part) : part(signed as Resource)))
}
