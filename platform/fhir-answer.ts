import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OperationSpec } from './operation.ts'

/** A resource as the answer to a request: its ETag, and 304 for who has it already (hl7.org/fhir/R4/http.html#cread). */
export function shownAsFhir(
  { access, fhir, status, url }: OperationSpec,
  request: FastifyRequest,
  reply: FastifyReply,
  resource: { id?: string; meta?: { versionId?: string } },
): unknown {
  if (access !== 'public') reply.header('cache-control', 'no-store')
  const version = resource.meta?.versionId ?? (fhir?.interaction === 'read' ? contentOf(resource) : undefined)
  if (status === 201) reply.code(status).header('location', `${url}/${resource.id}/_history/${version ?? 1}`)
  if (version === undefined) return resource
  const etag = `W/"${version}"`
  reply.header('etag', etag)
  return request.method !== 'POST' && isKnown(request.headers['if-none-match'], version)
    ? reply.code(304).send()
    : resource
}

/** Of what is computed on reading, and has no version of its own. */
const contentOf = (resource: object) =>
  createHash('sha256').update(JSON.stringify(resource)).digest('base64url').slice(0, 22)

/** RFC 9110 §13.1.2: compared weakly. */
export const isKnown = (given: string | undefined, version: string) =>
  given?.split(',').some((one) => one.trim().replace(/^W\//, '') === `"${version}"`) ?? false
