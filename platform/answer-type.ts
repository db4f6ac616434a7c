import { FHIR_JSON, Problem } from './errors.ts'

const MAX_LENGTH = 4_000
/** What `_format` may say for JSON: hl7.org/fhir/R4/http.html#parameters. */
const FORMATS: ReadonlySet<string> = new Set([
  'json',
  'application/json',
  FHIR_JSON,
  'application/json+fhir',
  'text/json',
  '*/*',
])
const RANGES: ReadonlySet<string> = new Set([
  FHIR_JSON,
  'application/json',
  'application/json+fhir',
  'text/json',
  'application/*',
  '*/*',
])
const VERSION = /^4(?:\.0(?:\.[0-9])?)?$/

/**
 * The media type of the answer. There is JSON alone; `_format` goes before Accept (hl7.org/fhir/R4/http.html#mime-type), and who asked for plain JSON is
 * given that name. A `fhirVersion` other than 4.0 is refused (hl7.org/fhir/R4/http.html#version-parameter).
 * @throws Problem `not-supported` with status 406: only what there is not is wanted
 */
export function answerType(accept: string | undefined, format?: string): 'application/fhir+json' | 'application/json' {
  // A plus sign in an address stands for a space.
  const wanted = format === undefined ? accept : format.trim().replace(/ /g, '+')
  if (wanted === undefined || wanted.trim() === '') return FHIR_JSON
  if (wanted.length > MAX_LENGTH) throw notAcceptable(format === undefined)
  const known = format === undefined ? RANGES : FORMATS
  const ranges = wanted
    .split(',')
    .map(rangeFrom)
    .filter(
      ({ type, quality, version }) =>
        quality > 0 && known.has(type) && (version === undefined || VERSION.test(version)),
    )
  const [best] = ranges.sort((a, b) => b.quality - a.quality)
  if (!best) throw notAcceptable(format === undefined)
  return best.type === 'application/json' ? 'application/json' : FHIR_JSON
}

/** @throws Problem `not-supported`: the body is of another version of FHIR */
export function refuseOtherVersion(contentType: string | undefined): void {
  const { type, version } = rangeFrom(contentType ?? '')
  if (RANGES.has(type) && version !== undefined && !VERSION.test(version))
    throw new Problem('not-supported', 'Send FHIR R4: fhirVersion is 4.0, or left out.')
}

function rangeFrom(text: string) {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const parameterOf = (name: string) =>
    parameters
      .find((one) => one.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replaceAll('"', '')
  const q = parameterOf('q')
  const quality = q === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q) : 0
  return { type, quality, version: parameterOf('fhirversion') }
}

/** Of a request as it came. */
export function typeWanted({ headers, query }: { headers: { accept?: string | undefined }; query: unknown }) {
  const { _format: format } = query as { _format?: unknown }
  return answerType(headers.accept, typeof format === 'string' ? format : undefined)
}

const notAcceptable = (inHeader: boolean) =>
  new Problem('not-supported', 'Resources come as JSON of FHIR R4 alone: ask for application/fhir+json.', {
    status: 406,
    errors: [{ pointer: inHeader ? '/header/accept' : '/query/_format', detail: 'is not application/fhir+json' }],
  })
