import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

// A store that speaks as much S3 as is needed, and believes no request whose signature it cannot make itself (AWS Signature Version 4).

const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex')
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest()

/** Keys of a role: believed with their token, signed, until they end. */
export interface Session {
  secret: string
  token: string
  endsAt: number
}

interface Store {
  /** The one that there is; requests for another are told so. */
  bucket: string
  objects: Map<string, Buffer>
  /** When each was put. */
  times: Map<string, Date>
  /** Requests refused for their signature. */
  refused: number
  /** Answers everything with this, where set. */
  status: number | undefined
  /** And with this word for it. */
  code: string
  /** By their access key; any other key has the secret with which the store was opened. */
  sessions: Map<string, Session>
  /** The access key of each request that was believed. */
  believed: string[]
  now(): number
  /** Happens before a request is answered. */
  before(method: string): Promise<void>
}

export interface FakeS3 extends Store, AsyncDisposable {
  url: string
}

const SKEW_MS = 900_000

export async function openS3(secret: string): Promise<FakeS3> {
  const store: Store = {
    bucket: 'openhcs',
    objects: new Map(),
    times: new Map(),
    refused: 0,
    status: undefined,
    code: 'InternalError',
    sessions: new Map(),
    believed: [],
    now: Date.now,
    before: async () => {},
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    await store.before(request.method ?? '')
    const path = new URL(request.url ?? '/', 'http://s3').pathname
    const refuse = (status: number, code: string) =>
      response.writeHead(status).end(request.method === 'HEAD' ? undefined : `<Error><Code>${code}</Code></Error>`)
    if (store.status !== undefined) return refuse(store.status, store.code)
    const fault = faultIn(request, body, store, secret)
    if (fault) {
      store.refused++
      return refuse(...fault)
    }
    if (!path.startsWith(`/${store.bucket}/`)) return refuse(404, 'NoSuchBucket')
    if (request.method === 'DELETE') {
      store.objects.delete(path)
      return response.writeHead(204).end()
    }
    if (request.method === 'PUT') {
      store.objects.set(path, body)
      store.times.set(path, new Date())
      return response.writeHead(200, { 'content-length': 0 }).end()
    }
    const found = store.objects.get(path)
    if (!found) return refuse(404, 'NoSuchKey')
    const headers = { 'content-length': found.length, 'last-modified': store.times.get(path)?.toUTCString() ?? '' }
    return response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : found)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(store, {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

/** Why a request is not believed, in the words of S3; undefined: it is. */
function faultIn(request: IncomingMessage, body: Buffer, store: Store, secret: string): [number, string] | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, id = '', day = '', region = '', names = '', signature] =
    pattern.exec(request.headers.authorization ?? '') ?? []
  const session = store.sessions.get(id)
  const isSigned = signature === signatureOf(request, { day, region, names, secret: session?.secret ?? secret })
  if (!isSigned || !isBody(request, body)) return [403, 'SignatureDoesNotMatch']
  if (session && !(names.split(';').includes('x-amz-security-token') && tokenOf(request) === session.token))
    return [403, 'InvalidAccessKeyId']
  if (!session && tokenOf(request) !== undefined) return [400, 'InvalidToken']
  if (session && session.endsAt <= store.now()) return [400, 'ExpiredToken']
  if (Math.abs(dateOf(request) - store.now()) > SKEW_MS) return [403, 'RequestTimeTooSkewed']
  store.believed.push(id)
  return undefined
}

const tokenOf = (request: IncomingMessage) => request.headers['x-amz-security-token']
const dateOf = (request: IncomingMessage) =>
  Date.parse(String(request.headers['x-amz-date']).replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'))

function isBody(request: IncomingMessage, body: Buffer): boolean {
  const payload = request.headers['x-amz-content-sha256']
  return payload === 'UNSIGNED-PAYLOAD' || payload === sha256(body)
}

function signatureOf(
  request: IncomingMessage,
  { day, region, names, secret }: Record<'day' | 'region' | 'names' | 'secret', string>,
): string {
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3')
  const payload = String(request.headers['x-amz-content-sha256'])
  const canonical = [request.method, pathname, String(searchParams), headers.join(''), names, payload].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), 's3'), 'aws4_request')
  return hmac(key, text).toString('hex')
}
