import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { AwsClient } from 'aws4fetch'
import type { AwsKeys, Credentials } from './aws-credentials.ts'
import { Problem } from './errors.ts'
import { type Files, IDLE_MS, isFileKey, keyOf } from './files.ts'
import { faultOf, isStale, unreachable } from './s3-faults.ts'

export interface Bucket {
  /** `https://s3.eu-west-1.amazonaws.com`, or any other that speaks S3. */
  endpoint: string
  region: string
  bucket: string
  credentials: Credentials
}

const RETRIES = 2
/** What is kept is a few megabytes mostly; a copy of everything about a person may be more, and has the time for it at half a megabyte a second. */
const TIMEOUT_MS = 10_000
const BYTES_PER_MS = 500

type Method = 'GET' | 'PUT' | 'DELETE'

/**
 * A bucket of an S3-compatible store, addressed by path, which all of them understand. Objects are named by the hash of their content, as files are on
 * disk; so writing one twice is harmless, and the hash that the signature wants is the name. The store shows an object whole or not at all.
 */
export function filesInS3(store: Bucket): Files {
  const ask = asking(store)
  return {
    async put(content) {
      const key = keyOf(content)
      const response = await ask('PUT', key, Buffer.from(content))
      await response?.body?.cancel()
      return key
    },
    async remove(key) {
      if (!isFileKey(key)) return false
      // Putting one anew renews its time, so what somebody is just about to refer to stays. The store has no lock between the look and the removal: a moment, an hour after.
      const there = await ask('GET', key) // and not HEAD, which has no words for whether the object is not there or the bucket
      if (!there) return true
      await there.body?.cancel()
      if (Date.parse(there.headers.get('last-modified') ?? '') > Date.now() - IDLE_MS) return false
      const gone = await ask('DELETE', key)
      await gone?.body?.cancel()
      return true
    },
    async get(key) {
      if (!isFileKey(key)) return undefined
      const response = await ask('GET', key)
      if (!response) return undefined
      const stream = Readable.fromWeb((response.body ?? new Blob([]).stream()) as ReadableStream)
      return { stream, bytes: Number(response.headers.get('content-length')) }
    },
  }
}

/** Signed. Undefined: there is no such object. Whatever else is not as asked is a Problem, whose cause is for the log. */
function asking({ endpoint, region, bucket, credentials }: Bucket) {
  const base = `${endpoint.replace(/\/+$/, '')}/${bucket}`
  let signer: { keys: AwsKeys; client: AwsClient } | undefined
  const clientOf = (keys: AwsKeys) => {
    if (signer?.keys !== keys)
      signer = { keys, client: new AwsClient({ ...keys, region, service: 's3', retries: RETRIES }) }
    return signer.client
  }
  return async (method: Method, key: string, content?: Buffer<ArrayBuffer>): Promise<Response | undefined> => {
    const keys = await credentials.keys().catch((cause) => {
      throw away(cause)
    })
    const request = {
      method,
      redirect: 'manual', // whoever is sent elsewhere would be shown the signature
      signal: AbortSignal.timeout(TIMEOUT_MS + Math.ceil((content?.length ?? 0) / BYTES_PER_MS)),
      headers: content ? { 'x-amz-content-sha256': key, 'content-type': 'application/octet-stream' } : {},
      ...(content && { body: content }),
    } as const
    const response = await clientOf(keys)
      .fetch(`${base}/${key.slice(0, 2)}/${key}`, request)
      .catch((error: Error) => {
        throw away(unreachable('The file store', error, REACH))
      })
    if (response.ok) return response
    const fault = await faultOf(method, response)
    // A bucket that is not there is a 404 too, and a fault; so is one of something that is no such store.
    if (response.status === 404 && fault.code === 'NoSuchKey' && method !== 'PUT') return undefined
    if (isStale(fault)) credentials.refused(keys)
    throw away(fault)
  }
}

const REACH = 'See S3_ENDPOINT, and what is between this machine and it: names, firewall, NetworkPolicy.'

const away = (cause: unknown) => new Problem('transient', 'The file store does not answer. Try again.', { cause })
