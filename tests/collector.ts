import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type Decoded, decode, type Message } from './protobuf.ts'

// A stand-in for an OpenTelemetry collector: takes what it is sent over OTLP/HTTP, and shows it.

export interface Span {
  instance: string
  service: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  name: string
  /** 2 server, 3 client, 5 consumer */
  kind: number
  attributes: Record<string, unknown>
  failed: boolean
}

export interface LogRecord {
  body: string
  severity: string
  traceId: string | undefined
  spanId: string | undefined
  attributes: Record<string, unknown>
}

export interface Point {
  metric: string
  unit: string
  attributes: Record<string, unknown>
  value: number | undefined
  count: number | undefined
  bounds: number[] | undefined
  buckets: number[] | undefined
}

export interface Collector extends AsyncDisposable {
  url: string
  spans: Span[]
  logs: LogRecord[]
  points: Point[]
  /** Everything, as it came. */
  raw(): string
}

const any: Message = { 1: ['text', 'text'], 3: ['whole', 'varint'], 4: ['fraction', 'double'] }
const attributes = ['attributes', { 1: ['key', 'text'], 2: ['value', () => any] }] as const
const resource = ['resource', { 1: attributes }] as const
const span: Message = {
  ...{ 1: ['traceId', 'hex'], 2: ['spanId', 'hex'], 4: ['parentSpanId', 'hex'], 5: ['name', 'text'] },
  ...{ 6: ['kind', 'varint'], 9: attributes, 15: ['status', { 3: ['code', 'varint'] }] },
}
const log: Message = {
  ...{ 3: ['severity', 'text'], 5: ['body', () => any], 6: attributes, 9: ['traceId', 'hex'], 10: ['spanId', 'hex'] },
}
const number = { 1: ['points', { 4: ['value', 'double'], 7: attributes }] } as const
const histogram = {
  1: ['points', { 4: ['count', 'fixed64'], 6: ['buckets', 'fixed64s'], 7: ['bounds', 'doubles'], 9: attributes }],
} as const
const metric: Message = {
  ...{ 1: ['name', 'text'], 3: ['unit', 'text'], 5: ['data', number], 7: ['data', number], 9: ['data', histogram] },
}
const signals: Record<string, Message> = {
  '/v1/traces': { 1: ['all', { 1: resource, 2: ['scopes', { 2: ['items', span] }] }] },
  '/v1/logs': { 1: ['all', { 1: resource, 2: ['scopes', { 2: ['items', log] }] }] },
  '/v1/metrics': { 1: ['all', { 1: resource, 2: ['scopes', { 2: ['items', metric] }] }] },
}

export async function openCollector(): Promise<Collector> {
  const bodies: Buffer[] = []
  const seen = { spans: [] as Span[], logs: [] as LogRecord[], points: [] as Point[] }
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    bodies.push(body)
    take(request.url ?? '', body, seen)
    response.setHeader('content-type', 'application/x-protobuf').end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    ...seen,
    raw: () => Buffer.concat(bodies).toString('latin1'),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function take(path: string, body: Buffer, seen: Pick<Collector, 'spans' | 'logs' | 'points'>): void {
  const message = signals[path]
  if (!message) throw new Error(`Nothing is sent to ${path}`)
  for (const one of decode(body, message).all ?? []) {
    const about = plain(one.resource?.[0])
    const items: Decoded[] = (one.scopes ?? []).flatMap(({ items = [] }: Decoded) => items)
    if (path === '/v1/traces') seen.spans.push(...items.map((item) => spanOf(item, about)))
    if (path === '/v1/logs') seen.logs.push(...items.map(recordOf))
    if (path === '/v1/metrics') seen.points.push(...items.flatMap(pointsOf))
  }
}

const plain = (item: Decoded | undefined): Record<string, unknown> =>
  Object.fromEntries(
    (item?.attributes ?? []).map(({ key, value = {} }: Decoded) => [key, value.text ?? value.whole ?? value.fraction]),
  )

const spanOf = (item: Decoded, about: Record<string, unknown>): Span => ({
  instance: String(about['service.instance.id']),
  service: String(about['service.name']),
  traceId: item.traceId,
  spanId: item.spanId,
  parentSpanId: item.parentSpanId || undefined,
  name: item.name,
  kind: item.kind,
  attributes: plain(item),
  failed: item.status?.[0]?.code === 2,
})

const recordOf = (item: Decoded): LogRecord => ({
  body: item.body?.text,
  severity: item.severity,
  traceId: item.traceId,
  spanId: item.spanId,
  attributes: plain(item),
})

const pointsOf = ({ name, unit, data = [] }: Decoded): Point[] =>
  data.flatMap(({ points = [] }: Decoded) =>
    points.map((point: Decoded) => ({
      metric: name,
      unit,
      attributes: plain(point),
      value: point.value,
      count: point.count,
      bounds: point.bounds,
      buckets: point.buckets,
    })),
  )
