import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { importedBy, mayCall } from '#platform/access.ts'
import { type Actor, accountOf } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import { admit } from '#platform/requests.ts'
import type { Ground } from '#platform/service.ts'
import type { Face } from './interactions/asked.ts'

/** Bytes of a Bundle that is carried out, and of what defines codes: as much as takes a second, and some hundred megabytes, at the worst. */
export const LARGEST = 10 * 1024 * 1024
/** Types of which one may be so large. */
export const LARGE_TYPES = /^(?:CodeSystem|ValueSet)$/
/** In this process. Others come again a moment later. */
const AT_ONCE = 2

/** Larger bodies than elsewhere, for those who may write what comes in them: they are asked before it is read. What is in a Bundle is no larger than by itself. */
export function largeBodies(ground: Ground<unknown>, face: Face): RouteShorthandOptions {
  const most = ground.config.BODY_LIMIT_BYTES
  const large = new WeakSet<FastifyRequest>()
  /** Who sends one now: each account one at a time, so that nobody holds all places. */
  const sending = new Set<string>()
  return {
    bodyLimit: Math.max(LARGEST, most),
    async onRequest(request: FastifyRequest, reply: FastifyReply) {
      const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
      if (encoding === undefined && Number(length ?? 0) <= most) return
      const { actor } = await ground.caller(request, reply)
      expectWriter(actor, (request.params as { type?: string }).type, face)
      const account = accountOf({ actor })
      // Who has gone meanwhile closes no second time, and would hold the place for ever.
      if (reply.raw.destroyed || sending.size === AT_ONCE || sending.has(account))
        throw new Problem('transient', 'You, or others, are sending as much at this moment. Send it again.')
      sending.add(account)
      reply.raw.once('close', () => sending.delete(account))
      large.add(request)
    },
    async preHandler(request: FastifyRequest) {
      if (large.has(request)) expectEntries(request.body, most)
    },
  }
}

function expectWriter(actor: Actor, type: string | undefined, { clinical, shared }: Face): void {
  const writing = (of: string) => ({ access: `${of as Capitalize<string>}.c`, patient: 'condition' }) as const
  if (type !== undefined) return void admit(actor, writing(type))
  if (actor.kind === 'nobody')
    throw new Problem('login', 'Sign in first, and send the token as Authorization: Bearer <token>.')
  if (importedBy(actor).length === 0 && ![...clinical, ...shared].some((one) => mayCall(actor, writing(one))))
    throw new Problem('too-long', 'The body is larger than whoever writes no records may send.')
}

function expectEntries(body: unknown, most: number): void {
  const { entry } = (body ?? {}) as { entry?: unknown }
  if (!Array.isArray(entry)) return
  for (const [n, one] of entry.entries()) {
    const { resource } = (one ?? {}) as { resource?: { resourceType?: unknown } }
    if (!resource || LARGE_TYPES.test(String(resource.resourceType))) continue
    if (JSON.stringify(resource).length > most)
      throw new Problem('too-long', 'An entry of the Bundle is larger than a resource may be.', {
        errors: [{ pointer: `/body/entry/${n}/resource`, detail: `must be ${most} characters at most` }],
      })
  }
}
