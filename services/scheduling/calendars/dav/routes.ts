import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { system } from '#platform/auth.ts'
import { Problem, toProblem } from '#platform/errors.ts'
import { operation } from '#platform/operation.ts'
import type { Ground } from '#platform/service.ts'
import { type Element, escapeXml, parseXml } from '#platform/xml.ts'
import type { SchedulingTables } from '../../tables.ts'
import { calendarText } from '../entries.ts'
import { openedBy, type Told, tellFeed } from '../tell-feed.ts'
import { METHODS, READING, WELL_KNOWN, WRITING } from './addresses.ts'
import { CALDAV, DAV, DavError, dav, href, multistatus } from './multistatus.ts'
import { report, wantedIn } from './reports.ts'
import { describe, etagOf, membersOf, needsFeed, type Resource, ROOT, resourceAt } from './resources.ts'

// CalDAV to read (RFC 4791): what a phone's calendar needs to show one's visits. Nothing is written here; visits are booked, moved and cancelled where their
// rules are.

/** How often from one address: a whole clinic may be behind one. 256 bits are not guessed; what is kept from harm is the database. */
const counted = (id: string, perMinute: number) =>
  operation({ id, method: 'GET', url: '/caldav', summary: 'A calendar program', access: 'public', perMinute })
const failing = counted('openCalendar', 30)
const reading = counted('readCalendar', 1_200)

const XML = { depth: 12, elements: 10_000 }
const CLASSES = '1, 3, calendar-access'

export async function mountCalDav(app: FastifyInstance, ground: Ground<SchedulingTables>): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply))
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('dav', CLASSES).header('cache-control', 'private, no-cache')
  })
  const config = { cors: false } as object // browsers have no business here, and OPTIONS is not theirs
  app.route({ method: METHODS, url: WELL_KNOWN, config, handler: async (_request, reply) => reply.redirect(ROOT, 301) })
  for (const url of ['/caldav', '/caldav/*'])
    app.route({ method: METHODS, url, config, handler: (request, reply) => answer(ground, request, reply) })
}

async function answer(ground: Ground<SchedulingTables>, request: FastifyRequest, reply: FastifyReply) {
  if (request.method === 'OPTIONS') return reply.code(200).header('allow', READING.join(', ')).send()
  const opened = await open(ground, request, reply)
  if (WRITING.includes(request.method)) throw readOnly(request)
  const resource = resourceAt(request.url)
  if (!resource) throw nothing()
  const feed = () => tellFeed(opened.ctx, opened.feed).then((told) => told ?? Promise.reject(locked()))
  const tokens = `${ground.config.PUBLIC_URL}${ROOT}token/${opened.feed.id}/` // a token is a URI (RFC 6578 §3.1)
  const asked = { resource, feed, token: (number: number) => `${tokens}${number}` }
  if (request.method === 'PROPFIND') return send(reply, await propfind(request, asked))
  if (request.method === 'REPORT') return send(reply, await reportOn(request, asked))
  return object(request, reply, asked)
}

interface Asked {
  resource: Resource
  feed(): Promise<Told>
  token(number: number): string
}

const nothing = () => new DavError(404, '')
const locked = () => new Problem('login', 'There is no such calendar, or it has ended.')
const send = (reply: FastifyReply, xml: string) => reply.code(207).type('application/xml; charset=utf-8').send(xml)

/** By the password alone, whatever the user is called. */
async function open(ground: Ground<SchedulingTables>, request: FastifyRequest, reply: FastifyReply) {
  const [scheme = '', credentials = ''] = request.headers.authorization?.split(' ', 2) ?? []
  if (scheme.toLowerCase() !== 'basic') throw locked()
  const password = Buffer.from(credentials, 'base64').toString('utf8').split(':').slice(1).join(':')
  const ctx = ground.context({ actor: system, traceId: request.id, doing: 'caldav', log: request.log })
  const opened = await openedBy(ctx, password, 'caldav')
  await ground.count(opened ? reading : failing, request, reply)
  if (!opened) throw locked()
  return opened
}

/** RFC 3744 §7.1.1 */
const readOnly = ({ url }: FastifyRequest) =>
  new DavError(403, dav('need-privileges', dav('resource', href(url.slice(0, 200)) + dav('privilege', dav('write')))))

async function propfind(request: FastifyRequest, { resource, feed, token }: Asked): Promise<string> {
  const { depth = 'infinity' } = request.headers
  if (depth !== '0' && depth !== '1') throw new DavError(403, dav('propfind-finite-depth'))
  const wanted = request.body ? wantedIn(bodyOf(request, 'propfind')) : 'all'
  const deep = depth === '1'
  const told = needsFeed(resource, deep) ? await feed() : undefined
  const own = describe(resource, wanted, told, token)
  if (own === undefined) throw nothing()
  const members = deep ? membersOf(resource, told) : []
  return multistatus(own, ...members.flatMap((member) => describe(member, wanted, told, token) ?? []))
}

async function reportOn(request: FastifyRequest, { resource, feed, token }: Asked): Promise<string> {
  const body = bodyOf(request)
  if (resource.kind !== 'calendar') throw new DavError(403, dav('supported-report'))
  return report({ body, told: await feed(), token })
}

function bodyOf({ body }: FastifyRequest, name?: string): Element {
  try {
    const root = parseXml(String(body ?? ''), XML)
    if (name === undefined || (root.namespace === DAV && root.name === name)) return root
  } catch {} // whatever is wrong with it: it is said in one way
  throw new DavError(400, '')
}

async function object(request: FastifyRequest, reply: FastifyReply, { resource, feed }: Asked) {
  if (resource.kind !== 'object') return reply.code(405).header('allow', READING.join(', ')).send()
  const entry = (await feed()).byId.get(resource.id)
  if (!entry) throw nothing()
  reply.header('etag', etagOf(entry))
  if (request.headers['if-none-match'] === etagOf(entry)) return reply.code(304).send()
  return reply.type('text/calendar; charset=utf-8').send(calendarText([entry]))
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.type('application/xml; charset=utf-8')
  if (error instanceof DavError) return reply.code(error.status).send(error.body)
  const problem = toProblem(error)
  if (problem.status >= 500) request.log.error({ err: problem.cause ?? problem }, problem.message)
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  if (problem.status === 401) reply.header('www-authenticate', 'Basic realm="OpenHCS calendar", charset="UTF-8"')
  const why = `<D:error xmlns:D="${DAV}" xmlns:C="${CALDAV}"><D:responsedescription>${escapeXml(problem.message)}</D:responsedescription></D:error>`
  return reply.code(problem.status).send(why)
}
