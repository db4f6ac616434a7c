import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { AwsClient } from 'aws4fetch'
import { Problem } from './errors.ts'
import { type Files, IDLE_MS, isFileKey } from './files.ts'

export interface Bucket {
  /** `https://s3.eu-west-1.amazonaws.com`, or any other that speaks S3. */
  endpoint: string
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
}

const RETRIES = 2
/** What is kept is a few megabytes at most. */
const TIMEOUT_MS = 10_000

/**
 * A bucket of an S3-compatible store, addressed by path, which all of them understand. Objects are named by the hash of their content, as files are on
 * disk; so writing one twice is harmless, and the hash that the signature wants is the name. The store shows an object whole or not at all.
 */
export function filesInS3({ endpoint, region, bucket, accessKeyId, secretAccessKey }: Bucket): Files {
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES })
  const urlOf = (key: string) => `${endpoint.replace(/\/+$/, '')}/${bucket}/${key.slice(0, 2)}/${key}`
  const ask = async (
    method: 'GET' | 'PUT' | 'HEAD' | 'DELETE',
    key: string,
    content?: Buffer<ArrayBuffer>,
  ): Promise<Response> => {
    try {
      return await client.fetch(urlOf(key), {
        method,
        redirect: 'error', // whoever is sent elsewhere would be shown the signature
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: content ? { 'x-amz-content-sha256': key, 'content-type': 'application/octet-stream' } : {},
        ...(content && { body: content }),
      })
    } catch (cause) {
      throw away(cause)
    }
  }
  return {
    async put(content) {
      const key = createHash('sha256').update(content).digest('hex')
      const response = await ask('PUT', key, Buffer.from(content))
      await response.body?.cancel()
      if (!response.ok) throw away(new Error(`The file store answered ${response.status} to PUT`))
      return key
    },
    async remove(key) {
      if (!isFileKey(key)) return false
      // Putting one anew renews its time, so what somebody is just about to refer to stays. The store has no lock between the look and the removal: a moment, an hour after.
      const there = await ask('HEAD', key)
      if (there.status === 404) return true
      if (!there.ok) throw away(new Error(`The file store answered ${there.status} to HEAD`))
      if (Date.parse(there.headers.get('last-modified') ?? '') > Date.now() - IDLE_MS) return false
      const response = await ask('DELETE', key)
      await response.body?.cancel()
      if (!response.ok && response.status !== 404)
        throw away(new Error(`The file store answered ${response.status} to DELETE`))
      return true
    },
    async get(key) {
      if (!isFileKey(key)) return undefined
      const response = await ask('GET', key)
      if (response.ok && response.body) {
        const stream = Readable.fromWeb(response.body as ReadableStream)
        return { stream, bytes: Number(response.headers.get('content-length')) }
      }
      await response.body?.cancel()
      if (response.status === 404) return undefined
      throw away(new Error(`The file store answered ${response.status} to GET`))
    },
  }
}

const away = (cause: unknown) => new Problem('transient', 'The file store does not answer. Try again.', { cause })
