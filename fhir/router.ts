import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods, RouteOptions } from 'fastify'
import { narrowedToSearch, type Asked as Operation } from '#platform/access.ts'
import { inTime } from '#platform/answer-time.ts'
import { answerType, refuseOtherVersion } from '#platform/answer-type.ts'
import { FHIR_JSON, Problem } from '#platform/errors.ts'
import { acceptJson } from '#platform/json-body.ts'
import { admit, onceOf } from '#platform/requests.ts'
import type { Ground } from '#platform/service.ts'
import { binaryOf, bytesOf, contentOf, wantsContent } from './binary/content.ts'
import { ID } from './bundle/entry-url.ts'
import { exactly } from './decimal.ts'
import { type Door, INSTANCE, type Letter, SYSTEM, TYPE } from './door.ts'
import type { Answer, Asked, Face, Interaction } from './interactions/asked.ts'
import { create } from './interactions/create.ts'
import { deleteResource } from './interactions/delete.ts'
import { history } from './interactions/history.ts'
import { patch } from './interactions/patch.ts'
import { nowhere, read } from './interactions/read.ts'
import { search } from './interactions/search.ts'
import { transaction } from './interactions/transaction.ts'
import { update } from './interactions/update.ts'
import { vread } from './interactions/vread.ts'
import { LARGE_TYPES, LARGEST, largeBodies } from './large-body.ts'
import { operationDoors } from './operations/doors.ts'
import { compartmentTypes } from './search-parameters.ts'
import { withOwnHeaders } from './subscription/own-header.ts'
import { terminologyDoors } from './terminology/doors.ts'

/** In place of a type: `Patient/1/*`. */
const ALL = '*'

/** `Patient/1/Observation`, and by POST `Patient/1/Observation/_search`; `_history` and `$meta` are no types: those are of the patient itself. */
function compartmentDoors(compartment: string): Door[] {
  const url = `${SYSTEM}/${compartment}/:id/:type(^(?:[A-Z][A-Za-z]*|\\${ALL})$)`
  const door = { name: 'fhir search', letter: 's', interaction: search, compartment, isNarrowable: true } as const
  return [
    { ...door, method: 'GET', url },
    { ...door, method: 'POST', url: `${url}/_search` },
  ]
}

const written: readonly Door[] = [
  ...terminologyDoors,
  { method: 'GET', url: INSTANCE, name: 'fhir read', letter: 'r', interaction: read, isNarrowable: true },
  { method: 'GET', url: `${INSTANCE}/_history/:version`, name: 'fhir vread', letter: 'r', interaction: vread },
  { method: 'GET', url: `${INSTANCE}/_history`, name: 'fhir history', letter: 'r', interaction: history },
  { method: 'GET', url: `${TYPE}/_history`, name: 'fhir history', letter: 's', interaction: history },
  { method: 'PUT', url: INSTANCE, name: 'fhir update', letter: 'u', interaction: update },
  { method: 'DELETE', url: INSTANCE, name: 'fhir delete', letter: 'd', interaction: deleteResource },
  { method: 'PATCH', url: INSTANCE, name: 'fhir patch', letter: 'u', interaction: patch },
  { method: 'POST', url: TYPE, name: 'fhir create', letter: 'c', interaction: create },
  { method: 'PUT', url: TYPE, name: 'fhir update', letter: 'u', interaction: update },
  { method: 'PATCH', url: TYPE, name: 'fhir patch', letter: 'u', interaction: patch },
  { method: 'DELETE', url: TYPE, name: 'fhir delete', letter: 'd', interaction: deleteResource },
  { method: 'POST', url: SYSTEM, name: 'fhir transaction', letter: undefined, interaction: transaction },
  { method: 'GET', url: SYSTEM, name: 'fhir search', letter: 's', interaction: search },
  { method: 'POST', url: `${SYSTEM}/_search`, name: 'fhir search', letter: 's', interaction: search },
  { method: 'GET', url: `${SYSTEM}/_history`, name: 'fhir history', letter: 's', interaction: history },
  { method: 'GET', url: TYPE, name: 'fhir search', letter: 's', interaction: search, isNarrowable: true },
  { method: 'POST', url: `${TYPE}/_search`, name: 'fhir search', letter: 's', interaction: search, isNarrowable: true },
  ...compartmentTypes.flatMap(compartmentDoors),
  ...operationDoors,
]

/** HEAD is GET without the body (RFC 9110 §9.3.2). */
const methodsOf = ({ method }: Door): string[] => (method === 'GET' ? ['GET', 'HEAD'] : [method])

/** Where Bundles are carried out, a Binary comes as it is, and what defines codes. */
const LARGE = [SYSTEM, `${SYSTEM}/`, TYPE, INSTANCE]
const WHOLE: ReadonlySet<Interaction> = new Set([create, update])

/** Clients that put what they ask for behind the base and a slash ask the system at `[base]/`. */
const doors = written.flatMap((door) => (door.url === SYSTEM ? [door, { ...door, url: `${SYSTEM}/` }] : [door]))

/** Where other processes send what is asked here. */
export const FHIR_ADDRESSES = [...Map.groupBy(doors, ({ url }) => url)].map(([url, of]) => ({
  url,
  methods: of.flatMap(methodsOf),
  ...(LARGE.includes(url) && { maxBytes: LARGEST }),
}))

/** The RESTful API of the types that the face answers for. Whoever asks for another type is told that there is none. */
export async function mountFhir(scope: FastifyInstance, ground: Ground<unknown>, face: Face): Promise<void> {
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  const json = ['application/json', FHIR_JSON]
  scope.removeContentTypeParser(json)
  acceptJson(scope, [...json, 'application/json-patch+json'], exactly)
  // A Binary may be anything; elsewhere what is not known is not even read.
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    if ((request.params as { type?: string }).type === BINARY && request.method !== 'PATCH') return bytesOf(payload)
    throw new Problem('not-supported', 'Send the media type that this operation documents.')
  })
  const large = largeBodies(ground, face)
  for (const door of doors) {
    const route: RouteOptions = {
      method: methodsOf(door) as HTTPMethods[],
      url: door.url,
      config: { operation: door.name },
      handler: async (request, reply) => send(reply, await answer(door, request, reply, ground, face)),
    }
    scope.route({ ...route, ...(door.interaction === transaction && large) })
    if (WHOLE.has(door.interaction))
      scope.route({ ...route, url: door.url.replace(':type', `:type(${LARGE_TYPES.source})`), ...large })
  }
}

async function answer(
  door: Door,
  request: FastifyRequest,
  reply: FastifyReply,
  ground: Ground<unknown>,
  face: Face,
): Promise<Answer & { type: string }> {
  // `//` and a slash at the end: a type or id of no letters would be taken for none, and the door for another.
  if (Object.values(request.params as object).includes('')) throw nowhere()
  const asked = askedBy(request, door)
  const format = asked.query.get('_format')
  const isContent = asked.type === BINARY && READS.has(door.interaction) && wantsContent(asked.headers.accept, format)
  const type = isContent ? CONTENT : answerType(asked.headers.accept, format ?? undefined)
  refuseOtherVersion(asked.headers['content-type'])
  // A search that says something and is not read would be one for everything.
  if (door.url.endsWith('/_search') && Object.keys(asked.body ?? {}).length > 0)
    throw new Problem('not-supported', 'Send what is searched for as application/x-www-form-urlencoded.')
  if (asked.type !== '' && !face.types.includes(asked.type)) throw nowhere()
  if (asked.id !== '' && !ID.test(asked.id)) throw nowhere()
  const caller = await ground.caller(request, reply)
  const operation = (of: string | undefined, letter: Letter): Operation => ({
    access: of === undefined || isWritten(face, of, letter) ? 'signed-in' : scopeOf(face.readAs.get(of) ?? of, letter),
    ...(of !== undefined && { scope: scopeOf(of, letter) }),
    patient: 'condition',
  })
  const admitted: Asked['admit'] = (of, letter) => {
    const refusal = caller.actor.kind === 'nobody' ? undefined : refusalOf(face, of, letter)
    if (refusal !== undefined) {
      if (door.letter !== undefined) reply.header('allow', allowedAt(door.url, face, asked.type))
      throw new Problem('business-rule', refusal, { status: 405 })
    }
    return admit(caller.actor, operation(of, letter))
  }
  // Of the whole system it is whoever may something of one type: what is shown is of those types alone.
  const whole = asked.type === '' || door.letter === undefined
  const asOne = () => operation(asked.type, door.letter ?? 's')
  const narrow = whole || !door.isNarrowable ? undefined : narrowedToSearch(caller.actor, asOne())
  const actor = narrow ?? (whole ? caller.actor : admitted(asked.type, door.letter ?? 's'))
  if (actor.kind === 'nobody')
    throw new Problem('login', 'Sign in first, and send the token as Authorization: Bearer <token>.')
  const once = onceOf(ground.config, request, {
    // An app that is bound to a patient has keys of its own for each.
    actor: actor.patient === undefined ? actor : { ...actor, within: actor.patient },
    doing: door.name,
    more: CONDITIONS.map((name) => asked.headers[name] ?? ''),
  })
  const errand = {
    actor,
    token: caller.token,
    span: caller.span,
    traceId: request.id,
    doing: door.name,
    log: request.log,
    once,
  }
  const ctx = ground.context(errand)
  const work = door.interaction(ctx, { ...asked, admit: admitted }, face)
  // Of many entries each has its time.
  const done = await (door.letter === undefined ? work : inTime(work, ground.config))
  const { body } = done
  return { ...done, ...(body !== undefined && { body: await withOwnHeaders(ctx.db, actor, body) }), type }
}

/** Headers that make a request that writes another one. */
const CONDITIONS = ['if-none-exist', 'if-match', 'content-type', 'x-security-context']

const scopeOf = (type: string, letter: Letter) => `${type as Capitalize<string>}.${letter}` as const

/** Of what another room keeps that room says who writes it. */
const isWritten = ({ keepers }: Face, type: string, letter: Letter) => keepers.has(type) && 'cud'.includes(letter)

/** And what nobody does, whoever asks. */
const refusalOf = ({ keepers }: Face, type = '', letter: Letter | undefined): string | undefined =>
  letter === 'c' || letter === 'u' || letter === 'd' ? keepers.get(type)?.keeper.refuses(type, letter) : undefined

const allowedAt = (url: string, face: Face, type: string): string =>
  doors
    .filter((door) => door.url === url && refusalOf(face, type, door.letter) === undefined)
    .flatMap(methodsOf)
    .join(', ')

function askedBy(request: FastifyRequest, { compartment }: Door): Omit<Asked, 'admit'> {
  const { type: of = '', id = '', version = '' } = request.params as Partial<Record<'type' | 'id' | 'version', string>>
  const type = of === ALL && compartment !== undefined ? '' : of
  const { url = '' } = request.raw
  const mark = url.indexOf('?') // the first: those behind it are part of a value
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
  if (typeof request.body === 'string')
    for (const [name, value] of new URLSearchParams(request.body)) query.append(name, value)
  const headers = request.headers as Record<string, string | undefined>
  const body = Buffer.isBuffer(request.body) ? binaryOf(request.body, id, headers) : request.body
  return { type, compartment, id, version, query, headers, body: typeof body === 'string' ? undefined : body }
}

const BINARY = 'Binary'
const READS: ReadonlySet<Interaction> = new Set([read, vread])
/** What a Binary holds, instead of the resource. */
const CONTENT = 'content'

function send(reply: FastifyReply, { status, headers = {}, body, type }: Answer & { type: string }): FastifyReply {
  reply.code(status).headers(headers).header('cache-control', 'no-store')
  if (type === CONTENT && body !== undefined) return sendContent(reply, body)
  return body === undefined ? reply.send() : reply.type(`${type}; charset=utf-8`).send(body)
}

/** Nothing that a browser would run is run: it is a file to keep, of the type that was said, and has no rights where it is opened. */
function sendContent(reply: FastifyReply, body: string): FastifyReply {
  const { type, content } = contentOf(body)
  return reply
    .headers({
      ...{ 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' },
      'content-security-policy': "default-src 'none'; sandbox",
    })
    .type(type)
    .send(content)
}
