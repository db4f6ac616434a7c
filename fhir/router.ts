import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '#platform/errors.ts'
import { admit } from '#platform/requests.ts'
import type { Ground } from '#platform/service.ts'
import { answerType } from './answer-type.ts'
import type { Answer, Asked, Face } from './interactions/asked.ts'
import { create } from './interactions/create.ts'
import { deleteResource } from './interactions/delete.ts'
import type { Door } from './interactions/door.ts'
import { history } from './interactions/history.ts'
import { patch } from './interactions/patch.ts'
import { nowhere, read } from './interactions/read.ts'
import { search, searchCompartment } from './interactions/search.ts'
import { transaction } from './interactions/transaction.ts'
import { update } from './interactions/update.ts'
import { vread } from './interactions/vread.ts'
import { terminologyDoors } from './terminology/doors.ts'

const SYSTEM = '/fhir/R4'
const TYPE = `${SYSTEM}/:type`
const INSTANCE = `${TYPE}/:id`

const doors: readonly Door[] = [
  ...terminologyDoors,
  { method: 'GET', url: INSTANCE, name: 'fhir read', letter: 'r', interaction: read },
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
  { method: 'GET', url: TYPE, name: 'fhir search', letter: 's', interaction: search },
  { method: 'POST', url: `${TYPE}/_search`, name: 'fhir search', letter: 's', interaction: search },
  {
    method: 'GET',
    url: '/fhir/R4/Patient/:id/:type',
    name: 'fhir search',
    letter: 's',
    interaction: searchCompartment,
  },
]

/** Where other processes send what is asked here. */
export const FHIR_ADDRESSES = [...Map.groupBy(doors, ({ url }) => url)].map(([url, of]) => ({
  url,
  methods: of.map(({ method }) => method),
}))

/** The RESTful API of the types that the face answers for. Whoever asks for another type is told that there is none. */
export async function mountFhir(scope: FastifyInstance, ground: Ground<unknown>, face: Face): Promise<void> {
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  scope.addContentTypeParser(
    'application/json-patch+json',
    { parseAs: 'string' },
    scope.getDefaultJsonParser('error', 'error'),
  )
  for (const door of doors)
    scope.route({
      method: door.method,
      url: door.url,
      config: { operation: door.name },
      handler: async (request, reply) => send(reply, await answer(door, request, reply, ground, face)),
    })
}

async function answer(
  door: Door,
  request: FastifyRequest,
  reply: FastifyReply,
  ground: Ground<unknown>,
  face: Face,
): Promise<Answer & { type: string }> {
  const asked = askedBy(request)
  const type = answerType(asked.headers.accept, asked.query.get('_format') ?? undefined)
  if (asked.type !== '' && !face.types.includes(asked.type)) throw nowhere()
  const caller = await ground.caller(request, reply)
  const admitted: Asked['admit'] = (of, letter) => {
    const access = of === undefined ? 'signed-in' : (`${of as Capitalize<string>}.${letter}` as const)
    return admit(caller.actor, { access, patient: 'condition' })
  }
  // Of the whole system it is whoever may something of one type: what is shown is of those types alone.
  const actor = asked.type === '' || door.letter === undefined ? caller.actor : admitted(asked.type, door.letter)
  if (actor.kind === 'nobody')
    throw new Problem('login', 'Sign in first, and send the token as Authorization: Bearer <token>.')
  const ctx = ground.context({ actor, token: caller.token, traceId: request.id, doing: door.name, log: request.log })
  return { ...(await door.interaction(ctx, { ...asked, admit: admitted }, face)), type }
}

function askedBy(request: FastifyRequest): Omit<Asked, 'admit'> {
  const { type = '', id = '', version = '' } = request.params as Partial<Record<'type' | 'id' | 'version', string>>
  const [, text = ''] = request.raw.url?.split('?', 2) ?? []
  const query = new URLSearchParams(text)
  if (typeof request.body === 'string')
    for (const [name, value] of new URLSearchParams(request.body)) query.append(name, value)
  const headers = request.headers as Record<string, string | undefined>
  return { type, id, version, query, headers, body: typeof request.body === 'string' ? undefined : request.body }
}

function send(reply: FastifyReply, { status, headers = {}, body, type }: Answer & { type: string }): FastifyReply {
  reply.code(status).headers(headers).header('cache-control', 'no-store')
  return body === undefined ? reply.send() : reply.type(`${type}; charset=utf-8`).send(body)
}
