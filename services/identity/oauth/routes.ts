import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Provider } from 'oidc-provider'
import { system } from '#platform/auth.ts'
import { Problem, toProblem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { type Ground, type Route, route } from '#platform/service.ts'
import * as contract from '../contract/oauth.ts'
import { createSession } from '../contract.ts'
import type { Tables } from '../database.ts'
import { deleteApp, listApps } from './apps.ts'
import { createOAuthClient, listOAuthClients, revokeOAuthClient, updateOAuthClient } from './clients.ts'
import { type Next, show, submit, type Visit } from './interaction.ts'
import { createLaunch } from './launch.ts'
import { page, style } from './pages.ts'
import { routes as paths, providerOf } from './provider.ts'
import { smartConfiguration } from './smart.ts'

export const oauthRoutes: Route<Tables>[] = [
  route(contract.createOAuthClient, (ctx, { body }) => createOAuthClient(ctx, body)),
  route(contract.listOAuthClients, (ctx, { query }) => listOAuthClients(ctx, query)),
  route(contract.updateOAuthClient, (ctx, { params, body, ifMatch }) =>
    updateOAuthClient(ctx, params.id, body, ifMatch),
  ),
  route(contract.revokeOAuthClient, (ctx, { params, ifMatch }) => revokeOAuthClient(ctx, params.id, ifMatch)),
  route(contract.listApps, (ctx, { query }) => listApps(ctx, query)),
  route(contract.deleteApp, (ctx, { params }) => deleteApp(ctx, params.id)),
  route(contract.createLaunch, (ctx, { body }) => createLaunch(ctx, body.patient)),
]

const FORM = 'application/x-www-form-urlencoded'
const FORM_BYTES = 4_096

const errand = (traceId: string) => ({ actor: system, traceId, doing: 'oauth' })

/** The provider's protocol endpoints, its pages, and what tells apps where these are. */
export async function mountOAuth(app: FastifyInstance, ground: Ground<Tables>): Promise<void> {
  const { config } = ground
  const open = providerOf(ground.context(errand(newId())))
  for (const path of ['/.well-known/smart-configuration', '/fhir/R4/.well-known/smart-configuration'])
    app.get(path, async (_request, reply) => {
      reply.header('access-control-allow-origin', '*')
      return smartConfiguration(config.PUBLIC_URL)
    })
  app.get('/oauth/style.css', async (_request, reply) => reply.type('text/css').send(style))
  await app.register(async (scope) => addProtocol(scope, config.PUBLIC_URL, open))
  await app.register(async (scope) => addPages(scope, ground, open))
}

async function addProtocol(scope: FastifyInstance, publicUrl: string, open: () => Promise<Provider>): Promise<void> {
  const { host, protocol } = new URL(publicUrl)
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _body, done) => done(null)) // the library reads it
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const provider = await open()
    const forwarded = { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) }
    Object.assign(request.raw.headers, forwarded)
    askForConsent(request.raw)
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value)
    reply.hijack()
    await provider.callback()(request.raw, reply.raw)
  }
  for (const url of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', paths.jwks])
    scope.get(url, handler)
  for (const url of [paths.authorization, `${paths.authorization}/:uid`]) scope.get(url, handler)
  for (const url of [paths.token, paths.revocation, paths.introspection]) scope.post(url, handler)
}

/** OpenID Connect drops offline_access where consent is not asked for by name. It is asked for here in any case, and SMART apps do not name it. */
function askForConsent(request: IncomingMessage): void {
  const [path, query = ''] = (request.url ?? '').split('?', 2)
  const params = new URLSearchParams(query)
  if (path !== paths.authorization || !params.get('scope')?.split(' ').includes('offline_access')) return
  if (params.getAll('prompt').length > 1 || params.get('prompt') === 'none') return
  const prompts = new Set([...(params.get('prompt') ?? '').split(' ').filter(Boolean), 'consent'])
  params.set('prompt', [...prompts].join(' '))
  request.url = `${path}?${params}`
}

async function addPages(scope: FastifyInstance, ground: Ground<Tables>, open: () => Promise<Provider>): Promise<void> {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: FORM_BYTES }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  scope.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error)
    if (problem.status >= 500) request.log.error({ err: problem.cause ?? problem }, problem.message)
    if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
    return reply
      .code(problem.status)
      .type('text/html; charset=utf-8')
      .send(page('This did not work', [problem.message]))
  })
  scope.get('/oauth/interaction/:uid', async (request, reply) => {
    const visit = await visitOf(ground, await open(), request, reply)
    return respond(visit, request, reply, await show(visit))
  })
  scope.post('/oauth/interaction/:uid', async (request, reply) => {
    await ground.count(createSession, request, reply)
    const visit = await visitOf(ground, await open(), request, reply)
    return respond(visit, request, reply, await submit(visit, request.body as Record<string, string>))
  })
}

async function visitOf(
  ground: Ground<Tables>,
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Visit> {
  const interaction = await provider.interactionDetails(request.raw, reply.raw).catch((cause: unknown) => {
    throw new Problem('invalid', 'This page has expired, or belongs to another browser. Start again from the app.', {
      cause,
    })
  })
  if (interaction.uid !== (request.params as { uid: string }).uid)
    throw new Problem('invalid', 'This page has been replaced by a newer one. Start again from the app.')
  const ctx = ground.context({ ...errand(request.id), log: request.log })
  return {
    ctx,
    open: (one) => ground.context({ ...one, log: request.log }),
    provider,
    interaction,
    address: request.ip,
  }
}

async function respond({ provider, interaction }: Visit, request: FastifyRequest, reply: FastifyReply, next: Next) {
  reply.header('cache-control', 'no-store')
  if ('result' in next) {
    const back = await provider.interactionResult(request.raw, reply.raw, next.result, {
      mergeWithLastSubmission: true,
    })
    return reply.redirect(back, 303)
  }
  // A browser asks this also of where the form's answer leads on to.
  const target = new URL(String(interaction.params.redirect_uri)).origin
  const policy = `default-src 'none'; style-src 'self'; form-action 'self' ${target}; frame-ancestors 'none'; base-uri 'none'`
  reply.header('content-security-policy', policy).type('text/html; charset=utf-8').code(next.status)
  if (next.retryAfterSeconds !== undefined) reply.header('retry-after', next.retryAfterSeconds)
  return reply.send(next.html)
}
