import { PassThrough, Readable, Transform } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Agent, Dispatcher } from 'undici'
import { answerMs, tooLate } from './answer-time.ts'
import { FHIR_JSON, Problem } from './errors.ts'
import { headersBack, headersOnward, MARK } from './forwarded.ts'
import { askToUpgrade, join } from './forwarded-upgrade.ts'
import type { House } from './house.ts'
import type { OperationSpec } from './operation.ts'
import { methodsOf } from './other-methods.ts'
import type { AnyService, Route } from './service.ts'
import type { Span } from './tracing.ts'
import { type Upgrade, upgradeOf } from './upgrades.ts'

// Any process answers for every public operation, so that a plain balancer may stand before all of them. One whose room is elsewhere is sent on to where
// OPENHCS_REMOTES says that it is, as it came: who asks, whether they may and how often is found out there. Decision 0015.

/** An operation, or what a room has beside its operations, by whichever method. */
type Forwarded = Omit<OperationSpec, 'method'> & { method: string }

interface Away {
  house: House
  room: string
  operation: Forwarded
  agent(): Promise<Agent>
  /** Answers that never end by themselves. */
  streams: Set<Readable>
}

const CONNECT_MS = 3_000
/** The room's own process gives up first, since its problem says more. */
const SPARE_MS = 2_000
/** A stream says at least three times in this that it is still there. */
const SILENCE_MS = 60_000
const STREAM = 'text/event-stream'

const spans = new WeakMap<FastifyRequest, Span>()
/** Those that somebody else has answered, and counted. */
const passed = new WeakSet<FastifyRequest>()

/** The addresses of all operations whose rooms are not in this process. */
export function addForwarding(app: FastifyInstance, house: House): void {
  const elsewhere = house.services.filter((service) => !house.rooms.includes(service))
  if (elsewhere.length === 0) return
  let opened: Promise<Agent> | undefined
  const agent = () => {
    opened ??= openAgent(house.config)
    return opened
  }
  const streams = new Set<Readable>()
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.destroy()
  })
  app.addHook('onClose', async () => (await opened)?.destroy())
  app.addHook('onResponse', async (request, reply) => tell(house, request, reply))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  for (const { name: room, routes, mountedAt = [] } of elsewhere)
    for (const operation of [...routes.flatMap(asForwarded), ...mountedAt.flatMap(asOperations)])
      if (operation.access !== 'house') addRoute(app, { house, room, operation, agent, streams })
}

/** Loaded when something is first sent on: a process that has what it is asked for needs no client. */
async function openAgent(config: House['config']): Promise<Agent> {
  const { Agent } = await import('undici')
  return new Agent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: answerMs(config) + SPARE_MS,
    bodyTimeout: SILENCE_MS,
  })
}

const asForwarded = ({ operation }: Route): Forwarded[] =>
  methodsOf(operation).map((method) => ({ ...operation, method }))

/** What a room has beside its operations is sent on like those. */
function asOperations(mounted: NonNullable<AnyService['mountedAt']>[number]): Forwarded[] {
  const { url, methods, maxBytes } =
    typeof mounted === 'string' ? { url: mounted, methods: ['GET', 'POST'], maxBytes: undefined } : mounted
  return methods.map((method) => ({
    id: `pages ${method} ${url}`,
    method,
    url: url as `/${string}`,
    summary: '',
    access: 'public',
    ...(maxBytes !== undefined && { upload: { mediaTypes: [], maxBytes } }),
  }))
}

function addRoute(app: FastifyInstance, away: Away): void {
  const { id, method, url } = away.operation
  // A room that is asked with OPTIONS by others than browsers answers that itself.
  const config = { operation: id, ...(method === 'OPTIONS' && { cors: false }) }
  app.route({ method, url, config, handler: (request, reply) => forward(away, request, reply) })
}

async function forward(away: Away, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const origin = originOf(away, request)
  const upgrade = upgradeOf(request.raw)
  if (upgrade) return forwardUpgrade(away, { origin, upgrade }, request, reply)
  beginSpan(away, request)
  const left = new AbortController()
  const leave = () => left.abort()
  reply.raw.once('close', leave)
  const answer = await ask(away, origin, request, left.signal).catch((error: unknown) => {
    if (!left.signal.aborted) throw problemOf(error)
  })
  passed.add(request)
  if (!answer || left.signal.aborted) return reply.hijack() // nobody is there to be answered
  reply.raw.off('close', leave)
  reply.code(answer.statusCode).headers(headersBack(answer.headers))
  if (away.operation.download !== STREAM || answer.statusCode !== 200) return reply.send(answer.body)
  return reply.header('connection', 'close').send(endless(away, answer.body))
}

async function forwardUpgrade(
  { house, operation, streams }: Away,
  { origin, upgrade }: { origin: string; upgrade: Upgrade },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const left = new AbortController()
  const leave = () => left.abort()
  upgrade.socket.once('close', leave)
  const { ip, protocol, host, id } = request
  const known = { ip, protocol, host, id, traceparent: undefined, hasBody: false }
  const headers = headersOnward(house, operation.id, request.headers, known)
  const answer = await askToUpgrade({ origin, path: request.url, headers, signal: left.signal }).catch((error) => {
    if (!left.signal.aborted) throw problemOf(error)
  })
  passed.add(request)
  if (!answer) return reply.hijack() // nobody is there to be answered
  upgrade.socket.off('close', leave)
  const { response, far } = answer
  if (!far)
    return reply
      .code(response.statusCode ?? 502)
      .headers(headersBack(response.headers))
      .send(response)
  reply.hijack()
  streams.add(far)
  far.once('close', () => streams.delete(far))
  join(upgrade, { ...answer, far })
  return reply
}

/** Where the room is. A request that was sent here, and is not for here, goes nowhere: two processes that name each other would have it for ever. */
function originOf({ house, room, operation }: Away, request: FastifyRequest): string {
  const origin = house.config.remotes.get(room)
  const sent = request.headers[MARK] !== undefined
  if (origin !== undefined && !sent) return origin
  const why = sent
    ? 'was sent here by a process that takes it to be here'
    : 'is not here, and OPENHCS_REMOTES does not name it'
  throw new Problem('exception', 'The part of the service that does this was not found. Nothing was changed.', {
    cause: new Error(`${operation.id}: its room ${room} ${why}`),
    reason: 'room-not-found',
  })
}

/** Once; twice where the first time came to nothing and asking again changes nothing. */
async function ask(away: Away, origin: string, request: FastifyRequest, signal: AbortSignal) {
  const once = () => askOnce(away, origin, request, signal)
  if (away.operation.method !== 'GET') return once()
  return once().catch((error: unknown) => {
    if (signal.aborted || isLate(error)) throw error
    return once()
  })
}

async function askOnce(away: Away, origin: string, request: FastifyRequest, signal: AbortSignal) {
  const { house, operation } = away
  const agent = await away.agent()
  const body = bodyOf(request, operation.upload?.maxBytes ?? house.config.BODY_LIMIT_BYTES)
  const { ip, protocol, host, id } = request
  const traceparent = spans.get(request)?.traceparent
  const known = { ip, protocol, host, id, traceparent, hasBody: body !== null }
  const answer = await agent.request({
    origin,
    path: request.url.replace(/^https?:\/\/[^/]*/i, ''), // a proxy is given the whole address
    method: operation.method,
    headers: headersOnward(house, operation.id, request.headers, known),
    body,
    signal,
  })
  if (answer.statusCode < 502 || isProblem(answer)) return answer
  await answer.body.dump()
  throw new Error(
    `${origin} answered ${answer.statusCode}, and not as the house does: it is closing, or something is between`,
  )
}

const isProblem = ({ headers }: Dispatcher.ResponseData) =>
  ['application/problem+json', FHIR_JSON].includes(String(headers['content-type']).split(';')[0] ?? '')

/** The body as it comes, up to its limit. What the other side does not want is read here and dropped, so that the client is there to be answered. */
function bodyOf({ body, headers, raw }: FastifyRequest, limit: number): Readable | null {
  if (!(body instanceof Readable)) return null
  const tooLong = () => new Problem('too-long', 'The body is larger than this operation accepts.')
  if (Number(headers['content-length']) > limit) throw tooLong()
  let size = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size <= limit) done(null, chunk)
      else done(tooLong())
    },
  })
  counted.once('close', () => {
    raw.unpipe(counted)
    raw.resume()
  })
  return raw.pipe(counted)
}

/** Ends when either side leaves or this process is told to stop. Its client comes back by itself. */
function endless({ streams }: Away, body: Readable): Readable {
  const out = new PassThrough()
  streams.add(body)
  body.on('error', () => {}) // `close` follows
  body.once('close', () => {
    streams.delete(body)
    out.end()
  })
  out.once('close', () => body.destroy())
  return body.pipe(out)
}

const isLate = (error: unknown) => (error as { code?: string }).code === 'UND_ERR_HEADERS_TIMEOUT'

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isLate(error)) return tooLate(error)
  return new Problem(
    'transient',
    'A part of the service cannot be reached at the moment. Try again with the same Idempotency-Key: whether this request took effect is not known.',
    { cause: error },
  )
}

/** A span for the way between the two; the room's own process hangs its own below it. */
function beginSpan({ house, room, operation }: Away, request: FastifyRequest): void {
  const { method, url, id } = operation
  const attributes = {
    'http.request.method': method,
    'http.route': url,
    'openhcs.operation': id,
    'openhcs.forwarded.room': room,
  }
  const parent = { traceparent: request.headers.traceparent, trusted: false }
  const span = house.tracing?.begin(`${method} ${url}`, 'server', attributes, parent)
  if (!span) return
  spans.set(request, span)
  if (span.recording) request.log = request.log.child(span.ids)
}

/** Requests are counted where they are answered: here only those that came no further. */
function tell({ telemetry }: House, request: FastifyRequest, reply: FastifyReply): void {
  const operation = request.routeOptions.config.operation ?? 'unknown'
  const { statusCode: status, elapsedTime } = reply
  const onward = passed.has(request)
  if (!onward) telemetry.answered(operation, status, elapsedTime / 1_000)
  spans.get(request)?.end(status < 500 ? undefined : String(status), { 'http.response.status_code': status })
  request.log.info({ operation, status, ms: Math.round(elapsedTime * 10) / 10 }, onward ? 'forwarded' : 'answered')
}
