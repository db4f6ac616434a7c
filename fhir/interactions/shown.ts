import type { Stored } from '../store/read.ts'
import type { Subset } from '../subset.ts'
import type { Answer } from './asked.ts'
import { shownPart } from './shown-part.ts'

type Version = Pick<Stored, 'version' | 'changed_at'>

/** ETag and Last-Modified of a version: hl7.org/fhir/R4/http.html#versioning. */
export const versionHeaders = ({ version, changed_at }: Version) => ({
  etag: `W/"${version}"`,
  'last-modified': changed_at.toUTCString(),
})

/** A resource as it lies in the store, or a part of it. */
export const shown = (stored: Stored & { body: string }, part: Subset): Answer => ({
  status: 200,
  headers: versionHeaders(stored),
  body: shownPart(stored.body, part),
})
