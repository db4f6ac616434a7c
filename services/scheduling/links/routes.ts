import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { type Problem, toProblem } from '#platform/errors.ts'
import { accepted, type Language } from '#platform/language.ts'
import type { OperationSpec } from '#platform/operation.ts'
import { type Ground, type Route, route } from '#platform/service.ts'
import { readAppointmentLinks } from '../contract.ts'
import type { SchedulingTables } from '../tables.ts'
import { followLink, linksFor, noLink, standingOf } from './follow-link.ts'
import { asking, choosing, policy, refusing, say, saying, timeOf, wordsOf } from './pages.ts'
import { type Deed, type Link, readToken } from './token.ts'

export const linkRoutes: Route<SchedulingTables>[] = [
  route(readAppointmentLinks, async (ctx, { body }) => ({ items: await linksFor(ctx, body.items) })),
]

const FORM = 'application/x-www-form-urlencoded'
const FORM_BYTES = 1_024
/** Of one address: a household opens a few, and nobody guesses 128 bits. */
const guarded = { id: 'followLink', perMinute: 30 } as OperationSpec

/** Links in messages: a page that asks, and the same page that does it. */
export async function mountLinks(app: FastifyInstance, ground: Ground<SchedulingTables>): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: FORM_BYTES }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    )
    scope.addHook('onRequest', (request, reply) => ground.count(guarded, request, reply))
    scope.setErrorHandler((error, request, reply) => refuse(error, request, reply, languageOf(ground, request)))
    scope.get('/links/:token', async (request, reply) => {
      const { language, link, ctx } = visit(ground, request)
      const { start, zone, times } = await standingOf(ctx, link)
      const when = timeOf(language, start, zone)
      if (link.action === 'choose') return show(reply, 200, choosing(language, when, await choiceOf(ctx, link)))
      const text = wordsOf(language, link.action, when)
      const choice = times?.map((time) => ({ value: time.toISOString(), label: timeOf(language, time, zone) }))
      return show(reply, 200, asking(language, { ...text, ...(choice && { times: choice }) }))
    })
    scope.post('/links/:token', async (request, reply) => {
      const { language, link, ctx } = visit(ground, request)
      if (link.action === 'choose') throw noLink()
      const { zone } = await standingOf(ctx, link)
      const start = await followLink(ctx, link, (request.body as Record<string, string> | undefined)?.start)
      const text = wordsOf(language, link.action, timeOf(language, start, zone))
      return show(reply, 200, saying(language, text.title, text.done))
    })
  })
}

const deeds = ['confirm', 'move', 'cancel', 'accept', 'decline'] as const satisfies Deed[]

async function choiceOf(ctx: Context<SchedulingTables>, { appointment, account }: Link) {
  const [links] = await linksFor(ctx, [{ appointment, account }])
  return deeds.flatMap((action) => (links?.[action] === undefined ? [] : [{ action, url: links[action] }]))
}

function visit(ground: Ground<SchedulingTables>, request: FastifyRequest) {
  const link = readToken(ground.config, (request.params as { token: string }).token)
  if (!link) throw noLink()
  const errand = { actor: holderOf(link), traceId: request.id, doing: 'followLink', log: request.log }
  return { link, language: languageOf(ground, request), ctx: ground.context(errand) }
}

/** Whoever opens a link is not signed in: what their browser asks for, else what the installation speaks. */
const languageOf = ({ config }: Ground<SchedulingTables>, request: FastifyRequest): Language =>
  accepted(request.headers['accept-language']) ?? config.DEFAULT_LANGUAGE

/** Whoever got the message, with no role: what they may is looked up with each use. */
const holderOf = ({ account }: Link): Actor => ({ kind: 'account', account, roles: [], self: {} })

/** Every link that does not work is answered alike; where a rule refuses, the page says what to do. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, language: Language) {
  const problem = toProblem(error)
  if (problem.status >= 500) request.log.error({ err: problem.cause ?? problem }, problem.message)
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  if (isOver(problem))
    return show(reply, 404, saying(language, say(language, 'refused.title'), say(language, 'refused.text')))
  return show(reply, problem.status, refusing(language, whyOf(problem), String(problem.details?.contact ?? '')))
}

function whyOf({ code }: Problem) {
  if (code === 'conflict') return 'failed.taken'
  return code === 'business-rule' ? 'failed.rule' : 'failed.busy'
}

const OVER = new Set(['cancelled', 'not-booked', 'begun', 'no-offer', 'offer-ended'])
const isOver = ({ code, reason }: Problem) =>
  code === 'not-found' || code === 'lock-error' || (reason !== undefined && OVER.has(reason))

const show = (reply: FastifyReply, status: number, html: string) =>
  reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('content-security-policy', policy)
    .type('text/html; charset=utf-8')
    .send(html)
