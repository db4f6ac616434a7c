import type { FastifyInstance, FastifyRequest } from 'fastify'
import { inTime } from '#platform/answer-time.ts'
import { audit } from '#platform/audit.ts'
import { nobody } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import type { OperationSpec } from '#platform/operation.ts'
import type { Ground } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import {
  type ManifestRequest,
  manifestOf,
  manifestRequest,
  type SharedType,
  wrongPasscode,
} from '../health-cards/link-files.ts'
import { cleanText } from '../printing/clean-text.ts'
import type { ReportsTables } from '../tables.ts'
import { FILE_URL, LINK_URL } from './addresses.ts'
import { fileAddress, hashOf, isPasscode, linkOfFile } from './link-secrets.ts'
import { lockOpen, noteOpening, type OpenRow, openContent, spendAttempt } from './queries.ts'

// Where readers of SMART Health Links come (hl7.org/fhir/uv/smart-health-cards-and-links, links-specification): apps, and pages of other origins. Whoever has the
// link has all rights to it, and nobody here knows who that is.

type Ctx = Context<ReportsTables>

/** Of one address: a clinic opens a few, and nobody guesses 256 bits. Passcodes have their own count, in the row. */
const guarded = { id: 'openHealthLink', perMinute: 60 } as OperationSpec

/** Whether it never was, has expired, was revoked or is locked: nobody is told. */
const closed = () => new Problem('not-found', 'This link opens nothing.')

const open = { config: { operation: 'openHealthLink', cors: { origin: '*', methods: ['GET', 'POST'] } as never } }

export async function mountLinks(app: FastifyInstance, ground: Ground<ReportsTables>): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      await ground.count(guarded, request, reply)
    })
    for (const url of [LINK_URL, FILE_URL]) scope.options(url, open, (_request, reply) => reply.code(204).send()) // for who asks in no browser's way
    scope.post(LINK_URL, open, async (request, reply) => {
      const asked = manifestRequest(request.body)
      if (!asked || named(asked.recipient) === '')
        throw new Problem(
          'invalid',
          'Send a JSON object with `recipient`, and with `passcode` where the link has one.',
          {
            errors: [{ pointer: '/body/recipient', detail: 'must be a text' }],
          },
        )
      const ctx = contextOf(ground, request)
      const opened = await inTime(openedBy(ctx, paramOf(request, 'secret'), asked), ground.config)
      if ('remaining' in opened) return reply.code(401).send(wrongPasscode(opened.remaining))
      const { content_type, content, updated_at, id, is_long_term: isLongTerm } = opened.link
      const file = { contentType: content_type as SharedType, jwe: content ?? '', updatedAt: updated_at }
      return manifestOf([file], asked, { isLongTerm, locate: () => fileAddress(ground.config, id, ctx.now()) })
    })
    scope.get(LINK_URL, open, async (request, reply) => {
      const { recipient } = request.query as { recipient?: unknown }
      const asked = manifestRequest({ recipient })
      if (!asked || named(asked.recipient) === '')
        throw new Problem('invalid', 'Say in `recipient` who asks.', {
          errors: [{ pointer: '/query/recipient', detail: 'must be there' }],
        })
      const opened = await inTime(
        openedBy(contextOf(ground, request), paramOf(request, 'secret'), asked, true),
        ground.config,
      )
      return reply.type('application/jose').send('link' in opened ? opened.link.content : undefined)
    })
    scope.get(FILE_URL, open, async (request, reply) => {
      const ctx = contextOf(ground, request)
      const link = linkOfFile(ground.config, paramOf(request, 'token'), ctx.now())
      const found = link === undefined ? undefined : await openContent(ctx.db, link, ctx.now())
      if (!found?.content) throw closed()
      return reply.type('application/jose').send(found.content)
    })
  })
}

const paramOf = (request: FastifyRequest, name: string) => String((request.params as Record<string, string>)[name])

const contextOf = (ground: Ground<ReportsTables>, request: FastifyRequest): Ctx =>
  ground.context({ actor: nobody, traceId: request.id, doing: guarded.id, log: request.log })

type Opened = { link: OpenRow } | { remaining: number }

/** A wrong passcode is counted under the lock that found the link, and counts whatever comes after it. */
function openedBy(ctx: Ctx, secret: string, asked: ManifestRequest, isOneFile = false): Promise<Opened> {
  return transact(ctx, async (ctx) => {
    const link = await lockOpen(ctx.db, hashOf(secret), ctx.now())
    if (!link || link.is_one_file !== isOneFile) throw closed()
    const { id, patient_id, passcode_mac, attempts_left } = link
    const told = { action: 'R', subject: `Patient/${patient_id}` } as const
    if (passcode_mac && !isPasscode(ctx.config, { id, passcode_mac }, asked.passcode ?? '')) {
      await spendAttempt(ctx.db, link)
      audit(ctx, { entity: `HealthLink/${id}`, ...told, reason: 'refused' })
      return { remaining: attempts_left - 1 }
    }
    await noteOpening(ctx.db, { id: newId(), link_id: id, at: ctx.now(), recipient: named(asked.recipient) })
    audit(ctx, { entity: `HealthLink/${id}`, ...told })
    return { link }
  })
}

/** As a line: it is what a stranger wrote. */
const named = (recipient: string) => cleanText(recipient).replace(/\s+/g, ' ').trim()
