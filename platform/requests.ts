import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Asked, keepWithin, mayCall, narrowed } from './access.ts'
import { blurred, inTime } from './answer-time.ts'
import { refuseOtherVersion, typeWanted } from './answer-type.ts'
import { type Actor, authenticated, nobody, system, verifyCall } from './auth.ts'
import { HOUSE, houseUrl } from './call.ts'
import type { Config } from './config.ts'
import type { Context, Errand } from './context.ts'
import { Problem } from './errors.ts'
import { shownAsFhir } from './fhir-answer.ts'
import { isForwarded } from './forwarded.ts'
import type { Door, House } from './house.ts'
import { hashOf, type Once } from './idempotency.ts'
import type { Limits } from './limits.ts'
import type { OperationSpec } from './operation.ts'
import { methodsOf } from './other-methods.ts'
import type { Caller, HandlerInput } from './service.ts'
import { traced } from './traced-database.ts'
import type { Span } from './tracing.ts'
import type { Input } from './validate.ts'

/** What this module knows of a request once its caller is known. */
const callers = new WeakMap<FastifyRequest, Caller>()
const spans = new WeakMap<FastifyRequest, Span>()
export const spanOf = (request: FastifyRequest): Span | undefined => spans.get(request)

/** Every operation of the rooms here, at its own URL and, for other processes of the house, at its house URL. */
export function addDoors(app: FastifyInstance, house: House, limits: Limits): void {
  noteAnswers(app, house)
  for (const door of house.doors.values()) {
    const { operation } = door.route
    if (operation.access !== 'house') addDoor(app, house, door, limits)
    addHouseDoor(app, house, door)
  }
}

/** What each answer leaves: a count, a line in the log, and a span where there are any. */
export function noteAnswers(app: FastifyInstance, house: House): void {
  if (house.tracing) app.addHook('onRequest', async (request) => beginSpan(house, request))
  app.addHook('onResponse', async (request, reply) => {
    const operation = request.routeOptions.config.operation ?? 'unknown'
    const { statusCode: status } = reply
    house.telemetry.answered(operation, status, reply.elapsedTime / 1_000)
    const error = status < 500 ? undefined : String(status)
    spans.get(request)?.end(error, { 'http.response.status_code': status })
    request.log.info({ operation, status, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'answered')
  })
}

/** The server's span. Its name and route are templates, and the path itself is left out: it names people's records. */
function beginSpan(house: House, request: FastifyRequest): void {
  const { url = '', config } = request.routeOptions
  const { operation = '' } = config
  const span = house.tracing?.begin(
    `${request.method} ${url}`,
    'server',
    {
      'http.request.method': request.method,
      'http.route': url,
      'openhcs.room': house.telemetry.homes.get(operation) ?? '',
      'openhcs.operation': operation,
    },
    {
      traceparent: request.headers.traceparent,
      trusted: url.startsWith(HOUSE) || isForwarded(house, request.headers, operation),
    },
  )
  if (!span) return
  spans.set(request, span)
  if (span.recording) request.log = request.log.child(span.ids)
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: string
  }
}

function addDoor(app: FastifyInstance, house: House, door: Door, limits: Limits): void {
  const { operation } = door.route
  const perOperation = limits.forOperation(operation)
  app.register(async (scope) => {
    if (operation.upload) acceptUploads(scope, operation.upload)
    scope.route({
      method: methodsOf(operation),
      url: operation.url,
      config: { operation: operation.id },
      ...(operation.upload && { bodyLimit: operation.upload.maxBytes }),
      ...(operation.response && { schema: { response: { [statusOf(operation)]: operation.response } } }),
      async onRequest(request, reply) {
        await limits.perAddress(request, reply)
        await perOperation?.(request, reply)
        const caller = await identify(house, request, house.reader !== undefined && operation.reader)
        if (caller.actor.account) await limits.perAccount(request, reply, caller.actor.account)
        callers.set(request, { ...caller, actor: admit(caller.actor, operation) })
      },
      handler(request, reply) {
        const answered = answer(house, door, request, reply)
        return perOperation ? blurred(answered) : answered
      },
    })
  })
}

/** Who asks; throws a `login` Problem where the token is no good. `wrote`: also whether the account wrote of late, for readers of the database. */
export async function identify(house: House, request: FastifyRequest, wrote = false): Promise<Caller> {
  const { authorization } = request.headers
  if (authorization === undefined) return { actor: nobody, token: undefined }
  const [scheme, token = ''] = authorization.split(' ', 2)
  const [first] = house.databases
  if (!first) throw new Error('A house without rooms')
  const [room, database] = first
  const span = spans.get(request)
  const asking = { database: span?.recording ? traced(database, room, span) : database, now: house.now }
  const actor = scheme?.toLowerCase() === 'bearer' ? await authenticated(asking, token, { wrote }) : undefined
  if (!actor) throw new Problem('login', 'The token is unknown, expired or revoked. Sign in again.')
  return { actor, token }
}

/** The actor as an operation shall see it; throws `login` or `forbidden` where it may not be called. */
export function admit(actor: Actor, operation: Asked): Actor {
  if (mayCall(actor, operation)) return narrowed(actor, operation)
  if (actor.kind === 'nobody')
    throw new Problem('login', 'Sign in first, and send the token as Authorization: Bearer <token>.')
  const { scopes, ...person } = actor
  if (scopes && mayCall(person, operation))
    throw new Problem('forbidden', 'None of the scopes of this token permits this.')
  throw new Problem('forbidden', 'None of your roles permits this.')
}

async function answer(house: House, door: Door, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { operation, handler } = door.route
  const { actor, token } = callers.get(request) ?? { actor: nobody, token: undefined }
  const upload = operation.upload ? (request.body as Buffer | undefined) : undefined
  const input = { params: request.params, query: request.query, body: operation.upload ? undefined : request.body }
  if (operation.body && input.body === undefined)
    throw new Problem('invalid', 'This operation needs a JSON body.', {
      errors: [{ pointer: '/body', detail: 'is missing' }],
    })
  if (operation.upload && !upload?.length)
    throw new Problem('invalid', `Send the file as the body: ${operation.upload.mediaTypes.join(', ')}.`)
  if (operation.fhir && !operation.download) {
    refuseOtherVersion(request.headers['content-type'])
    reply.type(typeWanted(request))
  }
  door.validate(input)
  keepWithin(actor, operation, input)
  const errand: Errand = {
    actor,
    token,
    traceId: request.id,
    doing: operation.id,
    log: request.log,
    span: spans.get(request),
    once: operation.idempotent === false ? undefined : onceOf(house.config, request, { actor, doing: operation.id }),
  }
  const ctx = house.context(door.service.name, errand)
  const ready = {
    ...input,
    ifMatch: ifMatchOf(operation, request),
    upload,
    mediaType: request.headers['content-type'] ?? '',
  }
  const ask = (at: Context) => handler(at, ready as HandlerInput<OperationSpec>, { request, reply })
  const work = operation.reader && house.reader ? house.reader.read(ctx, ask) : ask(ctx)
  const result = await (operation.download === STREAM ? work : inTime(work, house.config))
  if (reply.sent || operation.download) return result
  if (operation.fhir) return shownAsFhir(operation, request, reply, result as object)
  addHeaders(operation, request, reply, result as Shown | undefined)
  return operation.response ? result : null
}

const STREAM = 'text/event-stream'

interface Shown {
  id?: string
  version?: number
  next?: string
}

const statusOf = ({ status, response }: OperationSpec) => status ?? (response ? 200 : 204)

function addHeaders(
  operation: OperationSpec,
  request: FastifyRequest,
  reply: FastifyReply,
  result: Shown | undefined,
): void {
  reply.code(statusOf(operation))
  if (operation.access !== 'public') reply.header('cache-control', 'no-store')
  if (result?.version !== undefined) reply.header('etag', `"${result.version}"`)
  if (operation.status === 201 && result?.id) reply.header('location', `${request.url.split('?')[0]}/${result.id}`)
  if (result?.next) reply.header('link', `<${nextUrl(request.url, result.next)}>; rel="next"`)
}

function nextUrl(url: string, cursor: string): string {
  const [path, query] = url.split('?', 2)
  const next = new URLSearchParams(query)
  next.set('cursor', cursor)
  return `${path}?${next}`
}

/** The version in If-Match: 428 without one where it is needed, 400 when it is no ETag of ours. */
function ifMatchOf({ ifMatch }: OperationSpec, request: FastifyRequest): number | undefined {
  if (!ifMatch) return undefined
  const given = request.headers['if-match']
  if (given === undefined) throw new Problem('required', 'Send the ETag that you last read in the If-Match header.')
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(given)?.[1]
  if (version === undefined)
    throw new Problem('invalid', 'If-Match must be one ETag as it was given, with its quotes.', {
      errors: [{ pointer: '/headers/if-match', detail: 'must look like "3"' }],
    })
  return Number(version)
}

/** Of a POST with an Idempotency-Key, by somebody. `more`: what beside address and body makes a request another one. */
export function onceOf(
  { secretKey }: Config,
  request: FastifyRequest,
  { actor, doing, more = [] }: { actor: Actor; doing: string; more?: readonly string[] },
): Once | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined || request.method !== 'POST' || !actor.account) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    throw new Problem('invalid', 'Idempotency-Key must be 1 to 200 visible ASCII characters.', {
      errors: [{ pointer: '/headers/idempotency-key', detail: 'has a form that is not accepted here' }],
    })
  const { body } = request
  const text = Buffer.isBuffer(body) ? body.toString('base64') : JSON.stringify(body ?? null)
  // An app must not be given again what somebody else's request was answered, or its own for another patient.
  const whose = [actor.account, actor.client, actor.within, doing].filter(Boolean).join(' ')
  return { scope: whose, key, hash: hashOf(secretKey.reveal(), request.url, text, ...more) }
}

function acceptUploads(
  scope: FastifyInstance,
  { mediaTypes, maxBytes }: { mediaTypes: string[]; maxBytes: number },
): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(mediaTypes, { parseAs: 'buffer', bodyLimit: maxBytes }, (_request, body, done) =>
    done(null, body),
  )
}

/** The door for other processes of the house. It believes the signature, and the caller's own token where one is sent along. */
function addHouseDoor(app: FastifyInstance, house: House, { service, route, validate }: Door): void {
  const { operation, handler } = route
  app.route({
    method: 'POST',
    url: houseUrl(operation.id),
    config: { operation: operation.id },
    async onRequest(request) {
      const signature = String(request.headers['x-openhcs-call'] ?? '')
      if (!verifyCall(house.config.secretKey.reveal(), operation.id, signature, house.now()))
        throw new Problem('not-found', 'There is no such address. See /docs for those that exist.')
      const caller = await identify(house, request)
      callers.set(request, caller.actor.kind === 'nobody' ? { ...caller, actor: system } : caller)
    },
    async handler(request) {
      const caller = callers.get(request) ?? { actor: nobody, token: undefined }
      const { token } = caller
      const actor = operation.access === 'house' ? caller.actor : admit(caller.actor, operation)
      const input = request.body as Input
      validate(input)
      keepWithin(actor, operation, input)
      const ctx = house.context(service.name, {
        actor,
        token,
        traceId: request.id,
        doing: operation.id,
        log: request.log,
        span: spans.get(request),
      })
      return (await handler(ctx, input as HandlerInput<OperationSpec>, undefined)) ?? null
    },
  })
}
