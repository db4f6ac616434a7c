import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

// A store that speaks as much S3 as is needed, and believes no request whose signature it cannot make itself (AWS Signature Version 4).

const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex')
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest()

export interface FakeS3 extends AsyncDisposable {
  url: string
  objects: Map<string, Buffer>
  /** When each was put. */
  times: Map<string, Date>
  /** Requests refused for their signature. */
  refused: number
  /** Answers everything with this, where set. */
  status: number | undefined
}

export async function openS3(secret: string): Promise<FakeS3> {
  const times = new Map<string, Date>()
  const store: Pick<FakeS3, 'objects' | 'times' | 'refused' | 'status'> = {
    objects: new Map(),
    times,
    refused: 0,
    status: undefined,
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const path = new URL(request.url ?? '/', 'http://s3').pathname
    if (store.status !== undefined) return response.writeHead(store.status).end()
    if (!isSigned(request, body, secret)) {
      store.refused++
      return response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>')
    }
    if (request.method === 'PUT') store.objects.set(path, body)
    if (request.method === 'PUT') times.set(path, new Date())
    if (request.method === 'DELETE') return response.writeHead(store.objects.delete(path) ? 204 : 404).end()
    const found = store.objects.get(path)
    if (!found) return response.writeHead(404).end()
    const empty = request.method === 'PUT' || request.method === 'HEAD'
    return response
      .writeHead(200, {
        'content-length': request.method === 'PUT' ? 0 : found.length,
        'last-modified': times.get(path)?.toUTCString() ?? '',
      })
      .end(empty ? undefined : found)
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

function isSigned(request: IncomingMessage, body: Buffer, secret: string): boolean {
  const { authorization = '' } = request.headers
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, , day = '', region = '', names = '', signature] = pattern.exec(authorization) ?? []
  const payload = String(request.headers['x-amz-content-sha256'])
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== sha256(body)) return false
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3')
  const canonical = [request.method, pathname, String(searchParams), headers.join(''), names, payload].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), 's3'), 'aws4_request')
  return hmac(key, text).toString('hex') === signature
}
