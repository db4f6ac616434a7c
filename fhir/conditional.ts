import { Problem } from '#platform/errors.ts'

// Conditions of a request and how it wants its answer (hl7.org/fhir/R4/http.html, RFC 9110 §13, RFC 7240). Nothing here looks at a resource.

/** Versions that a header names: of a list any will do; `*`: whichever there is. */
export type Versions = '*' | readonly string[]

/** Longer than any list of worth; where it is longer, it is not even taken apart. */
const MAX_LENGTH = 4_000
/** Of a list of versions. */
const MOST = 100
/** The id of a version: hl7.org/fhir/R4/datatypes.html#id. */
const ETAG = /^(?:W\/)?"([A-Za-z0-9.-]{1,64})"$/
/** What any server may have given, ours or not (RFC 9110 §8.8.3). */
const ANY_ETAG = /^(?:W\/)?"([\x21\x23-\x7e\x80-\xff]{0,200})"$/

/** The version that an ETag names: `W/"3"` → `3`, and `"3"` too, as some clients leave the `W/` out. Undefined: it names none of ours. */
export const versionOf = (etag: string): string | undefined => ETAG.exec(etag.trim())?.[1]

export const etagOf = (versionId: string): string => `W/"${versionId}"`

/**
 * The versions of which the present one must be (hl7.org/fhir/R4/http.html#concurrency). A bare number counts: many clients send it.
 * @throws Problem `invalid`
 */
export function ifMatch(header: string | undefined, pointer = '/header/if-match'): Versions | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,18}$/.test(text)) return [text]
  return listOf(text) ?? refuse(pointer, 'is no list of ETags, such as W/"3"')
}

/** The versions that the client has: a read answers 304 to these (hl7.org/fhir/R4/http.html#cread), and an update with `*` creates only. @throws Problem `invalid` */
export function ifNoneMatch(header: string | undefined, pointer = '/header/if-none-match'): Versions | undefined {
  if (header === undefined) return undefined
  return listOf(header.trim()) ?? refuse(pointer, 'is no list of ETags, such as W/"3"')
}

/** Weakly compared, as FHIR has no strong ones. `present` is undefined where there is no resource: then not even `*` is met. */
export const isAmong = (versions: Versions, present: string | undefined): boolean =>
  present !== undefined && (versions === '*' || versions.includes(present))

function listOf(text: string): Versions | undefined {
  if (text === '*') return '*'
  if (text.length > MAX_LENGTH) return undefined
  const tags = text.split(',').map((one) => one.trim())
  const versions = tags.map((one) => ANY_ETAG.exec(one)?.[1])
  return versions.length <= MOST && versions.every((one) => one !== undefined) ? versions : undefined
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const IMF = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/** Since when the client has it. What is no date is as if it were not there (RFC 9110 §13.1.3); an instant counts, as Bundle.entry.request.ifModifiedSince is one. */
export function ifModifiedSince(header: string | undefined): Date | undefined {
  const text = header?.trim() ?? ''
  const [, day, word = '', year, hours, minutes, seconds] = IMF.exec(text) ?? []
  const month = MONTHS.indexOf(word)
  if (day !== undefined && month >= 0) {
    const time = new Date(Date.UTC(Number(year), month, Number(day), Number(hours), Number(minutes), Number(seconds)))
    return time.getUTCDate() === Number(day) && time.getUTCHours() === Number(hours) ? time : undefined
  }
  const time = INSTANT.test(text) ? new Date(text) : undefined
  return time && !Number.isNaN(time.getTime()) ? time : undefined
}

/** Whole seconds are all that the header tells, so a part of a second later is not later. */
export const isModified = (lastUpdated: Date, since: Date): boolean =>
  Math.floor(lastUpdated.getTime() / 1_000) > Math.floor(since.getTime() / 1_000)

function refuse(pointer: string, detail: string): never {
  throw new Problem('invalid', 'A header is wrong; see errors.', { errors: [{ pointer, detail }] })
}
