import { STATUS_CODES } from 'node:http'
import { etagOf } from '../conditional.ts'
import type { Resource } from '../resource.ts'

/** What became of one entry. */
export interface EntryAnswer {
  /** As of the request alone: 201. */
  status: number
  /** Of what was created or changed: `Patient/1/_history/2`, from the base on. */
  location?: string
  versionId?: string
  /** RFC 3339. */
  lastModified?: string
  /** Of a read or search, and where the client prefers it; not of 304 and HEAD. */
  resource?: Resource
  /** An OperationOutcome, where it failed or the client prefers one. */
  outcome?: object
  /** Where there is a resource with an id. */
  fullUrl?: string
}

/** The answer to a transaction, of which everything was carried out: an entry for each that came, in the order in which they came (hl7.org/fhir/R4/http.html#transaction-response). */
export const transactionResponse = (entries: readonly EntryAnswer[]) => responseOf('transaction-response', entries)

/** The answer to a batch, whose entries succeed or fail each for itself. */
export const batchResponse = (entries: readonly EntryAnswer[]) => responseOf('batch-response', entries)

function responseOf<T extends string>(type: T, entries: readonly EntryAnswer[]) {
  return {
    resourceType: 'Bundle' as const,
    type,
    // R4 has no empty lists.
    ...(entries.length > 0 && { entry: entries.map(entryOf) }),
  }
}

const entryOf = ({ status, location, versionId, lastModified, resource, outcome, fullUrl }: EntryAnswer) => ({
  ...(fullUrl !== undefined && { fullUrl }),
  ...(resource && { resource }),
  response: {
    status: `${status} ${STATUS_CODES[status] ?? ''}`.trim(),
    ...(location !== undefined && { location }),
    ...(versionId !== undefined && { etag: etagOf(versionId) }),
    ...(lastModified !== undefined && { lastModified }),
    ...(outcome && { outcome }),
  },
})
