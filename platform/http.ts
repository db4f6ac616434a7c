import cors from '@fastify/cors'
import underPressure from '@fastify/under-pressure'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import helmet, { type HelmetOptions } from 'helmet'
import { list } from './config.ts'
import { addDocuments } from './documents.ts'
import { FHIR_JSON, operationOutcome, Problem, problemDocument, toProblem } from './errors.ts'
import { addForwarding } from './forwarding.ts'
import type { House } from './house.ts'
import { newId } from './ids.ts'
import { acceptJson } from './json-body.ts'
import { addLimits } from './limits.ts'
import { addMounts } from './mount.ts'
import { addOtherMethods } from './other-methods.ts'
import { addProbes } from './probes.ts'
import { addDoors } from './requests.ts'
import { acceptUpgrades, asksForWebsocket } from './upgrades.ts'

/** What rooms may mount beside the methods of HTTP itself: those of RFC 4918, RFC 4791 and RFC 3253. */
const WEBDAV = ['PROPFIND', 'PROPPATCH', 'REPORT', 'MKCOL', 'MKCALENDAR', 'COPY', 'MOVE', 'LOCK', 'UNLOCK']

/** The house as a web server, not yet listening. Tests use `inject`; commands/start.ts calls `listen`. */
export async function buildApp(house: House): Promise<FastifyInstance> {
  const { config } = house
  const app = fastify({
    loggerInstance: house.log,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => sendProblem(reply, toProblem(error), config.PUBLIC_URL, request),
    genReqId: requestId,
    bodyLimit: config.BODY_LIMIT_BYTES,
    requestTimeout: config.REQUEST_TIMEOUT_SECONDS * 1_000,
    keepAliveTimeout: 65_000, // above the 60 s of common balancers, which otherwise meet a socket that is just closing
    forceCloseConnections: 'idle',
    // `connectionsCheckingInterval`: how often the time-outs above are looked at; Node's default of 30 s is an invitation
    http: { connectionsCheckingInterval: 2_000, shouldUpgradeCallback: asksForWebsocket },
    trustProxy: config.TRUST_PROXY ? list(config.TRUST_PROXY) : false,
    routerOptions: { maxParamLength: 100 },
    exposeHeadRoutes: false,
  })
  for (const method of WEBDAV) app.addHttpMethod(method, { hasBody: true })
  closeWhatFallsIdle(app)
  acceptUpgrades(app)
  app.addHook('preClose', async () => house.drain())
  addErrors(app, house)
  addParsers(app)
  await addProtection(app, house)
  const limits = await addLimits(app, config)
  addProbes(app, house)
  addDocuments(app, house)
  await app.register(async (scope) => {
    await addBackPressure(scope, house)
    scope.register(async (here) => addDoors(here, house, limits))
    scope.register(async (elsewhere) => addForwarding(elsewhere, house))
    addOtherMethods(scope, house)
    await addMounts(scope, house, limits)
  })
  return app
}

/**
 * Closing ends connections that are idle at that moment. One whose last request finishes later would keep the process for its whole
 * keep-alive time, so they are swept until none is left.
 */
function closeWhatFallsIdle(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => app.server.closeIdleConnections(), 100)
    app.server.once('close', () => clearInterval(sweep))
    if (!app.server.listening) clearInterval(sweep)
  })
}

/** The caller's request id where it is a plain word, else a new one; it is in every log line and problem as traceId. */
function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : newId()
}

async function addProtection(app: FastifyInstance, { config }: House): Promise<void> {
  const closed = {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  }
  const headers = helmetHeaders({
    contentSecurityPolicy: { useDefaults: false, directives: closed },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
  })
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
  await app.register(cors, {
    origin: list(config.CORS_ORIGINS),
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'Last-Event-ID', 'X-Request-Id'],
    exposedHeaders: ['ETag', 'Link', 'Location', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
  })
}

/** The same for each answer, so helmet is asked once: asked each time, it took a fifteenth of the server's time for a search. */
function helmetHeaders(options: HelmetOptions): Record<string, string> {
  const headers: Record<string, string> = {}
  const response = {
    setHeader: (name: string, value: string) => Object.assign(headers, { [name]: value }),
    removeHeader() {},
  }
  helmet(options)({} as never, response as never, (error) => {
    if (error) throw error
  })
  return headers
}

/** Requests get 503 with Retry-After while the event loop lags; the pool's own bound is in database.ts. */
async function addBackPressure(scope: FastifyInstance, { config }: House): Promise<void> {
  await scope.register(underPressure, {
    maxEventLoopDelay: config.MAX_EVENT_LOOP_DELAY_MS,
    sampleInterval: 250,
    pressureHandler(_request, _reply, _type, delay) {
      // One stall swallowed the whole sample, so nothing was measured; if it lasts, the next sample has a number.
      if (delay === Number.POSITIVE_INFINITY) return
      throw new Problem('transient', 'The service is saturated; try again shortly.', { retryAfterSeconds: 2 })
    },
  })
}

function addParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  acceptJson(app, ['application/json', FHIR_JSON])
}

function addErrors(app: FastifyInstance, { config, telemetry }: House): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error)
    telemetry.refused(request.routeOptions.config.operation ?? 'unknown', problem)
    if (problem.status >= 500) request.log.error({ err: problem.cause ?? problem }, problem.message)
    return sendProblem(reply, problem, config.PUBLIC_URL, request)
  })
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new Problem('not-found', 'There is no such address. See /docs for those that exist.'),
      config.PUBLIC_URL,
      request,
    ),
  )
}

function sendProblem(reply: FastifyReply, problem: Problem, publicUrl: string, request: FastifyRequest): FastifyReply {
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  // fastify closes the connection on a body that it refuses; the answer is then lost to who is still sending (RFC 9112 §9.6). So what comes is read
  // and dropped, for as long as a request may take to arrive.
  reply.removeHeader('connection')
  const isFhir = request.url.startsWith('/fhir/')
  const shown = isFhir
    ? operationOutcome(problem, publicUrl, request.id, typeSent(request))
    : problemDocument(problem, publicUrl, request.id)
  return reply
    .code(problem.status)
    .type(isFhir ? FHIR_JSON : 'application/problem+json')
    .serializer((text: string) => text)
    .send(JSON.stringify(shown))
}

const TYPE = /^[A-Z][A-Za-z]{1,40}$/

/** What a body says that it is; of one that says nothing, such as a JSON Patch, what it was sent to. */
function typeSent({ body, params }: FastifyRequest): string | undefined {
  const { resourceType } = (body ?? {}) as { resourceType?: unknown }
  const { type } = (params ?? {}) as { type?: unknown }
  return [resourceType, type].find((one) => typeof one === 'string' && TYPE.test(one)) as string | undefined
}
