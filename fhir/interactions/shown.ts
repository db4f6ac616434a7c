import type { Stored } from '../store/read.ts'
import type { Answer } from './asked.ts'

type Version = Pick<Stored, 'version' | 'changed_at'>

/** ETag and Last-Modified of a version: hl7.org/fhir/R4/http.html#versioning. */
export const versionHeaders = ({ version, changed_at }: Version) => ({
  etag: `W/"${version}"`,
  'last-modified': changed_at.toUTCString(),
})

/** A resource as it lies in the store. */
export const shown = (
  stored: Stored & { body: string },
  status = 200,
  headers: Record<string, string> = {},
): Answer => ({
  status,
  headers: { ...versionHeaders(stored), ...headers },
  body: stored.body,
})
